//! The `table` library.
//!
//! Each function has two ways: raw access for a table without a metatable, and access that respects
//! metamethods for everything else. The loops of the second kind look at the table again at each step, since a
//! metamethod may change anything.

mod sort;

use cu_vm::{Args, FREE_MOVE, Native, NativeResult, Outcome, Slot, Thrown, Type, View, Vm};

use crate::args::{self, append, append_slot, build};

/// The functions of the library.
pub static NATIVES: [Native; 7] = [
    Native {
        name: "table.concat",
        call: concat,
    },
    Native {
        name: "table.insert",
        call: insert,
    },
    Native {
        name: "table.move",
        call: move_,
    },
    Native {
        name: "table.pack",
        call: pack,
    },
    Native {
        name: "table.remove",
        call: remove,
    },
    Native {
        name: "table.sort",
        call: sort::sort,
    },
    Native {
        name: "table.unpack",
        call: unpack,
    },
];

/// What a function does with a table, so that something that is not a table needs these metamethods.
#[derive(Clone, Copy)]
struct Needs {
    read: bool,
    write: bool,
    len: bool,
}

const READ: Needs = Needs {
    read: true,
    write: false,
    len: false,
};
const WRITE: Needs = Needs {
    read: false,
    write: true,
    len: false,
};
const READ_LEN: Needs = Needs {
    read: true,
    write: false,
    len: true,
};
const ALL: Needs = Needs {
    read: true,
    write: true,
    len: true,
};

/// A table, or something that behaves like one as far as needed.
fn table_like(vm: &mut Vm, args: Args, i: u32, needs: Needs) -> Result<Slot, Thrown> {
    let slot = args.slot(i);
    if vm.type_of(slot) != Type::Table {
        let wanted: [(bool, &[u8]); 3] = [
            (needs.read, b"__index"),
            (needs.write, b"__newindex"),
            (needs.len, b"__len"),
        ];
        for (wanted, field) in wanted {
            if wanted {
                if !vm.push_metafield(slot, field)? {
                    return Err(vm.type_error(args, i, "table"));
                }
                vm.pop(1);
            }
        }
    }
    Ok(slot)
}

/// The first argument, a table or what is fit for these needs, with its length and whether it is plain.
#[inline]
fn sequence(vm: &mut Vm, args: Args, needs: Needs) -> Result<(Slot, i64, bool), Thrown> {
    let table = args.slot(0);
    if vm.is_plain_table(table) {
        return Ok((table, vm.raw_len(table) as i64, true));
    }
    let table = table_like(vm, args, 0, needs)?;
    let len = vm.len(table)?;
    // A `__len` may have taken the metatable away; then the slow way is as good.
    Ok((table, len, false))
}

/// `table.insert(list, [pos,] value)`
fn insert(vm: &mut Vm, args: Args) -> NativeResult {
    let (table, len, plain) = sequence(vm, args, ALL)?;
    let end = len.wrapping_add(1);
    match args.len() {
        2 if plain => vm.raw_set_int(table, end, args.slot(1))?,
        2 => vm.set_index(table, end, args.slot(1))?,
        3 => {
            let position = args::int(vm, args, 1)?;
            if (position as u64).wrapping_sub(1) >= end as u64 {
                return Err(vm.arg_error(args, 1, &[b"position out of bounds"]));
            }
            if plain {
                if position < end {
                    charge_move(vm, len, position)?;
                    vm.raw_move(table, position, len, table, position + 1)?;
                }
                vm.raw_set_int(table, position, args.slot(2))?;
            } else {
                let mut i = end;
                while i > position {
                    vm.charge(1)?;
                    copy_element(vm, table, i - 1, table, i)?;
                    i -= 1;
                }
                vm.set_index(table, position, args.slot(2))?;
            }
        }
        _ => return Err(vm.error(&[b"wrong number of arguments to 'insert'"])),
    }
    Ok(Outcome::results(0))
}

/// Takes fuel for moving what lies behind `position`, unless the list is so short that the machine may do it by itself.
fn charge_move(vm: &mut Vm, len: i64, position: i64) -> Result<(), Thrown> {
    match len > FREE_MOVE as i64 {
        true => vm.charge((len - position) as u64 / 4),
        false => Ok(()),
    }
}

/// `to[j] = from[i]`, with metamethods.
fn copy_element(vm: &mut Vm, from: Slot, i: i64, to: Slot, j: i64) -> Result<(), Thrown> {
    let value = vm.top();
    vm.get_int(from, i)?;
    vm.set_index(to, j, value)?;
    vm.pop(1);
    Ok(())
}

/// `table.remove(list [, pos])`
fn remove(vm: &mut Vm, args: Args) -> NativeResult {
    let (table, len, plain) = sequence(vm, args, ALL)?;
    let mut position = args::opt_int(vm, args, 1, len)?;
    if position != len && (position as u64).wrapping_sub(1) > len as u64 {
        return Err(vm.arg_error(args, 1, &[b"position out of bounds"]));
    }
    let result = vm.top();
    if plain {
        vm.raw_get_int(table, position)?;
        if position < len {
            charge_move(vm, len, position)?;
            vm.raw_move(table, position + 1, len, table, position)?;
            position = len;
        }
        vm.push_nil()?;
        vm.raw_set_int(table, position, result.offset(1))?;
        vm.pop(1);
        return Ok(Outcome::results(1));
    }
    vm.get_int(table, position)?;
    while position < len {
        vm.charge(1)?;
        copy_element(vm, table, position + 1, table, position)?;
        position += 1;
    }
    vm.push_nil()?;
    vm.set_index(table, position, result.offset(1))?;
    vm.pop(1);
    Ok(Outcome::results(1))
}

/// `table.move(a1, f, e, t [, a2])`
fn move_(vm: &mut Vm, args: Args) -> NativeResult {
    let first = args::int(vm, args, 1)?;
    let last = args::int(vm, args, 2)?;
    let to = args::int(vm, args, 3)?;
    let target = if vm.is_none_or_nil(args.slot(4)) {
        0
    } else {
        4
    };
    let from_table = table_like(vm, args, 0, READ)?;
    let to_table = table_like(vm, args, target, WRITE)?;
    if last >= first {
        if first <= 0 && last >= i64::MAX.wrapping_add(first) {
            return Err(vm.arg_error(args, 2, &[b"too many elements to move"]));
        }
        let n = last - first + 1;
        if to > i64::MAX - n + 1 {
            return Err(vm.arg_error(args, 3, &[b"destination wrap around"]));
        }
        let forwards =
            to > last || to <= first || (target != 0 && !vm.equal(from_table, to_table)?);
        if vm.is_plain_table(from_table) && vm.is_plain_table(to_table) {
            raw_move(vm, from_table, first, last, to_table, to, forwards)?;
        } else {
            let value = vm.top();
            for i in 0..n {
                vm.charge(1)?;
                let i = if forwards { i } else { n - 1 - i };
                vm.get_int(from_table, first + i)?;
                vm.set_index(to_table, to + i, value)?;
                vm.pop(1);
            }
        }
    }
    vm.push_slot(to_table)?;
    Ok(Outcome::results(1))
}

/// How many elements are moved between two looks at the fuel.
const CHUNK: i64 = 4096;

fn raw_move(
    vm: &mut Vm,
    from_table: Slot,
    first: i64,
    last: i64,
    to_table: Slot,
    to: i64,
    forwards: bool,
) -> Result<(), Thrown> {
    let n = last - first + 1;
    let mut done = 0;
    while done < n {
        let chunk = (n - done).min(CHUNK);
        vm.charge(chunk as u64 / 2 + 1)?;
        let start = if forwards { done } else { n - done - chunk };
        vm.raw_move(
            from_table,
            first + start,
            first + start + (chunk - 1),
            to_table,
            to + start,
        )?;
        done += chunk;
    }
    Ok(())
}

/// `table.concat(list [, sep [, i [, j]]])`
fn concat(vm: &mut Vm, args: Args) -> NativeResult {
    let (table, len, _) = sequence(vm, args, READ_LEN)?;
    let separator = args::opt_string(vm, args, 1)?;
    let first = args::opt_int(vm, args, 2, 1)?;
    let last = args::opt_int(vm, args, 3, len)?;
    build(vm, |vm, buffer| {
        let mut i = first;
        while i <= last {
            let plain = vm.is_plain_table(table);
            if plain && let Some(bytes) = vm.raw_bytes_at(table, i) {
                let n = bytes.len();
                vm.charge(1 + n as u64 / 32)?;
                vm.reserve(buffer, n)?;
                buffer.extend_from_slice(vm.raw_bytes_at(table, i).unwrap_or_default());
            } else {
                vm.charge(1)?;
                add_field(vm, buffer, table, i, plain)?;
            }
            if i == last {
                break;
            }
            if let Some(separator) = separator {
                append_slot(vm, buffer, separator)?;
            }
            i += 1;
        }
        Ok(())
    })?;
    Ok(Outcome::results(1))
}

fn add_field(
    vm: &mut Vm,
    buffer: &mut Vec<u8>,
    table: Slot,
    i: i64,
    plain: bool,
) -> Result<(), Thrown> {
    let value = vm.top();
    if plain {
        vm.raw_get_int(table, i)?;
    } else {
        vm.get_int(table, i)?;
    }
    match vm.view(value) {
        View::String(_) => append_slot(vm, buffer, value)?,
        View::Integer(n) => append(
            vm,
            buffer,
            cu_vm::number_text::write_integer(&mut [0; 24], n),
        )?,
        View::Float(f) => append(
            vm,
            buffer,
            cu_vm::number_text::write_float_g14(&mut [0; 32], f),
        )?,
        _ => {
            let mut text = [0; 24];
            let index = cu_vm::number_text::write_integer(&mut text, i);
            let name = vm.type_of(value).name();
            let parts = [
                b"invalid value (",
                name.as_bytes(),
                b") at index ",
                index,
                b" in table for 'concat'",
            ];
            return Err(vm.error(&parts));
        }
    }
    vm.pop(1);
    Ok(())
}

/// `table.pack(...)`
fn pack(vm: &mut Vm, args: Args) -> NativeResult {
    let n = args.len();
    vm.charge(u64::from(n) / 2)?;
    let table = vm.top();
    vm.push_table(n, 1)?;
    for i in 0..n {
        vm.raw_set_int(table, i64::from(i) + 1, args.slot(i))?;
    }
    vm.push_int(i64::from(n))?;
    vm.raw_set_name(table, b"n", table.offset(1))?;
    vm.pop(1);
    Ok(Outcome::results(1))
}

/// `table.unpack(list [, i [, j]])`
fn unpack(vm: &mut Vm, args: Args) -> NativeResult {
    let table = args.slot(0);
    let first = args::opt_int(vm, args, 1, 1)?;
    let last = if vm.is_none_or_nil(args.slot(2)) {
        if vm.is_plain_table(table) {
            vm.raw_len(table) as i64
        } else {
            vm.len(table)?
        }
    } else {
        args::int(vm, args, 2)?
    };
    if first > last {
        return Ok(Outcome::results(0));
    }
    let n = (last as u64).wrapping_sub(first as u64).saturating_add(1);
    let n = match u32::try_from(n) {
        Ok(n) if n < i32::MAX as u32 && vm.try_reserve(n)? => n,
        _ => return Err(vm.error(&[b"too many results to unpack"])),
    };
    vm.charge(u64::from(n) / 2)?;
    if vm.push_elements(table, first, n) {
        return Ok(Outcome::results(n));
    }
    for i in 0..i64::from(n) {
        if vm.is_plain_table(table) {
            vm.raw_get_int(table, first + i)?;
        } else {
            vm.get_int(table, first + i)?;
        }
    }
    Ok(Outcome::results(n))
}
