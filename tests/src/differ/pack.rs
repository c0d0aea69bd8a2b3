//! `string.pack`, `string.unpack` and `string.packsize`, right and wrong.

use std::fmt::Write;

use super::random::Random;

const OPTIONS: [&str; 38] = [
    "b", "B", "h", "H", "i", "I", "l", "L", "j", "J", "T", "f", "d", "n", "i1", "i3", "I5", "i8",
    "I16", "i16", "i17", "s", "s1", "s2", "z", "x", "X", "Xi4", "Xd", "!", "!4", "!16", "!3", "<",
    ">", "=", "c4", " ",
];

fn format(random: &mut Random) -> String {
    let mut text = String::new();
    for _ in 0..=random.below(4) {
        text.push_str(random.pick(&OPTIONS));
    }
    if random.one_in(20) {
        text.push_str(random.pick(&["c", "c0", "r", "i0", "c100", "X", "i99"]));
    }
    text
}

/// Values packed and shown byte by byte, or bytes unpacked.
pub fn case(random: &mut Random, text: &mut String) {
    let format = format(random);
    let mut values = String::new();
    for _ in 0..random.below(6) {
        let value = match random.below(6) {
            0 => random.text(5, "ab\0z"),
            1 => random.value(),
            2 => random.float(),
            3 => random.between(-200, 300).to_string(),
            _ => random.integer(),
        };
        let _ = write!(values, ", {value}");
    }
    let _ = match random.below(4) {
        0 => writeln!(text, "return string.packsize('{format}')"),
        1 => {
            let bytes = random.text(20, "ab\0é~1");
            let from = random.pick(&["", ", 1", ", 2", ", -3", ", 100", ", 0"]);
            writeln!(text, "return string.unpack('{format}', {bytes}{from})")
        }
        2 => writeln!(text, "return string.pack('{format}'{values})"),
        _ => writeln!(
            text,
            "local s = string.pack('{format}'{values}) return #s, s, string.unpack('{format}', s)"
        ),
    };
}
