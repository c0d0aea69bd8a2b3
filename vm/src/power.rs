//! Powers and exponentials, to about 0.52 units in the last place, the same on every engine.
//!
//! WebAssembly has no instruction for them, and the functions that come with Rust's target take twice as long.
//! `x ^ y` is `exp(y * log(x))` with the logarithm and the product in two floats each, because an error of the exponent
//! is one of the result, as many times larger as the exponent is. Both functions look up what is nearest and take a
//! short series for the rest (P. T. P. Tang, "Table-driven implementation of the exponential function", ACM TOMS 15,
//! 1989, and "... of the logarithm function", ACM TOMS 16, 1990). The tables are computed by the compiler.

/// A number as the sum of two floats, the second less than a unit in the last place of the first.
#[derive(Clone, Copy)]
struct Double {
    hi: f64,
    lo: f64,
}

/// The sum, exactly; `|a| >= |b|`, or `a` is zero.
#[inline(always)]
const fn sum_ordered(a: f64, b: f64) -> Double {
    let hi = a + b;
    Double {
        hi,
        lo: (a - hi) + b,
    }
}

/// The float without the lower half of its digits.
#[inline(always)]
const fn upper_half(a: f64) -> f64 {
    f64::from_bits(a.to_bits() & !0 << 27)
}

// ---- exact enough for tables ---------------------------------------------------------------------------

impl Double {
    const fn new(hi: f64) -> Double {
        Double { hi, lo: 0.0 }
    }

    const fn plus(self, other: Double) -> Double {
        let hi = self.hi + other.hi;
        let part = hi - self.hi;
        let error = (self.hi - (hi - part)) + (other.hi - part);
        sum_ordered(hi, error + self.lo + other.lo)
    }

    const fn times(self, other: Double) -> Double {
        let (a, b) = (upper_half(self.hi), upper_half(other.hi));
        let (c, d) = (self.hi - a, other.hi - b);
        let hi = self.hi * other.hi;
        let error = ((a * b - hi) + a * d + c * b) + c * d;
        sum_ordered(hi, error + self.hi * other.lo + self.lo * other.hi)
    }

    const fn over(self, divisor: f64) -> Double {
        let first = self.hi / divisor;
        let back = Double::new(first).times(Double::new(-divisor));
        let rest = self.plus(back);
        sum_ordered(first, (rest.hi + rest.lo) / divisor)
    }

    /// `e` to this power, which is small.
    const fn exp(self) -> Double {
        let (mut sum, mut term) = (Double::new(1.0), Double::new(1.0));
        let mut n = 1;
        while n <= 30 {
            term = term.times(self).over(n as f64);
            sum = sum.plus(term);
            n += 1;
        }
        sum
    }

    /// Logarithm of a number between 1/2 and 2: twice the area tangent of `(x - 1) / (x + 1)`.
    const fn ln(x: f64) -> Double {
        let t = Double::new(x - 1.0).over(x + 1.0);
        let square = t.times(t);
        let (mut sum, mut power) = (t, t);
        let mut n = 3;
        while n <= 79 {
            power = power.times(square);
            sum = sum.plus(power.over(n as f64));
            n += 2;
        }
        sum.plus(sum)
    }

    /// The same number with a first part that is a multiple of 2^-42.
    const fn on_grid(self) -> Double {
        const GRID: f64 = 1.5 * (1_u64 << 10) as f64;
        let hi = (self.hi + GRID) - GRID;
        Double {
            hi,
            lo: (self.hi - hi) + self.lo,
        }
    }
}

const LN_2: Double = Double::ln(2.0);
const LN_2_ON_GRID: Double = LN_2.on_grid();

// ---- the logarithm -------------------------------------------------------------------------------------

/// Bits of an index into `LOGS`.
const LOG_BITS: u32 = 6;
/// Mantissas lie between this and its double. One is in the middle of a part, so that the logarithms of its neighbours
/// come out of the series alone.
const LEAST_MANTISSA: u64 = 0x3fe6_a000_0000_0000;

/// A part of the mantissas.
#[derive(Clone, Copy)]
struct Part {
    /// About 1 / (its middle), of 13 bits.
    inverse: f64,
    /// Logarithm of what `inverse` is the inverse of; `hi` is a multiple of 2^-42.
    log: Double,
}

static LOGS: [Part; 1 << LOG_BITS] = {
    const UNITS: f64 = 4096.0;
    let mut parts = [Part {
        inverse: 1.0,
        log: Double::new(0.0),
    }; 1 << LOG_BITS];
    let mut i = 0;
    while i < parts.len() {
        let first = LEAST_MANTISSA + ((i as u64) << (52 - LOG_BITS));
        let next = first + (1 << (52 - LOG_BITS));
        let (first, next) = (f64::from_bits(first), f64::from_bits(next));
        if !(first <= 1.0 && 1.0 < next) {
            let middle = (first + next) / 2.0;
            let inverse = (UNITS / middle + 0.5) as u32 as f64 / UNITS;
            let log = Double::ln(inverse);
            parts[i] = Part {
                inverse,
                log: Double {
                    hi: -log.hi,
                    lo: -log.lo,
                }
                .on_grid(),
            };
        }
        i += 1;
    }
    parts
};

/// Logarithm of a positive finite number, to about 2^-66 of itself.
#[inline(always)]
fn log(x: f64) -> Double {
    const SUBNORMAL: f64 = (1_u64 << 52) as f64;
    let (bits, adjust) = if x < f64::MIN_POSITIVE {
        ((x * SUBNORMAL).to_bits(), 52)
    } else {
        (x.to_bits(), 0)
    };
    let above = bits.wrapping_sub(LEAST_MANTISSA);
    let part = &LOGS[(above >> (52 - LOG_BITS)) as usize & (LOGS.len() - 1)];
    let exponent = (above as i64 >> 52) as f64 - f64::from(adjust);
    let mantissa = f64::from_bits(bits.wrapping_sub(above & !0 << 52));

    // How far the mantissa is from the middle of its part: `mantissa * inverse - 1`, exactly.
    let upper = f64::from_bits(mantissa.to_bits() & !0 << 21);
    let far = sum_ordered(
        upper * part.inverse - 1.0,
        (mantissa - upper) * part.inverse,
    );
    let (r, rest) = (far.hi, far.lo);

    // exponent * ln 2 + log(middle) + r - r^2/2 + r^3/3 - ...
    let known = exponent * LN_2_ON_GRID.hi + part.log.hi;
    let known_rest = exponent * LN_2_ON_GRID.lo + part.log.lo;
    let first = sum_ordered(known, r);
    let r_upper = upper_half(r);
    let square = r_upper * r_upper * -0.5;
    let square_rest = (r - r_upper) * (r_upper + r) * -0.5;
    let second = sum_ordered(first.hi, square);
    let r2 = r * r;
    let odd = 1.0 / 3.0 + r2 * (1.0 / 5.0 + r2 * (1.0 / 7.0 + r2 * (1.0 / 9.0)));
    let even = 1.0 / 4.0 + r2 * (1.0 / 6.0 + r2 * (1.0 / 8.0 + r2 * (1.0 / 10.0)));
    let series = r2 * r * (odd - r * even);
    let lo = known_rest + first.lo + second.lo + square_rest + (rest - rest * r) + series;
    sum_ordered(second.hi, lo)
}

// ---- the exponential -----------------------------------------------------------------------------------

/// Bits of an index into `ROOTS`.
const EXP_BITS: u32 = 5;
const N_ROOTS: usize = 1 << EXP_BITS;

/// 2^(i/32), and what its float lacks, as a part of it.
static ROOTS: [Double; N_ROOTS] = {
    let mut roots = [Double::new(1.0); N_ROOTS];
    let mut i = 1;
    while i < N_ROOTS {
        let root = LN_2.times(Double::new(i as f64)).over(N_ROOTS as f64).exp();
        roots[i] = Double {
            hi: root.hi,
            lo: root.lo / root.hi,
        };
        i += 1;
    }
    roots
};

const STEP: Double = LN_2.over(N_ROOTS as f64).on_grid();

/// `e ^ (hi + lo)`; `lo` is small beside `hi`.
#[inline(always)]
fn exp_of(hi: f64, lo: f64) -> f64 {
    /// A number more is infinite, one less is zero.
    const LARGEST: f64 = 710.0;
    const LEAST: f64 = -746.0;
    /// From here on the result or what is added to its first part may be subnormal, or its power of two is no float.
    const PLAIN: f64 = 690.0;
    /// Adding it leaves no digits behind the point.
    const WHOLE: f64 = 1.5 * (1_u64 << 52) as f64;
    if hi > LARGEST {
        return f64::INFINITY;
    }
    if hi < LEAST {
        return 0.0;
    }
    let steps = (hi * (1.0 / STEP.hi) + WHOLE) - WHOLE;
    let r = ((hi - steps * STEP.hi) - steps * STEP.lo) + lo;
    let steps = steps as i32;
    let root = &ROOTS[steps as usize & (N_ROOTS - 1)];
    let power = i64::from(steps >> EXP_BITS);
    let r2 = r * r;
    let series = 1.0 / 24.0 + r * (1.0 / 120.0) + r2 * (1.0 / 720.0 + r * (1.0 / 5040.0));
    let more = root.lo + r + r2 * (1.0 / 2.0 + r * (1.0 / 6.0)) + r2 * r2 * series;
    if hi.abs() < PLAIN {
        let root = f64::from_bits(root.hi.to_bits().wrapping_add((power << 52) as u64));
        return root + root * more;
    }
    at_the_edge(root.hi, more, power as i32)
}

/// `root * (1 + more) * 2^power`, where that is no normal number, or nearly not.
#[cold]
#[inline(never)]
fn at_the_edge(root: f64, more: f64, power: i32) -> f64 {
    let y = root + root * more;
    if power > 0 {
        return y * 2_f64.powi(power - 1) * 2.0;
    }
    // Rounded once: a float whose unit is that of the least result is added to what `y` lacks.
    let unit = 2_f64.powi(-1022 - power);
    if y >= unit {
        return y * 2_f64.powi(power + 60) * 2_f64.powi(-60);
    }
    let rounded = sum_ordered(unit, y);
    let lacking = (root - y) + root * more;
    let y = (rounded.hi + (rounded.lo + lacking)) - unit;
    y * 2_f64.powi(power + 60) * 2_f64.powi(-60)
}

// ---- functions -----------------------------------------------------------------------------------------

/// `e ^ x`.
pub fn exp(x: f64) -> f64 {
    if x.is_nan() { x } else { exp_of(x, 0.0) }
}

/// A smaller exponent gives one, and a larger one zero or infinity, whatever the base: but for that of one, logarithms of
/// floats lie between 2^-54 and 2^10.
const TINY: f64 = 1.0 / HUGE;
const HUGE: f64 = (1_u128 << 64) as f64;

/// `x ^ y`, with the special cases of C (ISO C, annex F.10.4.4).
pub fn pow(x: f64, y: f64) -> f64 {
    let size = y.abs();
    if !(x > 0.0 && x < f64::INFINITY && (TINY..HUGE).contains(&size)) {
        return special_pow(x, y);
    }
    let log = log(x);
    let (y_upper, log_upper) = (upper_half(y), upper_half(log.hi));
    let log_rest = (log.hi - log_upper) + log.lo;
    let hi = y_upper * log_upper;
    let lo = (y - y_upper) * log_upper + y * log_rest;
    exp_of(hi, lo)
}

#[cold]
#[inline(never)]
fn special_pow(x: f64, y: f64) -> f64 {
    if y == 0.0 || x == 1.0 {
        return 1.0;
    }
    if x.is_nan() || y.is_nan() {
        return x + y;
    }
    let size = x.abs();
    if y.is_infinite() {
        return match (size == 1.0, (size > 1.0) == (y > 0.0)) {
            (true, _) => 1.0,
            (_, true) => f64::INFINITY,
            _ => 0.0,
        };
    }
    let is_integral = y == y.trunc();
    let is_odd = is_integral && y.abs() < 2_f64.powi(53) && y % 2.0 != 0.0;
    let result = if size == 0.0 || size.is_infinite() {
        if (size == 0.0) == (y > 0.0) {
            0.0
        } else {
            f64::INFINITY
        }
    } else if x < 0.0 && !is_integral {
        // The sign that C Lua shows on x86.
        return -f64::NAN;
    } else if size == 1.0 || y.abs() < TINY {
        1.0
    } else if y.abs() >= HUGE {
        if (size > 1.0) == (y > 0.0) {
            f64::INFINITY
        } else {
            0.0
        }
    } else {
        pow(size, y)
    };
    if is_odd && x.is_sign_negative() {
        -result
    } else {
        result
    }
}

#[cfg(test)]
mod tests;
