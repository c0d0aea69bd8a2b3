//! Number text against Rust's exact formatter and against values printed by C.

use super::*;

fn g14(f: f64) -> String {
    String::from_utf8_lossy(write_float_g14(&mut [0; 32], f)).into_owned()
}

fn float(style: FloatStyle, spec: Spec, f: f64) -> String {
    let mut text = Text::new();
    text.float(style, false, spec, f);
    String::from_utf8_lossy(text.bytes()).into_owned()
}

fn integer(style: IntegerStyle, spec: Spec, i: i64) -> String {
    let mut text = Text::new();
    text.integer(style, spec, i);
    String::from_utf8_lossy(text.bytes()).into_owned()
}

fn precise(p: usize) -> Spec {
    Spec {
        precision: Some(p),
        ..Spec::default()
    }
}

/// C's `%.{p}e` by way of Rust's, which has a bare exponent.
fn oracle_e(f: f64, p: usize) -> String {
    let text = format!("{f:.p$e}");
    let (mantissa, exponent) = text.split_once('e').unwrap();
    let exponent: i32 = exponent.parse().unwrap();
    format!(
        "{mantissa}e{}{:02}",
        if exponent < 0 { '-' } else { '+' },
        exponent.abs()
    )
}

fn oracle_g(f: f64, p: usize) -> String {
    let e = oracle_e(f, p - 1);
    let exponent: i32 = e.split_once('e').unwrap().1.parse().unwrap();
    if exponent < -4 || exponent >= p as i32 {
        let (mantissa, exponent) = e.split_once('e').unwrap();
        let mantissa = if mantissa.contains('.') {
            mantissa.trim_end_matches('0').trim_end_matches('.')
        } else {
            mantissa
        };
        format!("{mantissa}e{exponent}")
    } else {
        let text = format!("{:.*}", (p as i32 - 1 - exponent) as usize, f);
        if text.contains('.') {
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        } else {
            text
        }
    }
}

fn check(f: f64) {
    for p in [0, 1, 2, 3, 6, 13, 14, 16, 17, 20, 40, 99] {
        assert_eq!(
            float(FloatStyle::Exponent, precise(p), f),
            oracle_e(f, p),
            "%.{p}e of {f:e}"
        );
        assert_eq!(
            float(FloatStyle::Fixed, precise(p), f),
            format!("{f:.p$}"),
            "%.{p}f of {f:e}"
        );
        if p > 0 {
            assert_eq!(
                float(FloatStyle::General, precise(p), f),
                oracle_g(f, p),
                "%.{p}g of {f:e}"
            );
        }
    }
    let mut expected = oracle_g(f, 14);
    if expected.bytes().all(|b| b.is_ascii_digit() || b == b'-') {
        expected.push_str(".0");
    }
    assert_eq!(g14(f), expected, "{f:e}");
}

#[test]
fn floats_agree_with_an_exact_oracle() {
    for f in [
        0.0,
        -0.0,
        1.0,
        0.5,
        1.5,
        2.5,
        0.1,
        0.3,
        1e14,
        1e15,
        99999999999999.5,
        9.99999999999995,
        1e-4,
        9.9999e-5,
        1e22,
        1e23,
        1e100,
        f64::MAX,
        f64::MIN_POSITIVE,
        5e-324,
        123456789012345.6,
        0.000123,
        1e-9,
        1.0 / 3.0,
        2.0 / 3.0,
        9007199254740993.0,
        18446744073709551616.0,
        1e19,
        0.125,
        0.375,
        1e18,
        12345678901234567.0,
        100000000000005.0,
        1000000000000050.0,
        1000000000000150.0,
        999999999999995000.0,
    ] {
        check(f);
        check(-f);
    }
    // A fixed xorshift walk: every run sees the same doubles.
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut random = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    for _ in 0..20_000 {
        let f = f64::from_bits(random());
        if f.is_finite() {
            check(f);
        }
        // Everyday magnitudes, ties and short decimals.
        let small = (random() % 2_000_000_000) as f64;
        check(small / 8.0);
        check(small / 1000.0);
        check(small / (1 + random() % 1000) as f64);
        check(small * (random() % 1_000_000_000) as f64);
    }
}

#[test]
fn floats_look_as_c_prints_them() {
    let zero = Spec {
        zero: true,
        width: 12,
        ..Spec::default()
    };
    assert_eq!(g14(f64::INFINITY), "inf");
    assert_eq!(g14(f64::NEG_INFINITY), "-inf");
    assert_eq!(g14(f64::NAN.copysign(1.0)), "nan");
    assert_eq!(g14(f64::NAN.copysign(-1.0)), "-nan");
    assert_eq!(float(FloatStyle::Fixed, zero, -1.5), "-0001.500000");
    assert_eq!(
        float(FloatStyle::Fixed, zero, f64::NEG_INFINITY),
        "        -inf"
    );
    assert_eq!(
        float(
            FloatStyle::Fixed,
            Spec {
                plus: true,
                left: true,
                width: 12,
                ..Spec::default()
            },
            1.5
        ),
        "+1.500000   "
    );
    assert_eq!(
        float(
            FloatStyle::General,
            Spec {
                alternate: true,
                ..Spec::default()
            },
            1.0
        ),
        "1.00000"
    );
    assert_eq!(
        float(
            FloatStyle::Fixed,
            Spec {
                alternate: true,
                ..precise(0)
            },
            1.0
        ),
        "1."
    );
    assert_eq!(
        float(
            FloatStyle::Exponent,
            Spec {
                alternate: true,
                ..precise(0)
            },
            12.0
        ),
        "1.e+01"
    );
    assert_eq!(float(FloatStyle::General, precise(0), 0.0), "0");
    assert_eq!(
        float(FloatStyle::Exponent, Spec::default(), 0.0),
        "0.000000e+00"
    );
    let hex = |spec, f| float(FloatStyle::Hex, spec, f);
    assert_eq!(hex(Spec::default(), 1.0), "0x1p+0");
    assert_eq!(hex(Spec::default(), 0.0), "0x0p+0");
    assert_eq!(hex(precise(3), 0.0), "0x0.000p+0");
    assert_eq!(hex(Spec::default(), 0.1), "0x1.999999999999ap-4");
    assert_eq!(hex(Spec::default(), 5e-324), "0x0.0000000000001p-1022");
    assert_eq!(hex(precise(1), 1.96875), "0x2.0p+0");
    assert_eq!(hex(precise(0), 1.5), "0x2p+0");
    assert_eq!(hex(precise(20), 0.5), "0x1.00000000000000000000p-1");
    assert_eq!(
        hex(
            Spec {
                zero: true,
                width: 10,
                ..Spec::default()
            },
            -0.5
        ),
        "-0x0001p-1"
    );
}

#[test]
fn integers_look_as_c_prints_them() {
    let mut buf = [0; 24];
    assert_eq!(write_integer(&mut buf, i64::MIN), b"-9223372036854775808");
    assert_eq!(write_integer(&mut buf, 0), b"0");
    assert_eq!(write_integer(&mut buf, 1_000_000_000_000), b"1000000000000");
    let wide = |width| Spec {
        width,
        ..Spec::default()
    };
    assert_eq!(integer(IntegerStyle::Signed, wide(5), -42), "  -42");
    assert_eq!(
        integer(
            IntegerStyle::Signed,
            Spec {
                zero: true,
                ..wide(5)
            },
            -42
        ),
        "-0042"
    );
    assert_eq!(
        integer(
            IntegerStyle::Signed,
            Spec {
                left: true,
                ..wide(5)
            },
            42
        ),
        "42   "
    );
    assert_eq!(
        integer(
            IntegerStyle::Signed,
            Spec {
                zero: true,
                precision: Some(3),
                ..wide(6)
            },
            42
        ),
        "   042"
    );
    assert_eq!(integer(IntegerStyle::Signed, precise(0), 0), "");
    assert_eq!(
        integer(
            IntegerStyle::Hex,
            Spec {
                alternate: true,
                ..Spec::default()
            },
            255
        ),
        "0xff"
    );
    assert_eq!(
        integer(
            IntegerStyle::Hex,
            Spec {
                alternate: true,
                zero: true,
                ..wide(8)
            },
            255
        ),
        "0x0000ff"
    );
    assert_eq!(
        integer(IntegerStyle::UpperHex, Spec::default(), -1),
        "FFFFFFFFFFFFFFFF"
    );
    assert_eq!(
        integer(
            IntegerStyle::Octal,
            Spec {
                alternate: true,
                ..Spec::default()
            },
            8
        ),
        "010"
    );
    assert_eq!(
        integer(
            IntegerStyle::Octal,
            Spec {
                alternate: true,
                ..precise(0)
            },
            0
        ),
        "0"
    );
    assert_eq!(
        integer(
            IntegerStyle::Hex,
            Spec {
                alternate: true,
                ..Spec::default()
            },
            0
        ),
        "0"
    );
    assert_eq!(
        integer(IntegerStyle::Unsigned, Spec::default(), -1),
        "18446744073709551615"
    );
}
