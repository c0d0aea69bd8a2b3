//! Big integers: the module against Rust's 128-bit integers, and against the crate it is made of where these end.

use std::fmt::Write;

use num_bigint::{BigInt, Sign};
use proptest::collection::vec;
use proptest::prelude::*;

use super::config;
use crate::machine::Machine;

/// What every program here begins with: results are collected in `t`.
const PRELUDE: &str = "local big, t = require 'bigint', {}
    local function put(...) for i = 1, select('#', ...) do t[#t + 1] = tostring((select(i, ...))) end end
    local a, b\n";

/// Numbers around which carries and signs change.
fn edge() -> impl Strategy<Value = i128> {
    let edges = [
        0,
        1,
        i128::from(i32::MAX),
        i128::from(u32::MAX),
        i128::from(i64::MAX),
        i128::from(i64::MIN),
        i128::from(u64::MAX),
        1 << 96,
    ];
    let near = (prop::sample::select(edges.to_vec()), -2..=2i128);
    let near = near.prop_map(|(edge, by)| edge + by);
    let sized = (any::<i128>(), 0..127u32).prop_map(|(n, shift)| n >> shift.max(1));
    (prop_oneof![near, sized], any::<bool>()).prop_map(|(n, negate)| if negate { -n } else { n })
}

/// Numbers of any length up to 4,000 bits.
fn long() -> impl Strategy<Value = BigInt> {
    (any::<bool>(), vec(any::<u32>(), 0..125)).prop_map(|(negative, digits)| {
        BigInt::from_slice(if negative { Sign::Minus } else { Sign::Plus }, &digits)
    })
}

#[test]
fn short_ones_agree_with_128_bits() {
    proptest!(config(40), |(pairs in vec((edge(), edge()), 1..80))| {
        let mut program = String::from(PRELUDE);
        let mut expected: Vec<String> = Vec::new();
        for (a, b) in pairs {
            let _ = writeln!(program, "a, b = big.new('{a}'), big.new('{b}') put(a + b, a - b, a:compare(b), a < b, a == b, -a)");
            let (order, less) = (a.cmp(&b) as i32, a < b);
            expected.extend([(a + b).to_string(), (a - b).to_string(), order.to_string()]);
            expected.extend([less.to_string(), (a == b).to_string(), (-a).to_string()]);
            if b != 0 {
                program.push_str("put(a / b, a % b, a // b)\n");
                let floor = if a % b != 0 && (a < 0) != (b < 0) { a / b - 1 } else { a / b };
                expected.extend([(a / b).to_string(), (a % b).to_string(), floor.to_string()]);
            }
            if let Some(product) = a.checked_mul(b) {
                program.push_str("put(a * b)\n");
                expected.push(product.to_string());
            }
            if let Ok(small) = i64::try_from(a) {
                let _ = writeln!(program, "put(a:tointeger(), a < {small} + 0.5, a:compare({}))", i64::try_from(b).map_or("0/0".to_owned(), |b| format!("math.tointeger('{b}')")));
                let order = i64::try_from(b).map(|b| small.cmp(&b) as i32);
                // The sum is a float, which may be rounded below.
                let above = (small as f64 + 0.5) > small as f64 || i128::from(small) < (small as f64) as i128;
                expected.extend([small.to_string(), above.to_string(), order.map_or("nil".to_owned(), |o| o.to_string())]);
            }
        }
        program.push_str("return table.concat(t, ' ')");
        prop_assert_eq!(Machine::new().run(program), Ok(expected.join(" ")));
    });
}

#[test]
fn long_ones_agree_with_the_crate() {
    proptest!(config(40), |(pairs in vec((long(), long(), 2..=36u32), 1..20))| {
        let mut program = String::from(PRELUDE);
        let mut expected: Vec<String> = Vec::new();
        for (a, b, base) in pairs {
            let _ = writeln!(program, "a, b = big.new('{a}'), big.new('{}', {base}) put(a + b, a - b, a * b, a:tostring({base}), a < b)", b.to_str_radix(base));
            expected.extend([&a + &b, &a - &b, &a * &b].map(|n| n.to_string()));
            expected.extend([a.to_str_radix(base), (a < b).to_string()]);
            if b.sign() != Sign::NoSign {
                program.push_str("put(a / b, a % b) assert((a // b) * b <= a == (b > 0) or (a // b) * b == a)\n");
                expected.extend([&a / &b, &a % &b].map(|n| n.to_string()));
            }
        }
        program.push_str("return table.concat(t, ' ')");
        prop_assert_eq!(Machine::new().run(program), Ok(expected.join(" ")));
    });
}

#[test]
fn floats_are_compared_exactly() {
    proptest!(config(40), |(all in vec((any::<u64>(), any::<u32>()), 1..60))| {
        let mut program = String::from(PRELUDE);
        for (bits, by) in all {
            // The integral part of the float, exactly, by way of its decimal digits.
            let _ = writeln!(program, "do
                local f = string.unpack('d', string.pack('I8', 0x{bits:x}))
                local whole = f // 1
                if f == f and f ~= math.huge and f ~= -math.huge then
                    local digits = ('%.0f'):format(whole)
                    local n = big.new(digits)
                    assert(n <= f and not (n > f) and n + big.new(1) > f)
                    assert((n < f) == (whole < f) and (n >= f) == (whole == f) and (f < n) == false)
                    assert(big.compare(n, f) == (whole < f and -1 or 0) and big.compare(f, n) == (whole < f and 1 or 0))
                    assert(n + big.new({by}) >= whole and n - big.new({by}) <= whole)
                    if math.abs(whole) >= 2^53 then assert(n:tonumber() == whole) end
                else
                    assert((big.new(5) < f) == (5 < f) and (big.new(-5) > f) == (-5 > f))
                end
            end");
        }
        prop_assert_eq!(Machine::new().run(program), Ok(String::new()));
    });
}
