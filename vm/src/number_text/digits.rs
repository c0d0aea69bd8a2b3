//! The decimal digits of a float, exactly rounded: a quick way in 128 bits and a thorough one.

use cu_lexer::decimal_backwards;

/// Gives `lay_out` the digits of `f >= 0` rounded to `n >= 1` significant ones, and the exponent of the first.
pub fn with_significant(f: f64, n: usize, mut lay_out: impl FnMut(&[u8], i32)) {
    if f == 0.0 {
        return lay_out(b"", 0);
    }
    if let Some((q, exponent)) = quick_significant(f, n) {
        let mut text = [0; 24];
        let start = decimal_backwards(&mut text, q);
        return lay_out(&text[start..], exponent);
    }
    let mut decimal = Decimal::exact(f);
    decimal.round_to(n as i32);
    lay_out(decimal.digits(), decimal.exponent);
}

/// Gives `lay_out` the digits of `f >= 0` rounded to `places` behind the point, and the exponent of the first.
pub fn with_fixed(f: f64, places: usize, mut lay_out: impl FnMut(&[u8], i32)) {
    if f == 0.0 {
        return lay_out(b"", 0);
    }
    if let Some(q) = quick_scaled(f, places as i32) {
        let mut text = [0; 24];
        let start = decimal_backwards(&mut text, q);
        let n = (text.len() - start) as i32;
        return lay_out(&text[start..], n - 1 - places as i32);
    }
    let mut decimal = Decimal::exact(f);
    decimal.round_to(decimal.exponent + 1 + places as i32);
    lay_out(decimal.digits(), decimal.exponent);
}

/// `f = m * 2^e` for a positive finite `f`, with an odd `m`.
fn fraction(f: f64) -> (u64, i32) {
    let bits = f.to_bits();
    let biased = (bits >> 52) as i32 & 0x7ff;
    let low = bits & ((1 << 52) - 1);
    let (m, e) = if biased == 0 {
        (low, -1074)
    } else {
        (low | 1 << 52, biased - 1075)
    };
    let twos = m.trailing_zeros().min(63);
    (m >> twos, e + twos as i32)
}

const POWERS_OF_TEN: [u64; 20] = {
    let mut powers = [1; 20];
    let mut i = 1;
    while i < 20 {
        powers[i] = powers[i - 1] * 10;
        i += 1;
    }
    powers
};

/// `f * 10^scale` rounded half to even, when this can be computed exactly in 128 bits and fits in 63.
fn quick_scaled(f: f64, scale: i32) -> Option<u64> {
    let (m, e) = fraction(f);
    let power = u128::from(*POWERS_OF_TEN.get(scale.unsigned_abs() as usize)?);
    if scale < 0 {
        // floor(f) / power, where what floor drops still decides between "half" and "more than half".
        let (whole, more) = match e {
            -63..=-1 => (m >> -e, m & ((1 << -e) - 1) != 0),
            0..=10 => (m.checked_mul(1 << e)?, false),
            _ => return None,
        };
        let power = power as u64;
        let (q, rest) = (whole / power, whole % power);
        // Powers of ten above 1 are even, so the half is whole.
        let half = power / 2;
        let up = rest > half || rest == half && (more || q & 1 == 1);
        return Some(q + u64::from(up));
    }
    let product = u128::from(m) * power;
    let q = match e {
        0..=63 if product.leading_zeros() > e as u32 => product << e,
        -120..=-1 => {
            let shift = (-e) as u32;
            let (q, rest) = (product >> shift, product & ((1 << shift) - 1));
            let half = 1 << (shift - 1);
            q + u128::from(rest > half || rest == half && q & 1 == 1)
        }
        _ => return None,
    };
    u64::try_from(q).ok().filter(|q| *q < 1 << 63)
}

/// `f` rounded to `n` digits as an integer of `n` digits, and the exponent of its first digit.
pub fn quick_significant(f: f64, n: usize) -> Option<(u64, i32)> {
    if n > 17 || !(1e-9..1e19).contains(&f) {
        return None;
    }
    let least = POWERS_OF_TEN[n - 1];
    let binary = (f.to_bits() >> 52) as i32 - 1023;
    // log10(2) is a little more than 1233/4096, so this is right or one too small.
    let mut exponent = (binary * 1233) >> 12;
    if usize::try_from(exponent + 1)
        .ok()
        .and_then(|i| POWERS_OF_TEN.get(i))
        .is_some_and(|p| f >= *p as f64)
    {
        exponent += 1;
    }
    for _ in 0..3 {
        let q = quick_scaled(f, n as i32 - 1 - exponent)?;
        if q < least {
            exponent -= 1;
        } else if q >= least.checked_mul(10)? {
            exponent += 1;
        } else {
            return Some((q, exponent));
        }
    }
    None
}

/// A decimal expansion `d0.d1d2... * 10^exponent`; digits behind the last are zeros.
pub struct Decimal {
    text: [u8; Decimal::ROOM],
    len: usize,
    /// The power of ten of the first digit.
    pub exponent: i32,
}

impl Decimal {
    /// More than the 767 significant digits a double can have.
    const ROOM: usize = 9 * Decimal::LIMBS;
    const LIMBS: usize = 90;
    const BASE: u64 = 1_000_000_000;

    /// All digits of a positive finite float.
    #[cold]
    pub fn exact(f: f64) -> Decimal {
        // m * 2^e is an integer, or m * 5^-e behind a point moved by -e places.
        let (m, e) = fraction(f);
        let mut limbs = [0_u32; Decimal::LIMBS];
        limbs[0] = (m % Self::BASE) as u32;
        limbs[1] = (m / Self::BASE) as u32;
        let mut n = 2;
        let mut left = e.unsigned_abs();
        while left > 0 {
            let step = left.min(if e > 0 { 29 } else { 12 });
            let factor = if e > 0 { 1 << step } else { 5_u64.pow(step) };
            let mut carry = 0;
            for limb in &mut limbs[..n] {
                let product = u64::from(*limb) * factor + carry;
                *limb = (product % Self::BASE) as u32;
                carry = product / Self::BASE;
            }
            if carry > 0 && n < Self::LIMBS {
                limbs[n] = carry as u32;
                n += 1;
            }
            left -= step;
        }
        while n > 1 && limbs[n - 1] == 0 {
            n -= 1;
        }
        let mut decimal = Decimal {
            text: [b'0'; Self::ROOM],
            len: 0,
            exponent: 0,
        };
        for (i, limb) in limbs[..n].iter().rev().enumerate() {
            let mut chunk = [0; 24];
            // The 1 in front keeps the zeros inside; only the first limb goes without them.
            let start = decimal_backwards(
                &mut chunk,
                u64::from(*limb) + if i > 0 { Self::BASE } else { 0 },
            );
            for digit in &chunk[start + usize::from(i > 0)..] {
                decimal.text[decimal.len] = *digit;
                decimal.len += 1;
            }
        }
        decimal.exponent = decimal.len as i32 - 1 + e.min(0);
        decimal
    }

    pub fn digits(&self) -> &[u8] {
        &self.text[..self.len]
    }

    /// Rounds to the first `keep` digits, half to even; none or a negative number of them may remain.
    pub fn round_to(&mut self, keep: i32) {
        let Ok(keep) = usize::try_from(keep) else {
            (self.len, self.exponent) = (0, 0);
            return;
        };
        if keep >= self.len {
            return;
        }
        let more = self.text[keep + 1..self.len].iter().any(|d| *d != b'0');
        let odd = keep > 0 && self.text[keep - 1] & 1 == 1;
        let up = match self.text[keep] {
            b'5' => more || odd,
            digit => digit > b'5',
        };
        self.len = keep;
        if up {
            while self.len > 0 && self.text[self.len - 1] == b'9' {
                self.len -= 1;
            }
            if self.len > 0 {
                self.text[self.len - 1] += 1;
            } else {
                self.text[0] = b'1';
                self.len = 1;
                self.exponent += 1;
            }
        } else if keep == 0 {
            self.exponent = 0;
        }
    }
}
