//! Programs for what small ones do not reach: many constants, variables and instructions.

use std::fmt::Write;

use super::chunks::Source;

/// All of them.
pub fn sources() -> Vec<Source> {
    [
        ("constants.lua", many_constants()),
        ("far_constants.lua", constants_beyond_17_bits()),
        ("variables.lua", many_variables()),
        ("jumps.lua", long_jumps()),
        ("functions.lua", many_functions()),
        ("lines.lua", far_lines()),
        ("list.lua", long_list()),
    ]
    .into_iter()
    .map(|(name, text)| Source {
        name: name.to_owned(),
        text: text.into_bytes(),
    })
    .collect()
}

/// More constants than eight bits count, so that names, keys and operands go through registers.
fn many_constants() -> String {
    let mut text = String::from("local t = {}\nlocal function f(x)\n");
    for i in 0..300 {
        line(&mut text, format_args!("t.k{i} = {i}.25"));
    }
    text.push_str(
        "t.last = 'last' t['other'] = #(x .. '') + 12345 t.m = function(self, a) return self.last, a end
        if x == 54321 or x == 'some string' then return select(2, t:m(98765)) end
        local y, z = x * 8 // 77777, x * 3.75 - 4.25 / x
        return y & ~0, z, (x or 1) .. 'tail', t.k299 + t.k0, global_of_many, t:m(y), 99999 - x, x < 11111
        end
        print(f(2)) print(f(54321)) print(f('some string')) print(pcall(f))\n",
    );
    text
}

/// More constants than 17 bits count.
fn constants_beyond_17_bits() -> String {
    let mut text = String::from(
        "local n = 0\nlocal function add(...) n = n + select('#', ...) return (...) end\n",
    );
    for i in 0..1_400 {
        text.push_str("add(");
        for j in 0..100 {
            let comma = if j == 0 { "" } else { "," };
            let _ = write!(text, "{comma}{}.5", i * 100 + j);
        }
        text.push_str(")\n");
    }
    text.push_str("print(n, add(139999.5), add('a far string'), -0.125 + n, n == 0.75)\n");
    text
}

/// Nearly as many local variables as there may be, and an expression that needs all registers.
fn many_variables() -> String {
    let mut text = String::from("local function id(...) return ... end\n");
    for i in 0..185 {
        line(&mut text, format_args!("local v{i} = {i}"));
    }
    text.push_str("local function see() return v0, v100, v184 end\n");
    text.push_str(
        "v0 = v184 + v100 v100 = 1 << v5 v184 = v184 < 300.0 and v183 - 1 or v0\nprint(see())\n",
    );
    line(
        &mut text,
        format_args!(
            "print(#id({}{}, v0, v1, v2))",
            "{".repeat(40),
            "}".repeat(40)
        ),
    );
    text.push_str("print(id(v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, 2 << v3, v3 > 2.0))\n");
    text.push_str("for i = 1, 2 do for k, v in next, {v1} do print(i, k, v, v184) end end\n");
    text
}

/// Jumps of all kinds that are too long for 16 bits in our code.
fn long_jumps() -> String {
    let body = "x = x + t.a * 2 t.b = x\n".repeat(9_000);
    format!(
        "local t = {{a = 1, b = 0, seen = 0}}
        local function f(x, y)
            for i = 1, 2 do
                if x == y then x = 0 else
                    {body}
                end
                local r = x and y or t
                if x < 5.0 then goto out end
                if i > 1 and x ~= 'text' and not t.none then t.c = i end
            end
            repeat
                {body}
                local g = function() return x end
            until x > 1000 or y
            for k in next, t do if k == 'a' then t.seen = t.seen + 1 else {body} end end
            while y do y = x == 7 {body} end
            ::out::
            return x, t.seen, t.c, y
        end
        print(f(1, 2)) print(f(3, 3)) print(f(10, false)) print(f(2.5, nil))\n"
    )
}

/// Functions in functions, and many of them side by side.
fn many_functions() -> String {
    let mut text = String::from("local a = 0\n");
    for i in 0..60 {
        line(
            &mut text,
            format_args!(
                "local function f{i}(x) a = a + {i} return function(y) a = a + y return x, y, {i} end end"
            ),
        );
    }
    text.push_str("print(f0(1)(2)) print(f59(3)(4)) print(a)\n");
    let depth = 60;
    for i in 0..depth {
        line(
            &mut text,
            format_args!("local function d{i}(x) local y{i} = x + a"),
        );
    }
    text.push_str("return y0 + y10 + y59 + a\n");
    for i in (0..depth).rev() {
        let what = match i {
            0 => String::from("print(d0(1))"),
            _ => format!("return d{i}(x)"),
        };
        line(&mut text, format_args!("end {what}"));
    }
    text
}

/// Errors on lines far from each other.
fn far_lines() -> String {
    let far = "\n".repeat(300);
    format!(
        "local function f(x){far}return x.y.z{far}end
        print(pcall(f, 1)){far}print(pcall(f, {{}})) print(debug.getinfo(1, 'l').currentline){far}
        print(debug.getinfo(f, 'S').linedefined, debug.getinfo(f, 'S').lastlinedefined)
        local function g() local a = 1 {far} return a + nil end print(pcall(g))"
    )
}

fn long_list() -> String {
    let items: Vec<String> = (0..70_000).map(|i| (i % 100).to_string()).collect();
    let list = items.join(",");
    format!(
        "local t = {{{list}, ...}} print(#t, t[1], t[256], t[65536], t[70000]) local h = {{x = 1, {list}, f = 2}} print(#h, h.f)"
    )
}

fn line(text: &mut String, arguments: impl std::fmt::Display) {
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{arguments}");
}
