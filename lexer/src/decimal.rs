//! Decimal digits and numbers: an integer's digits, and the float nearest to a decimal fraction.
//!
//! Both directions are exact. `core` can do the same; what it brings (`core::fmt`, and ten kilobytes of powers of
//! five that do not compress) would be a tenth of the WASM module.

use std::cmp::Ordering;

/// Room for the digits of every `u64`, and for a sign.
pub type Digits = [u8; 24];

/// Writes `n` in decimal so that it ends where `buf` ends; answers where it starts.
pub fn decimal_backwards(buf: &mut Digits, mut n: u64) -> usize {
    let mut at = buf.len();
    // Eight digits at a time, because a 32-bit division by a constant is a multiplication.
    while n >= 100_000_000 {
        let mut low = (n % 100_000_000) as u32;
        n /= 100_000_000;
        for _ in 0..8 {
            at -= 1;
            buf[at] = b'0' + (low % 10) as u8;
            low /= 10;
        }
    }
    let mut n = n as u32;
    loop {
        at -= 1;
        buf[at] = b'0' + (n % 10) as u8;
        n /= 10;
        if n == 0 {
            return at;
        }
    }
}

/// The digits of `n`, for messages.
pub fn decimal(buf: &mut Digits, n: u64) -> &[u8] {
    let start = decimal_backwards(buf, n);
    buf.get(start..).unwrap_or_default()
}

/// Powers of ten that a float holds exactly.
const EXACT: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
];

/// Decimal digits that can matter: the middle between two floats has at most 768.
const MOST_DIGITS: usize = 770;

/// The float nearest to `whole.fraction * 10^exponent`, ties to even; `whole` and `fraction` are digits only.
pub(crate) fn nearest(whole: &[u8], fraction: &[u8], exponent: i64) -> f64 {
    let digits = || whole.iter().chain(fraction).map(|digit| digit - b'0');
    // The value is a little more than, or equal to, `m * 10^e`; `m` has at most 19 digits.
    let mut m = 0;
    let mut n_taken = 0;
    let mut more = false;
    for digit in digits() {
        if n_taken < 19 {
            m = m * 10 + u64::from(digit);
            n_taken += usize::from(m > 0);
        } else {
            n_taken += 1;
            more |= digit != 0;
        }
    }
    if m == 0 {
        return 0.0;
    }
    let last = exponent.saturating_sub(fraction.len() as i64);
    let e = last.saturating_add(n_taken.saturating_sub(19) as i64);
    if !more && let Some(quick) = quick(m, e) {
        return quick;
    }
    // Out of all floats, with room for the nineteen digits.
    if e > 310 {
        return f64::INFINITY;
    }
    if e < -350 {
        return 0.0;
    }
    settle(estimate(m, e as i32), || {
        Big::of_digits(digits(), last as i32)
    })
}

/// `m * 10^e` where hardware or 128 bits can tell it exactly.
fn quick(m: u64, e: i64) -> Option<f64> {
    let power = usize::try_from(e.unsigned_abs()).ok()?;
    if m < 1 << 53
        && let Some(power) = EXACT.get(power)
    {
        let m = m as f64;
        return Some(if e < 0 { m / power } else { m * power });
    }
    // 5^27 is the last that fits in 64 bits.
    let five = 5_u64.checked_pow(u32::try_from(power).ok()?)?;
    let (bits, rest, scale) = if e < 0 {
        let shift = 64 + m.leading_zeros();
        let high = u128::from(m) << shift;
        let five = u128::from(five);
        let quotient = high / five;
        (quotient, quotient * five != high, e - i64::from(shift))
    } else {
        (u128::from(m) * u128::from(five), false, e)
    };
    let excess = 64_u32.saturating_sub(bits.leading_zeros());
    let low = bits & ((1 << excess) - 1);
    let top = (bits >> excess) as u64;
    Some(scale_to_float(
        top,
        rest || low != 0,
        scale + i64::from(excess),
    ))
}

/// Somewhere near `m * 10^e`.
fn estimate(m: u64, e: i32) -> f64 {
    let mut f = m as f64;
    let mut left = e.unsigned_abs() as usize;
    while left > 0 {
        let step = left.min(22);
        f = if e < 0 {
            f / EXACT[step]
        } else {
            f * EXACT[step]
        };
        left -= step;
    }
    f
}

/// Goes from a float near the decimal to the nearest, by comparing with the middles around it.
#[cold]
fn settle(near: f64, decimal: impl Fn() -> (Big, i32, bool)) -> f64 {
    // What rounds beyond the largest is infinite; an estimate that is may be a little too large.
    let mut bits = near.min(f64::MAX).to_bits();
    loop {
        if bits == f64::INFINITY.to_bits() {
            return f64::INFINITY;
        }
        let above = compare(&decimal, bits);
        if above == Ordering::Greater || above == Ordering::Equal && bits & 1 == 1 {
            bits += 1;
        } else if bits > 0 && {
            let below = compare(&decimal, bits - 1);
            below == Ordering::Less || below == Ordering::Equal && bits & 1 == 1
        } {
            bits -= 1;
        } else {
            return f64::from_bits(bits);
        }
    }
}

/// How a decimal stands to the middle between the float of these bits and the next.
fn compare(decimal: &impl Fn() -> (Big, i32, bool), bits: u64) -> Ordering {
    let (mut left, e, more) = decimal();
    let biased = (bits >> 52) as i32;
    let low = bits & ((1 << 52) - 1);
    // The float is m * 2^k; the middle above it (2m + 1) * 2^(k - 1).
    let (m, k) = match biased {
        0 => (low, -1074),
        _ => (low | 1 << 52, biased - 1075),
    };
    let mut right = Big::default();
    right.multiply_add(0, 2 * m + 1);
    let shift = e - (k - 1);
    if e < 0 { &mut right } else { &mut left }.times_power_of_five(e.unsigned_abs());
    if shift < 0 { &mut right } else { &mut left }.shift_left(shift.unsigned_abs());
    left.cmp(&right).then(if more {
        Ordering::Greater
    } else {
        Ordering::Equal
    })
}

/// A whole number with room for both sides of [`compare`]: 770 digits, or 54 bits times 5^1120.
struct Big {
    /// The lowest first.
    limbs: [u32; Big::LIMBS],
    len: usize,
}

impl Default for Big {
    fn default() -> Big {
        Big {
            limbs: [0; Big::LIMBS],
            len: 0,
        }
    }
}

impl Big {
    const LIMBS: usize = 128;

    /// `digits` as a whole number (the first 770 that count), the power of ten it has to be multiplied with, and
    /// whether something was left out.
    fn of_digits(digits: impl Iterator<Item = u8>, mut last: i32) -> (Big, i32, bool) {
        let mut big = Big::default();
        let mut n_taken = 0;
        let mut more = false;
        for digit in digits {
            if n_taken < MOST_DIGITS {
                big.multiply_add(10, u64::from(digit));
                n_taken += usize::from(big.len > 0);
            } else {
                more |= digit != 0;
                last += 1;
            }
        }
        (big, last, more)
    }

    fn multiply_add(&mut self, factor: u32, mut carry: u64) {
        let mut at = 0;
        while at < self.len || carry > 0 {
            let Some(limb) = self.limbs.get_mut(at) else {
                return;
            };
            let sum = u64::from(*limb) * u64::from(factor) + (carry & 0xffff_ffff);
            *limb = sum as u32;
            carry = (carry >> 32) + (sum >> 32);
            at += 1;
        }
        self.len = self.len.max(at);
    }

    fn times_power_of_five(&mut self, mut power: u32) {
        while power > 0 {
            let step = power.min(13);
            self.multiply_add(5_u32.pow(step), 0);
            power -= step;
        }
    }

    fn shift_left(&mut self, mut bits: u32) {
        let limbs = bits as usize / 32;
        let end = (self.len + limbs).min(Big::LIMBS);
        self.limbs
            .copy_within(..end - limbs.min(end), limbs.min(end));
        self.limbs[..limbs.min(end)].fill(0);
        self.len = end;
        bits %= 32;
        self.multiply_add(1 << bits, 0);
    }

    fn cmp(&self, other: &Big) -> Ordering {
        self.limbs.iter().rev().cmp(other.limbs.iter().rev())
    }
}

/// `significand * 2^scale`, rounded to nearest, ties to even; `sticky` says that the true value is
/// a little more.
pub(crate) fn scale_to_float(significand: u64, sticky: bool, scale: i64) -> f64 {
    if significand == 0 {
        return 0.0;
    }
    // Now 2^63 <= bits, and the value is between 2^exponent and twice that.
    let shift = significand.leading_zeros();
    let bits = significand << shift;
    let exponent = scale - i64::from(shift) + 63;
    if exponent > 1023 {
        return f64::INFINITY;
    }
    // A float keeps 53 bits; below 2^-1022 one less for each step down.
    let n_dropped = 11 + (-1022 - exponent).max(0);
    if n_dropped > 64 {
        return 0.0;
    }
    let kept = if n_dropped == 64 {
        0
    } else {
        bits >> n_dropped
    };
    let dropped = bits << (64 - n_dropped);
    const HALF: u64 = 1 << 63;
    let up = dropped > HALF || dropped == HALF && (sticky || kept & 1 == 1);
    let rounded = kept + u64::from(up);
    // The leading bit of a normal number is not stored: adding the significand with it to an
    // exponent one too small carries as it should, also when rounding made it a power of two.
    let biased = if exponent < -1022 {
        0
    } else {
        (exponent + 1022).cast_unsigned()
    };
    f64::from_bits((biased << 52) + rounded)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// `core`'s reader is correctly rounded, so it is the judge here.
    fn check(whole: &str, fraction: &str, exponent: i64) {
        let wanted: f64 = format!("{whole}.{fraction}e{exponent}").parse().unwrap();
        let got = nearest(whole.as_bytes(), fraction.as_bytes(), exponent);
        assert_eq!(
            got.to_bits(),
            wanted.to_bits(),
            "{whole}.{fraction}e{exponent}"
        );
    }

    #[test]
    fn the_ends_of_the_range() {
        for text in [
            "17976931348623157e292",
            "179769313486231580793728971405301e276",
            "179769313486231580793728971405303e276",
            "17976931348623159e292",
            "4940656458412465441e-342",
            "24703282292062327208e-343",
            "24703282292062327209e-343",
            "22250738585072011e-324",
            "22250738585072014e-324",
            "1e310",
            "1e-400",
            "9007199254740993e0",
            "9007199254740993e22",
            "123456789012345678901234567890e-20",
        ] {
            let (digits, exponent) = text.split_once('e').unwrap();
            check(digits, "", exponent.parse().unwrap());
            check(&format!("000{digits}"), "000", exponent.parse().unwrap());
            check("0", digits, exponent.parse().unwrap());
            check(
                digits,
                &format!("{}1", "0".repeat(900)),
                exponent.parse().unwrap(),
            );
        }
    }

    proptest! {
        #[test]
        fn any_decimal(whole in "[0-9]{1,30}", fraction in "[0-9]{0,30}", exponent in -380_i64..330) {
            check(&whole, &fraction, exponent);
        }

        #[test]
        fn short_decimals(whole in "[0-9]{1,4}", fraction in "[0-9]{0,16}", exponent in -30_i64..30) {
            check(&whole, &fraction, exponent);
        }

        #[test]
        fn middles_between_floats(bits in 0..f64::MAX.to_bits(), nudge in 0_u8..3) {
            // All digits of the middle above a float, and the last digit one less or more: 25 * 2^k ends in 5.
            let (m, k) = match bits >> 52 {
                0 => (bits, -1074),
                biased => (bits & ((1 << 52) - 1) | 1 << 52, biased as i32 - 1075),
            };
            let mut digits: Vec<u8> = (2 * m + 1).to_string().bytes().map(|d| d - b'0').collect();
            for _ in 0..(k - 1).unsigned_abs() {
                // Times two, or times five with the point one further left.
                let factor = if k - 1 > 0 { 2 } else { 5 };
                let mut carry = 0;
                for digit in digits.iter_mut().rev() {
                    carry += *digit * factor;
                    (*digit, carry) = (carry % 10, carry / 10);
                }
                if carry > 0 {
                    digits.insert(0, carry);
                }
            }
            digits.push(nudge.min(1));
            if nudge == 2 {
                // One less in the place in front, and a nine.
                let place = digits.len() - 1;
                digits[place] = 9;
                let from = digits[..place].iter().rposition(|digit| *digit > 0).unwrap();
                digits[from] -= 1;
                digits[from + 1..place].fill(9);
            }
            let exponent = i64::from((k - 1).min(0));
            let text: String = digits.iter().map(|d| char::from(d + b'0')).collect();
            check(&text, "", exponent - 1);
        }
    }
}
