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
            b'w' => ALPHA | DIGIT,
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
