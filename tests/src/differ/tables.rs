//! The table library, length, traversal and constructors.

use std::fmt::Write;

use super::random::Random;

fn table(random: &mut Random) -> String {
    let mut text = String::from("{");
    for i in 0..random.below(7) {
        if i > 0 {
            text.push_str(random.pick(&[", ", "; "]));
        }
        match random.below(8) {
            0 => {
                let _ = write!(text, "x{i} = {}", random.number());
            }
            1 => text.push_str(&random.text(3, "abc")),
            _ => text.push_str(&random.between(-9, 9).to_string()),
        }
    }
    text.push('}');
    text
}

fn index(random: &mut Random) -> String {
    match random.below(10) {
        0 => random.value(),
        1 => random.number(),
        _ => random.between(-2, 8).to_string(),
    }
}

/// One operation, and the table afterwards.
pub fn case(random: &mut Random, text: &mut String) {
    let t = table(random);
    let (i, j, k) = (index(random), index(random), index(random));
    let _ = writeln!(text, "local t = {t}");
    let _ = match random.below(14) {
        0 => writeln!(text, "return table.insert(t, {i}, {}), t", random.value()),
        1 => writeln!(text, "table.insert(t, {}) return t, #t", random.value()),
        2 => writeln!(text, "return table.remove(t, {i}), t, #t"),
        3 => writeln!(text, "return table.remove(t), t, #t"),
        4 => {
            let separator = random.text(2, ",; ");
            writeln!(text, "return table.concat(t, {separator}, {i}, {j})")
        }
        5 => {
            let (from, to) = (random.between(-3, 6), random.between(-3, 12));
            writeln!(text, "return table.unpack(t, {from}, {to})")
        }
        6 => writeln!(
            text,
            "return table.pack(table.unpack(t)), select('#', table.unpack(t))"
        ),
        7 => {
            // Far ends are errors, or would copy without end.
            let (from, to, at) = (
                random.between(-3, 6),
                random.between(-3, 8),
                random.between(-3, 9),
            );
            let other = random.pick(&["", ", {7, 7, 7, 7}", ", t"]);
            writeln!(
                text,
                "local r = table.move(t, {from}, {to}, {at}{other}) return r == t, r, t"
            )
        }
        8 => writeln!(text, "return table.move(t, {i}, 3, {j}, {k})"),
        9 => {
            let order = random.pick(&[
                "",
                ", function(a, b) return tostring(a) < tostring(b) end",
                ", function(a, b) return tostring(a) > tostring(b) end",
            ]);
            writeln!(text, "table.sort(t{order}) return t")
        }
        10 => writeln!(text, "t[{i}] = {} return t, t[{j}]", random.value()),
        11 => writeln!(
            text,
            "local n, sum = 0, 0 for k, v in pairs(t) do n = n + 1 if math.type(v) == 'integer' then sum = sum + v end t[k] = nil end return n, sum, next(t), #t"
        ),
        12 => writeln!(
            text,
            "local r = {{}} for i, v in ipairs(t) do r[i] = v if i == 3 then t[5] = nil end end return r"
        ),
        _ => writeln!(
            text,
            "return rawlen(t), rawget(t, {i}), rawequal(t, t), rawset(t, {j}, 1), select({k}, 'a', 'b', 'c')"
        ),
    };
}
