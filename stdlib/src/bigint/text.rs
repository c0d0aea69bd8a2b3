//! Numbers to text and back, in bases from 2 to 36.
//!
//! Reading splits long texts in halves: the arithmetic's own reading takes time with the square of the length.

use cu_vm::{Args, NativeResult, Outcome, Slot, Thrown, View, Vm};
use num_bigint::{BigInt, BigUint, Sign};

use super::{answer, cost, value};
use crate::args::{self, build, copy_out};

/// How many digits are read at once.
const PIECE: usize = 256;

/// `bigint.new(string [, base])`, `bigint.new(integer)`
pub fn new(vm: &mut Vm, args: Args) -> NativeResult {
    match vm.view(args.slot(0)) {
        View::Integer(_) | View::Float(_) => {
            let n = args::int(vm, args, 0)?;
            answer(vm, &BigInt::from(n))
        }
        View::String(_) => {
            let base = base(vm, args)?;
            let text = copy_out(vm, args.slot(0))?;
            let mut digits = vm.take_buffer();
            let read = read_text(vm, &text, base, &mut digits);
            vm.drop_buffer(text);
            vm.drop_buffer(digits);
            match read? {
                Some(n) => answer(vm, &n),
                None => Err(vm.error(&[b"failed to create bigint"])),
            }
        }
        _ => {
            let found = vm.type_name(args.slot(0));
            Err(vm.error(&[b"bigint.new expects string or number, got ", &found]))
        }
    }
}

/// The base in argument 1, 10 if there is none.
fn base(vm: &mut Vm, args: Args) -> Result<u32, Thrown> {
    match u32::try_from(args::opt_int(vm, args, 1, 10)?) {
        Ok(base @ 2..=36) => Ok(base),
        _ => Err(vm.error(&[b"base must be between 2 and 36"])),
    }
}

/// The number that a text stands for. The empty text is 0; `digits` is a buffer to use.
fn read_text(
    vm: &mut Vm,
    text: &[u8],
    base: u32,
    digits: &mut Vec<u8>,
) -> Result<Option<BigInt>, Thrown> {
    let (sign, unsigned) = match text {
        [b'-', rest @ ..] => (Sign::Minus, rest),
        _ => (Sign::Plus, text),
    };
    vm.reserve(digits, unsigned.len())?;
    vm.charge(unsigned.len() as u64)?;
    let mut has_digit = text.is_empty();
    for byte in unsigned.iter().filter(|byte| **byte != b'_') {
        match char::from(*byte).to_digit(base) {
            // Leading zeros are no work.
            Some(0) if digits.is_empty() => has_digit = true,
            // A digit is below 36.
            Some(digit) => digits.push(digit as u8),
            None => return Ok(None),
        }
    }
    if digits.is_empty() && !has_digit {
        return Ok(None);
    }
    let n = digits.len() as u64;
    let bits = u64::from(u32::BITS - (base - 1).leading_zeros());
    cost::prepare(vm, cost::of_reading(n, bits), cost::room_of_reading(n))?;
    Ok(Some(BigInt::from_biguint(sign, read_digits(digits, base))))
}

/// The number with these digits, the highest first.
fn read_digits(digits: &[u8], base: u32) -> BigUint {
    let piece = |digits: &[u8]| BigUint::from_radix_be(digits, base).unwrap_or_default();
    if base.is_power_of_two() || digits.len() <= PIECE {
        return piece(digits);
    }
    // Pieces of equal length but for the highest, joined in pairs until there is one.
    let (first, rest) = digits.split_at(digits.len() % PIECE);
    let mut pieces = Vec::with_capacity(digits.len() / PIECE + 1);
    pieces.push(piece(first));
    pieces.extend(rest.chunks(PIECE).map(piece));
    let mut weight = BigUint::from(base).pow(PIECE as u32);
    loop {
        let n_single = pieces.len() % 2;
        let mut n_joined = n_single;
        for i in (n_single..pieces.len()).step_by(2) {
            if let Some([high, low]) = pieces.get_mut(i..i + 2) {
                let joined = std::mem::take(high) * &weight + std::mem::take(low);
                if let Some(place) = pieces.get_mut(n_joined) {
                    *place = joined;
                }
                n_joined += 1;
            }
        }
        pieces.truncate(n_joined);
        if pieces.len() <= 1 {
            return pieces.pop().unwrap_or_default();
        }
        weight = &weight * &weight;
    }
}

/// `x:tostring([base])` and `tostring(x)`
pub fn tostring(vm: &mut Vm, args: Args) -> NativeResult {
    value::check(vm, args, 0)?;
    let base = base(vm, args)?;
    push_text(vm, args.slot(0), base)?;
    Ok(Outcome::results(1))
}

/// Pushes the text of the big integer in `slot`.
pub fn push_text(vm: &mut Vm, slot: Slot, base: u32) -> Result<(), Thrown> {
    let (_, magnitude) = value::parts(vm, slot).unwrap_or_default();
    let n = cost::limbs(magnitude.len());
    cost::prepare(vm, cost::of_writing(n), cost::room_of_writing(n))?;
    let (sign, digits) = value::read(vm, slot).to_radix_be(base);
    build(vm, |vm, buffer| {
        vm.reserve(buffer, digits.len() + 1)?;
        if sign == Sign::Minus {
            buffer.push(b'-');
        }
        let letters = |digit: &u8| char::from_digit(u32::from(*digit), base).unwrap_or('0');
        buffer.extend(digits.iter().map(|digit| letters(digit) as u8));
        Ok(())
    })
}
