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

use super::Arithmetic;

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

/// Pushes the big integer with this stable form, which may come from anywhere; `false`, and nothing pushed, if it is none.
pub fn push_from_bytes<A: Arithmetic>(vm: &mut Vm, bytes: &[u8]) -> Result<bool, Thrown> {
    vm.charge(bytes.len() as u64 / 32)?;
    push::<A>(vm, bytes)
}

/// The same for the result of an operation, which has been paid for.
pub fn push<A: Arithmetic>(vm: &mut Vm, bytes: &[u8]) -> Result<bool, Thrown> {
    let is_canonical = match bytes {
        [0] => true,
        [0 | 1, .., last] => *last != 0,
        _ => false,
    };
    if is_canonical {
        push_zeros::<A>(vm, bytes.len())?.copy_from_slice(bytes);
    }
    Ok(is_canonical)
}

/// Pushes the big integer that is equal to an integer of Lua's.
pub fn push_integer<A: Arithmetic>(vm: &mut Vm, n: i64) -> Result<(), Thrown> {
    let mut bytes = [0; 9];
    let (sign, magnitude) = bytes.split_at_mut(1);
    sign.fill(u8::from(n < 0));
    magnitude.copy_from_slice(&n.unsigned_abs().to_le_bytes());
    let last = bytes.iter().rposition(|byte| *byte != 0).unwrap_or(0);
    push::<A>(vm, bytes.get(..=last).unwrap_or_default())?;
    Ok(())
}

/// Pushes the negation of the big integer in `slot`.
pub fn push_negation<A: Arithmetic>(vm: &mut Vm, slot: Slot) -> Result<(), Thrown> {
    let mut bytes = vm.take_buffer();
    let len = to_bytes(vm, slot).map_or(0, <[u8]>::len);
    vm.reserve(&mut bytes, len)?;
    bytes.extend_from_slice(to_bytes(vm, slot).unwrap_or_default());
    if let [sign, _, ..] = &mut bytes[..] {
        *sign ^= 1;
    }
    let pushed = push::<A>(vm, &bytes);
    vm.drop_buffer(bytes);
    pushed.map(|_| ())
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

/// The same number as an integer of Lua's, if it is one.
pub fn small(vm: &Vm, slot: Slot) -> Option<i64> {
    let (negative, magnitude) = parts(vm, slot)?;
    let mut word = [0; 8];
    word.get_mut(..magnitude.len())?.copy_from_slice(magnitude);
    let n = i128::from(u64::from_le_bytes(word));
    i64::try_from(if negative { -n } else { n }).ok()
}

/// The float that is nearest to a magnitude; infinity if it is too large for any.
pub fn nearest_float(magnitude: &[u8]) -> f64 {
    let (rest, top) = magnitude.split_at(magnitude.len().saturating_sub(8));
    let mut word = [0; 8];
    for (byte, part) in word.iter_mut().zip(top) {
        *byte = *part;
    }
    // If there is a rest, the word has 57 bits at least: its lowest is too far down to be in the result, and can say in
    // which direction the rest rounds.
    let is_more = rest.iter().any(|byte| *byte != 0);
    let top = (u64::from_le_bytes(word) | u64::from(is_more)) as f64;
    match u64::try_from(rest.len()) {
        Ok(n @ 0..128) => top * f64::from_bits((1023 + 8 * n) << 52),
        _ => f64::INFINITY,
    }
}

/// Pushes a big integer whose stable form has `len` bytes: all zeros, to be written over.
pub fn push_zeros<A: Arithmetic>(vm: &mut Vm, len: usize) -> Result<&mut [u8], Thrown> {
    let slot = vm.top();
    vm.push_userdata(len.saturating_add(MARK.len()), 0)?;
    super::push_metatable::<A>(vm)?;
    vm.set_metatable(slot, slot.offset(1))?;
    vm.pop(1);
    let bytes = vm.userdata_bytes_mut(slot).unwrap_or_default();
    Ok(match bytes.split_last_chunk_mut() {
        Some((place, mark)) => {
            *mark = *MARK;
            place
        }
        None => &mut [],
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The magnitude of `n * 256^zeros + low`, without zeros at its end.
    fn magnitude(n: u128, zeros: usize, low: u8) -> Vec<u8> {
        let mut bytes = vec![0; zeros];
        if let Some(first) = bytes.first_mut() {
            *first = low;
        }
        bytes.extend(n.to_le_bytes());
        while bytes.last() == Some(&0) {
            bytes.pop();
        }
        bytes
    }

    proptest! {
        #[test]
        fn floats_are_the_nearest(n: u128, shift in 0..128u32) {
            let n = n >> shift;
            prop_assert_eq!(nearest_float(&magnitude(n, 0, 0)), n as f64);
        }

        #[test]
        fn what_follows_a_half_rounds_up(n in 1u64 << 52..1 << 53, zeros in 1..100usize, low: u8) {
            // 53 bits, and a half after them.
            let half = u128::from(n) << 1 | 1;
            let up = if low > 0 || n & 1 != 0 { n + 1 } else { n };
            let expected = up as f64 * 2.0 * 256f64.powi(zeros as i32);
            prop_assert_eq!(nearest_float(&magnitude(half, zeros, low)), expected);
        }
    }

    #[test]
    fn what_is_larger_than_any_float_is_infinity() {
        let most = ((1u64 << 53) - 1) as u128;
        let largest = magnitude(most << 3, 121, 0);
        assert_eq!(nearest_float(&largest), f64::MAX);
        assert_eq!(
            nearest_float(&magnitude(most << 3 | 4, 121, 0)),
            f64::INFINITY
        );
        assert_eq!(nearest_float(&magnitude(1, 128, 0)), f64::INFINITY);
        assert_eq!(nearest_float(&magnitude(1, 100_000, 0)), f64::INFINITY);
        assert_eq!(nearest_float(&[]), 0.0);
    }
}
