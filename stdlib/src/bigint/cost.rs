//! What operations cost: fuel and memory, charged and checked before the work.
//!
//! Costs depend on lengths alone, counted in limbs of 32 bits, so they are the same on every engine, whichever arithmetic
//! there is and whatever limbs it really uses. The constants are measured (November 2026, num-bigint 0.5.1 in the module
//! under Node 20): a unit of fuel stands for about 4 ns, an instruction of a Lua program. The room is what the operation
//! takes from the allocator at its peak, rounded up by a quarter at least.

use cu_vm::{Thrown, Vm};

/// Most bytes of memory that one operation may need.
const MOST_ROOM: u64 = 1 << 31;

/// How many limbs a magnitude of `n_bytes` has.
pub fn limbs(n_bytes: usize) -> u64 {
    (n_bytes as u64).div_ceil(4)
}

/// How many bytes the stable form of a number of at most so many bits has at most.
pub fn bytes(n_bits: u64) -> usize {
    usize::try_from(n_bits / 8 + 2).unwrap_or(usize::MAX)
}

/// Charges the fuel, and makes sure that there are so many bytes of memory.
///
/// The arithmetic takes its memory from the allocator, which ends the program when there is none. So a block of that
/// size is taken from the machine's budget and given back at once: nothing else runs until the arithmetic is done.
pub fn prepare(vm: &mut Vm, fuel: u64, room: u64) -> Result<(), Thrown> {
    vm.charge(fuel)?;
    match usize::try_from(room) {
        // What is larger no userdata could hold, and 32-bit sizes must not overflow in the arithmetic.
        Ok(bytes) if room <= MOST_ROOM => vm.reserve(&mut Vec::new(), bytes.max(256)),
        _ => Err(vm.out_of_memory()),
    }
}

/// Fuel of a multiplication.
pub fn of_mul(a: u64, b: u64) -> u64 {
    let (mut short, long) = (a.min(b), a.max(b));
    let n_blocks = long.div_ceil(short.max(1));
    // Long multiplication of short numbers, three halves of the length each for longer ones.
    let mut cost = 1u64;
    while short > 64 {
        short = short.div_ceil(2);
        cost = cost.saturating_mul(3);
    }
    let block = cost.saturating_mul((short * short).div_ceil(4));
    block.saturating_mul(n_blocks).saturating_add(a + b)
}

/// Room of a multiplication.
pub fn room_of_mul(a: u64, b: u64) -> u64 {
    10 * (a + b) + 40 * a.min(b)
}

/// Fuel of a division.
pub fn of_div(dividend: u64, divisor: u64) -> u64 {
    let quotient = dividend.saturating_sub(divisor) + 1;
    let products = of_mul(quotient, divisor).saturating_mul(2);
    products.saturating_add(dividend + divisor)
}

/// Room of a division.
pub fn room_of_div(dividend: u64, divisor: u64) -> u64 {
    72 * (dividend + divisor)
}

/// Fuel of raising to a power whose result has so many limbs.
pub fn of_pow(result: u64) -> u64 {
    of_mul(result / 2, result / 2)
        .saturating_mul(3)
        .saturating_add(32)
}

/// Room of raising to a power.
pub fn room_of_pow(result: u64) -> u64 {
    result.saturating_mul(40)
}

/// Fuel of writing a number in a base that is no power of two; the others cost less.
pub fn of_writing(n: u64) -> u64 {
    let products = of_mul(n / 2, n / 2).saturating_mul(6);
    products.saturating_add(16 * n)
}

/// Room of writing a number: the base 3 has the most digits.
pub fn room_of_writing(n: u64) -> u64 {
    112 * n
}

/// Fuel of reading so many digits, each of at most `bits` bits.
pub fn of_reading(n_digits: u64, bits: u64) -> u64 {
    let n = (n_digits.saturating_mul(bits)).div_ceil(32);
    let products = of_mul(n / 2, n / 2).saturating_mul(4);
    products.saturating_add(n_digits)
}

/// Room of reading so many digits.
pub fn room_of_reading(n_digits: u64) -> u64 {
    n_digits.saturating_mul(6).saturating_add(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn costs_grow_with_lengths_and_never_overflow() {
        let sizes = [0, 1, 2, 63, 64, 65, 1000, 1 << 20, 1 << 29];
        for a in sizes {
            for b in sizes {
                assert!(of_mul(a, b) >= a + b);
                // Halving makes steps, so only roughly.
                assert!(of_mul(a, b).saturating_mul(2) >= of_mul(a, b / 2));
                assert!(of_div(a, b) >= a);
                assert_eq!(of_mul(a, b), of_mul(b, a));
            }
        }
        assert_eq!(room_of_pow(u64::MAX), u64::MAX);
        assert_eq!(of_reading(u64::MAX, 6), u64::MAX);
    }
}
