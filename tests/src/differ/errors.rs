//! Errors at run time: messages that name the variable, the field, the function, the argument.

use std::fmt::Write;

use super::random::Random;

/// A place from which a value is read.
fn place(random: &mut Random) -> String {
    random
        .pick(&[
            "l",
            "u",
            "g",
            "l.x",
            "l.x.y",
            "u.x",
            "g.x",
            "l[1]",
            "l[k]",
            "l[n]",
            "t.f",
            "t['long name']",
            "t[1]",
            "t[k].z",
            "(l)",
            "t:m()",
            "s",
            "s.x",
            "l()",
            "t.t.t",
            "_ENV.g",
            "k",
            "n",
            "string.nothing",
            "math.pi",
            "(...)",
            "t[t]",
            "t[nil]",
        ])
        .to_owned()
}

/// An operation that will mostly fail.
pub fn case(random: &mut Random, text: &mut String) {
    let value = random.value();
    let _ = writeln!(
        text,
        "local u, k, n, t, s = {}, 'key', 3, {{x = 1, t = {{}}}}, 'text'\nlocal function f(...) local l = {value}",
        random.value()
    );
    let (p, q) = (place(random), place(random));
    let operator = random.pick(&[
        "+", "-", "*", "/", "//", "%", "^", "&", "|", "~", "<<", ">>", "..", "<", "<=", ">", ">=",
    ]);
    let _ = match random.below(12) {
        0 | 1 => writeln!(text, "return {p} {operator} {q}"),
        2 => writeln!(
            text,
            "{} = 1",
            if p.ends_with(')') {
                "t.x.y.z"
            } else if p == "s" {
                "s.x"
            } else {
                &p
            }
        ),
        3 => writeln!(text, "return {p}.field.more"),
        4 => writeln!(text, "return {p}(1)"),
        5 => writeln!(text, "return ({p}):method()"),
        6 => writeln!(text, "return #{p}, -{q}"),
        7 => writeln!(text, "local x <close> = {p}"),
        8 => writeln!(text, "for i = {p}, {q} do return i end"),
        9 => writeln!(text, "for a in {p} do return a end"),
        10 => {
            let call = random.pick(&[
                "string.rep",
                "t.insert",
                "table.insert",
                "('x'):rep",
                "math.floor",
                "string.format",
                "setmetatable",
                "ipairs",
                "table.concat",
                "string.char",
                "utf8.codepoint",
                "tonumber",
                "select",
                "error",
                "assert",
                "rawset",
                "next",
                "string.sub",
                "s:bad",
                "table.sort",
            ]);
            writeln!(text, "return {call}({p}, {q})")
        }
        _ => writeln!(text, "t[{p}] = {q} return t[{q}]"),
    };
    text.push_str("end\nreturn f(nil)\n");
}
