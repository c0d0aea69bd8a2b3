//! Lua's arithmetic on plain numbers (manual, sections 3.4.1 to 3.4.3).
//!
//! Shared by the compiler's constant folding and by the machine, so that both give the same result.
//! It knows no values, no strings and no errors: a division by zero is the caller's business.

#![forbid(unsafe_code)]

/// Floor division of integers; `b` is not zero (the result for zero is 0).
#[inline(always)]
pub fn int_floor_div(a: i64, b: i64) -> i64 {
    match b {
        0 => 0,
        -1 => a.wrapping_neg(),
        _ => {
            let quotient = a / b;
            let inexact = a % b != 0;
            quotient - (inexact && (a < 0) != (b < 0)) as i64
        }
    }
}

/// Modulo of integers, with the sign of `b`; `b` is not zero (the result for zero is 0).
#[inline(always)]
pub fn int_mod(a: i64, b: i64) -> i64 {
    match b {
        0 | -1 => 0,
        _ => {
            let rest = a % b;
            if rest != 0 && (rest < 0) != (b < 0) {
                rest + b
            } else {
                rest
            }
        }
    }
}

/// Modulo of floats, with the sign of `b`.
#[inline(always)]
pub fn float_mod(a: f64, b: f64) -> f64 {
    let rest = remainder(a, b);
    // An infinite `b` of the other sign gives `b` itself, as `rest` is then `a`.
    if rest != 0.0 && (rest < 0.0) != (b < 0.0) {
        rest + b
    } else {
        rest
    }
}

/// Remainder of a truncating division, with the sign of `a` (C's `fmod`).
#[inline]
pub fn remainder(a: f64, b: f64) -> f64 {
    // Beyond, an integer need not be the float it came from.
    const MOST: f64 = 9_007_199_254_740_992.0;
    let (x, y) = (a as i64, b as i64);
    // Integers, as most are: the general way divides bit by bit.
    if x as f64 == a && y as f64 == b && y != 0 && a.abs() <= MOST && b.abs() <= MOST {
        return ((x % y) as f64).copysign(a);
    }
    if b == 1.0 {
        return (a - a.trunc()).copysign(a);
    }
    a % b
}

/// Floor division of floats.
#[inline(always)]
pub fn float_floor_div(a: f64, b: f64) -> f64 {
    (a / b).floor()
}

/// Power of floats.
#[inline(always)]
pub fn float_pow(a: f64, b: f64) -> f64 {
    // Squares are common.
    if b == 2.0 { a * a } else { general_pow(a, b) }
}

#[inline(never)]
fn general_pow(a: f64, b: f64) -> f64 {
    let n = b as i32;
    if f64::from(n) == b && (0..1024).contains(&n) {
        if a == 2.0 {
            return f64::from_bits((n as u64 + 1023) << 52);
        }
        if a == a.trunc()
            && let Some(power) = exact_power(a, n)
        {
            return power;
        }
    }
    if b == 0.5 && a > 0.0 {
        return a.sqrt();
    }
    crate::power::pow(a, b)
}

/// The power of an integer, if every product on the way to it is exact.
fn exact_power(a: f64, mut n: i32) -> Option<f64> {
    const MOST: f64 = 9_007_199_254_740_992.0;
    let (mut power, mut square) = (1.0, a);
    while n != 0 {
        if n & 1 != 0 {
            power *= square;
        }
        n >>= 1;
        square *= square;
    }
    // No factor is larger than the product, but for the last square, which is no factor.
    (f64::abs(power) <= MOST).then_some(power)
}

/// `a << by`, logical, where a negative `by` shifts to the right and 64 or more gives 0.
#[inline(always)]
pub fn shift_left(a: i64, by: i64) -> i64 {
    let bits = a as u64;
    if by as u64 <= 63 {
        return (bits << by) as i64;
    }
    let shifted = match by {
        -63..0 => bits >> -by,
        _ => 0,
    };
    shifted as i64
}

/// `a >> by`: a left shift by the opposite amount.
#[inline(always)]
pub fn shift_right(a: i64, by: i64) -> i64 {
    if by as u64 <= 63 {
        return (a as u64 >> by) as i64;
    }
    // The negation of the least integer wraps to itself, which is out of range in both directions.
    shift_left(a, by.wrapping_neg())
}

/// The integer with exactly this value, if there is one.
#[inline(always)]
pub fn float_to_int_exact(value: f64) -> Option<i64> {
    // Both bounds are floats; 2^63 itself is out of range.
    const LEAST: f64 = -9_223_372_036_854_775_808.0;
    if (LEAST..-LEAST).contains(&value) && value.trunc() == value {
        Some(value as i64)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integer_division_rounds_down() {
        assert_eq!(int_floor_div(7, 2), 3);
        assert_eq!(int_floor_div(-7, 2), -4);
        assert_eq!(int_floor_div(7, -2), -4);
        assert_eq!(int_floor_div(-7, -2), 3);
        assert_eq!(int_floor_div(-8, 2), -4);
        assert_eq!(int_floor_div(i64::MIN, -1), i64::MIN);
    }

    #[test]
    fn integer_modulo_has_the_sign_of_the_divisor() {
        assert_eq!(int_mod(7, 3), 1);
        assert_eq!(int_mod(-7, 3), 2);
        assert_eq!(int_mod(7, -3), -2);
        assert_eq!(int_mod(-7, -3), -1);
        assert_eq!(int_mod(i64::MIN, -1), 0);
        for a in -20..20 {
            for b in (-7..8).filter(|b| *b != 0) {
                assert_eq!(int_floor_div(a, b) * b + int_mod(a, b), a);
            }
        }
    }

    #[test]
    fn float_modulo_has_the_sign_of_the_divisor() {
        assert_eq!(float_mod(5.5, 2.0), 1.5);
        assert_eq!(float_mod(-5.5, 2.0), 0.5);
        assert_eq!(float_mod(5.5, -2.0), -0.5);
        assert_eq!(float_mod(1.0, f64::INFINITY), 1.0);
        assert_eq!(float_mod(-1.0, f64::INFINITY), f64::INFINITY);
        assert_eq!(float_mod(1.0, f64::NEG_INFINITY), f64::NEG_INFINITY);
        assert!(float_mod(1.0, 0.0).is_nan());
        assert!(float_mod(-0.0, 1.0).is_sign_negative());
    }

    #[test]
    fn remainders_are_those_of_the_general_way() {
        let most = 9_007_199_254_740_992.0;
        let numbers = [
            0.0,
            1.0,
            2.0,
            3.0,
            7.0,
            0.5,
            2.5,
            1e15,
            1e16,
            1e300,
            most,
            most - 1.0,
            f64::INFINITY,
            f64::NAN,
            5e-324,
            123.456,
            9.3e18,
        ];
        let signed = || numbers.iter().flat_map(|x| [*x, -*x]);
        for a in signed() {
            for b in signed() {
                let (ours, general) = (remainder(a, b), a % b);
                let same = ours.to_bits() == general.to_bits();
                assert!(
                    same || ours.is_nan() && general.is_nan(),
                    "{a} % {b} = {ours}"
                );
            }
        }
    }

    #[test]
    fn powers_of_integers_are_exact() {
        for a in -30..=30_i64 {
            for n in 0..=60 {
                let Some(exact) = a.checked_pow(n).filter(|p| p.unsigned_abs() < 1 << 53) else {
                    continue;
                };
                assert_eq!(float_pow(a as f64, f64::from(n)), exact as f64);
            }
        }
        for n in 0..1024 {
            assert_eq!(float_pow(2.0, f64::from(n)), 2.0_f64.powi(n));
        }
        assert_eq!(float_pow(2.0, 1024.0), f64::INFINITY);
        assert_eq!(float_pow(-3.0, 3.0), -27.0);
        assert_eq!(float_pow(0.0, 0.0), 1.0);
        assert!(float_pow(-0.0, 3.0).is_sign_negative());
        assert_eq!(float_pow(f64::INFINITY, 3.0), f64::INFINITY);
        assert_eq!(float_pow(f64::NAN, 0.0), 1.0);
        assert_eq!(float_pow(-0.0, 0.5).to_bits(), 0);
        assert_eq!(float_pow(f64::NEG_INFINITY, 0.5), f64::INFINITY);
        assert_eq!(float_pow(2.0, 0.5), 2.0_f64.sqrt());
        assert_eq!(float_pow(10.0, 23.0), 10.0_f64.powf(23.0));
    }

    #[test]
    fn float_division_rounds_down() {
        assert_eq!(float_floor_div(7.0, 2.0), 3.0);
        assert_eq!(float_floor_div(-7.0, 2.0), -4.0);
        assert_eq!(float_floor_div(1.0, 0.0), f64::INFINITY);
    }

    #[test]
    fn shifts_are_logical_and_go_both_ways() {
        assert_eq!(shift_left(1, 63), i64::MIN);
        assert_eq!(shift_left(1, 64), 0);
        assert_eq!(shift_left(-1, -1), i64::MAX);
        assert_eq!(shift_left(-1, -63), 1);
        assert_eq!(shift_left(-1, -64), 0);
        assert_eq!(shift_left(5, i64::MIN), 0);
        assert_eq!(shift_right(-1, 60), 15);
        assert_eq!(shift_right(1, -4), 16);
        assert_eq!(shift_right(1, i64::MIN), 0);
    }

    #[test]
    fn only_integral_floats_in_range_are_integers() {
        assert_eq!(float_to_int_exact(3.0), Some(3));
        assert_eq!(float_to_int_exact(-0.0), Some(0));
        assert_eq!(float_to_int_exact(3.5), None);
        assert_eq!(
            float_to_int_exact(-9_223_372_036_854_775_808.0),
            Some(i64::MIN)
        );
        assert_eq!(float_to_int_exact(9_223_372_036_854_775_808.0), None);
        assert_eq!(float_to_int_exact(f64::NAN), None);
        assert_eq!(float_to_int_exact(f64::INFINITY), None);
    }
}
