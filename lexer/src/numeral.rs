//! Text to numbers, for numerals in source and for every conversion of a string to a number.
//!
//! It is not `tonumber` with a base, and it knows no locale: the decimal point is a point.
//! Results are correctly rounded, however many digits there are.

use crate::cursor::is_space;
use crate::decimal::{nearest, scale_to_float};
use crate::string::hex_value;

/// A number of either subtype.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Number {
    /// An integer.
    Integer(i64),
    /// A float.
    Float(f64),
}

/// Converts the whole of `bytes` as Lua converts strings to numbers (manual, section 3.4.3).
///
/// White space around and a sign in front are allowed. Decimal integers that do not fit become
/// floats; hexadecimal ones wrap around.
pub fn parse_number(bytes: &[u8]) -> Option<Number> {
    let (negative, digits) = match trim(bytes) {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        rest => (false, rest),
    };
    if let [b'0', b'x' | b'X', hex @ ..] = digits {
        if let Some(value) = hex_integer(hex) {
            return Some(Number::Integer(if negative {
                value.wrapping_neg()
            } else {
                value
            }));
        }
        let value = hex_float(hex)?;
        return Some(Number::Float(if negative { -value } else { value }));
    }
    if let Some(value) = decimal_integer(digits, negative) {
        return Some(Number::Integer(value));
    }
    let value = decimal_float(digits)?;
    Some(Number::Float(if negative { -value } else { value }))
}

/// How many bytes of `rest` belong to the numeral that begins with `first`.
///
/// It takes all that looks like part of a number, and one letter more if it comes at once, so that
/// `3x` is one malformed numeral rather than two tokens.
pub(crate) fn rest_len(first: &[u8], rest: &[u8]) -> usize {
    let byte = |at: usize| rest.get(at).copied().unwrap_or_default();
    let mut at = 0;
    let is_hex = first.last() == Some(&b'0') && matches!(byte(0), b'x' | b'X');
    if is_hex {
        at = 1;
    }
    loop {
        match (is_hex, byte(at)) {
            (false, b'e' | b'E') | (true, b'p' | b'P') => {
                at += 1;
                if matches!(byte(at), b'+' | b'-') {
                    at += 1;
                }
            }
            (_, b'.' | b'0'..=b'9' | b'a'..=b'f' | b'A'..=b'F') => at += 1,
            _ => break,
        }
    }
    if byte(at).is_ascii_alphabetic() || byte(at) == b'_' {
        at += 1;
    }
    at
}

fn trim(mut bytes: &[u8]) -> &[u8] {
    while let [first, rest @ ..] = bytes
        && is_space(*first)
    {
        bytes = rest;
    }
    while let [rest @ .., last] = bytes
        && is_space(*last)
    {
        bytes = rest;
    }
    bytes
}

fn hex_integer(digits: &[u8]) -> Option<i64> {
    if digits.is_empty() {
        return None;
    }
    let mut value: u64 = 0;
    for &byte in digits {
        value = value << 4 | u64::from(hex_value(byte)?);
    }
    Some(value.cast_signed())
}

fn decimal_integer(digits: &[u8], negative: bool) -> Option<i64> {
    if digits.is_empty() {
        return None;
    }
    // A comparison, not a checked product, for which WebAssembly has no instruction.
    const MOST_BEFORE_LAST: u64 = (u64::MAX - 9) / 10;
    let mut value: u64 = 0;
    for &byte in digits {
        if !byte.is_ascii_digit() || value > MOST_BEFORE_LAST {
            return None;
        }
        value = value * 10 + u64::from(byte - b'0');
    }
    if negative {
        0_i64.checked_sub_unsigned(value)
    } else {
        i64::try_from(value).ok()
    }
}

/// Digits with a point among them, and an exponent.
fn decimal_float(text: &[u8]) -> Option<f64> {
    let (whole, rest) = split_digits(text);
    let (fraction, rest) = match rest {
        [b'.', rest @ ..] => split_digits(rest),
        _ => (&rest[..0], rest),
    };
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let exponent = match rest {
        [] => 0,
        [b'e' | b'E', rest @ ..] => exponent(rest)?,
        _ => return None,
    };
    Some(nearest(whole, fraction, exponent))
}

fn split_digits(text: &[u8]) -> (&[u8], &[u8]) {
    let len = text
        .iter()
        .position(|byte| !byte.is_ascii_digit())
        .unwrap_or(text.len());
    text.split_at(len)
}

/// A whole exponent: an optional sign and digits, kept within ±2^40.
fn exponent(text: &[u8]) -> Option<i64> {
    const BOUND: i64 = 1 << 40;
    let (negative, digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        rest => (false, rest),
    };
    if digits.is_empty() {
        return None;
    }
    let mut value: i64 = 0;
    for &byte in digits {
        if !byte.is_ascii_digit() {
            return None;
        }
        value = (value * 10 + i64::from(byte - b'0')).min(BOUND);
    }
    Some(if negative { -value } else { value })
}

/// Reads what follows `0x`: hexadecimal digits with a point, and a binary exponent after `p`.
fn hex_float(text: &[u8]) -> Option<f64> {
    let mut significand: u64 = 0;
    // Whether digits that did not fit in the significand were other than zero.
    let mut sticky = false;
    let mut scale: i64 = 0;
    let mut n_digits: usize = 0;
    let mut after_point = false;
    let mut rest = text;
    while let [byte, tail @ ..] = rest {
        if *byte == b'.' && !after_point {
            after_point = true;
        } else if let Some(digit) = hex_value(*byte) {
            n_digits += 1;
            if significand >> 60 == 0 {
                significand = significand << 4 | u64::from(digit);
                scale -= if after_point { 4 } else { 0 };
            } else {
                sticky |= digit != 0;
                scale += if after_point { 0 } else { 4 };
            }
        } else {
            break;
        }
        rest = tail;
    }
    if n_digits == 0 {
        return None;
    }
    if let [b'p' | b'P', rest @ ..] = rest {
        scale += exponent(rest)?;
    } else if !rest.is_empty() {
        return None;
    }
    Some(scale_to_float(significand, sticky, scale))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn integer(text: &str) -> Option<i64> {
        match parse_number(text.as_bytes()) {
            Some(Number::Integer(value)) => Some(value),
            _ => None,
        }
    }

    fn float(text: &str) -> Option<f64> {
        match parse_number(text.as_bytes()) {
            Some(Number::Float(value)) => Some(value),
            _ => None,
        }
    }

    #[test]
    fn decimal_integers_become_floats_when_they_do_not_fit() {
        assert_eq!(integer("0"), Some(0));
        assert_eq!(integer("007"), Some(7));
        assert_eq!(integer("9223372036854775807"), Some(i64::MAX));
        assert_eq!(float("9223372036854775808"), Some(9223372036854775808.0));
        assert_eq!(integer("-9223372036854775808"), Some(i64::MIN));
        assert_eq!(float("-9223372036854775809"), Some(-9223372036854775809.0));
        assert_eq!(float(&"1".repeat(1000)), Some(f64::INFINITY));
        assert_eq!(integer(&format!("{}1", "0".repeat(1000))), Some(1));
    }

    #[test]
    fn hexadecimal_integers_wrap_around() {
        assert_eq!(integer("0xfF"), Some(255));
        assert_eq!(integer("0X7fffffffffffffff"), Some(i64::MAX));
        assert_eq!(integer("0xffffffffffffffff"), Some(-1));
        assert_eq!(integer("-0xffffffffffffffff"), Some(1));
        assert_eq!(integer("0x1ffffffffffffffff"), Some(-1));
        assert_eq!(integer("-0x8000000000000000"), Some(i64::MIN));
        assert_eq!(integer(&format!("0x{}12", "0".repeat(1000))), Some(18));
    }

    #[test]
    fn white_space_and_a_sign_may_surround_a_number() {
        assert_eq!(integer(" \t\n\x0B\x0C\r-10 \t\n\x0B\x0C\r"), Some(-10));
        assert_eq!(integer("+1"), Some(1));
        assert_eq!(float(" -1.5e1 "), Some(-15.0));
        assert_eq!(float("-0x.8 "), Some(-0.5));
        assert_eq!(float("-0.0").map(f64::is_sign_negative), Some(true));
        assert_eq!(integer("-0"), Some(0));
    }

    #[test]
    fn decimal_floats() {
        assert_eq!(float("1."), Some(1.0));
        assert_eq!(float(".5"), Some(0.5));
        assert_eq!(float("3.e2"), Some(300.0));
        assert_eq!(float("1E+2"), Some(100.0));
        assert_eq!(float("1e-2"), Some(0.01));
        assert_eq!(float("1e999"), Some(f64::INFINITY));
        assert_eq!(float("1e-999"), Some(0.0));
        assert_eq!(float("1e99999999999999999999"), Some(f64::INFINITY));
        assert_eq!(float("0e99999999999999999999"), Some(0.0));
        assert_eq!(float("4.9e-324"), Some(f64::from_bits(1)));
        assert_eq!(float(&format!("0.{}1e1001", "0".repeat(1000))), Some(1.0));
    }

    #[test]
    fn hexadecimal_floats() {
        assert_eq!(float("0x1p4"), Some(16.0));
        assert_eq!(float("0xA.8"), Some(10.5));
        assert_eq!(float("0x.8P1"), Some(1.0));
        assert_eq!(float("0x1."), Some(1.0));
        assert_eq!(float("0x1p-1074"), Some(f64::from_bits(1)));
        assert_eq!(float("0x1p-1075"), Some(0.0));
        assert_eq!(float("0x1.8p-1075"), Some(f64::from_bits(1)));
        assert_eq!(float("0x1p-1076"), Some(0.0));
        assert_eq!(
            float("0x1p1023"),
            Some(f64::from_bits(0x7FE0_0000_0000_0000))
        );
        assert_eq!(float("0x1p1024"), Some(f64::INFINITY));
        assert_eq!(float("0x1.fffffffffffff7p1023"), Some(f64::MAX));
        assert_eq!(float("0x1.fffffffffffff8p1023"), Some(f64::INFINITY));
        assert_eq!(float("0x1.fffffffffffff8p-1023"), Some(f64::MIN_POSITIVE));
        assert_eq!(float("0x1p99999999999999999999"), Some(f64::INFINITY));
        assert_eq!(float("0x1p-99999999999999999999"), Some(0.0));
        assert_eq!(float("0x0p99999999999999999999"), Some(0.0));
    }

    #[test]
    fn hexadecimal_floats_are_rounded_to_nearest_even_over_any_length() {
        let after_one = |text| float(text).map(|value| value.to_bits() - 1f64.to_bits());
        assert_eq!(after_one("0x1.00000000000008"), Some(0));
        assert_eq!(after_one("0x1.00000000000018"), Some(2));
        assert_eq!(
            after_one("0x1.000000000000080000000000000000000001"),
            Some(1)
        );
        assert_eq!(float(&format!("0x.{}1p4004", "0".repeat(1000))), Some(1.0));
        assert_eq!(float(&format!("0x1{}p-4000", "0".repeat(1000))), Some(1.0));
        assert_eq!(
            float(&format!("0x{}.p0", "f".repeat(300))),
            Some(f64::INFINITY)
        );
        // A subnormal between two others, beyond half by bits that are shifted out at once.
        assert_eq!(
            float("0x149d58288ca8f2.8p-1076"),
            Some(f64::from_bits(0x0005_2756_0A23_2A3D))
        );
    }

    #[test]
    fn junk_is_no_number() {
        for text in [
            "", " ", "-", "+", "--1", "+-1", "- 1", ".", "e1", ".e1", "1e", "1e+", "1e 1", "1 1",
            "1_0", "1f", "0x", "0x.", "0xp1", "0x.p1", "0x1p", "0x1p+", "0x1pf", "0xg", "0x 1",
            "1.2.3", "0x1.2.3", "1e1.0", "inf", "-inf", "infinity", "nan", "NaN", "0xnan", "1\0",
            "\x001", "1e1e1",
        ] {
            assert_eq!(parse_number(text.as_bytes()), None, "{text:?}");
        }
        assert_eq!(parse_number(b"1\xA0"), None);
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_number_or_not(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
            let _ = parse_number(&bytes);
        }

        #[test]
        fn number_like_text_is_a_number_or_not(text in "[ +-]?(0x)?[0-9a-fA-F.epEP+-]{0,30}") {
            let _ = parse_number(text.as_bytes());
        }

        #[test]
        fn integers_are_read_back(value in any::<i64>()) {
            prop_assert_eq!(integer(&value.to_string()), Some(value));
            prop_assert_eq!(integer(&format!("0x{value:X}")), Some(value));
        }

        #[test]
        fn floats_are_read_back(value in prop::num::f64::ANY.prop_filter("finite", |f| f.is_finite())) {
            prop_assert_eq!(float(&format!("{value:.1}e0")), format!("{value:.1}").parse().ok());
            prop_assert_eq!(float(&format!("{value:.1000}")), Some(value));
        }

        #[test]
        fn hexadecimal_floats_are_read_back(value in prop::num::f64::ANY.prop_filter("finite", |f| f.is_finite())) {
            let bits = value.abs().to_bits();
            let (lead, exponent) = match bits >> 52 {
                0 => (0, -1022),
                biased => (1, biased.cast_signed() - 1023),
            };
            let text = format!("0x{lead}.{:013x}p{exponent}", bits & ((1 << 52) - 1));
            prop_assert_eq!(float(&text), Some(value.abs()));
        }
    }
}
