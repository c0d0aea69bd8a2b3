//! Values to text or bytes and back, inside the machine: numbers, `%q`, `string.pack`, `string.dump`.

use std::fmt::Write;

use cu_tests::suite;
use proptest::collection::vec;
use proptest::prelude::*;

use super::config;
use crate::machine::Machine;

#[test]
fn floats_survive_seventeen_digits() {
    proptest!(config(60), |(all in vec(any::<u64>(), 1..100))| {
        let mut program = String::from("local function check(bits)
            local x = string.unpack('d', string.pack('i8', bits))
            local y = tonumber(('%.17g'):format(x))
            assert(x ~= x or x == math.huge or x == -math.huge or x == y and math.type(y + 0.0) == 'float', ('%a'):format(x))
            local z = tonumber(('%a'):format(x))
            assert(x ~= x or x == math.huge or x == -math.huge or x == z, ('%a'):format(x))
            return ('%.14g'):format(x)
        end
        local t = {}\n");
        let mut expected = Vec::new();
        for bits in all {
            let x = f64::from_bits(bits);
            if !x.is_nan() {
                let _ = writeln!(program, "t[#t + 1] = check(0x{bits:x})");
                expected.push(general(x, 14));
            }
        }
        program.push_str("return table.concat(t, ' ')");
        prop_assert_eq!(Machine::new().run(program), Ok(expected.join(" ")));
    });
}

#[test]
fn integers_survive_their_text() {
    proptest!(config(30), |(all in vec(any::<i64>(), 1..100))| {
        let mut program = String::from("local i, n\n");
        for i in all {
            let _ = writeln!(program, "i = 0x{i:x} n = tostring(i) assert(n == '{i}' and math.type(tonumber(n)) == 'integer' and tonumber(n) == i and ('%d'):format(i) == n and tonumber(('0x%x'):format(i)) == i)");
        }
        prop_assert_eq!(Machine::new().run(program), Ok(String::new()));
    });
}

/// `%.{precision}g` of C, by way of Rust's exponents.
fn general(x: f64, precision: usize) -> String {
    if x.is_infinite() {
        return if x > 0.0 { "inf" } else { "-inf" }.into();
    }
    let scientific = format!("{:.*e}", precision - 1, x);
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or_default();
    let bare = |text: &str| match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text.to_owned(),
    };
    if exponent < -4 || exponent >= precision as i32 {
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{}e{sign}{:02}", bare(mantissa), exponent.abs());
    }
    let decimals = usize::try_from(precision as i32 - 1 - exponent).unwrap_or_default();
    bare(&format!("{x:.decimals$}"))
}

#[test]
fn quoted_values_read_back() {
    let text = vec(
        prop_oneof![
            any::<u8>(),
            Just(b'\\'),
            Just(b'\n'),
            Just(0),
            b'0'..=b'9',
            Just(b'\r'),
            Just(b'"')
        ],
        0..60,
    );
    proptest!(config(60), |(texts in vec(text, 1..30), i in any::<i64>(), bits in any::<u64>())| {
        let mut program = String::from("local function check(x)
            local y = load('return ' .. ('%q'):format(x))()
            assert(x ~= x and y ~= y or x == y and math.type(x) == math.type(y))
        end\n");
        for text in texts {
            let escaped: String = text.iter().map(|b| format!("\\{b:03}")).collect();
            let _ = writeln!(program, "check('{escaped}')");
        }
        let _ = writeln!(program, "check(0x{i:x}) check(string.unpack('d', string.pack('i8', 0x{bits:x})))");
        prop_assert_eq!(Machine::new().run(program), Ok(String::new()));
    });
}

/// A format item and a literal that fits it.
fn packed() -> impl Strategy<Value = (String, String)> {
    let signed = (1u32..=8, any::<i64>()).prop_map(|(size, i)| {
        let shift = 64 - 8 * size;
        (format!("i{size}"), format!("0x{:x}", (i << shift) >> shift))
    });
    let unsigned = (1u32..=8, any::<u64>())
        .prop_map(|(size, i)| (format!("I{size}"), format!("0x{:x}", i >> (64 - 8 * size))));
    let wide =
        (9u32..=16, any::<i64>()).prop_map(|(size, i)| (format!("i{size}"), format!("0x{i:x}")));
    let named = (
        prop::sample::select(vec!["b", "h", "i", "l", "j", "B", "H", "I", "L", "J", "T"]),
        0i64..100,
    )
        .prop_map(|(item, i)| (item.into(), i.to_string()));
    let float = (prop::sample::select(vec!["d", "n"]), -1e9..1e9)
        .prop_map(|(item, x)| (item.into(), format!("{x:?}")));
    let single = (-1000i16..1000).prop_map(|x| ("f".into(), format!("{:?}", f64::from(x) / 8.0)));
    let text = (
        prop::sample::select(vec!["z", "s", "s1", "s2", "s8"]),
        "[ -!#-&(-~]{0,20}",
    )
        .prop_map(|(item, s)| (item.into(), format!("'{}'", s.replace('\\', "/"))));
    prop_oneof![signed, unsigned, wide, named, float, single, text]
}

#[test]
fn packed_values_unpack() {
    let order = prop::sample::select(vec!["", "<", ">", "=", "!4", "<!8", ">!2"]);
    proptest!(config(150), |(order in order, items in vec(packed(), 1..12))| {
        let format: String = items.iter().map(|(item, _)| item.as_str()).collect::<Vec<_>>().join(" ");
        let values: String = items.iter().map(|(_, value)| value.as_str()).collect::<Vec<_>>().join(", ");
        // Alignment is for sizes that are powers of two.
        let odd = items.iter().any(|(item, _)| item.trim_start_matches(['i', 'I']).parse().is_ok_and(|size: u32| !size.is_power_of_two()));
        let order = if odd { "" } else { order };
        let program = format!(
            "local f, t = '{order}{format}', {{{values}}}
             local s = string.pack(f, table.unpack(t))
             local r = table.pack(string.unpack(f, s))
             assert(r.n == #t + 1 and r[r.n] == #s + 1, 'position')
             for i = 1, #t do assert(r[i] == t[i], i) end
             if not f:find('[sz]') then assert(string.packsize(f) == #s, 'size') end"
        );
        prop_assert_eq!(Machine::new().run(&program), Ok(String::new()), "{}", program);
    });
}

#[test]
fn dumped_programs_do_the_same() {
    /// Runs the chunk in the global `source` as it is, or after a dump.
    const RUN: &str = "local f = load(source, '=chunk') local ok, e = pcall(f) return ok, tostring(e):gsub('0x%x+', '')";
    let dumped = RUN.replace("pcall(f)", "pcall(load(string.dump(f), '=other', 'b'))");
    let files = suite::collect(&suite::folder()).unwrap_or_else(|e| panic!("the suite: {e}"));
    let mut n_run = 0;
    for file in files {
        if !(file.name.starts_with("lang/") || file.name.starts_with("regress/")) {
            continue;
        }
        let run = |program: &str| {
            let mut machine = Machine::new();
            machine.set_global("source", file.source.as_bytes());
            let result = machine.run(program);
            (result, machine.take_output())
        };
        let plain = run(RUN);
        if plain.0.is_ok() {
            n_run += 1;
            assert_eq!(run(&dumped), plain, "{}", file.name);
        }
    }
    assert!(n_run > 150, "only {n_run} programs were run");
}
