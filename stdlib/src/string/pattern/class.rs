//! The character classes of patterns, as in the C locale: a set of bits for each byte.

const ALPHA: u16 = 1;
const CONTROL: u16 = 2;
const DIGIT: u16 = 4;
const GRAPH: u16 = 8;
const LOWER: u16 = 16;
const PUNCTUATION: u16 = 32;
const SPACE: u16 = 64;
const UPPER: u16 = 128;
const HEX: u16 = 256;
/// Only the zero byte: `%z`, which the manual no longer mentions but the reference implementation still knows.
const ZERO: u16 = 512;
const ALPHANUMERIC: u16 = ALPHA | DIGIT;

/// One of the classes, or all bytes outside of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Class {
    mask: u16,
    negated: bool,
}

impl Class {
    /// The class that this letter stands for behind `%`; a capital letter means the bytes outside.
    #[inline(always)]
    pub fn of_letter(letter: u8) -> Option<Class> {
        if !letter.is_ascii_alphabetic() {
            return None;
        }
        let mask = match letter | 0x20 {
            b'a' => ALPHA,
            b'c' => CONTROL,
            b'd' => DIGIT,
            b'g' => GRAPH,
            b'l' => LOWER,
            b'p' => PUNCTUATION,
            b's' => SPACE,
            b'u' => UPPER,
            b'w' => ALPHANUMERIC,
            b'x' => HEX,
            b'z' => ZERO,
            _ => return None,
        };
        Some(Class {
            mask,
            negated: letter.is_ascii_uppercase(),
        })
    }

    /// Whether a byte is in it.
    #[inline(always)]
    pub fn has(self, byte: u8) -> bool {
        (CLASSES[usize::from(byte)] & self.mask != 0) != self.negated
    }
}

// Groups that share no byte, one bit each: what a class or a set can contain at a glance.
const LOWERS: u8 = 1;
const UPPERS: u8 = 2;
const DIGITS: u8 = 4;
const PUNCTUATIONS: u8 = 8;
const BLANK: u8 = 16;
/// Control characters that are space.
const BREAKS: u8 = 32;
const CONTROLS: u8 = 64;
const HIGHS: u8 = 128;

/// All bytes.
pub const ALL_GROUPS: u8 = 0xff;

/// The group of a byte.
pub fn group_of(byte: u8) -> u8 {
    match byte {
        b'a'..=b'z' => LOWERS,
        b'A'..=b'Z' => UPPERS,
        b'0'..=b'9' => DIGITS,
        b' ' => BLANK,
        9..=13 => BREAKS,
        0..=31 | 127 => CONTROLS,
        128.. => HIGHS,
        _ => PUNCTUATIONS,
    }
}

/// Whether a group has all bytes between any two of its own.
pub fn is_stretch(group: u8) -> bool {
    group & (LOWERS | UPPERS | DIGITS | HIGHS) != 0
}

/// The groups of what `%` and this letter mean.
pub fn groups_of_letter(letter: u8) -> u8 {
    match Class::of_letter(letter) {
        Some(class) => class.groups(),
        None => group_of(letter),
    }
}

impl Class {
    /// The groups in which its bytes are.
    pub fn groups(self) -> u8 {
        let letters = LOWERS | UPPERS;
        let groups = match self.mask {
            ALPHA => letters,
            CONTROL => BREAKS | CONTROLS,
            DIGIT => DIGITS,
            GRAPH => letters | DIGITS | PUNCTUATIONS,
            LOWER => LOWERS,
            PUNCTUATION => PUNCTUATIONS,
            SPACE => BLANK | BREAKS,
            UPPER => UPPERS,
            ALPHANUMERIC => letters | DIGITS,
            // These are parts of groups.
            HEX if !self.negated => letters | DIGITS,
            ZERO if !self.negated => CONTROLS,
            _ => return ALL_GROUPS,
        };
        if self.negated { !groups } else { groups }
    }
}

/// The classes of each byte in the C locale.
static CLASSES: [u16; 256] = {
    let mut classes = [0; 256];
    let mut i = 0;
    while i < 128 {
        let b = i as u8;
        let mut c = 0;
        if b.is_ascii_alphabetic() {
            c |= ALPHA;
        }
        if b.is_ascii_control() {
            c |= CONTROL;
        }
        if b.is_ascii_digit() {
            c |= DIGIT;
        }
        if b.is_ascii_graphic() {
            c |= GRAPH;
        }
        if b.is_ascii_lowercase() {
            c |= LOWER;
        }
        if b.is_ascii_punctuation() {
            c |= PUNCTUATION;
        }
        if b == b' ' || (b >= 9 && b <= 13) {
            c |= SPACE;
        }
        if b.is_ascii_uppercase() {
            c |= UPPER;
        }
        if b.is_ascii_hexdigit() {
            c |= HEX;
        }
        if b == 0 {
            c |= ZERO;
        }
        classes[i] = c;
        i += 1;
    }
    classes
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_in_groups_of_their_classes() {
        for letter in b'A'..=b'z' {
            let Some(class) = Class::of_letter(letter) else {
                continue;
            };
            for byte in 0..=255 {
                let is_in_groups = class.groups() & group_of(byte) != 0;
                assert!(is_in_groups || !class.has(byte), "%{letter} and {byte}");
                let is_exact = !matches!(letter | 0x20, b'x' | b'z');
                assert!(
                    class.has(byte) || !is_in_groups || !is_exact,
                    "%{letter} and {byte}"
                );
            }
        }
    }

    #[test]
    fn stretches_have_no_gaps() {
        for low in 0..=255_u8 {
            for high in low..=255 {
                let group = group_of(low);
                if group == group_of(high) && is_stretch(group) {
                    assert!(
                        (low..=high).all(|byte| group_of(byte) == group),
                        "{low}-{high}"
                    );
                }
            }
        }
    }
}
