//! Keys of tables as byte strings, and back.
//!
//! Every Lua key that a table can have (an integer, a float that is none, a boolean, a string) has one encoding, and
//! no two keys share one. Encodings are valid UTF-8 without zero bytes, so that a store may keep them as text. The
//! common ones are the texts that such stores have always held:
//!
//! | key | encoding |
//! |---|---|
//! | an integer, or a float with its value | decimal: `1`, `-3` |
//! | any other finite float | its shortest decimal without an exponent, if that has at most 32 characters: `1.5` |
//! | any other float | `\x01f` and its 16 hexadecimal digits, most significant first |
//! | a boolean | `\x01b0`, `\x01b1` |
//! | a string that is none of the following | its bytes |
//! | a string that reads as a number above, is empty, begins with `\x01`, or is `__proto__` | `\x01s` and its bytes |
//! | a string with a zero byte, or that is no valid UTF-8 | `\x01x` and two hexadecimal digits for each byte |
//!
//! [`decode`] takes any bytes: what is no encoding of anything is a string of these bytes. [`old_text`] says where
//! data from before the escapes has the entry, if elsewhere.

use cu_vm::number::float_to_int_exact;
use cu_vm::number_text::{
    FloatStyle, Number, Spec, Text, parse_float, parse_number, write_integer,
};

/// A key of a table.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Key<'a> {
    /// An integer; floats with integral values are integers here.
    Integer(i64),
    /// Another float. Not a number is no key; its encoding is read by nobody.
    Float(f64),
    /// A boolean.
    Boolean(bool),
    /// A string.
    String(&'a [u8]),
}

/// First byte of all encodings that are not plain text.
const ESCAPE: u8 = 1;
/// Longest encoding that [`encode_short`] makes.
pub(crate) const SHORT: usize = 32;
/// Longest text of a float.
const MOST_DECIMAL: usize = 32;

impl Key<'_> {
    /// The key that equals this one in Lua and has the right variant: a float with an integral value is an integer.
    #[must_use]
    pub fn normal(self) -> Self {
        match self {
            Key::Float(f) => float_to_int_exact(f).map_or(self, Key::Integer),
            other => other,
        }
    }
}

/// Puts the encoding of `key` at the end of `out`.
pub fn encode(key: Key<'_>, out: &mut Vec<u8>) {
    encode_noting(key, out);
}

/// As [`encode`], and tells whether [`old_text`] may have an answer.
pub(crate) fn encode_noting(key: Key<'_>, out: &mut Vec<u8>) -> bool {
    let start = out.len();
    match key.normal() {
        Key::Integer(i) => {
            out.extend_from_slice(write_integer(&mut [0; 24], i));
            return false;
        }
        Key::Float(f) => match Decimal::of(f) {
            Some(text) => out.extend_from_slice(text.bytes()),
            None => {
                out.extend_from_slice(&[ESCAPE, b'f']);
                hexadecimal(&f.to_bits().to_be_bytes(), out);
            }
        },
        Key::Boolean(b) => out.extend_from_slice(&[ESCAPE, b'b', b'0' + u8::from(b)]),
        Key::String(bytes) => match spelling(bytes) {
            Spelling::Plain => out.extend_from_slice(bytes),
            Spelling::Escaped => {
                out.extend_from_slice(&[ESCAPE, b's']);
                out.extend_from_slice(bytes);
            }
            Spelling::Hexadecimal => {
                out.extend_from_slice(&[ESCAPE, b'x']);
                hexadecimal(bytes, out);
            }
        },
    }
    out.get(start) == Some(&ESCAPE)
}

/// The encoding of a key that is an integer or a name of letters, digits and the like, which most keys are, without a
/// buffer that would have to be made: in `room`. `None` for other keys.
pub(crate) fn encode_short<'a>(key: Key<'_>, room: &'a mut [u8; SHORT]) -> Option<&'a [u8]> {
    match key {
        Key::Integer(i) => Some(write_integer(room.first_chunk_mut()?, i)),
        // What begins with a letter reads as no number, and is neither empty nor escaped.
        Key::String(name) if name.first()?.is_ascii_alphabetic() => {
            let room = room.get_mut(..name.len())?;
            for (place, &byte) in room.iter_mut().zip(name) {
                if byte == 0 || !byte.is_ascii() {
                    return None;
                }
                *place = byte;
            }
            Some(room)
        }
        Key::String(_) | Key::Float(_) | Key::Boolean(_) => None,
    }
}

/// The key whose encoding `text` is. `room` is used for a string that is not there byte by byte.
pub fn decode<'a>(text: &'a [u8], room: &'a mut Vec<u8>) -> Key<'a> {
    let [ESCAPE, kind, rest @ ..] = text else {
        return number(text).unwrap_or(Key::String(text));
    };
    match (kind, rest) {
        (b'b', b"0") => return Key::Boolean(false),
        (b'b', b"1") => return Key::Boolean(true),
        (b's', _) if matches!(spelling(rest), Spelling::Escaped) => return Key::String(rest),
        (b'x' | b'f', _) => {
            room.clear();
            if from_hexadecimal(rest, room) {
                if *kind == b'x' {
                    if matches!(spelling(room), Spelling::Hexadecimal) {
                        return Key::String(room);
                    }
                } else if let Ok(bits) = <[u8; 8]>::try_from(&room[..]) {
                    let f = f64::from_bits(u64::from_be_bytes(bits));
                    let is_plain = float_to_int_exact(f).is_some() || Decimal::of(f).is_some();
                    if !is_plain && !f.is_nan() {
                        return Key::Float(f);
                    }
                }
            }
        }
        _ => {}
    }
    Key::String(text)
}

/// Where data from before there were escapes has the entry for `key`, if not where [`encode`] says: a string under
/// its own bytes, a float under its text. Puts it at the end of `out` and tells whether there is such a place.
pub fn old_text(key: Key<'_>, out: &mut Vec<u8>) -> bool {
    match key.normal() {
        Key::String(bytes) if !bytes.is_empty() && !matches!(spelling(bytes), Spelling::Plain) => {
            out.extend_from_slice(bytes);
            true
        }
        Key::Float(f) if f.is_infinite() => {
            out.extend_from_slice(if f > 0.0 { b"inf" } else { b"-inf" });
            true
        }
        _ => false,
    }
}

/// How a string is written.
enum Spelling {
    Plain,
    Escaped,
    Hexadecimal,
}

fn spelling(bytes: &[u8]) -> Spelling {
    let Some(&first) = bytes.first() else {
        return Spelling::Escaped;
    };
    let is_text = if bytes.is_ascii() {
        !bytes.contains(&0)
    } else {
        !bytes.contains(&0) && std::str::from_utf8(bytes).is_ok()
    };
    if !is_text {
        Spelling::Hexadecimal
    } else if first == ESCAPE || bytes == b"__proto__" || number(bytes).is_some() {
        Spelling::Escaped
    } else {
        Spelling::Plain
    }
}

/// The number whose encoding this text is.
fn number<'a>(text: &[u8]) -> Option<Key<'a>> {
    let digits = text.strip_prefix(b"-").unwrap_or(text);
    if !digits.first()?.is_ascii_digit() || text.len() > MOST_DECIMAL {
        return None;
    }
    if !digits.iter().all(|&b| b.is_ascii_digit() || b == b'.') {
        return None;
    }
    let f = match parse_number(text)? {
        Number::Integer(i) => {
            return (write_integer(&mut [0; 24], i) == text).then_some(Key::Integer(i));
        }
        Number::Float(f) => f,
    };
    let same = float_to_int_exact(f).is_none()
        && Decimal::of(f).is_some_and(|decimal| decimal.bytes() == text);
    same.then_some(Key::Float(f))
}

fn hexadecimal(bytes: &[u8], out: &mut Vec<u8>) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for byte in bytes {
        for digit in [byte >> 4, byte & 15] {
            out.push(DIGITS[usize::from(digit)]);
        }
    }
}

/// Only lower case, so that there is one way to write a byte.
fn from_hexadecimal(digits: &[u8], out: &mut Vec<u8>) -> bool {
    let value = |digit: u8| match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    };
    for pair in digits.chunks(2) {
        let &[high, low] = pair else { return false };
        let (Some(high), Some(low)) = (value(high), value(low)) else {
            return false;
        };
        out.push(high << 4 | low);
    }
    true
}

/// The shortest decimal without an exponent that reads as a float.
struct Decimal {
    text: [u8; MOST_DECIMAL],
    len: usize,
}

impl Decimal {
    /// `None` when it is longer than [`MOST_DECIMAL`], or the float is not finite.
    fn of(f: f64) -> Option<Decimal> {
        if !f.is_finite() {
            return None;
        }
        let mut text = Text::new();
        for places in 0..17 {
            let spec = Spec {
                precision: Some(places),
                ..Spec::default()
            };
            text = Text::new();
            text.float(FloatStyle::Exponent, false, spec, f);
            if parse_float(text.bytes()) == Some(f) {
                break;
            }
        }
        let shown = std::str::from_utf8(text.bytes()).ok()?;
        let (mantissa, exponent) = shown.split_once('e')?;
        let exponent = match parse_number(exponent.as_bytes())? {
            Number::Integer(i) => i as i32,
            Number::Float(_) => return None,
        };
        let mut decimal = Decimal {
            text: [0; MOST_DECIMAL],
            len: 0,
        };
        if f < 0.0 {
            decimal.push(b'-')?;
        }
        let digits = mantissa.bytes().filter(u8::is_ascii_digit);
        if exponent < 0 {
            decimal.push(b'0')?;
            decimal.push(b'.')?;
            for _ in 1..-exponent {
                decimal.push(b'0')?;
            }
        }
        let mut place = 0;
        for digit in digits {
            if exponent >= 0 && place == exponent + 1 {
                decimal.push(b'.')?;
            }
            decimal.push(digit)?;
            place += 1;
        }
        while place <= exponent {
            decimal.push(b'0')?;
            place += 1;
        }
        Some(decimal)
    }

    fn push(&mut self, byte: u8) -> Option<()> {
        *self.text.get_mut(self.len)? = byte;
        self.len += 1;
        Some(())
    }

    fn bytes(&self) -> &[u8] {
        self.text.get(..self.len).unwrap_or_default()
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use proptest::prelude::*;

    fn text(key: Key<'_>) -> Vec<u8> {
        let mut out = Vec::new();
        encode(key, &mut out);
        out
    }

    fn check_round_trip(key: Key<'_>) {
        let encoded = text(key);
        if let Some(short) = encode_short(key, &mut [0; SHORT]) {
            assert_eq!(short, encoded);
        }
        assert!(std::str::from_utf8(&encoded).is_ok() && !encoded.contains(&0));
        let mut room = Vec::new();
        let back = decode(&encoded, &mut room);
        match (key.normal(), back) {
            (Key::Float(a), Key::Float(b)) => assert_eq!(a.to_bits(), b.to_bits()),
            (a, b) => assert_eq!(a, b, "{encoded:?}"),
        }
    }

    #[test]
    fn known_texts() {
        for (key, wanted) in [
            (Key::Integer(1), "1"),
            (Key::Integer(i64::MIN), "-9223372036854775808"),
            (Key::Float(3.0), "3"),
            (Key::Float(-0.0), "0"),
            (Key::Float(1e15), "1000000000000000"),
            (Key::Float(1.5), "1.5"),
            (Key::Float(-0.1), "-0.1"),
            (Key::Float(1e-7), "0.0000001"),
            (Key::Float(9.223372036854776e18), "9223372036854776000"),
            (Key::Float(1e300), "\u{1}f7e37e43c8800759c"),
            (Key::Float(f64::INFINITY), "\u{1}f7ff0000000000000"),
            (Key::Boolean(true), "\u{1}b1"),
            (Key::String(b"name"), "name"),
            (Key::String("é".as_bytes()), "é"),
            (Key::String(b"x\ny"), "x\ny"),
            (Key::String(b"1"), "\u{1}s1"),
            (Key::String(b"1.5"), "\u{1}s1.5"),
            (Key::String(b"01"), "01"),
            (Key::String(b"1e5"), "1e5"),
            (Key::String(b"-0"), "-0"),
            (Key::String(b"inf"), "inf"),
            (Key::String(b""), "\u{1}s"),
            (Key::String(b"\x01"), "\u{1}s\u{1}"),
            (Key::String(b"__proto__"), "\u{1}s__proto__"),
            (Key::String(b"a\0"), "\u{1}x6100"),
            (Key::String(b"\xff"), "\u{1}xff"),
        ] {
            assert_eq!(String::from_utf8(text(key)).unwrap(), wanted);
            check_round_trip(key);
        }
    }

    #[test]
    fn what_is_no_encoding_is_a_string_of_its_own() {
        for bytes in [
            &b"\x01"[..],
            b"\x01q",
            b"\x01b2",
            b"\x01sname",
            b"\x01x61",
            b"\x01xFF",
            b"\x01xf",
            b"\x01f3ff8000000000000",
            b"\x01f7ff8000000000000",
            b"\x01f00",
            b"\xff",
            b"a\0b",
            b"",
        ] {
            let mut room = Vec::new();
            assert_eq!(decode(bytes, &mut room), Key::String(bytes));
            // And the key of that name reads it, for its own encoding is another one.
            let mut old = Vec::new();
            if old_text(Key::String(bytes), &mut old) {
                assert_eq!(old, bytes);
            } else {
                assert_eq!(bytes, b"");
            }
        }
    }

    fn key_bytes() -> impl Strategy<Value = Vec<u8>> {
        prop_oneof![
            proptest::collection::vec(any::<u8>(), 0..12),
            "[-0-9.\u{1}bfsxe]{0,8}".prop_map(String::into_bytes),
            any::<f64>().prop_map(|f| format!("{f}").into_bytes()),
            any::<i64>().prop_map(|i| i.to_string().into_bytes()),
        ]
    }

    /// Twenty thousand of each, or as many as the variable `CU_ROUNDS` says when the tests are built.
    pub(crate) fn rounds() -> ProptestConfig {
        let rounds = option_env!("CU_ROUNDS").and_then(|n| n.parse().ok());
        ProptestConfig::with_cases(rounds.unwrap_or(20_000))
    }

    proptest! {
        #![proptest_config(rounds())]

        #[test]
        fn keys_round_trip(bytes in key_bytes(), i in any::<i64>(), bits in any::<u64>()) {
            check_round_trip(Key::String(&bytes));
            check_round_trip(Key::Integer(i));
            let f = f64::from_bits(bits);
            if !f.is_nan() {
                check_round_trip(Key::Float(f));
            }
            let short = (i % 100_000) as f64 / 1000.0;
            check_round_trip(Key::Float(short));
        }

        #[test]
        fn any_bytes_decode_and_only_encodings_come_back(bytes in key_bytes()) {
            let mut room = Vec::new();
            let key = decode(&bytes, &mut room);
            let again = text(key);
            // Either these bytes are an encoding, or they are an old name of the key.
            if again != bytes && !bytes.is_empty() {
                let mut old = Vec::new();
                prop_assert!(old_text(key, &mut old));
                prop_assert_eq!(old, bytes);
            }
        }
    }
}
