//! `os.time`: now, or the time that a date table stands for.
//!
//! As C's `mktime` does it, fields may be out of range, the table is brought into range in place, and `isdst` says
//! whether the time is meant as daylight saving time.

use cu_vm::{Args, LocalZone, NativeResult, Outcome, Slot, Thrown, Vm};

use super::calendar::{DAY, date_at, time_of};
use super::date::set_fields;
use crate::args;

/// `os.time([table])`
pub fn time(vm: &mut Vm, args: Args) -> NativeResult {
    if vm.is_none_or_nil(args.slot(0)) {
        let now = vm.host().now();
        vm.push_int(now)?;
        return Ok(Outcome::results(1));
    }
    let table = args::table(vm, args, 0)?;
    vm.set_top(table.offset(1))?;
    let year = field(vm, table, "year", None, 1900)?;
    let month = field(vm, table, "month", None, 1)?;
    let day = field(vm, table, "day", None, 0)?;
    let hour = field(vm, table, "hour", Some(12), 0)?;
    let min = field(vm, table, "min", Some(0), 0)?;
    let sec = field(vm, table, "sec", Some(0), 0)?;
    let value = vm.top();
    vm.get_name(table, b"isdst")?;
    let is_dst = (!vm.is_none_or_nil(value)).then(|| vm.truthy(value));
    vm.pop(1);
    let local = time_of(year + 1900, month + 1, day, hour, min, sec);
    let (time, zone) = from_local(vm, local, is_dst);
    // As in C the answer -1 cannot be told from an error.
    let date = if time == -1 {
        None
    } else {
        date_at(time.saturating_add(i64::from(zone.offset)))
    };
    let Some(date) = date else {
        return Err(vm.error(&[b"time result cannot be represented in this installation"]));
    };
    set_fields(vm, table, &date, Some(zone.is_dst))?;
    vm.push_int(time)?;
    Ok(Outcome::results(1))
}

/// A field as C keeps it: an `int`, with `delta` taken off.
fn field(
    vm: &mut Vm,
    table: Slot,
    name: &str,
    default: Option<i64>,
    delta: i64,
) -> Result<i64, Thrown> {
    let value = vm.top();
    vm.get_name(table, name.as_bytes())?;
    let (number, is_nil) = (vm.to_integer(value), vm.is_none_or_nil(value));
    vm.pop(1);
    let number = match (number, default) {
        (Some(number), _) => number,
        (None, _) if !is_nil => {
            return Err(vm.error(&[b"field '", name.as_bytes(), b"' is not an integer"]));
        }
        (None, Some(default)) => return Ok(default),
        (None, None) => {
            return Err(vm.error(&[b"field '", name.as_bytes(), b"' missing in date table"]));
        }
    };
    match number.checked_sub(delta).map(i32::try_from) {
        Some(Ok(number)) => Ok(i64::from(number)),
        _ => Err(vm.error(&[b"field '", name.as_bytes(), b"' is out-of-bound"])),
    }
}

/// The time at which clocks here show `local`, and the zone then. Of two such times the one that fits `is_dst` is
/// taken; where there is none, that of the clocks before they were changed.
fn from_local(vm: &mut Vm, local: i64, is_dst: Option<bool>) -> (i64, LocalZone) {
    let before = vm.host().local_zone(local.saturating_sub(DAY));
    let after = vm.host().local_zone(local.saturating_add(DAY));
    let mut found = None;
    for zone in [&before, &after] {
        let time = local.saturating_sub(i64::from(zone.offset));
        let there = vm.host().local_zone(time);
        if there.offset == zone.offset {
            if is_dst.is_none_or(|is_dst| is_dst == there.is_dst) {
                return (time, there);
            }
            found = Some(there);
        }
    }
    let mut offset = found.unwrap_or(before).offset;
    if let Some(is_dst) = is_dst {
        offset = match offset_with(vm, local, is_dst) {
            Some(meant) => meant,
            // Nobody here knows daylight saving time; where it is asked for, it is taken to be an hour.
            None if is_dst => offset.saturating_add(3600),
            None => offset,
        };
    }
    let time = local.saturating_sub(i64::from(offset));
    let there = vm.host().local_zone(time);
    (time, there)
}

/// The offset that is used here with or without daylight saving time, at the nearest time within some eight years.
/// Steps and reach are those of the C library, since results depend on them where rules changed.
fn offset_with(vm: &mut Vm, local: i64, is_dst: bool) -> Option<i32> {
    const STEP: i64 = 601_200;
    const N_STEPS: i64 = 447;
    for step in 1..=N_STEPS {
        for side in [-1, 1] {
            let near = local.saturating_add(side * step * STEP);
            let zone = vm.host().local_zone(near);
            if zone.is_dst == is_dst {
                return Some(zone.offset);
            }
        }
    }
    None
}
