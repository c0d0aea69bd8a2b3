//! `string.pack`, `string.packsize` and `string.unpack`.

use cu_vm::{Args, NativeResult, Outcome, Slot, Thrown, Vm};

use super::{MAX_SIZE, start_position};
use crate::args::{self, append, append_slot, build, bytes};

/// Widest integer, and largest alignment.
const MAX_INT_SIZE: usize = 16;

/// What a format option stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Int,
    Uint,
    Float,
    Double,
    FixedString,
    /// A string behind its length.
    String,
    ZeroString,
    Padding,
    Align,
    Nothing,
}

/// One option with its size and the padding in front of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Item {
    kind: Kind,
    size: usize,
    padding: usize,
}

/// Why a format is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum FormatError {
    Size(u64),
    MissingSize,
    Unknown(u8),
    NotPowerOfTwo,
    AfterX,
}

/// A format being read.
#[derive(Clone, Copy)]
struct Reader<'a> {
    rest: &'a [u8],
    state: State,
}

/// What the options before have set.
#[derive(Clone, Copy)]
struct State {
    little: bool,
    max_align: usize,
}

impl State {
    const START: State = State {
        little: true,
        max_align: 1,
    };
}

impl Reader<'_> {
    fn number(&mut self) -> Option<u64> {
        let mut n = None;
        while let [digit @ b'0'..=b'9', after @ ..] = self.rest {
            let so_far = n.unwrap_or(0);
            if so_far > (MAX_SIZE - 9) / 10 {
                break;
            }
            n = Some(so_far * 10 + u64::from(digit - b'0'));
            self.rest = after;
        }
        n
    }

    fn int_size(&mut self, default: usize) -> Result<usize, FormatError> {
        match self.number() {
            None => Ok(default),
            Some(n @ 1..=16) => Ok(n as usize),
            Some(n) => Err(FormatError::Size(n)),
        }
    }

    fn option(&mut self) -> Result<(Kind, usize), FormatError> {
        let [letter, after @ ..] = self.rest else {
            return Ok((Kind::Nothing, 0));
        };
        self.rest = after;
        Ok(match letter {
            b'b' => (Kind::Int, 1),
            b'B' => (Kind::Uint, 1),
            b'h' => (Kind::Int, 2),
            b'H' => (Kind::Uint, 2),
            b'l' | b'j' => (Kind::Int, 8),
            b'L' | b'J' | b'T' => (Kind::Uint, 8),
            b'f' => (Kind::Float, 4),
            b'd' | b'n' => (Kind::Double, 8),
            b'i' => (Kind::Int, self.int_size(4)?),
            b'I' => (Kind::Uint, self.int_size(4)?),
            b's' => (Kind::String, self.int_size(8)?),
            b'c' => (
                Kind::FixedString,
                self.number().ok_or(FormatError::MissingSize)? as usize,
            ),
            b'z' => (Kind::ZeroString, 0),
            b'x' => (Kind::Padding, 1),
            b'X' => (Kind::Align, 0),
            b' ' => (Kind::Nothing, 0),
            b'<' | b'=' => {
                self.state.little = true;
                (Kind::Nothing, 0)
            }
            b'>' => {
                self.state.little = false;
                (Kind::Nothing, 0)
            }
            b'!' => {
                self.state.max_align = self.int_size(8)?;
                (Kind::Nothing, 0)
            }
            _ => return Err(FormatError::Unknown(*letter)),
        })
    }

    /// The next option, when `total` bytes lie before it.
    fn item(&mut self, total: usize) -> Result<Item, FormatError> {
        let (kind, size) = self.option()?;
        let mut align = size;
        if kind == Kind::Align {
            // It takes the alignment of the option behind it, which does nothing else.
            match self.rest {
                [] => return Err(FormatError::AfterX),
                _ => match self.option()? {
                    (Kind::FixedString, _) | (_, 0) => return Err(FormatError::AfterX),
                    (_, size) => align = size,
                },
            }
        }
        let mut padding = 0;
        if align > 1 && kind != Kind::FixedString {
            align = align.min(self.state.max_align);
            if !align.is_power_of_two() {
                return Err(FormatError::NotPowerOfTwo);
            }
            padding = total.wrapping_neg() & (align - 1);
        }
        Ok(Item {
            kind,
            size,
            padding,
        })
    }
}

/// A format in a slot: where we are in it, and what was set.
struct Format {
    slot: Slot,
    at: usize,
    state: State,
}

impl Format {
    fn new(vm: &mut Vm, args: Args) -> Result<Format, Thrown> {
        Ok(Format {
            slot: args::string(vm, args, 0)?,
            at: 0,
            state: State::START,
        })
    }

    /// The next item and the byte order it is in, or None at the end.
    fn next(&mut self, vm: &mut Vm, args: Args, total: usize) -> Result<Option<Item>, Thrown> {
        vm.charge(1)?;
        let format = vm.bytes(self.slot).unwrap_or_default();
        let rest = format.get(self.at..).unwrap_or_default();
        if matches!(rest, [] | [0, ..]) {
            return Ok(None);
        }
        let mut reader = Reader {
            rest,
            state: self.state,
        };
        let item = reader.item(total);
        self.at += rest.len() - reader.rest.len();
        self.state = reader.state;
        match item {
            Ok(item) => Ok(Some(item)),
            Err(error) => Err(raise(vm, args, error)),
        }
    }
}

#[cold]
fn raise(vm: &mut Vm, args: Args, error: FormatError) -> Thrown {
    match error {
        FormatError::Size(n) => {
            let mut text = [0; 24];
            let n = cu_vm::number_text::write_integer(&mut text, n as i64);
            vm.error(&[b"integral size (", n, b") out of limits [1,16]"])
        }
        FormatError::MissingSize => vm.error(&[b"missing size for format option 'c'"]),
        FormatError::Unknown(letter) => vm.error(&[b"invalid format option '", &[letter], b"'"]),
        FormatError::NotPowerOfTwo => {
            vm.arg_error(args, 0, &[b"format asks for alignment not power of 2"])
        }
        FormatError::AfterX => vm.arg_error(args, 0, &[b"invalid next option for option 'X'"]),
    }
}

/// `size` bytes of an integer.
fn encode(value: i64, negative: bool, size: usize, little: bool) -> [u8; MAX_INT_SIZE] {
    let fill = if negative { 0xff } else { 0 };
    let mut bytes = [fill; MAX_INT_SIZE];
    for (place, byte) in bytes.iter_mut().zip(value.to_le_bytes()) {
        *place = byte;
    }
    if !little && let Some(used) = bytes.get_mut(..size) {
        used.reverse();
    }
    bytes
}

/// The integer in at most 16 bytes, or None when it needs more than 64 bits.
fn decode(bytes: &[u8], little: bool, signed: bool) -> Option<i64> {
    let size = bytes.len();
    let split = if little {
        size.min(8)
    } else {
        size.saturating_sub(8)
    };
    let (before, after) = bytes.split_at_checked(split)?;
    let (low, high) = if little {
        (before, after)
    } else {
        (after, before)
    };
    // In the order of significance, and not through memory: a wide load would wait for the narrow stores.
    let value = match <[u8; 8]>::try_from(low) {
        Ok(word) if little => u64::from_le_bytes(word),
        Ok(word) => u64::from_be_bytes(word),
        Err(_) => {
            let append = |value: u64, byte: &u8| value << 8 | u64::from(*byte);
            if little {
                low.iter().rev().fold(0, append)
            } else {
                low.iter().fold(0, append)
            }
        }
    };
    if signed && (1..8).contains(&size) {
        let unused = 64 - 8 * size as u32;
        return Some((value << unused) as i64 >> unused);
    }
    let fill = if signed && value >> 63 == 1 { 0xff } else { 0 };
    high.iter()
        .all(|byte| *byte == fill)
        .then_some(value as i64)
}

/// An integer argument; a missing one reads as nil.
fn int(vm: &mut Vm, args: Args, arg: u32) -> Result<i64, Thrown> {
    if arg < args.len() {
        args::int(vm, args, arg)
    } else {
        Err(vm.arg_error(args, arg, &[b"number expected, got nil"]))
    }
}

fn number(vm: &mut Vm, args: Args, arg: u32) -> Result<f64, Thrown> {
    if arg < args.len() {
        args::number(vm, args, arg)
    } else {
        Err(vm.arg_error(args, arg, &[b"number expected, got nil"]))
    }
}

fn string(vm: &mut Vm, args: Args, arg: u32) -> Result<Slot, Thrown> {
    if arg < args.len() {
        args::string(vm, args, arg)
    } else {
        Err(vm.arg_error(args, arg, &[b"string expected, got nil"]))
    }
}

/// Appends `n` zero bytes.
fn zeros(vm: &mut Vm, buffer: &mut Vec<u8>, n: usize) -> Result<(), Thrown> {
    vm.charge(n as u64 / 32)?;
    vm.reserve(buffer, n)?;
    buffer.resize(buffer.len() + n, 0);
    Ok(())
}

/// `string.pack(fmt, v1, v2, ...)`
pub fn pack(vm: &mut Vm, args: Args) -> NativeResult {
    let mut format = Format::new(vm, args)?;
    build(vm, |vm, buffer| {
        let mut arg = 0;
        while let Some(item) = format.next(vm, args, buffer.len())? {
            zeros(vm, buffer, item.padding)?;
            if !matches!(item.kind, Kind::Padding | Kind::Align | Kind::Nothing) {
                arg += 1;
            }
            pack_item(vm, args, arg, item, format.state.little, buffer)?;
        }
        Ok(())
    })?;
    Ok(Outcome::results(1))
}

fn pack_item(
    vm: &mut Vm,
    args: Args,
    arg: u32,
    item: Item,
    little: bool,
    buffer: &mut Vec<u8>,
) -> Result<(), Thrown> {
    let size = item.size;
    let mut put = |vm: &mut Vm, value: i64, negative: bool| {
        let bytes = encode(value, negative, size, little);
        append(vm, buffer, bytes.get(..size).unwrap_or_default())
    };
    match item.kind {
        Kind::Int => {
            let n = int(vm, args, arg)?;
            if size < 8 {
                let limit = 1_i64 << (8 * size - 1);
                if !(-limit..limit).contains(&n) {
                    return Err(vm.arg_error(args, arg, &[b"integer overflow"]));
                }
            }
            put(vm, n, n < 0)
        }
        Kind::Uint => {
            let n = int(vm, args, arg)?;
            if size < 8 && n as u64 >= 1 << (8 * size) {
                return Err(vm.arg_error(args, arg, &[b"unsigned overflow"]));
            }
            put(vm, n, false)
        }
        Kind::Float => {
            let bits = (number(vm, args, arg)? as f32).to_bits();
            put(vm, i64::from(bits), false)
        }
        Kind::Double => {
            let bits = number(vm, args, arg)?.to_bits();
            put(vm, bits as i64, false)
        }
        Kind::FixedString => {
            let slot = string(vm, args, arg)?;
            let len = bytes(vm, slot).len();
            if len > size {
                return Err(vm.arg_error(args, arg, &[b"string longer than given size"]));
            }
            append_slot(vm, buffer, slot)?;
            zeros(vm, buffer, size - len)
        }
        Kind::String => {
            let slot = string(vm, args, arg)?;
            let len = bytes(vm, slot).len();
            if size < 8 && len as u64 >= 1 << (8 * size) {
                return Err(vm.arg_error(
                    args,
                    arg,
                    &[b"string length does not fit in given size"],
                ));
            }
            put(vm, len as i64, false)?;
            append_slot(vm, buffer, slot)
        }
        Kind::ZeroString => {
            let slot = string(vm, args, arg)?;
            if memchr::memchr(0, bytes(vm, slot)).is_some() {
                return Err(vm.arg_error(args, arg, &[b"string contains zeros"]));
            }
            append_slot(vm, buffer, slot)?;
            append(vm, buffer, &[0])
        }
        Kind::Padding => append(vm, buffer, &[0]),
        Kind::Align | Kind::Nothing => Ok(()),
    }
}

/// `string.packsize(fmt)`
pub fn packsize(vm: &mut Vm, args: Args) -> NativeResult {
    let mut format = Format::new(vm, args)?;
    let mut total = 0_u64;
    while let Some(item) = format.next(vm, args, total as usize)? {
        if matches!(item.kind, Kind::String | Kind::ZeroString) {
            return Err(vm.arg_error(args, 0, &[b"variable-length format"]));
        }
        let size = item.size as u64 + item.padding as u64;
        if total + size > MAX_SIZE {
            return Err(vm.arg_error(args, 0, &[b"format result too large"]));
        }
        total += size;
    }
    vm.push_int(total as i64)?;
    Ok(Outcome::results(1))
}

/// `string.unpack(fmt, s [, pos])`
pub fn unpack(vm: &mut Vm, args: Args) -> NativeResult {
    let mut format = Format::new(vm, args)?;
    let data = args::string(vm, args, 1)?;
    let len = bytes(vm, data).len();
    let mut at = start_position(args::opt_int(vm, args, 2, 1)?, len) - 1;
    if at > len {
        return Err(vm.arg_error(args, 2, &[b"initial position out of string"]));
    }
    let mut n = 0;
    while let Some(item) = format.next(vm, args, at)? {
        if item.padding + item.size > len - at {
            return Err(vm.arg_error(args, 1, &[b"data string too short"]));
        }
        at += item.padding;
        if !vm.try_reserve(2)? {
            return Err(vm.error(&[b"stack overflow (too many results)"]));
        }
        n += 1;
        let little = format.state.little;
        let whole = vm.bytes(data).unwrap_or_default();
        let field = whole.get(at..at + item.size).unwrap_or_default();
        at += item.size;
        match item.kind {
            Kind::Int | Kind::Uint => match decode(field, little, item.kind == Kind::Int) {
                Some(value) => vm.push_int(value)?,
                None => {
                    let mut text = [0; 24];
                    let size = cu_vm::number_text::write_integer(&mut text, item.size as i64);
                    return Err(vm.error(&[size, b"-byte integer does not fit into Lua Integer"]));
                }
            },
            Kind::Float => {
                let bits = decode(field, little, false).unwrap_or(0) as u32;
                vm.push_float(f64::from(f32::from_bits(bits)))?;
            }
            Kind::Double => {
                let bits = decode(field, little, false).unwrap_or(0) as u64;
                vm.push_float(f64::from_bits(bits))?;
            }
            Kind::FixedString => {
                vm.charge(item.size as u64 / 32)?;
                vm.push_substring(data, at - item.size, at)?;
            }
            Kind::String => {
                // A length that needs more than 64 bits is too long as well, with its own message.
                let Some(size) = decode(field, little, false) else {
                    let mut text = [0; 24];
                    let size = cu_vm::number_text::write_integer(&mut text, item.size as i64);
                    return Err(vm.error(&[size, b"-byte integer does not fit into Lua Integer"]));
                };
                if size as u64 > (len - at) as u64 {
                    return Err(vm.arg_error(args, 1, &[b"data string too short"]));
                }
                let end = at + size as usize;
                vm.charge(size as u64 / 32)?;
                vm.push_substring(data, at, end)?;
                at = end;
            }
            Kind::ZeroString => {
                let rest = bytes(vm, data).get(at..).unwrap_or_default();
                let Some(size) = memchr::memchr(0, rest) else {
                    return Err(vm.arg_error(args, 1, &[b"unfinished string for format 'z'"]));
                };
                vm.charge(size as u64 / 32)?;
                vm.push_substring(data, at, at + size)?;
                at += size + 1;
            }
            Kind::Padding | Kind::Align | Kind::Nothing => n -= 1,
        }
    }
    vm.push_int(at as i64 + 1)?;
    Ok(Outcome::results(n + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_come_back_from_every_size_and_order() {
        for size in 1..=MAX_INT_SIZE {
            for little in [false, true] {
                for value in [
                    0,
                    1,
                    -1,
                    5,
                    -100,
                    127,
                    -128,
                    i64::MAX,
                    i64::MIN,
                    0x0102_0304_0506_0708,
                ] {
                    if size < 8 && value != value << (64 - 8 * size) >> (64 - 8 * size) {
                        continue;
                    }
                    let bytes = encode(value, value < 0, size, little);
                    assert_eq!(
                        decode(&bytes[..size], little, true),
                        Some(value),
                        "{size} {value}"
                    );
                }
            }
        }
        assert_eq!(encode(0x0102, false, 3, false)[..3], [0, 1, 2]);
        assert_eq!(decode(&[0xff; 16], true, true), Some(-1));
        assert_eq!(decode(&[0xff; 16], true, false), None);
        assert_eq!(decode(&[0x7f; 16], true, true), None);
        assert_eq!(decode(&[0xff; 3], true, false), Some(0xff_ffff));
    }

    #[test]
    fn alignment_pads_up_to_the_maximum() {
        let read = |format: &str| {
            let mut reader = Reader {
                rest: format.as_bytes(),
                state: State::START,
            };
            let mut total = 0;
            while !reader.rest.is_empty() {
                let item = reader.item(total)?;
                total += item.size + item.padding;
            }
            Ok(total)
        };
        assert_eq!(read("!8 b Xh i8"), Ok(16));
        assert_eq!(read("!b d"), Ok(16));
        assert_eq!(read("b!i"), Ok(8));
        assert_eq!(read("!16 b i16"), Ok(32));
        assert_eq!(read("i10i"), Ok(14));
        assert_eq!(read("!4 i3"), Err(FormatError::NotPowerOfTwo));
        assert_eq!(read("Xz"), Err(FormatError::AfterX));
        assert_eq!(read("X"), Err(FormatError::AfterX));
        assert_eq!(read("i17"), Err(FormatError::Size(17)));
        assert_eq!(read("i2147483648"), Err(FormatError::Size(214_748_364)));
        assert_eq!(read("c"), Err(FormatError::MissingSize));
        assert_eq!(read("q"), Err(FormatError::Unknown(b'q')));
    }
}
