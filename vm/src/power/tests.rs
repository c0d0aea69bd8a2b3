//! Powers and exponentials against known results, exact ones and those of the system.

use super::*;

#[test]
fn special_cases_are_those_of_c() {
    let (inf, nan) = (f64::INFINITY, f64::NAN);
    let min = 5e-324;
    for (x, y, expected) in [
        (0.0, 0.0, 1.0),
        (nan, 0.0, 1.0),
        (1.0, nan, 1.0),
        (1.0, inf, 1.0),
        (-1.0, inf, 1.0),
        (-1.0, -inf, 1.0),
        (0.5, inf, 0.0),
        (0.5, -inf, inf),
        (-2.0, inf, inf),
        (2.0, -inf, 0.0),
        (0.0, 3.0, 0.0),
        (-0.0, 3.0, -0.0),
        (-0.0, 2.0, 0.0),
        (0.0, -3.0, inf),
        (-0.0, -3.0, -inf),
        (-0.0, -2.0, inf),
        (-0.0, 0.5, 0.0),
        (-0.0, -0.5, inf),
        (inf, 0.1, inf),
        (inf, -0.1, 0.0),
        (-inf, 3.0, -inf),
        (-inf, 2.0, inf),
        (-inf, 0.5, inf),
        (-inf, -3.0, -0.0),
        (-inf, -2.0, 0.0),
        (-2.0, 3.0, -8.0),
        (-2.0, -1074.0, min),
        (-2.0, 1e300, inf),
        (-1.0, 9_007_199_254_740_993.0, 1.0),
        (-1.0, 9_007_199_254_740_991.0, -1.0),
        (1.0 - f64::EPSILON / 2.0, 1e300, 0.0),
        (1.0 + f64::EPSILON, 1e300, inf),
        (1.0 + f64::EPSILON, -1e300, 0.0),
        (7.0, 1e-300, 1.0),
        (min, -1e-25, 1.0),
        (2.0, 1023.5, 1.2711610061536464e308),
        (2.0, 1024.0, inf),
        (2.0, -1074.0, min),
        (2.0, -1074.9, min),
        (2.0, -1075.1, 0.0),
        (min, 1.0, min),
        (min, -1.0, inf),
        (f64::MAX, 1.0, f64::MAX),
        (f64::MIN_POSITIVE, 1.0, f64::MIN_POSITIVE),
    ] {
        assert_eq!(pow(x, y).to_bits(), f64::to_bits(expected), "{x} ^ {y}");
    }
    assert!(pow(-8.0, 1.0 / 3.0).is_nan());
    assert!(pow(nan, 1.0).is_nan());
    assert!(pow(2.0, nan).is_nan());
    for (x, expected) in [
        (0.0, 1.0),
        (-0.0, 1.0),
        (1.0, std::f64::consts::E),
        (inf, inf),
        (-inf, 0.0),
        (709.782712893384, f64::MAX),
        (709.7827128933841, inf),
        (-745.1332191019411, min),
        (-745.1332191019412, 0.0),
        (1e-300, 1.0),
    ] {
        let got = exp(x);
        let near = got == expected || (got / expected - 1.0).abs() < 2e-13;
        assert!(near, "exp({x}) = {got}, not {expected}");
    }
    assert!(exp(nan).is_nan());
}

fn units_apart(a: f64, b: f64) -> u64 {
    (a.to_bits() as i64).abs_diff(b.to_bits() as i64)
}

#[test]
fn powers_of_small_floats_are_exact_where_they_can_be() {
    for n in 1..1000_u32 {
        let x = f64::from(n) / 16.0;
        assert_eq!(pow(x, 1.0), x);
        assert_eq!(pow(x, 2.0), x * x);
        assert_eq!(pow(x * x, 0.5), x);
        assert_eq!(pow(x * x, 1.5), x * x * x);
        assert_eq!(pow(x, 3.0), x * x * x);
        assert_eq!(pow(f64::from(n).powi(4), 0.25), f64::from(n));
    }
    for n in -1074..1024 {
        let power = pow(2.0, f64::from(n));
        assert_eq!(power, 2_f64.powi(n / 2) * 2_f64.powi(n - n / 2), "2 ^ {n}");
        assert_eq!(pow(0.5, f64::from(-n)), power);
    }
}

/// A generator of floats that are spread over all magnitudes.
struct Floats(u64);

impl Floats {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn between(&mut self, least: f64, most: f64) -> f64 {
        least + (most - least) * (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// Powers and exponentials computed with 60 digits and rounded once: nearly all results are the nearest floats.
#[test]
fn results_are_the_nearest_floats() {
    for (x, y, expected) in POWERS {
        assert!(
            units_apart(pow(x, y), expected) == 0,
            "{x} ^ {y}: {}",
            pow(x, y)
        );
    }
    for (x, expected) in EXPONENTIALS {
        assert!(units_apart(exp(x), expected) == 0, "exp({x}): {}", exp(x));
    }
}

/// The system's functions are within a unit or so of the truth, and so are ours: that bounds the distance.
#[test]
fn results_are_near_those_of_the_system() {
    let mut floats = Floats(0x9e37_79b9_7f4a_7c15);
    for _ in 0..200_000 {
        let x = floats.between(-700.0, 700.0).exp();
        let y = floats.between(-1.2, 1.2) * 745.0 / x.ln();
        let (got, expected) = (pow(x, y), x.powf(y));
        assert!(
            units_apart(got, expected) <= 1,
            "{x:e} ^ {y:e}: {got:e}, {expected:e}"
        );
        let x = floats.between(0.5, 2.0);
        let y = floats.between(-400.0, 400.0);
        let (got, expected) = (pow(x, y), x.powf(y));
        assert!(
            units_apart(got, expected) <= 1,
            "{x:e} ^ {y:e}: {got:e}, {expected:e}"
        );
        let x = floats.between(-746.0, 710.0);
        let (got, expected) = (exp(x), x.exp());
        assert!(
            units_apart(got, expected) <= 1,
            "exp({x:e}): {got:e}, {expected:e}"
        );
    }
}

const POWERS: [(f64, f64, f64); 17] = [
    (1.05, 10.0, 1.628894626777442),
    (1.05, -12.0, 0.5568374181775593),
    (0.1, 2.5, 0.00316227766016838),
    (10.0, -3.0, 0.001),
    (10.0, 0.3, 1.9952623149688795),
    (2.0, 0.1, 1.0717734625362931),
    (3.0, -0.5, 0.5773502691896257),
    (1e-05, 3.3, 3.162277660168387e-17),
    (123456.789, 1.7, 452455072.1986059),
    (0.999999, 123456.0, 0.8838604756897298),
    (1.0000001, 1000000000.0, 2.6881038582144647e+43),
    (7.5, 350.25, 3.091772307397505e+306),
    (0.3, -500.5, 5.021251943192514e+261),
    (1e+300, -1.05, 1e-315),
    (1.5, -1770.0, 2.081955638257e-312),
    (0.9, 7000.0, 4.985e-321),
    (2.5, -805.7, 2.396e-321),
];

const EXPONENTIALS: [(f64, f64); 16] = [
    (1.0, std::f64::consts::E),
    (-1.0, 0.36787944117144233),
    (0.5, 1.6487212707001282),
    (0.1, 1.1051709180756477),
    (1e-05, 1.00001000005),
    (-1e-10, 0.9999999999),
    (10.0, 22026.465794806718),
    (-20.5, 1.2501528663867426e-09),
    (100.25, 3.451610733125924e+43),
    (-300.125, 4.543270750163927e-131),
    (700.5, 1.6721859620674984e+304),
    (709.5, 1.3549863193146328e+308),
    (-700.25, 7.678723813110872e-305),
    (-708.5, 2.006132305331306e-308),
    (-720.75, 9.599578585e-314),
    (-744.0, 1e-323),
];
