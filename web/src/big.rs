//! BigInts of more than 64 bits in Lua: values that programs carry, compare, print and keep in `_home`.
//!
//! What it is not: it calculates nothing. The module `bigint` of `cu.wasm` does, and would make the package's module larger
//! by a tenth; here a program asks a function of JavaScript's, which has BigInts.
//!
//! ```text
//!   byte   0              1 ... n               n+1 ... n+3
//!          0, or 1 for    magnitude, the        "BIG"
//!          negative       lowest byte first
//! ```
//!
//! Messages and stores have the bytes before the mark: `cu.wasm` stores its big integers in the same form. It is
//! canonical (the last byte of the magnitude is not zero, and zero is not negative), so equal numbers are equal bytes.

use std::cmp::Ordering;

use cu_vm::{Args, Native, NativeResult, Outcome, Slot, Thrown, Type, View, Vm};

const MARK: &[u8; 3] = b"BIG";
/// The type's name, which is also its metatable's place in the registry.
const NAME: &[u8] = b"BigInt";
const BILLION: u64 = 1_000_000_000;

static EVENTS: [Native; 4] = [
    Native {
        name: "(BigInt).__eq",
        call: |vm, args| {
            vm.charge(length(vm, args.slot(0)) as u64 / 32)?;
            let a = to_bytes(vm, args.slot(0));
            let equal = a.is_some() && a == to_bytes(vm, args.slot(1));
            answer(vm, equal)
        },
    },
    Native {
        name: "(BigInt).__lt",
        call: |vm, args| {
            let order = order(vm, args)?;
            answer(vm, order.is_lt())
        },
    },
    Native {
        name: "(BigInt).__le",
        call: |vm, args| {
            let order = order(vm, args)?;
            answer(vm, order.is_le())
        },
    },
    Native {
        name: "(BigInt).__tostring",
        call: to_text,
    },
];

/// The bytes of the number in `slot`; `None` if it is something else.
pub fn to_bytes(vm: &Vm, slot: Slot) -> Option<&[u8]> {
    let (bytes, mark) = vm.userdata_bytes(slot)?.split_last_chunk()?;
    (mark == MARK && !bytes.is_empty()).then_some(bytes)
}

/// Pushes the number with these bytes; `false`, and nothing pushed, if there is none.
pub fn push(vm: &mut Vm, bytes: &[u8]) -> Result<bool, Thrown> {
    let canonical = match bytes {
        [0] => true,
        [0 | 1, .., last] => *last != 0,
        _ => false,
    };
    if !canonical {
        return Ok(false);
    }
    vm.charge(bytes.len() as u64 / 32)?;
    let slot = vm.top();
    vm.push_userdata(bytes.len() + MARK.len(), 0)?;
    let content = vm.userdata_bytes_mut(slot).unwrap_or_default();
    if let Some((place, mark)) = content.split_last_chunk_mut() {
        *mark = *MARK;
        place.copy_from_slice(bytes);
    }
    push_metatable(vm)?;
    vm.set_metatable(slot, slot.offset(1))?;
    vm.pop(1);
    Ok(true)
}

/// Pushes the metatable of all of them, which is made when the first one is.
fn push_metatable(vm: &mut Vm) -> Result<(), Thrown> {
    let registry = vm.top();
    let metatable = registry.offset(1);
    vm.push_registry()?;
    vm.raw_get_name(registry, NAME)?;
    if vm.type_of(metatable) != Type::Table {
        vm.pop(1);
        vm.push_library(&EVENTS)?;
        vm.push_bytes(NAME)?;
        vm.raw_set_name(metatable, b"__name", metatable.offset(1))?;
        vm.pop(1);
        vm.raw_set_name(registry, NAME, metatable)?;
    }
    vm.remove(registry);
    Ok(())
}

fn answer(vm: &mut Vm, is_so: bool) -> NativeResult {
    vm.push_bool(is_so)?;
    Ok(Outcome::results(1))
}

fn length(vm: &Vm, slot: Slot) -> usize {
    to_bytes(vm, slot).map_or(0, <[u8]>::len)
}

/// Whether a number is negative, and its magnitude: of a BigInt, or of an integer, whose bytes go into `room`.
fn parts<'a>(vm: &'a Vm, slot: Slot, room: &'a mut [u8; 8]) -> Option<(bool, &'a [u8])> {
    if let View::Integer(i) = vm.view(slot) {
        *room = i.unsigned_abs().to_le_bytes();
        let n = room
            .iter()
            .rposition(|byte| *byte != 0)
            .map_or(0, |i| i + 1);
        return Some((i < 0, room.get(..n)?));
    }
    let (sign, magnitude) = to_bytes(vm, slot)?.split_first()?;
    Some((*sign != 0, magnitude))
}

/// The order of two arguments.
fn order(vm: &mut Vm, args: Args) -> Result<Ordering, Thrown> {
    let n = length(vm, args.slot(0)).min(length(vm, args.slot(1)));
    vm.charge(n as u64 / 32)?;
    let (mut first, mut second) = ([0; 8], [0; 8]);
    let a = parts(vm, args.slot(0), &mut first);
    let b = parts(vm, args.slot(1), &mut second);
    let (Some((a_negative, a)), Some((b_negative, b))) = (a, b) else {
        let message = b"a BigInt is compared with BigInts and integers alone";
        return Err(vm.error_plain(&[message]));
    };
    let size = |a: &[u8], b: &[u8]| {
        a.len()
            .cmp(&b.len())
            .then_with(|| a.iter().rev().cmp(b.iter().rev()))
    };
    Ok(match (a_negative, b_negative) {
        (false, false) => size(a, b),
        (true, true) => size(b, a),
        (true, false) => Ordering::Less,
        (false, true) => Ordering::Greater,
    })
}

/// The decimal digits, nine at a time from the lowest up.
fn to_text(vm: &mut Vm, args: Args) -> NativeResult {
    let mut rest = vm.take_buffer();
    let mut text = vm.take_buffer();
    let written = write(vm, args.slot(0), &mut rest, &mut text);
    vm.drop_buffer(rest);
    match written {
        Ok(()) => vm.push_buffer(text)?,
        Err(thrown) => {
            vm.drop_buffer(text);
            return Err(thrown);
        }
    }
    Ok(Outcome::results(1))
}

fn write(vm: &mut Vm, slot: Slot, rest: &mut Vec<u8>, text: &mut Vec<u8>) -> Result<(), Thrown> {
    let n = length(vm, slot);
    vm.reserve(rest, n + 4)?;
    vm.reserve(text, n / 2 * 5 + 16)?;
    let Some((sign, magnitude)) = to_bytes(vm, slot).and_then(<[u8]>::split_first) else {
        return Err(vm.error_plain(&[b"this is no BigInt"]));
    };
    let negative = *sign != 0;
    rest.extend_from_slice(magnitude);
    rest.resize(n.div_ceil(4) * 4, 0);
    while !rest.is_empty() {
        vm.charge(rest.len() as u64 / 32 + 1)?;
        let mut remainder = 0;
        for digit in rest.rchunks_exact_mut(4) {
            if let Ok(digit) = <&mut [u8; 4]>::try_from(digit) {
                let all = remainder << 32 | u64::from(u32::from_le_bytes(*digit));
                *digit = ((all / BILLION) as u32).to_le_bytes();
                remainder = all % BILLION;
            }
        }
        while rest.last_chunk() == Some(&[0; 4]) {
            rest.truncate(rest.len() - 4);
        }
        for _ in 0..9 {
            text.push(b'0' + (remainder % 10) as u8);
            remainder /= 10;
        }
    }
    while text.len() > 1 && text.last() == Some(&b'0') {
        text.pop();
    }
    if negative {
        text.push(b'-');
    }
    text.reverse();
    Ok(())
}
