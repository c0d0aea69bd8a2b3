//! The arithmetic of the crate `num-bigint`.
//!
//! It takes its memory from the allocator, which ends the program when there is none; the face has made sure that there
//! is enough. Reading splits long texts in halves: the crate's own reading takes time with the square of the length.

use cu_vm::{Slot, Thrown, Vm};
use num_bigint::{BigInt, BigUint, Sign};
use num_integer::Integer;

use super::{Arithmetic, Natives, Operation, natives, value};

/// How many digits are read at once.
const PIECE: usize = 256;

/// Calculates with `num-bigint`.
#[derive(Debug)]
pub struct Num;

/// The module's functions.
pub static NATIVES: Natives = natives::<Num>();

impl Arithmetic for Num {
    fn natives() -> &'static Natives {
        &NATIVES
    }

    fn calculate(vm: &mut Vm, operation: Operation, a: Slot, b: Slot) -> Result<(), Thrown> {
        let (a, b) = (number(vm, a), number(vm, b));
        let result = match operation {
            Operation::Add => &a + &b,
            Operation::Sub => &a - &b,
            Operation::Mul => &a * &b,
            Operation::Div => &a / &b,
            Operation::Mod => &a % &b,
            Operation::Idiv => a.div_floor(&b),
        };
        push(vm, &result)
    }

    fn pow(vm: &mut Vm, base: Slot, exponent: u32, _room: usize) -> Result<(), Thrown> {
        let power = number(vm, base).pow(exponent);
        push(vm, &power)
    }

    fn read(
        vm: &mut Vm,
        is_negative: bool,
        digits: &mut Vec<u8>,
        base: u32,
        _room: usize,
    ) -> Result<(), Thrown> {
        let magnitude = from_digits(digits, base);
        push(vm, &BigInt::from_biguint(sign(is_negative), magnitude))
    }

    fn write(vm: &mut Vm, slot: Slot, base: u32, text: &mut Vec<u8>) -> Result<(), Thrown> {
        let (sign, digits) = number(vm, slot).to_radix_be(base);
        vm.reserve(text, digits.len() + 1)?;
        if sign == Sign::Minus {
            text.push(b'-');
        }
        let letter = |digit: &u8| char::from_digit(u32::from(*digit), base).unwrap_or('0');
        text.extend(digits.iter().map(|digit| letter(digit) as u8));
        Ok(())
    }
}

fn sign(is_negative: bool) -> Sign {
    if is_negative { Sign::Minus } else { Sign::Plus }
}

/// The number in a slot.
fn number(vm: &Vm, slot: Slot) -> BigInt {
    let (is_negative, magnitude) = value::parts(vm, slot).unwrap_or_default();
    BigInt::from_bytes_le(sign(is_negative), magnitude)
}

fn push(vm: &mut Vm, n: &BigInt) -> Result<(), Thrown> {
    let len = usize::try_from(n.bits().div_ceil(8)).unwrap_or(usize::MAX);
    let place = value::push_zeros::<Num>(vm, len.saturating_add(1))?;
    if let Some((sign, magnitude)) = place.split_first_mut() {
        *sign = u8::from(n.sign() == Sign::Minus);
        for (bytes, digit) in magnitude.chunks_mut(4).zip(n.iter_u32_digits()) {
            for (byte, part) in bytes.iter_mut().zip(digit.to_le_bytes()) {
                *byte = part;
            }
        }
    }
    Ok(())
}

/// The number with these digits, the highest first.
fn from_digits(digits: &[u8], base: u32) -> BigUint {
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
