//! `string.format`.
//!
//! A conversion specification is read twice, as the reference implementation does: first everything that could
//! belong to it, up to the conversion letter; then flags, width and precision against what that letter
//! allows. So the error texts come out the same.

use cu_vm::number_text::{FloatStyle, IntegerStyle, Spec, Text, write_integer, write_pointer};
use cu_vm::{Args, NativeResult, Outcome, Slot, Thrown, Type, View, Vm};

use crate::args::{self, append, append_slot, build, bytes};

/// A specification is shorter than this.
const MAX_LEN: usize = 22;

const FLAGS_FLOAT: &[u8] = b"-+#0 ";
const FLAGS_HEX: &[u8] = b"-#0";
const FLAGS_SIGNED: &[u8] = b"-+0 ";
const FLAGS_UNSIGNED: &[u8] = b"-0";
const FLAGS_TEXT: &[u8] = b"-";

/// `string.format(formatstring, ...)`
pub fn format(vm: &mut Vm, args: Args) -> NativeResult {
    let format = args::string(vm, args, 0)?;
    build(vm, |vm, buffer| fill(vm, args, format, buffer))?;
    Ok(Outcome::results(1))
}

fn fill(vm: &mut Vm, args: Args, format: Slot, buffer: &mut Vec<u8>) -> Result<(), Thrown> {
    let mut text = Text::new();
    let mut at = 0;
    let mut arg = 0;
    loop {
        let rest = bytes(vm, format).get(at..).unwrap_or_default();
        let plain = memchr::memchr(b'%', rest).unwrap_or(rest.len());
        let spec = Written::read(rest.get(plain..).unwrap_or_default());
        vm.charge(1 + plain as u64 / 32)?;
        if plain > 0 {
            vm.reserve(buffer, plain)?;
            buffer.extend_from_slice(bytes(vm, format).get(at..at + plain).unwrap_or_default());
        }
        at += plain;
        let spec = match spec {
            None if at >= bytes(vm, format).len() => return Ok(()),
            Some(spec) if spec.len == 2 && spec.letter() == b'%' => {
                append(vm, buffer, b"%")?;
                at += 2;
                continue;
            }
            spec => spec,
        };
        arg += 1;
        if arg >= args.len() {
            return Err(vm.arg_error(args, arg, &[b"no value"]));
        }
        let Some(spec) = spec else {
            return Err(vm.error(&[b"invalid format (too long)"]));
        };
        at += spec.len;
        convert(vm, args, arg, &spec, &mut text, buffer)?;
    }
}

/// A specification as it is written, from `%` to the letter (which may be missing).
struct Written {
    bytes: [u8; MAX_LEN],
    len: usize,
}

impl Written {
    /// None when there is none, or when it is too long.
    #[inline(always)]
    fn read(from: &[u8]) -> Option<Written> {
        let modifiers = from
            .get(1..)?
            .iter()
            .take_while(|b| matches!(b, b'-' | b'+' | b'#' | b' ' | b'.' | b'0'..=b'9'));
        let len = 1 + modifiers.count();
        if len >= MAX_LEN {
            return None;
        }
        let mut written = Written {
            bytes: [0; MAX_LEN],
            len: (len + 1).min(from.len()),
        };
        written
            .bytes
            .get_mut(..written.len)?
            .copy_from_slice(from.get(..written.len)?);
        // A letter that is missing is the zero byte.
        written.len = written.len.max(len);
        Some(written)
    }

    fn text(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }

    fn letter(&self) -> u8 {
        match self.text() {
            [_, .., last] if !matches!(last, b'-' | b'+' | b'#' | b' ' | b'.' | b'0'..=b'9') => {
                *last
            }
            _ => 0,
        }
    }

    fn is_bare(&self) -> bool {
        self.len == 2
    }

    /// Reads flags, width and precision.
    fn parse(&self, flags: &[u8], precision: bool) -> Option<Spec> {
        let mut spec = Spec::default();
        let mut rest = self.text().get(1..)?;
        while let [flag, after @ ..] = rest {
            if !flags.contains(flag) {
                break;
            }
            match flag {
                b'-' => spec.left = true,
                b'+' => spec.plus = true,
                b'#' => spec.alternate = true,
                b'0' => spec.zero = true,
                _ => spec.space = true,
            }
            rest = after;
        }
        // A width cannot begin with a zero.
        if rest.first() != Some(&b'0') {
            spec.width = two_digits(&mut rest);
            if let [b'.', after @ ..] = rest
                && precision
            {
                rest = after;
                spec.precision = Some(two_digits(&mut rest));
            }
        }
        matches!(rest, [letter] if letter.is_ascii_alphabetic()).then_some(spec)
    }

    fn check(&self, vm: &mut Vm, flags: &[u8], precision: bool) -> Result<Spec, Thrown> {
        if self.is_bare() {
            return Ok(Spec::default());
        }
        self.parse(flags, precision)
            .ok_or_else(|| vm.error(&[b"invalid conversion specification: '", self.text(), b"'"]))
    }
}

fn two_digits(rest: &mut &[u8]) -> usize {
    let mut n = 0;
    for _ in 0..2 {
        if let [digit @ b'0'..=b'9', after @ ..] = *rest {
            n = n * 10 + usize::from(digit - b'0');
            *rest = after;
        }
    }
    n
}

fn convert(
    vm: &mut Vm,
    args: Args,
    arg: u32,
    written: &Written,
    text: &mut Text,
    buffer: &mut Vec<u8>,
) -> Result<(), Thrown> {
    let letter = written.letter();
    let (style, flags) = match letter {
        b's' => return string(vm, args, arg, written, buffer),
        b'd' | b'i' => {
            let n = args::int(vm, args, arg)?;
            if written.is_bare() {
                return append(vm, buffer, write_integer(&mut [0; 24], n));
            }
            (IntegerStyle::Signed, FLAGS_SIGNED)
        }
        b'u' => (IntegerStyle::Unsigned, FLAGS_UNSIGNED),
        b'o' => (IntegerStyle::Octal, FLAGS_HEX),
        b'x' => (IntegerStyle::Hex, FLAGS_HEX),
        b'X' => (IntegerStyle::UpperHex, FLAGS_HEX),
        b'f' | b'e' | b'E' | b'g' | b'G' | b'a' | b'A' => {
            let style = match letter | 0x20 {
                b'f' => FloatStyle::Fixed,
                b'e' => FloatStyle::Exponent,
                b'g' => FloatStyle::General,
                _ => FloatStyle::Hex,
            };
            // `%a` looks at its flags first, the others at their argument.
            if style == FloatStyle::Hex {
                written.check(vm, FLAGS_FLOAT, true)?;
            }
            let f = args::number(vm, args, arg)?;
            let spec = written.check(vm, FLAGS_FLOAT, true)?;
            vm.charge(digits_beyond_usual(f, spec.precision))?;
            text.float(style, letter.is_ascii_uppercase(), spec, f);
            return append(vm, buffer, text.bytes());
        }
        b'c' => {
            let spec = written.check(vm, FLAGS_TEXT, false)?;
            let byte = args::int(vm, args, arg)? as u8;
            return padded(vm, buffer, spec, &[byte]);
        }
        b'p' => {
            let spec = written.check(vm, FLAGS_TEXT, false)?;
            let mut digits = [0; 24];
            let shown = match vm.pointer(args.slot(arg)) {
                Some(pointer) => write_pointer(&mut digits, pointer),
                None => b"(null)",
            };
            return padded(vm, buffer, spec, shown);
        }
        b'q' => {
            if !written.is_bare() {
                return Err(vm.error(&[b"specifier '%q' cannot have modifiers"]));
            }
            return literal(vm, args, arg, text, buffer);
        }
        _ => return Err(vm.error(&[b"invalid conversion '", written.text(), b"' to 'format'"])),
    };
    let n = args::int(vm, args, arg)?;
    let spec = written.check(vm, flags, true)?;
    text.integer(style, spec, n);
    append(vm, buffer, text.bytes())
}

/// `%s`
fn string(
    vm: &mut Vm,
    args: Args,
    arg: u32,
    written: &Written,
    buffer: &mut Vec<u8>,
) -> Result<(), Thrown> {
    let slot = args.slot(arg);
    if written.is_bare() {
        return match vm.view(slot) {
            View::String(_) => append_slot(vm, buffer, slot),
            View::Integer(n) => append(vm, buffer, write_integer(&mut [0; 24], n)),
            _ => {
                let top = vm.top();
                vm.tostring(slot)?;
                append_slot(vm, buffer, top)?;
                vm.pop(1);
                Ok(())
            }
        };
    }
    let top = vm.top();
    vm.tostring(slot)?;
    let len = bytes(vm, top).len();
    if memchr::memchr(0, bytes(vm, top)).is_some() {
        return Err(vm.arg_error(args, arg, &[b"string contains zeros"]));
    }
    let spec = written.check(vm, FLAGS_TEXT, true)?;
    let shown = spec.precision.map_or(len, |p| p.min(len));
    let padding = spec.width.saturating_sub(shown);
    vm.charge(shown as u64 / 32)?;
    vm.reserve(buffer, shown + padding)?;
    if !spec.left {
        buffer.extend(std::iter::repeat_n(b' ', padding));
    }
    buffer.extend_from_slice(bytes(vm, top).get(..shown).unwrap_or_default());
    if spec.left {
        buffer.extend(std::iter::repeat_n(b' ', padding));
    }
    vm.pop(1);
    Ok(())
}

fn padded(vm: &mut Vm, buffer: &mut Vec<u8>, spec: Spec, shown: &[u8]) -> Result<(), Thrown> {
    let padding = spec.width.saturating_sub(shown.len());
    vm.reserve(buffer, shown.len() + padding)?;
    if !spec.left {
        buffer.extend(std::iter::repeat_n(b' ', padding));
    }
    buffer.extend_from_slice(shown);
    if spec.left {
        buffer.extend(std::iter::repeat_n(b' ', padding));
    }
    Ok(())
}

/// `%q`: a literal that reads back as the same value.
fn literal(
    vm: &mut Vm,
    args: Args,
    arg: u32,
    text: &mut Text,
    buffer: &mut Vec<u8>,
) -> Result<(), Thrown> {
    let slot = args.slot(arg);
    match vm.view(slot) {
        View::String(content) => {
            let len = quoted_len(content);
            vm.charge(len as u64 / 4)?;
            vm.reserve(buffer, len)?;
            quote(buffer, bytes(vm, slot));
            Ok(())
        }
        View::Integer(i64::MIN) => append(vm, buffer, b"0x8000000000000000"),
        View::Integer(n) => append(vm, buffer, write_integer(&mut [0; 24], n)),
        View::Float(f) if f.is_nan() => append(vm, buffer, b"(0/0)"),
        View::Float(f64::INFINITY) => append(vm, buffer, b"1e9999"),
        View::Float(f64::NEG_INFINITY) => append(vm, buffer, b"-1e9999"),
        View::Float(f) => {
            text.float(FloatStyle::Hex, false, Spec::default(), f);
            append(vm, buffer, text.bytes())
        }
        View::Nil | View::Boolean(_) => {
            let top = vm.top();
            vm.tostring(slot)?;
            append_slot(vm, buffer, top)?;
            vm.pop(1);
            Ok(())
        }
        _ => {
            debug_assert!(vm.type_of(slot) != Type::None);
            Err(vm.arg_error(args, arg, &[b"value has no literal form"]))
        }
    }
}

/// How a byte appears in a quoted string: `\` and itself, `\ddd`, or plain.
fn escape(byte: u8, next: Option<u8>) -> Escape {
    match byte {
        b'"' | b'\\' | b'\n' => Escape::Backslash,
        0..=31 | 127 => {
            let digits = match (next, byte) {
                // A digit that follows must not be read as part of the escape.
                (Some(b'0'..=b'9'), _) | (_, 100..) => 3,
                (_, 10..) => 2,
                _ => 1,
            };
            Escape::Decimal(digits)
        }
        _ => Escape::None,
    }
}

enum Escape {
    None,
    Backslash,
    Decimal(usize),
}

fn quoted_len(content: &[u8]) -> usize {
    let mut len = 2;
    for (i, byte) in content.iter().enumerate() {
        len += match escape(*byte, content.get(i + 1).copied()) {
            Escape::None => 1,
            Escape::Backslash => 2,
            Escape::Decimal(digits) => 1 + digits,
        };
    }
    len
}

fn quote(buffer: &mut Vec<u8>, content: &[u8]) {
    buffer.push(b'"');
    for (i, &byte) in content.iter().enumerate() {
        match escape(byte, content.get(i + 1).copied()) {
            Escape::None => buffer.push(byte),
            Escape::Backslash => buffer.extend_from_slice(&[b'\\', byte]),
            Escape::Decimal(digits) => {
                let all = [b'0' + byte / 100, b'0' + byte / 10 % 10, b'0' + byte % 10];
                buffer.push(b'\\');
                buffer.extend_from_slice(all.get(3 - digits..).unwrap_or_default());
            }
        }
    }
    buffer.push(b'"');
}

/// Units of work for the digits of a float: none for what programs usually print, one for each few of the digits that
/// lie between the decimal point and the first one of a very large or very small number.
fn digits_beyond_usual(f: f64, precision: Option<usize>) -> u64 {
    const USUAL: u64 = 64;
    if f == 0.0 || !f.is_finite() {
        return 0;
    }
    let exponent = (f.to_bits() >> 52 & 0x7ff) as i64 - 1023;
    let digits = exponent.unsigned_abs() / 3 + precision.unwrap_or(0) as u64;
    if digits < USUAL { 0 } else { digits }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str, flags: &[u8], precision: bool) -> Option<Spec> {
        Written::read(text.as_bytes()).and_then(|w| w.parse(flags, precision))
    }

    #[test]
    fn specifications_are_held_to_what_their_letter_allows() {
        assert_eq!(
            parse("%-5.3d", FLAGS_SIGNED, true),
            Some(Spec {
                left: true,
                width: 5,
                precision: Some(3),
                ..Spec::default()
            })
        );
        assert_eq!(
            parse("%05d", FLAGS_SIGNED, true),
            Some(Spec {
                zero: true,
                width: 5,
                ..Spec::default()
            })
        );
        assert_eq!(
            parse("%.f", FLAGS_FLOAT, true),
            Some(Spec {
                precision: Some(0),
                ..Spec::default()
            })
        );
        for bad in ["%123d", "%1.100d", "%#i"] {
            assert_eq!(parse(bad, FLAGS_SIGNED, true), None, "{bad}");
        }
        for bad in ["%010c", "%.10c", "%0s", "%0-5c", "%3.p"] {
            assert_eq!(parse(bad, FLAGS_TEXT, false), None, "{bad}");
        }
        assert!(Written::read(b"%0000000000000000000000d").is_none());
        assert_eq!(Written::read(b"%5").unwrap().letter(), 0);
        assert_eq!(Written::read(b"%").unwrap().letter(), 0);
    }

    #[test]
    fn quoting_escapes_what_would_not_read_back() {
        let check = |content: &[u8], expected: &[u8]| {
            let mut buffer = Vec::new();
            quote(&mut buffer, content);
            assert_eq!(buffer, expected);
            assert_eq!(quoted_len(content), expected.len());
        };
        check(
            b"a\0b\x001\r\n\"\\\t\x7f2\x1f",
            b"\"a\\0b\\0001\\13\\\n\\\"\\\\\\9\\1272\\31\"",
        );
    }
}
