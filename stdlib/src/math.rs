//! The `math` library, with the functions that stock builds of the reference implementation keep for
//! compatibility (`pow`, `log10`, ...).
//!
//! Random numbers are xoshiro256**; its state lives in the machine, so that a snapshot carries it.

use cu_vm::{Args, Native, NativeResult, Outcome, Slot, Thrown, Type, View, Vm, number, power};

use crate::args;

/// The functions of the library.
pub static NATIVES: [Native; 31] = [
    Native {
        name: "math.abs",
        call: abs,
    },
    Native {
        name: "math.acos",
        call: |vm, args| with_float(vm, args, f64::acos),
    },
    Native {
        name: "math.asin",
        call: |vm, args| with_float(vm, args, f64::asin),
    },
    Native {
        name: "math.atan",
        call: atan,
    },
    Native {
        name: "math.atan2",
        call: atan,
    },
    Native {
        name: "math.ceil",
        call: |vm, args| to_whole(vm, args, f64::ceil),
    },
    Native {
        name: "math.cos",
        call: |vm, args| with_float(vm, args, f64::cos),
    },
    Native {
        name: "math.cosh",
        call: |vm, args| with_float(vm, args, f64::cosh),
    },
    Native {
        name: "math.deg",
        call: |vm, args| with_float(vm, args, |x| x * (180.0 / std::f64::consts::PI)),
    },
    Native {
        name: "math.exp",
        call: |vm, args| with_float(vm, args, power::exp),
    },
    Native {
        name: "math.floor",
        call: |vm, args| to_whole(vm, args, f64::floor),
    },
    Native {
        name: "math.fmod",
        call: fmod,
    },
    Native {
        name: "math.frexp",
        call: frexp,
    },
    Native {
        name: "math.ldexp",
        call: ldexp,
    },
    Native {
        name: "math.log",
        call: log,
    },
    Native {
        name: "math.log10",
        call: |vm, args| with_float(vm, args, f64::log10),
    },
    Native {
        name: "math.max",
        call: |vm, args| extreme(vm, args, true),
    },
    Native {
        name: "math.min",
        call: |vm, args| extreme(vm, args, false),
    },
    Native {
        name: "math.modf",
        call: modf,
    },
    Native {
        name: "math.pow",
        call: pow,
    },
    Native {
        name: "math.rad",
        call: |vm, args| with_float(vm, args, |x| x * (std::f64::consts::PI / 180.0)),
    },
    Native {
        name: "math.random",
        call: random,
    },
    Native {
        name: "math.randomseed",
        call: randomseed,
    },
    Native {
        name: "math.sin",
        call: |vm, args| with_float(vm, args, f64::sin),
    },
    Native {
        name: "math.sinh",
        call: |vm, args| with_float(vm, args, f64::sinh),
    },
    Native {
        name: "math.sqrt",
        call: |vm, args| with_float(vm, args, f64::sqrt),
    },
    Native {
        name: "math.tan",
        call: |vm, args| with_float(vm, args, f64::tan),
    },
    Native {
        name: "math.tanh",
        call: |vm, args| with_float(vm, args, f64::tanh),
    },
    Native {
        name: "math.tointeger",
        call: tointeger,
    },
    Native {
        name: "math.type",
        call: type_,
    },
    Native {
        name: "math.ult",
        call: ult,
    },
];

/// Adds the constants to the library table and seeds the generator.
pub fn open_constants(vm: &mut Vm, library: Slot) -> Result<(), Thrown> {
    let value = vm.top();
    vm.push_float(std::f64::consts::PI)?;
    vm.raw_set_name(library, b"pi", value)?;
    vm.set_float(value, f64::INFINITY);
    vm.raw_set_name(library, b"huge", value)?;
    vm.set_int(value, i64::MAX);
    vm.raw_set_name(library, b"maxinteger", value)?;
    vm.set_int(value, i64::MIN);
    vm.raw_set_name(library, b"mininteger", value)?;
    vm.pop(1);
    let [n1, n2] = vm.host().entropy();
    *vm.random_state() = seeded(n1, n2);
    Ok(())
}

fn with_float(vm: &mut Vm, args: Args, f: fn(f64) -> f64) -> NativeResult {
    let x = args::number(vm, args, 0)?;
    vm.push_float(f(x))?;
    Ok(Outcome::results(1))
}

/// The integer a float stands for, if it has no fraction and is in range.
fn float_to_integer(f: f64) -> Option<i64> {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    ((-LIMIT..LIMIT).contains(&f) && f == f.trunc()).then_some(f as i64)
}

/// Pushes a whole float, as an integer when that is possible.
fn push_whole(vm: &mut Vm, f: f64) -> Result<(), Thrown> {
    match float_to_integer(f) {
        Some(i) => vm.push_int(i),
        None => vm.push_float(f),
    }
}

fn to_whole(vm: &mut Vm, args: Args, round: fn(f64) -> f64) -> NativeResult {
    if let View::Integer(i) = vm.view(args.slot(0)) {
        vm.push_int(i)?;
    } else {
        let f = args::number(vm, args, 0)?;
        push_whole(vm, round(f))?;
    }
    Ok(Outcome::results(1))
}

fn abs(vm: &mut Vm, args: Args) -> NativeResult {
    if let View::Integer(i) = vm.view(args.slot(0)) {
        vm.push_int(i.wrapping_abs())?;
    } else {
        let f = args::number(vm, args, 0)?;
        vm.push_float(f.abs())?;
    }
    Ok(Outcome::results(1))
}

fn atan(vm: &mut Vm, args: Args) -> NativeResult {
    let y = args::number(vm, args, 0)?;
    let x = if vm.is_none_or_nil(args.slot(1)) {
        1.0
    } else {
        args::number(vm, args, 1)?
    };
    vm.push_float(y.atan2(x))?;
    Ok(Outcome::results(1))
}

fn fmod(vm: &mut Vm, args: Args) -> NativeResult {
    if let (View::Integer(a), View::Integer(b)) = (vm.view(args.slot(0)), vm.view(args.slot(1))) {
        if b == 0 {
            return Err(vm.arg_error(args, 1, &[b"zero"]));
        }
        vm.push_int(a.wrapping_rem(b))?;
    } else {
        // The reference implementation looks at the second first.
        let b = args::number(vm, args, 1)?;
        let a = args::number(vm, args, 0)?;
        vm.push_float(cu_vm::number::remainder(a, b))?;
    }
    Ok(Outcome::results(1))
}

fn modf(vm: &mut Vm, args: Args) -> NativeResult {
    if let View::Integer(i) = vm.view(args.slot(0)) {
        vm.push_int(i)?;
        vm.push_float(0.0)?;
    } else {
        let f = args::number(vm, args, 0)?;
        let whole = if f < 0.0 { f.ceil() } else { f.floor() };
        push_whole(vm, whole)?;
        // Infinities have no fraction, though their difference is no number.
        vm.push_float(if f == whole { 0.0 } else { f - whole })?;
    }
    Ok(Outcome::results(2))
}

fn log(vm: &mut Vm, args: Args) -> NativeResult {
    let x = args::number(vm, args, 0)?;
    let result = if vm.is_none_or_nil(args.slot(1)) {
        x.ln()
    } else {
        let base = args::number(vm, args, 1)?;
        if base == 2.0 {
            x.log2()
        } else if base == 10.0 {
            x.log10()
        } else {
            x.ln() / base.ln()
        }
    };
    vm.push_float(result)?;
    Ok(Outcome::results(1))
}

fn pow(vm: &mut Vm, args: Args) -> NativeResult {
    let x = args::number(vm, args, 0)?;
    let y = args::number(vm, args, 1)?;
    vm.push_float(number::float_pow(x, y))?;
    Ok(Outcome::results(1))
}

fn frexp(vm: &mut Vm, args: Args) -> NativeResult {
    let f = args::number(vm, args, 0)?;
    let (mantissa, exponent) = split(f);
    vm.push_float(mantissa)?;
    vm.push_int(exponent)?;
    Ok(Outcome::results(2))
}

/// `f = mantissa * 2^exponent` with a mantissa in [0.5, 1), or `f` itself when there is no such thing.
fn split(f: f64) -> (f64, i64) {
    if f == 0.0 || !f.is_finite() {
        return (f, 0);
    }
    // Subnormal numbers are scaled up first.
    let (f, scaled) = if f.is_normal() {
        (f, 0)
    } else {
        (f * 2_f64.powi(64), 64)
    };
    let bits = f.to_bits();
    let exponent = (bits >> 52 & 0x7ff) as i64 - 1022;
    (
        f64::from_bits(bits & !(0x7ff << 52) | 1022 << 52),
        exponent - scaled,
    )
}

fn ldexp(vm: &mut Vm, args: Args) -> NativeResult {
    let f = args::number(vm, args, 0)?;
    // The exponent is an `int` of C: only its low bits count.
    let exponent = args::int(vm, args, 1)? as i32;
    vm.push_float(scale(f, i64::from(exponent)))?;
    Ok(Outcome::results(1))
}

/// `f * 2^exponent`, rounded once.
fn scale(f: f64, exponent: i64) -> f64 {
    let (mantissa, own) = split(f);
    if mantissa == 0.0 || !mantissa.is_finite() {
        return f;
    }
    let exponent = exponent.saturating_add(own).clamp(-1200, 1100) as i32;
    if exponent >= -1020 {
        // Both factors are representable and the product is exact or infinite.
        mantissa
            * 2.0
            * 2_f64.powi((exponent - 1).min(1023))
            * if exponent > 1024 { 2.0 } else { 1.0 }
    } else {
        // Below the normal numbers only the last step rounds.
        mantissa * 2_f64.powi(-1000) * 2_f64.powi((exponent + 1000).max(-1020))
    }
}

/// The largest or the smallest argument, itself.
fn extreme(vm: &mut Vm, args: Args, largest: bool) -> NativeResult {
    if args.is_empty() {
        return Err(vm.arg_error(args, 0, &[b"value expected"]));
    }
    let mut best = args.slot(0);
    for i in 1..args.len() {
        let slot = args.slot(i);
        let better = match (vm.view(slot), vm.view(best)) {
            (View::Integer(a), View::Integer(b)) if largest => a > b,
            (View::Integer(a), View::Integer(b)) => a < b,
            (View::Float(a), View::Float(b)) if largest => a > b,
            (View::Float(a), View::Float(b)) => a < b,
            _ if largest => vm.less_than(best, slot)?,
            _ => vm.less_than(slot, best)?,
        };
        if better {
            best = slot;
        }
    }
    vm.charge(u64::from(args.len()) / 4)?;
    vm.push_slot(best)?;
    Ok(Outcome::results(1))
}

fn tointeger(vm: &mut Vm, args: Args) -> NativeResult {
    match vm.to_integer(args.slot(0)) {
        Some(i) => vm.push_int(i)?,
        None => {
            args::any(vm, args, 0)?;
            vm.push_nil()?;
        }
    }
    Ok(Outcome::results(1))
}

fn type_(vm: &mut Vm, args: Args) -> NativeResult {
    let slot = args::any(vm, args, 0)?;
    match vm.type_of(slot) {
        Type::Number if vm.is_integer(slot) => vm.push_bytes(b"integer")?,
        Type::Number => vm.push_bytes(b"float")?,
        _ => vm.push_nil()?,
    }
    Ok(Outcome::results(1))
}

fn ult(vm: &mut Vm, args: Args) -> NativeResult {
    let a = args::int(vm, args, 0)?;
    let b = args::int(vm, args, 1)?;
    vm.push_bool((a as u64) < b as u64)?;
    Ok(Outcome::results(1))
}

// ---- random numbers ------------------------------------------------------------------------------

/// The next 64 bits of xoshiro256**.
fn next_random(state: &mut [u64; 4]) -> u64 {
    let [s0, s1, s2, s3] = *state;
    let result = s1.wrapping_mul(5).rotate_left(7).wrapping_mul(9);
    let s2 = s2 ^ s0;
    let s3 = s3 ^ s1;
    *state = [s0 ^ s3, s1 ^ s2, s2 ^ s1 << 17, s3.rotate_left(45)];
    result
}

/// The state for these two seeds. The first numbers are thrown away to spread the seeds over the state.
fn seeded(n1: u64, n2: u64) -> [u64; 4] {
    let mut state = [n1, 0xff, n2, 0];
    for _ in 0..16 {
        next_random(&mut state);
    }
    state
}

/// A number in `0..=most`, each as likely as the others: masks to a power of two and tries again if too large.
fn project(mut random: u64, most: u64, state: &mut [u64; 4]) -> u64 {
    let mask = u64::MAX.checked_shr(most.leading_zeros()).unwrap_or(0);
    loop {
        random &= mask;
        if random <= most {
            return random;
        }
        random = next_random(state);
    }
}

fn random(vm: &mut Vm, args: Args) -> NativeResult {
    let random = next_random(vm.random_state());
    let (low, high) = match args.len() {
        0 => {
            vm.push_float((random >> 11) as f64 / (1_u64 << 53) as f64)?;
            return Ok(Outcome::results(1));
        }
        1 => match args::int(vm, args, 0)? {
            0 => {
                vm.push_int(random as i64)?;
                return Ok(Outcome::results(1));
            }
            high => (1, high),
        },
        2 => (args::int(vm, args, 0)?, args::int(vm, args, 1)?),
        _ => return Err(vm.error(&[b"wrong number of arguments"])),
    };
    if low > high {
        return Err(vm.arg_error(args, 0, &[b"interval is empty"]));
    }
    let most = (high as u64).wrapping_sub(low as u64);
    let projected = project(random, most, vm.random_state());
    vm.push_int((low as u64).wrapping_add(projected) as i64)?;
    Ok(Outcome::results(1))
}

/// Seeds the generator as `math.randomseed(first, second)` does.
pub fn seed(vm: &mut Vm, first: u64, second: u64) {
    *vm.random_state() = seeded(first, second);
}

fn randomseed(vm: &mut Vm, args: Args) -> NativeResult {
    let (n1, n2) = if args.is_empty() {
        let [n1, n2] = vm.host().entropy();
        (n1, n2)
    } else {
        let n1 = match vm.view(args.slot(0)) {
            View::Integer(i) => i as u64,
            // A float that is no integer gives its bits.
            View::Float(f) => float_to_integer(f).map_or(f.to_bits(), |i| i as u64),
            _ => args::int(vm, args, 0)? as u64,
        };
        (n1, args::opt_int(vm, args, 1, 0)? as u64)
    };
    *vm.random_state() = seeded(n1, n2);
    vm.push_int(n1 as i64)?;
    vm.push_int(n2 as i64)?;
    Ok(Outcome::results(2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_generator_is_the_reference_one() {
        assert_eq!(next_random(&mut seeded(1007, 0)), 0x7a70_40a5_a323_c9d6);
        assert_eq!(next_random(&mut seeded(12, 3)), 5_062_299_542_391_662_021);
        // random(), random(10), random(-5, 5), random(mininteger, maxinteger) after one number of seed 1007.
        let mut state = seeded(1007, 0);
        next_random(&mut state);
        assert!(
            ((next_random(&mut state) >> 11) as f64 / (1_u64 << 53) as f64 - 0.736_533_311_375_5)
                .abs()
                < 1e-13
        );
        let first = next_random(&mut state);
        assert_eq!(1 + project(first, 9, &mut state), 3);
        let second = next_random(&mut state);
        assert_eq!(project(second, 10, &mut state) as i64 - 5, 3);
        let third = next_random(&mut state);
        assert_eq!(
            project(third, u64::MAX, &mut state).wrapping_add(1 << 63) as i64,
            -6_190_990_248_906_669_446
        );
    }

    #[test]
    fn splitting_and_scaling_are_inverse() {
        for f in [
            1.0,
            -0.75,
            3.5,
            1e300,
            5e-324,
            2.5e-310,
            f64::MAX,
            f64::MIN_POSITIVE,
        ] {
            let (mantissa, exponent) = split(f);
            assert!((0.5..1.0).contains(&mantissa.abs()));
            assert_eq!(scale(mantissa, exponent), f);
        }
        assert_eq!(scale(1.0, 2000), f64::INFINITY);
        assert_eq!(scale(1.0, -2000), 0.0);
        assert_eq!(scale(1.0, 1023), 2_f64.powi(1023));
        assert_eq!(scale(0.5, 1024), 2_f64.powi(1023));
        assert_eq!(scale(5e-324, 1074), 1.0);
        assert_eq!(scale(1.5, -1074), 1e-323);
        assert_eq!(scale(1.0, -1075), 0.0);
        assert_eq!(scale(0.0, i64::MIN), 0.0);
        assert_eq!(scale(-1.0, i64::MAX), f64::NEG_INFINITY);
    }

    #[test]
    fn only_whole_floats_in_range_are_integers() {
        assert_eq!(
            float_to_integer(-9_223_372_036_854_775_808.0),
            Some(i64::MIN)
        );
        assert_eq!(float_to_integer(9_223_372_036_854_775_808.0), None);
        assert_eq!(float_to_integer(-0.0), Some(0));
        assert_eq!(float_to_integer(0.5), None);
        assert_eq!(float_to_integer(f64::NAN), None);
    }
}
