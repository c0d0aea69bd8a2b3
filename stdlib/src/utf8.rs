//! The `utf8` library.
//!
//! It knows sequences of up to six bytes, values up to 2^31-1. The strict form refuses surrogates and values
//! beyond Unicode; both forms refuse overlong sequences.

use cu_vm::{Args, Native, NativeResult, Outcome, Slot, Thrown, Vm};

use crate::args::{self, build, bytes};

/// The functions of the library.
pub static NATIVES: [Native; 5] = [
    Native {
        name: "utf8.char",
        call: char,
    },
    Native {
        name: "utf8.codepoint",
        call: codepoint,
    },
    Native {
        name: "utf8.codes",
        call: codes,
    },
    Native {
        name: "utf8.len",
        call: len,
    },
    Native {
        name: "utf8.offset",
        call: offset,
    },
];

/// The iterator of `utf8.codes(s)`.
pub static STRICT_ITERATOR: Native = Native {
    name: "utf8.strict_iterator",
    call: |vm, args| iterate(vm, args, true),
};

/// The iterator of `utf8.codes(s, true)`.
pub static LAX_ITERATOR: Native = Native {
    name: "utf8.lax_iterator",
    call: |vm, args| iterate(vm, args, false),
};

const INVALID: &[u8] = b"invalid UTF-8 code";

/// The largest value that can be encoded.
const MAX: u32 = 0x7FFF_FFFF;

/// Adds the constant to the library table.
pub fn open_constants(vm: &mut Vm, library: Slot) -> Result<(), Thrown> {
    let value = vm.top();
    vm.push_bytes(b"[\0-\x7F\xC2-\xFD][\x80-\xBF]*")?;
    vm.raw_set_name(library, b"charpattern", value)?;
    vm.pop(1);
    Ok(())
}

/// The value at the start of `text` and how many bytes it takes.
#[inline(always)]
pub fn decode(text: &[u8], strict: bool) -> Option<(u32, usize)> {
    match text.first()? {
        first @ ..0x80 => Some((u32::from(*first), 1)),
        first => decode_several(*first, text, strict),
    }
}

fn decode_several(first: u8, text: &[u8], strict: bool) -> Option<(u32, usize)> {
    // Count of continuation bytes, and the least value that needs them.
    let (n, least) = match first {
        0xC0..=0xDF => (1, 0x80),
        0xE0..=0xEF => (2, 0x800),
        0xF0..=0xF7 => (3, 0x1_0000),
        0xF8..=0xFB => (4, 0x20_0000),
        0xFC..=0xFD => (5, 0x400_0000),
        _ => return None,
    };
    let mut value = u32::from(first) & (0x3F >> n);
    for byte in text.get(1..=n)? {
        if !is_continuation(*byte) {
            return None;
        }
        value = value << 6 | u32::from(byte & 0x3F);
    }
    let refused = strict && (value > 0x10_FFFF || (0xD800..=0xDFFF).contains(&value));
    (value >= least && !refused).then_some((value, n + 1))
}

/// The bytes of a value up to [`MAX`], at the end of the array, and where they start.
pub fn encode(mut value: u32) -> ([u8; 6], usize) {
    let mut bytes = [0; 6];
    if value < 0x80 {
        bytes[5] = value as u8;
        return (bytes, 5);
    }
    let mut start = 6;
    // What the first byte has room for.
    let mut room = 0x3F;
    while value > room && start > 1 {
        start -= 1;
        bytes[start] = 0x80 | (value & 0x3F) as u8;
        value >>= 6;
        room >>= 1;
    }
    start -= 1;
    bytes[start] = (!room << 1) as u8 | value as u8;
    (bytes, start)
}

#[inline]
fn is_continuation(byte: u8) -> bool {
    byte & 0xC0 == 0x80
}

fn continues_at(text: &[u8], i: usize) -> bool {
    text.get(i).is_some_and(|b| is_continuation(*b))
}

/// A position counted from 1, where a negative one counts from the end; 0 when that is before the start.
fn position(i: i64, len: usize) -> i64 {
    if i >= 0 {
        i
    } else if i < -(len as i64) {
        0
    } else {
        len as i64 + i + 1
    }
}

fn len(vm: &mut Vm, args: Args) -> NativeResult {
    let slot = args::string(vm, args, 0)?;
    let len = bytes(vm, slot).len();
    let start = position(args::opt_int(vm, args, 1, 1)?, len);
    let end = position(args::opt_int(vm, args, 2, -1)?, len);
    let strict = !vm.truthy(args.slot(3));
    if start < 1 || start - 1 > len as i64 {
        return Err(vm.arg_error(args, 1, &[b"initial position out of bounds"]));
    }
    if end > len as i64 {
        return Err(vm.arg_error(args, 2, &[b"final position out of bounds"]));
    }
    vm.charge((end - start).max(0) as u64 / 8)?;
    let text = bytes(vm, slot);
    let mut at = (start - 1) as usize;
    let mut n = 0;
    while (at as i64) < end {
        match text.get(at..).and_then(|rest| decode(rest, strict)) {
            Some((_, size)) => at += size,
            None => {
                vm.push_nil()?;
                vm.push_int(at as i64 + 1)?;
                return Ok(Outcome::results(2));
            }
        }
        n += 1;
    }
    vm.push_int(n)?;
    Ok(Outcome::results(1))
}

fn codepoint(vm: &mut Vm, args: Args) -> NativeResult {
    let slot = args::string(vm, args, 0)?;
    let len = bytes(vm, slot).len();
    let start = position(args::opt_int(vm, args, 1, 1)?, len);
    let end = position(args::opt_int(vm, args, 2, start)?, len);
    let strict = !vm.truthy(args.slot(3));
    if start < 1 {
        return Err(vm.arg_error(args, 1, &[b"out of bounds"]));
    }
    if end > len as i64 {
        return Err(vm.arg_error(args, 2, &[b"out of bounds"]));
    }
    if start > end {
        return Ok(Outcome::results(0));
    }
    let most = end - start + 1;
    if most >= i64::from(i32::MAX) {
        return Err(vm.error(&[b"string slice too long"]));
    }
    if !vm.try_reserve(most as u32)? {
        return Err(vm.error(&[b"stack overflow (string slice too long)"]));
    }
    vm.charge(most as u64 / 4)?;
    let mut at = (start - 1) as usize;
    let mut n = 0;
    while (at as i64) < end {
        let decoded = bytes(vm, slot)
            .get(at..)
            .and_then(|rest| decode(rest, strict));
        let Some((value, size)) = decoded else {
            return Err(vm.error(&[INVALID]));
        };
        vm.push_int(i64::from(value))?;
        at += size;
        n += 1;
    }
    Ok(Outcome::results(n))
}

fn char(vm: &mut Vm, args: Args) -> NativeResult {
    if args.len() == 1 {
        let (bytes, start) = char_argument(vm, args, 0)?;
        vm.push_bytes(bytes.get(start..).unwrap_or_default())?;
        return Ok(Outcome::results(1));
    }
    vm.charge(u64::from(args.len()) / 4)?;
    build(vm, |vm, buffer| {
        for i in 0..args.len() {
            let (bytes, start) = char_argument(vm, args, i)?;
            args::append(vm, buffer, bytes.get(start..).unwrap_or_default())?;
        }
        Ok(())
    })?;
    Ok(Outcome::results(1))
}

fn char_argument(vm: &mut Vm, args: Args, i: u32) -> Result<([u8; 6], usize), Thrown> {
    let code = args::int(vm, args, i)?;
    match u32::try_from(code) {
        Ok(code) if code <= MAX => Ok(encode(code)),
        _ => Err(vm.arg_error(args, i, &[b"value out of range"])),
    }
}

fn offset(vm: &mut Vm, args: Args) -> NativeResult {
    let slot = args::string(vm, args, 0)?;
    let n = args::int(vm, args, 1)?;
    let len = bytes(vm, slot).len();
    let default = if n >= 0 { 1 } else { len as i64 + 1 };
    let start = position(args::opt_int(vm, args, 2, default)?, len);
    if start < 1 || start - 1 > len as i64 {
        return Err(vm.arg_error(args, 2, &[b"position out of bounds"]));
    }
    let start = (start - 1) as usize;
    let text = bytes(vm, slot);
    if n != 0 && continues_at(text, start) {
        return Err(vm.error(&[b"initial position is a continuation byte"]));
    }
    let found = step(text, start, n);
    vm.charge(found.unwrap_or(len).abs_diff(start) as u64 / 8)?;
    match found {
        Some(at) => vm.push_int(at as i64 + 1)?,
        None => vm.push_nil()?,
    }
    Ok(Outcome::results(1))
}

/// Where the character is that lies `n` from the one at `at`; for 0 the one that contains `at`.
fn step(text: &[u8], mut at: usize, mut n: i64) -> Option<usize> {
    let back = |mut at: usize| {
        at -= 1;
        while at > 0 && continues_at(text, at) {
            at -= 1;
        }
        at
    };
    if n == 0 {
        return Some(if continues_at(text, at) && at > 0 {
            back(at)
        } else {
            at
        });
    }
    if n < 0 {
        while n < 0 && at > 0 {
            at = back(at);
            n += 1;
        }
        return (n == 0).then_some(at);
    }
    // The first character is the one at `at`.
    n -= 1;
    while n > 0 && at < text.len() {
        at += 1;
        while continues_at(text, at) {
            at += 1;
        }
        n -= 1;
    }
    (n == 0).then_some(at)
}

fn codes(vm: &mut Vm, args: Args) -> NativeResult {
    let slot = args::string(vm, args, 0)?;
    if continues_at(bytes(vm, slot), 0) {
        return Err(vm.arg_error(args, 0, &[INVALID]));
    }
    let lax = vm.truthy(args.slot(1));
    vm.push_native(if lax { &LAX_ITERATOR } else { &STRICT_ITERATOR })?;
    vm.push_slot(slot)?;
    vm.push_int(0)?;
    Ok(Outcome::results(3))
}

fn iterate(vm: &mut Vm, args: Args, strict: bool) -> NativeResult {
    let slot = args::string(vm, args, 0)?;
    let before = vm.to_integer(args.slot(1)).unwrap_or(0);
    let text = vm.bytes(slot).unwrap_or_default();
    let before = usize::try_from(before).unwrap_or(usize::MAX);
    // The control value is the position of the last character, so this is where its second byte would be.
    let skipped = text.get(before..).map_or(0, |rest| {
        rest.iter().take_while(|b| is_continuation(**b)).count()
    });
    let at = before.saturating_add(skipped);
    let Some(rest @ [_, ..]) = text.get(at..) else {
        return Ok(Outcome::results(0));
    };
    let decoded = decode(rest, strict).filter(|(_, size)| !continues_at(rest, *size));
    vm.charge(skipped as u64 / 8)?;
    let Some((value, _)) = decoded else {
        return Err(vm.error(&[INVALID]));
    };
    vm.push_int(at as i64 + 1)?;
    vm.push_int(i64::from(value))?;
    Ok(Outcome::results(2))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(value: u32) -> Vec<u8> {
        let (bytes, start) = encode(value);
        bytes[start..].to_vec()
    }

    #[test]
    fn every_length_comes_back() {
        for value in [
            0, 0x41, 0x7F, 0x80, 0x7FF, 0x800, 0xFFFF, 0x1_0000, 0x10_FFFF, 0x1F_FFFF, 0x20_0000,
            0x3FF_FFFF, 0x400_0000, MAX,
        ] {
            let bytes = encoded(value);
            assert_eq!(
                decode(&bytes, false),
                Some((value, bytes.len())),
                "{value:x}"
            );
            if let Some(c) = char::from_u32(value) {
                assert_eq!(bytes, c.to_string().as_bytes());
                assert_eq!(decode(&bytes, true), Some((value, bytes.len())));
            }
            for cut in 1..bytes.len() {
                assert_eq!(decode(&bytes[..cut], false), None);
            }
        }
    }

    #[test]
    fn malformed_sequences_are_refused() {
        for bad in [
            &b"\x80"[..],
            b"\xC0\x80",
            b"\xE0\x80\x80",
            b"\xF0\x80\x80\x80",
            b"\xFE",
            b"\xFF",
            b"\xC3a",
            b"",
        ] {
            assert_eq!(decode(bad, false), None, "{bad:x?}");
        }
        assert_eq!(decode(b"\xED\xA0\x80", true), None);
        assert_eq!(decode(b"\xED\xA0\x80", false), Some((0xD800, 3)));
        assert_eq!(decode(b"\xF4\x90\x80\x80", true), None);
        assert_eq!(decode(b"\xF4\x90\x80\x80", false), Some((0x11_0000, 4)));
    }

    #[test]
    fn stepping_goes_by_characters() {
        let text = "aäb€".as_bytes();
        assert_eq!(step(text, 0, 1), Some(0));
        assert_eq!(step(text, 0, 3), Some(3));
        assert_eq!(step(text, 0, 5), Some(7));
        assert_eq!(step(text, 0, 6), None);
        assert_eq!(step(text, 7, -1), Some(4));
        assert_eq!(step(text, 7, -4), Some(0));
        assert_eq!(step(text, 7, -5), None);
        assert_eq!(step(text, 2, 0), Some(1));
        assert_eq!(step(text, 7, 0), Some(7));
    }
}
