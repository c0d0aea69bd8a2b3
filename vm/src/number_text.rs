//! Numbers as text: `tostring`, concatenation and the numeric conversions of `string.format`.
//!
//! Everything here is exact: a float is a fraction `m * 2^e`, its decimal expansion is finite, and rounding
//! looks at all of it (ties go to the even digit, as in C's `printf`). There are two ways to the digits:
//!
//! - the quick one scales by a power of ten in 128 bits, which is exact for magnitudes and precisions
//!   programs usually print;
//! - the thorough one, `Decimal::exact`, computes all digits (at most 767) in limbs of nine digits.
//!
//! Nothing allocates and `core::fmt` is not used: it would cost the WASM module tens of kilobytes.
//! This module knows neither values nor strings; reading numerals is the lexer's ([`parse_float`]).

mod digits;

use cu_lexer::decimal_backwards;
pub use cu_lexer::{Number, parse_number};

use digits::{Decimal, quick_significant, with_fixed, with_significant};

/// Decimal text of an integer.
pub fn write_integer(buf: &mut [u8; 24], i: i64) -> &[u8] {
    let start = decimal_backwards(buf, i.unsigned_abs());
    let start = match start.checked_sub(1) {
        Some(before) if i < 0 => {
            buf[before] = b'-';
            before
        }
        _ => start,
    };
    &buf[start..]
}

/// The float that a decimal or hexadecimal numeral stands for, integers converted.
pub fn parse_float(text: &[u8]) -> Option<f64> {
    match parse_number(text)? {
        Number::Float(f) => Some(f),
        Number::Integer(i) => Some(i as f64),
    }
}

/// Text of a float as `tostring` gives it: C's `%.14g`, and `.0` behind what would look like an integer.
pub fn write_float_g14(buf: &mut [u8; 32], f: f64) -> &[u8] {
    let mut out = Cursor { bytes: buf, len: 0 };
    if !f.is_finite() {
        out.extend(non_finite(f, false));
    } else if f == f.trunc() && f.abs() < 1e14 {
        let mut digits = [0; 24];
        if f.is_sign_negative() {
            out.push(b'-');
        }
        out.extend(write_integer(&mut digits, f.abs() as i64));
        out.extend(b".0");
    } else {
        if f < 0.0 {
            out.push(b'-');
        }
        let mut quick = [0; 24];
        if let Some((q, exponent)) = quick_significant(f.abs(), 14) {
            let start = decimal_backwards(&mut quick, q);
            general(&mut out, &quick[start..], exponent, 14, false, false);
        } else {
            let mut decimal = Decimal::exact(f.abs());
            decimal.round_to(14);
            general(
                &mut out,
                decimal.digits(),
                decimal.exponent,
                14,
                false,
                false,
            );
        }
        if out
            .written()
            .iter()
            .all(|b| b.is_ascii_digit() || *b == b'-')
        {
            out.extend(b".0");
        }
    }
    let len = out.len;
    &buf[..len]
}

/// Text of an identity, as `tostring` and `%p` show it: `0x` and at least eight hexadecimal digits.
pub fn write_pointer(buf: &mut [u8; 24], pointer: u64) -> &[u8] {
    let mut start = bits_backwards(buf, pointer, 4, false);
    while start > 16 {
        start -= 1;
        buf[start] = b'0';
    }
    buf[start - 1] = b'x';
    buf[start - 2] = b'0';
    &buf[start - 2..]
}

/// The flags, width and precision of a conversion such as `%-8.3f`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spec {
    /// `-`: pad on the right.
    pub left: bool,
    /// `+`: a sign in front of non-negative numbers too.
    pub plus: bool,
    /// ` `: a space where the sign would be.
    pub space: bool,
    /// `#`: the alternate form.
    pub alternate: bool,
    /// `0`: pad with zeros behind the sign.
    pub zero: bool,
    /// Least number of bytes, up to 99.
    pub width: usize,
    /// Digits, up to 99.
    pub precision: Option<usize>,
}

/// Which conversion of a float.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FloatStyle {
    /// `%e`
    Exponent,
    /// `%f`
    Fixed,
    /// `%g`
    General,
    /// `%a`
    Hex,
}

/// Which conversion of an integer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IntegerStyle {
    /// `%d`
    Signed,
    /// `%u`
    Unsigned,
    /// `%o`
    Octal,
    /// `%x`
    Hex,
    /// `%X`
    UpperHex,
}

/// Room for the text of one conversion, which is never longer than 512 bytes.
#[derive(Clone, Debug)]
pub struct Text {
    bytes: [u8; Text::ROOM],
    len: usize,
}

impl Default for Text {
    fn default() -> Text {
        Text::new()
    }
}

impl Text {
    const ROOM: usize = 512;

    /// No text yet.
    pub fn new() -> Text {
        Text {
            bytes: [0; Text::ROOM],
            len: 0,
        }
    }

    /// What the last conversion wrote.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }

    /// Writes an integer as `printf` does, replacing what was here.
    pub fn integer(&mut self, style: IntegerStyle, spec: Spec, i: i64) {
        let mut digits = [0; 24];
        let (sign, magnitude) = match style {
            IntegerStyle::Signed => (sign_of(i < 0, spec), i.unsigned_abs()),
            _ => (&b""[..], i as u64),
        };
        let (start, prefix) = match style {
            IntegerStyle::Signed | IntegerStyle::Unsigned => {
                (decimal_backwards(&mut digits, magnitude), &b""[..])
            }
            IntegerStyle::Octal => (bits_backwards(&mut digits, magnitude, 3, false), &b""[..]),
            IntegerStyle::Hex => (bits_backwards(&mut digits, magnitude, 4, false), &b"0x"[..]),
            IntegerStyle::UpperHex => (bits_backwards(&mut digits, magnitude, 4, true), &b"0X"[..]),
        };
        let mut digits = &digits[start..];
        if magnitude == 0 && spec.precision == Some(0) {
            digits = b"";
        }
        let mut least = spec.precision.unwrap_or(1).min(99);
        let mut prefix = prefix;
        if !spec.alternate || magnitude == 0 {
            prefix = b"";
        }
        if spec.alternate && style == IntegerStyle::Octal && digits.first() != Some(&b'0') {
            least = least.max(digits.len() + 1);
        }
        let zeros = least.saturating_sub(digits.len());
        let head = sign.len() + prefix.len();
        let body = head + zeros + digits.len();
        let padding = spec.width.min(99).saturating_sub(body);
        let pad_zero = spec.zero && !spec.left && spec.precision.is_none();

        let mut out = Cursor {
            bytes: &mut self.bytes,
            len: 0,
        };
        if !spec.left && !pad_zero {
            out.fill(b' ', padding);
        }
        out.extend(sign);
        out.extend(prefix);
        out.fill(b'0', zeros + if pad_zero { padding } else { 0 });
        out.extend(digits);
        if spec.left {
            out.fill(b' ', padding);
        }
        self.len = out.len;
    }

    /// Writes a float as `printf` does, replacing what was here. `upper` is for `%E`, `%G` and `%A`.
    pub fn float(&mut self, style: FloatStyle, upper: bool, spec: Spec, f: f64) {
        let magnitude = f.abs();
        let precision = spec.precision.map(|p| p.min(99));
        let mut out = Cursor {
            bytes: &mut self.bytes,
            len: 0,
        };
        out.extend(sign_of(f.is_sign_negative(), spec));
        let mut head = out.len;
        if !f.is_finite() {
            out.extend(non_finite(magnitude, upper));
        } else {
            match style {
                FloatStyle::Hex => {
                    out.extend(if upper { b"0X" } else { b"0x" });
                    head = out.len;
                    hex(&mut out, magnitude, precision, spec.alternate, upper);
                }
                FloatStyle::Fixed => {
                    let places = precision.unwrap_or(6);
                    with_fixed(magnitude, places, |digits, exponent| {
                        fixed(&mut out, digits, exponent, places, spec.alternate);
                    });
                }
                FloatStyle::Exponent => {
                    let places = precision.unwrap_or(6);
                    with_significant(magnitude, places + 1, |digits, exponent| {
                        scientific(&mut out, digits, exponent, places, spec.alternate, upper);
                    });
                }
                FloatStyle::General => {
                    let n = precision.unwrap_or(6).max(1);
                    with_significant(magnitude, n, |digits, exponent| {
                        general(&mut out, digits, exponent, n, spec.alternate, upper);
                    });
                }
            }
        }
        let len = out.len;
        let padding = spec.width.min(99).saturating_sub(len);
        self.len = len + padding;
        if padding == 0 {
            return;
        }
        if spec.left {
            self.bytes[len..len + padding].fill(b' ');
        } else {
            let zero = spec.zero && f.is_finite();
            let from = if zero { head } else { 0 };
            self.bytes.copy_within(from..len, from + padding);
            self.bytes[from..from + padding].fill(if zero { b'0' } else { b' ' });
        }
    }
}

fn sign_of(negative: bool, spec: Spec) -> &'static [u8] {
    if negative {
        b"-"
    } else if spec.plus {
        b"+"
    } else if spec.space {
        b" "
    } else {
        b""
    }
}

fn non_finite(f: f64, upper: bool) -> &'static [u8] {
    match (f.is_nan(), f.is_sign_negative(), upper) {
        (true, false, false) => b"nan",
        (true, true, false) => b"-nan",
        (false, false, false) => b"inf",
        (false, true, false) => b"-inf",
        (true, _, true) => b"NAN",
        (false, _, true) => b"INF",
    }
}

/// A write position in a slice; what does not fit is dropped.
struct Cursor<'a> {
    bytes: &'a mut [u8],
    len: usize,
}

impl Cursor<'_> {
    #[inline]
    fn push(&mut self, byte: u8) {
        if let Some(place) = self.bytes.get_mut(self.len) {
            *place = byte;
            self.len += 1;
        }
    }

    fn extend(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.push(byte);
        }
    }

    fn fill(&mut self, byte: u8, n: usize) {
        for _ in 0..n {
            self.push(byte);
        }
    }

    fn written(&self) -> &[u8] {
        &self.bytes[..self.len]
    }
}

fn bits_backwards(buf: &mut [u8; 24], mut n: u64, bits: u32, upper: bool) -> usize {
    let mut at = buf.len();
    loop {
        at -= 1;
        buf[at] = hex_digit((n & ((1 << bits) - 1)) as u8, upper);
        n >>= bits;
        if n == 0 {
            return at;
        }
    }
}

fn hex_digit(n: u8, upper: bool) -> u8 {
    match n {
        0..=9 => b'0' + n,
        _ if upper => b'A' + (n - 10),
        _ => b'a' + (n - 10),
    }
}

// ---- layout --------------------------------------------------------------------------------------
//
// The digits of `d0.d1d2... * 10^exponent` in ASCII; those after the last are zeros.

/// As `%f`, `places` digits behind the point.
fn fixed(out: &mut Cursor<'_>, digits: &[u8], exponent: i32, places: usize, point: bool) {
    let digit = |i: i32| {
        usize::try_from(i)
            .ok()
            .and_then(|i| digits.get(i))
            .map_or(b'0', |d| *d)
    };
    if exponent < 0 {
        out.push(b'0');
    }
    for i in 0..=exponent {
        out.push(digit(i));
    }
    if places > 0 || point {
        out.push(b'.');
    }
    for place in 1..=places as i32 {
        out.push(digit(exponent + place));
    }
}

/// As `%e`, `places` digits behind the point.
fn scientific(
    out: &mut Cursor<'_>,
    digits: &[u8],
    exponent: i32,
    places: usize,
    point: bool,
    upper: bool,
) {
    fixed(out, digits, 0, places, point);
    out.push(if upper { b'E' } else { b'e' });
    out.push(if exponent < 0 { b'-' } else { b'+' });
    let exponent = exponent.unsigned_abs();
    if exponent < 10 {
        out.push(b'0');
    }
    let mut text = [0; 24];
    let start = decimal_backwards(&mut text, u64::from(exponent));
    out.extend(&text[start..]);
}

/// As `%g` with `n` significant digits, to which `digits` are already rounded.
fn general(
    out: &mut Cursor<'_>,
    digits: &[u8],
    exponent: i32,
    n: usize,
    alternate: bool,
    upper: bool,
) {
    let shown = if alternate {
        n
    } else {
        digits
            .iter()
            .take(n)
            .rposition(|d| *d != b'0')
            .map_or(1, |last| last + 1)
    };
    if exponent >= -4 && exponent < n as i32 {
        let places = (shown as i32 - 1 - exponent).max(0) as usize;
        fixed(out, digits, exponent, places, alternate);
    } else {
        scientific(out, digits, exponent, shown - 1, alternate, upper);
    }
}

/// The part of `%a` behind `0x`.
fn hex(out: &mut Cursor<'_>, f: f64, precision: Option<usize>, point: bool, upper: bool) {
    let bits = f.to_bits();
    let mut mantissa = bits & ((1 << 52) - 1);
    let biased = (bits >> 52) as i32 & 0x7ff;
    let exponent = if biased == 0 && mantissa == 0 {
        0
    } else {
        biased.max(1) - 1023
    };
    if biased != 0 {
        mantissa |= 1 << 52;
    }
    let mut places = 13;
    match precision {
        Some(p) if p < 13 => {
            // Round half to even at p hexadecimal digits.
            let dropped = 52 - 4 * p as u32;
            let (kept, rest) = (mantissa >> dropped, mantissa & ((1 << dropped) - 1));
            let half = 1 << (dropped - 1);
            let up = rest > half || rest == half && kept & 1 == 1;
            mantissa = (kept + u64::from(up)) << dropped;
            places = p;
        }
        Some(p) => places = p,
        None => {
            while places > 0 && mantissa >> (52 - 4 * places) & 15 == 0 {
                places -= 1;
            }
        }
    }
    out.push(b'0' + (mantissa >> 52) as u8);
    if places > 0 || point {
        out.push(b'.');
    }
    for place in 1..=places {
        let digit = if place <= 13 {
            (mantissa >> (52 - 4 * place) & 15) as u8
        } else {
            0
        };
        out.push(hex_digit(digit, upper));
    }
    out.push(if upper { b'P' } else { b'p' });
    out.push(if exponent < 0 { b'-' } else { b'+' });
    let mut text = [0; 24];
    let start = decimal_backwards(&mut text, u64::from(exponent.unsigned_abs()));
    out.extend(&text[start..]);
}

#[cfg(test)]
#[path = "number_text/tests.rs"]
mod tests;
