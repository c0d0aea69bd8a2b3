//! `os.date`: a time as a table, or as text by the conversions of C99's `strftime` in the C locale.

use cu_vm::{Args, LocalZone, NativeResult, Outcome, Slot, Thrown, Vm};

use super::calendar::{Date, date_at};
use crate::answer;
use crate::args::{self, append, build, copy_out};

const DAYS: [&str; 7] = [
    "Sunday",
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
];

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// Conversions without a modifier, after `E`, and after `O`; the C locale has no alternative forms, so modifiers
/// change nothing.
const PLAIN: &[u8] = b"aAbBcCdDeFgGhHIjmMnprRStTuUVwWxXyYzZ%";
const AFTER_E: &[u8] = b"cCxXyY";
const AFTER_O: &[u8] = b"deHImMSuUVwWy";

/// `os.date([format [, time]])`
pub fn date(vm: &mut Vm, args: Args) -> NativeResult {
    let format = match args::opt_string(vm, args, 0)? {
        Some(slot) => copy_out(vm, slot)?,
        None => b"%c".to_vec(),
    };
    let answer = formatted(vm, args, &format);
    vm.drop_buffer(format);
    answer
}

fn formatted(vm: &mut Vm, args: Args, format: &[u8]) -> NativeResult {
    let time = if vm.is_none_or_nil(args.slot(1)) {
        vm.host().now()
    } else {
        args::int(vm, args, 1)?
    };
    let (zone, format) = match format.strip_prefix(b"!") {
        Some(rest) => {
            let zone = LocalZone {
                offset: 0,
                is_dst: false,
                name: "GMT".to_owned(),
            };
            (zone, rest)
        }
        None => (vm.host().local_zone(time), format),
    };
    let date = time.checked_add(i64::from(zone.offset)).and_then(date_at);
    let Some(date) = date else {
        return Err(vm.error(&[b"date result cannot be represented in this installation"]));
    };
    // The test for "*t" stops at a zero byte, as C's comparison does.
    if format.get(..answer::c_len(format)) == Some(b"*t") {
        let table = vm.top();
        vm.push_table(0, 9)?;
        set_fields(vm, table, &date, Some(zone.is_dst))?;
        return Ok(Outcome::results(1));
    }
    build(vm, |vm, buffer| {
        let mut rest = format;
        while let Some(percent) = memchr::memchr(b'%', rest) {
            append(vm, buffer, rest.get(..percent).unwrap_or_default())?;
            let spec = rest.get(percent + 1..).unwrap_or_default();
            let Some((conversion, len)) = conversion(spec) else {
                let shown = spec.get(..answer::c_len(spec)).unwrap_or_default();
                return Err(vm.arg_error(
                    args,
                    0,
                    &[b"invalid conversion specifier '%", shown, b"'"],
                ));
            };
            vm.charge(4)?;
            // No conversion gives more than this: a name of a zone, or two dates of long years.
            vm.reserve(buffer, 128 + zone.name.len())?;
            convert(buffer, conversion, &date, &zone);
            rest = spec.get(len..).unwrap_or_default();
        }
        append(vm, buffer, rest)
    })?;
    Ok(Outcome::results(1))
}

/// The conversion that `spec` begins with, and how long it is written.
fn conversion(spec: &[u8]) -> Option<(u8, usize)> {
    let (first, second) = (spec.first()?, spec.get(1));
    match (first, second) {
        (b'E', Some(c)) if AFTER_E.contains(c) => Some((*c, 2)),
        (b'O', Some(c)) if AFTER_O.contains(c) => Some((*c, 2)),
        (c, _) if PLAIN.contains(c) => Some((*c, 1)),
        _ => None,
    }
}

/// Sets the fields of a date table, obeying metamethods, as `os.time` must on tables of programs.
pub fn set_fields(
    vm: &mut Vm,
    table: Slot,
    date: &Date,
    is_dst: Option<bool>,
) -> Result<(), Thrown> {
    let fields: [(&[u8], i64); 8] = [
        (b"year", date.year),
        (b"month", date.month),
        (b"day", date.day),
        (b"hour", date.hour),
        (b"min", date.min),
        (b"sec", date.sec),
        (b"yday", date.yearday + 1),
        (b"wday", date.weekday + 1),
    ];
    let value = vm.top();
    for (name, number) in fields {
        vm.push_int(number)?;
        vm.set_name(table, name, value)?;
        vm.pop(1);
    }
    if let Some(is_dst) = is_dst {
        vm.push_bool(is_dst)?;
        vm.set_name(table, b"isdst", value)?;
        vm.pop(1);
    }
    Ok(())
}

/// Appends what a conversion stands for.
fn convert(out: &mut Vec<u8>, conversion: u8, date: &Date, zone: &LocalZone) {
    let hour_of_12 = match date.hour % 12 {
        0 => 12,
        hour => hour,
    };
    match conversion {
        b'a' => out.extend_from_slice(short(name(&DAYS, date.weekday))),
        b'A' => out.extend_from_slice(name(&DAYS, date.weekday)),
        b'b' | b'h' => out.extend_from_slice(short(name(&MONTHS, date.month - 1))),
        b'B' => out.extend_from_slice(name(&MONTHS, date.month - 1)),
        b'c' => convert_all(out, b"a b e T Y", date, zone),
        b'C' => number(out, date.year.div_euclid(100), 1, b'0'),
        b'd' => number(out, date.day, 2, b'0'),
        b'D' | b'x' => convert_all(out, b"m/d/y", date, zone),
        b'e' => number(out, date.day, 2, b' '),
        b'F' => convert_all(out, b"Y-m-d", date, zone),
        b'g' => number(out, date.iso_week().0.rem_euclid(100), 2, b'0'),
        b'G' => number(out, date.iso_week().0, 1, b'0'),
        b'H' => number(out, date.hour, 2, b'0'),
        b'I' => number(out, hour_of_12, 2, b'0'),
        b'j' => number(out, date.yearday + 1, 3, b'0'),
        b'm' => number(out, date.month, 2, b'0'),
        b'M' => number(out, date.min, 2, b'0'),
        b'n' => out.push(b'\n'),
        b'p' => out.extend_from_slice(if date.hour < 12 { b"AM" } else { b"PM" }),
        b'r' => convert_all(out, b"I:M:S p", date, zone),
        b'R' => convert_all(out, b"H:M", date, zone),
        b'S' => number(out, date.sec, 2, b'0'),
        b't' => out.push(b'\t'),
        b'T' | b'X' => convert_all(out, b"H:M:S", date, zone),
        b'u' => number(out, (date.weekday + 6) % 7 + 1, 1, b'0'),
        b'U' => number(out, date.week_from_sunday(), 2, b'0'),
        b'V' => number(out, date.iso_week().1, 2, b'0'),
        b'w' => number(out, date.weekday, 1, b'0'),
        b'W' => number(out, date.week_from_monday(), 2, b'0'),
        b'y' => number(out, date.year.rem_euclid(100), 2, b'0'),
        b'Y' => number(out, date.year, 1, b'0'),
        b'z' => {
            let minutes = i64::from(zone.offset) / 60;
            out.push(if minutes < 0 { b'-' } else { b'+' });
            let minutes = minutes.abs();
            number(out, minutes / 60 * 100 + minutes % 60, 4, b'0');
        }
        b'Z' => out.extend_from_slice(zone.name.as_bytes()),
        other => out.push(other),
    }
}

/// Appends several conversions, written without `%`; what is no letter stands for itself.
fn convert_all(out: &mut Vec<u8>, conversions: &[u8], date: &Date, zone: &LocalZone) {
    for &conversion in conversions {
        if conversion.is_ascii_alphabetic() {
            convert(out, conversion, date, zone);
        } else {
            out.push(conversion);
        }
    }
}

fn name<'n>(names: &[&'n str], i: i64) -> &'n [u8] {
    let name = usize::try_from(i).ok().and_then(|i| names.get(i));
    name.map_or(b"?", |name| name.as_bytes())
}

fn short(name: &[u8]) -> &[u8] {
    name.get(..3).unwrap_or(name)
}

/// Appends a number, filled up in front to `width`.
fn number(out: &mut Vec<u8>, n: i64, width: usize, fill: u8) {
    let mut digits = [0; 24];
    let text = cu_vm::number_text::write_integer(&mut digits, n);
    for _ in text.len()..width {
        out.push(fill);
    }
    out.extend_from_slice(text);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_dates_fit_what_is_reserved() {
        let zone = LocalZone {
            offset: 0,
            is_dst: false,
            name: String::new(),
        };
        for time in [-67_768_040_609_740_800, 67_768_036_191_676_799] {
            let date = date_at(time).unwrap();
            for &c in PLAIN {
                let mut out = Vec::new();
                convert(&mut out, c, &date, &zone);
                assert!(out.len() <= 128);
            }
        }
    }

    #[test]
    fn modifiers_go_with_some_conversions_only() {
        assert_eq!(conversion(b"Ex"), Some((b'x', 2)));
        assert_eq!(conversion(b"Oy!"), Some((b'y', 2)));
        for bad in [&b""[..], b"E", b"O", b"Ez", b"Oc", b"9", b"Q"] {
            assert_eq!(conversion(bad), None);
        }
    }
}
