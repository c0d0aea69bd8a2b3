//! Patterns of every form, right and wrong, over short subjects.

use std::fmt::Write;

use super::random::Random;

const PIECES: [&str; 40] = [
    "a", "b", ".", "%a", "%d", "%s", "%w", "%x", "%p", "%A", "%D", "%S", "[ab]", "[^ab]", "[a-c]",
    "[%w_]", "[]]", "[^]]", "[a-]", "%%", "%.", "(", ")", "()", "%1", "%2", "%b()", "%bxy",
    "%f[%w]", "%f[a]", "^", "$", "[", "%", "*", "+", "-", "?", "1", " ",
];
const REPEATS: [&str; 8] = ["", "", "", "", "*", "+", "-", "?"];
const LETTERS: &str = "ababc1 2().x]-%";

fn pattern(random: &mut Random) -> String {
    let mut text = String::from("\"");
    if random.one_in(5) {
        text.push('^');
    }
    let mut open = 0;
    for _ in 0..random.below(5) {
        if random.one_in(6) {
            text.push('(');
            open += 1;
        }
        text.push_str(random.pick(&PIECES));
        text.push_str(random.pick(&REPEATS));
        if open > 0 && random.one_in(3) {
            text.push(')');
            open -= 1;
        }
    }
    // Now and then a group stays open.
    if !random.one_in(12) {
        text.push_str(&")".repeat(open));
    }
    if random.one_in(6) {
        text.push('$');
    }
    text.push('"');
    text
}

/// A search, a match, a loop of matches, or a replacement.
pub fn case(random: &mut Random, text: &mut String) {
    let (s, p) = (random.text(10, LETTERS), pattern(random));
    let _ = match random.below(6) {
        0 => {
            let from = random.pick(&["1", "2", "-3", "0", "100", "-100", "nil", "1.5", "'2'"]);
            writeln!(text, "return ({s}):find({p}, {from})")
        }
        1 => writeln!(text, "return ({s}):match({p})"),
        2 => writeln!(
            text,
            "local r = {{}} for a, b in ({s}):gmatch({p}) do r[#r + 1] = tostring(a) .. '/' .. tostring(b) end return table.concat(r, ' ')"
        ),
        _ => {
            let by = random.pick(&[
                "'x'",
                "'<%0>'",
                "'<%1>'",
                "'%%'",
                "'%2'",
                "'%'",
                "'%z'",
                "''",
                "{a = 'A', b = false, ['1'] = 1.5}",
                "{a = {}}",
                "function(a, b) return b end",
                "function(a) return a and #tostring(a) end",
                "function() error('stop', 0) end",
                "string.upper",
                "nil",
                "5",
                "function() return {} end",
                "print and true",
            ]);
            let most = random.pick(&["", "", "", ", 1", ", 0", ", 2", ", -1", ", 'x'", ", 1.5"]);
            writeln!(text, "return ({s}):gsub({p}, {by}{most})")
        }
    };
}
