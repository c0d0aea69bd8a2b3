//! `string.format`: directives with every flag, width and precision, right and wrong.

use std::fmt::Write;

use super::random::Random;

/// One directive.
fn directive(random: &mut Random, text: &mut String) {
    text.push('%');
    for _ in 0..random.below(3) {
        text.push_str(random.pick(&["-", "+", " ", "#", "0"]));
    }
    if random.one_in(2) {
        text.push_str(random.pick(&["1", "5", "10", "20", "99", "100", "0"]));
    }
    if random.one_in(2) {
        text.push('.');
        text.push_str(random.pick(&["", "0", "1", "3", "10", "20", "99", "100"]));
    }
    text.push_str(random.pick(&[
        "d", "i", "u", "c", "x", "X", "o", "a", "A", "e", "E", "f", "F", "g", "G", "q", "s", "%",
        "p", "y", "d", "g", "s", "x",
    ]));
}

/// A format with up to three directives.
pub fn case(random: &mut Random, text: &mut String) {
    let mut format = String::new();
    let mut arguments = String::new();
    for _ in 0..=random.below(2) {
        format.push_str(random.pick(&["", "[", " ", "%%"]));
        directive(random, &mut format);
        if !random.one_in(20) {
            // Pointers differ from machine to machine, so nothing that has one is given.
            let value = match random.below(6) {
                0 => random.numeral(),
                1 => random
                    .pick(&["'a\\0b'", "'x\\n\\r\\0001\"\\\\'", "''", "nil", "true"])
                    .to_owned(),
                2 | 3 => random.integer(),
                _ => random.float(),
            };
            let _ = write!(arguments, ", {value}");
        }
    }
    let _ = writeln!(text, "return string.format('{format}'{arguments})");
}
