//! Comparing big integers with each other and with Lua's numbers, exactly.
//!
//! Everything is compared as a sign and the bytes of a magnitude, in place: nothing is allocated, and a float is not
//! rounded to an integer or the other way round.

use std::cmp::Ordering;

use cu_vm::{Args, NativeResult, Outcome, Slot, Thrown, View, Vm};

use super::value;

/// Room for the magnitude of every integer and every float: 2^1024 needs the most.
type Room = [u8; 136];

/// A number as it is compared.
struct Operand<'a> {
    /// Whether it is below zero.
    negative: bool,
    is_infinite: bool,
    /// The integral part of its magnitude, without leading zeros, lowest byte first.
    whole: &'a [u8],
    has_fraction: bool,
}

/// `bigint.compare(a, b)`: -1, 0 or 1; nil if one of them is not a number.
pub fn compare(vm: &mut Vm, args: Args) -> NativeResult {
    match order(vm, args)? {
        Some(order) => vm.push_int(order as i64)?,
        None => vm.push_nil()?,
    }
    Ok(Outcome::results(1))
}

/// `a == b`; anything but two big integers is not equal.
pub fn eq(vm: &mut Vm, args: Args) -> NativeResult {
    let len = value::to_bytes(vm, args.slot(0)).map_or(0, <[u8]>::len);
    vm.charge(len as u64 / 32)?;
    let a = value::to_bytes(vm, args.slot(0));
    let equal = a.is_some() && a == value::to_bytes(vm, args.slot(1));
    vm.push_bool(equal)?;
    Ok(Outcome::results(1))
}

/// `a < b`
pub fn lt(vm: &mut Vm, args: Args) -> NativeResult {
    let order = order(vm, args)?;
    vm.push_bool(order == Some(Ordering::Less))?;
    Ok(Outcome::results(1))
}

/// `a <= b`
pub fn le(vm: &mut Vm, args: Args) -> NativeResult {
    let order = order(vm, args)?;
    vm.push_bool(order.is_some_and(Ordering::is_le))?;
    Ok(Outcome::results(1))
}

/// The order of two big integers or numbers; `None` if there is none because of a NaN.
fn order(vm: &mut Vm, args: Args) -> Result<Option<Ordering>, Thrown> {
    for i in 0..2 {
        let slot = args.slot(i);
        if !value::is(vm, slot) && !matches!(vm.view(slot), View::Integer(_) | View::Float(_)) {
            return Err(vm.type_error(args, i, value::TYPE));
        }
    }
    let len = |i| value::to_bytes(vm, args.slot(i)).map_or(8, <[u8]>::len);
    let shorter = len(0).min(len(1)) as u64;
    vm.charge(shorter / 16)?;
    let (mut a_room, mut b_room): (Room, Room) = ([0; 136], [0; 136]);
    let a = operand(vm, args.slot(0), &mut a_room);
    let b = operand(vm, args.slot(1), &mut b_room);
    Ok(a.zip(b).map(|(a, b)| a.order(&b)))
}

/// The number in a slot; `None` for a NaN.
fn operand<'a>(vm: &'a Vm, slot: Slot, room: &'a mut Room) -> Option<Operand<'a>> {
    if let Some((negative, magnitude)) = value::parts(vm, slot) {
        return Some(Operand {
            negative,
            is_infinite: false,
            whole: magnitude,
            has_fraction: false,
        });
    }
    match vm.view(slot) {
        View::Integer(n) => {
            put(room, 0, n.unsigned_abs());
            Some(Operand {
                negative: n < 0,
                is_infinite: false,
                whole: trim(room),
                has_fraction: false,
            })
        }
        View::Float(f) if !f.is_nan() => {
            let has_fraction = f.is_finite() && put_float(room, f);
            Some(Operand {
                negative: f < 0.0,
                is_infinite: f.is_infinite(),
                whole: trim(room),
                has_fraction,
            })
        }
        _ => None,
    }
}

/// Puts the integral part of the magnitude of a finite float into the room, and tells whether there is more.
fn put_float(room: &mut Room, f: f64) -> bool {
    /// Bits of the fraction as it is stored.
    const STORED: u32 = 52;
    let bits = f.to_bits();
    let exponent = (bits >> STORED & 0x7FF) as u32;
    let stored = bits & ((1 << STORED) - 1);
    if exponent == 0 {
        // Zero, or so small that it is stored without the leading one.
        return stored != 0;
    }
    // The magnitude is the significand, times two to the power of `exponent - bias`.
    let significand = stored | 1 << STORED;
    let bias = 1023 + STORED;
    match exponent.checked_sub(bias) {
        Some(up) => {
            put(room, (up / 8) as usize, significand << (up % 8));
            false
        }
        None => {
            let down = bias - exponent;
            let whole = significand.checked_shr(down).unwrap_or(0);
            put(room, 0, whole);
            significand != whole.checked_shl(down).unwrap_or(0)
        }
    }
}

fn put(room: &mut Room, at: usize, word: u64) {
    for (place, byte) in room.iter_mut().skip(at).zip(word.to_le_bytes()) {
        *place = byte;
    }
}

/// The bytes up to the last one that is not zero.
fn trim(room: &Room) -> &[u8] {
    let len = room
        .iter()
        .rposition(|byte| *byte != 0)
        .map_or(0, |i| i + 1);
    room.get(..len).unwrap_or_default()
}

impl Operand<'_> {
    fn order(&self, other: &Operand<'_>) -> Ordering {
        match (self.negative, other.negative) {
            (false, false) => self.order_of_magnitudes(other),
            (true, true) => other.order_of_magnitudes(self),
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
        }
    }

    fn order_of_magnitudes(&self, other: &Operand<'_>) -> Ordering {
        self.is_infinite
            .cmp(&other.is_infinite)
            .then(self.whole.len().cmp(&other.whole.len()))
            .then_with(|| self.whole.iter().rev().cmp(other.whole.iter().rev()))
            .then(self.has_fraction.cmp(&other.has_fraction))
    }
}
