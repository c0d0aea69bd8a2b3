//! Functions of the string and utf8 libraries that know no patterns.

use std::fmt::Write;

use super::random::Random;

const LETTERS: &str = "aZ 0~é漢\0\"\\";

fn index(random: &mut Random) -> String {
    match random.below(8) {
        0 => random.value(),
        1 => random.number(),
        2 => "nil".to_owned(),
        _ => random.between(-8, 8).to_string(),
    }
}

/// A call or two.
pub fn case(random: &mut Random, text: &mut String) {
    let s = random.text(8, LETTERS);
    let (i, j) = (index(random), index(random));
    let _ = match random.below(16) {
        0 => writeln!(text, "return ({s}):sub({i}, {j})"),
        1 => writeln!(text, "return ({s}):byte({i}, {j})"),
        2 => writeln!(text, "return string.char({i}, {j})"),
        3 => {
            let separator = if random.one_in(2) {
                "nil".to_owned()
            } else {
                random.text(3, LETTERS)
            };
            let n = random.pick(&["-1", "0", "1", "2", "5", "3.0", "2.5", "'3'", "nil", "{}"]);
            writeln!(text, "return ({s}):rep({n}, {separator})")
        }
        4 => writeln!(
            text,
            "return ({s}):upper(), ({s}):lower(), ({s}):reverse(), ({s}):len()"
        ),
        5 => {
            let t = random.text(8, LETTERS);
            writeln!(
                text,
                "local s, t = {s}, {t} return s < t, s <= t, s == t, s .. t, #s"
            )
        }
        6 => writeln!(text, "return utf8.char({i}, {j})"),
        7 => writeln!(
            text,
            "return utf8.len({s}, {i}, {j}, {})",
            random.pick(&["nil", "true"])
        ),
        8 => writeln!(text, "return utf8.codepoint({s}, {i}, {j})"),
        9 => writeln!(text, "return utf8.offset({s}, {i}, {j})"),
        10 => writeln!(
            text,
            "local r = {{}} for p, c in utf8.codes({s}) do r[#r + 1] = p .. ':' .. c end return table.concat(r, ' ')"
        ),
        11 => {
            let find = random.text(2, LETTERS);
            writeln!(text, "return ({s}):find({find}, {i}, true)")
        }
        12 => writeln!(text, "return tostring({i}), ({s}) .. ({i})"),
        13 => writeln!(text, "return string.len({i}), string.upper({j})"),
        14 => writeln!(
            text,
            "return #{s}, ({s})[{i}], ({s}).x, ({s}).len == string.len"
        ),
        _ => {
            let f = random.pick(&[
                "sub", "byte", "rep", "len", "upper", "reverse", "find", "format", "gsub",
                "gmatch", "char",
            ]);
            writeln!(text, "return string.{f}({}, {i})", random.value())
        }
    };
}
