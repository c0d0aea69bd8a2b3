//! Numbers read from text, numbers written as text, and the functions of the math library.

use std::fmt::Write;

use super::random::Random;

const ONE: [&str; 16] = [
    "math.abs",
    "math.ceil",
    "math.floor",
    "math.sqrt",
    "math.modf",
    "math.tointeger",
    "math.type",
    "math.exp",
    "tostring",
    "tonumber",
    "math.deg",
    "math.rad",
    "math.sin",
    "math.cos",
    "math.log",
    "-",
];
const TWO: [&str; 6] = [
    "math.fmod",
    "math.ult",
    "math.max",
    "math.min",
    "math.log",
    "tonumber",
];

/// Text that looks like a numeral.
fn numeral(random: &mut Random) -> String {
    let mut text = String::new();
    let pieces = [
        "0",
        "1",
        "9",
        "12",
        "345",
        ".",
        "e",
        "E",
        "+",
        "-",
        "0x",
        "x",
        "p",
        "a",
        "F",
        " ",
        "_",
        "e5",
        "p-3",
        "00",
        "9223372036854775807",
        "9223372036854775808",
        "18446744073709551616",
        "ffffffffffffffff",
    ];
    for _ in 0..=random.below(5) {
        text.push_str(random.pick(&pieces));
    }
    text
}

/// A conversion or a function of numbers.
pub fn case(random: &mut Random, text: &mut String) {
    let _ = match random.below(6) {
        0 => writeln!(text, "return tonumber('{}')", numeral(random)),
        1 => {
            let base = random.between(1, 38);
            writeln!(text, "return tonumber('{}', {base})", numeral(random))
        }
        2 => writeln!(
            text,
            "local f, e = load('return {}') if not f then return e end return f()",
            numeral(random)
        ),
        3 => {
            let f = random.pick(&ONE);
            let x = if random.one_in(8) {
                random.value()
            } else {
                random.number()
            };
            writeln!(text, "return {f}({x})")
        }
        4 => {
            let (x, y) = (random.value(), random.number());
            writeln!(text, "return {}({x}, {y})", random.pick(&TWO))
        }
        _ => {
            let (x, y) = (random.number(), random.number());
            writeln!(
                text,
                "local x, y = {x}, {y} return x == y, x < y, x <= y, tostring(x), x .. '|' .. y, {{[x] = 1}}[y]"
            )
        }
    };
}
