//! What a big integer is to the machine: a userdata that holds its digits.
//!
//! ```text
//!   byte   0              1 ... n               n+1 ... n+3
//!          0, or 1 for    magnitude, the        "BIG"
//!          negative       lowest byte first
//! ```
//!
//! The bytes before the mark are the stable form, which saved state carries as well. It is canonical: the last byte of
//! the magnitude is never zero, and zero is not negative, so equal numbers are equal bytes. The mark tells big
//! integers from other userdata: only this file makes such userdata, and programs cannot write to them.

use cu_vm::{Args, Slot, Thrown, Vm};
use num_bigint::{BigInt, Sign};

/// The type's name, which is also its metatable's place in the registry.
pub const TYPE_NAME: &[u8] = TYPE.as_bytes();
/// The same, for messages.
pub const TYPE: &str = "Cu.BigInt";

const MARK: &[u8; 3] = b"BIG";

/// The stable form of the big integer in `slot`: a sign (0, or 1 for negative) and the magnitude, lowest byte first.
/// `None` if it is something else.
pub fn to_bytes(vm: &Vm, slot: Slot) -> Option<&[u8]> {
    let (bytes, mark) = vm.userdata_bytes(slot)?.split_last_chunk()?;
    (mark == MARK && !bytes.is_empty()).then_some(bytes)
}

/// Pushes the big integer with this stable form; `false`, and nothing pushed, if it is none.
pub fn push_from_bytes(vm: &mut Vm, bytes: &[u8]) -> Result<bool, Thrown> {
    let canonical = match bytes {
        [0] => true,
        [0 | 1, .., last] => *last != 0,
        _ => false,
    };
    if !canonical {
        return Ok(false);
    }
    vm.charge(bytes.len() as u64 / 32)?;
    push_with(vm, bytes.len(), |place| place.copy_from_slice(bytes))?;
    Ok(true)
}

/// Whether a value is a big integer.
pub fn is(vm: &Vm, slot: Slot) -> bool {
    to_bytes(vm, slot).is_some()
}

/// Whether it is negative, and its magnitude.
pub fn parts(vm: &Vm, slot: Slot) -> Option<(bool, &[u8])> {
    let (sign, magnitude) = to_bytes(vm, slot)?.split_first()?;
    Some((*sign != 0, magnitude))
}

/// An argument that must be a big integer: how many bytes its magnitude has.
pub fn check(vm: &mut Vm, args: Args, i: u32) -> Result<usize, Thrown> {
    match parts(vm, args.slot(i)) {
        Some((_, magnitude)) => Ok(magnitude.len()),
        None => Err(vm.type_error(args, i, TYPE)),
    }
}

/// The number in a slot that was checked, and 0 for anything else. Memory for it must have been checked, too.
pub fn read(vm: &Vm, slot: Slot) -> BigInt {
    let (negative, magnitude) = parts(vm, slot).unwrap_or_default();
    let sign = if negative { Sign::Minus } else { Sign::Plus };
    BigInt::from_bytes_le(sign, magnitude)
}

/// The same number as an integer of Lua's, if it is one.
pub fn small(vm: &Vm, slot: Slot) -> Option<i64> {
    let (negative, magnitude) = parts(vm, slot)?;
    let mut word = [0; 8];
    word.get_mut(..magnitude.len())?.copy_from_slice(magnitude);
    let n = i128::from(u64::from_le_bytes(word));
    i64::try_from(if negative { -n } else { n }).ok()
}

/// Pushes a number.
pub fn push(vm: &mut Vm, n: &BigInt) -> Result<(), Thrown> {
    let len = usize::try_from(n.bits().div_ceil(8)).unwrap_or(usize::MAX);
    push_with(vm, len.saturating_add(1), |place| {
        if let Some((sign, magnitude)) = place.split_first_mut() {
            *sign = u8::from(n.sign() == Sign::Minus);
            for (bytes, digit) in magnitude.chunks_mut(4).zip(n.iter_u32_digits()) {
                for (byte, part) in bytes.iter_mut().zip(digit.to_le_bytes()) {
                    *byte = part;
                }
            }
        }
    })
}

/// Pushes a big integer whose stable form, of `len` bytes, `fill` writes over zeros.
fn push_with(vm: &mut Vm, len: usize, fill: impl FnOnce(&mut [u8])) -> Result<(), Thrown> {
    let slot = vm.top();
    vm.push_userdata(len.saturating_add(MARK.len()), 0)?;
    let bytes = vm.userdata_bytes_mut(slot).unwrap_or_default();
    if let Some((place, mark)) = bytes.split_last_chunk_mut() {
        *mark = *MARK;
        fill(place);
    }
    super::push_metatable(vm)?;
    let metatable = slot.offset(1);
    vm.set_metatable(slot, metatable)?;
    vm.pop(1);
    Ok(())
}
