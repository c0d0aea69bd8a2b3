//! Checking arguments, with the official wordings.
//!
//! A check takes the number of the argument counted from 0 and answers a value or raises
//! `bad argument #n to 'f' (...)`. Checks that ask for a string leave one in the slot (numbers are converted in
//! place), because bytes borrow the machine and are looked at later, with [`bytes`].

use cu_vm::{Args, Slot, Thrown, Type, View, Vm};

/// An integer, or what converts to one.
#[inline]
pub fn int(vm: &mut Vm, args: Args, i: u32) -> Result<i64, Thrown> {
    match vm.view(args.slot(i)) {
        View::Integer(n) => Ok(n),
        _ => int_slow(vm, args, i),
    }
}

#[cold]
fn int_slow(vm: &mut Vm, args: Args, i: u32) -> Result<i64, Thrown> {
    let slot = args.slot(i);
    if let Some(n) = vm.to_integer(slot) {
        return Ok(n);
    }
    if vm.to_float(slot).is_some() {
        Err(vm.arg_error(args, i, &[b"number has no integer representation"]))
    } else {
        Err(vm.type_error(args, i, "number"))
    }
}

/// An integer, or `default` for none and nil.
#[inline]
pub fn opt_int(vm: &mut Vm, args: Args, i: u32, default: i64) -> Result<i64, Thrown> {
    match vm.view(args.slot(i)) {
        View::Integer(n) => Ok(n),
        View::None | View::Nil => Ok(default),
        _ => int_slow(vm, args, i),
    }
}

/// A number as a float.
#[inline]
pub fn number(vm: &mut Vm, args: Args, i: u32) -> Result<f64, Thrown> {
    match vm.view(args.slot(i)) {
        View::Float(f) => Ok(f),
        View::Integer(n) => Ok(n as f64),
        _ => match vm.to_float(args.slot(i)) {
            Some(f) => Ok(f),
            None => Err(vm.type_error(args, i, "number")),
        },
    }
}

/// A string or a number; afterwards the slot, which is returned, holds a string.
#[inline]
pub fn string(vm: &mut Vm, args: Args, i: u32) -> Result<Slot, Thrown> {
    let slot = args.slot(i);
    if vm.bytes(slot).is_some() {
        return Ok(slot);
    }
    // Only numbers are converted, and a slot that is not there is never written to.
    if vm.type_of(slot) == Type::Number && vm.coerce_to_string(slot)? {
        return Ok(slot);
    }
    Err(vm.type_error(args, i, "string"))
}

/// As [`string`], but none and nil give `None`.
pub fn opt_string(vm: &mut Vm, args: Args, i: u32) -> Result<Option<Slot>, Thrown> {
    if vm.is_none_or_nil(args.slot(i)) {
        Ok(None)
    } else {
        string(vm, args, i).map(Some)
    }
}

/// The bytes of a slot that [`string`] has checked.
#[inline]
pub fn bytes(vm: &Vm, slot: Slot) -> &[u8] {
    vm.bytes(slot).unwrap_or_default()
}

/// A table.
#[inline]
pub fn table(vm: &mut Vm, args: Args, i: u32) -> Result<Slot, Thrown> {
    of_type(vm, args, i, Type::Table)
}

/// A function.
pub fn function(vm: &mut Vm, args: Args, i: u32) -> Result<Slot, Thrown> {
    of_type(vm, args, i, Type::Function)
}

/// A value of exactly this type.
#[inline]
pub fn of_type(vm: &mut Vm, args: Args, i: u32, expected: Type) -> Result<Slot, Thrown> {
    let slot = args.slot(i);
    if vm.type_of(slot) == expected {
        Ok(slot)
    } else {
        Err(vm.type_error(args, i, expected.name()))
    }
}

/// Any value, nil included, but it must be there.
pub fn any(vm: &mut Vm, args: Args, i: u32) -> Result<Slot, Thrown> {
    if i < args.len() {
        Ok(args.slot(i))
    } else {
        Err(vm.arg_error(args, i, &[b"value expected"]))
    }
}

/// Which of `names` the string argument is; none and nil stand for `default`.
pub fn option(
    vm: &mut Vm,
    args: Args,
    i: u32,
    default: Option<&str>,
    names: &[&str],
) -> Result<usize, Thrown> {
    let found = match default {
        Some(name) if vm.is_none_or_nil(args.slot(i)) => names.iter().position(|n| *n == name),
        _ => {
            let slot = string(vm, args, i)?;
            let given = bytes(vm, slot);
            names.iter().position(|n| n.as_bytes() == given)
        }
    };
    if let Some(found) = found {
        return Ok(found);
    }
    let given = copy_out(vm, args.slot(i))?;
    let thrown = vm.arg_error(args, i, &[b"invalid option '", &given, b"'"]);
    vm.drop_buffer(given);
    Err(thrown)
}

/// Where the first argument is or would be: the bottom of the native's frame.
#[inline]
pub fn base(args: Args) -> Slot {
    if args.is_empty() {
        args.end()
    } else {
        args.slot(0)
    }
}

/// Fills a byte buffer and pushes it as a string; the buffer goes back to the machine in any case. A part of its caller:
/// what it does may call Lua functions, and nested calls are to be short on the native stack.
#[inline(always)]
pub fn build(
    vm: &mut Vm,
    fill: impl FnOnce(&mut Vm, &mut Vec<u8>) -> Result<(), Thrown>,
) -> Result<(), Thrown> {
    let mut buffer = vm.take_buffer();
    match fill(vm, &mut buffer) {
        Ok(()) => vm.push_buffer(buffer),
        Err(thrown) => {
            vm.drop_buffer(buffer);
            Err(thrown)
        }
    }
}

/// Appends bytes that do not belong to the machine.
#[inline]
pub fn append(vm: &mut Vm, buffer: &mut Vec<u8>, bytes: &[u8]) -> Result<(), Thrown> {
    vm.reserve(buffer, bytes.len())?;
    buffer.extend_from_slice(bytes);
    Ok(())
}

/// Appends the bytes of the string in `slot`.
pub fn append_slot(vm: &mut Vm, buffer: &mut Vec<u8>, slot: Slot) -> Result<(), Thrown> {
    let len = bytes(vm, slot).len();
    vm.charge(len as u64 / 32)?;
    vm.reserve(buffer, len)?;
    buffer.extend_from_slice(bytes(vm, slot));
    Ok(())
}

/// Copies a string out of the machine, for calls that need the machine as well. Give it back with `drop_buffer`.
pub fn copy_out(vm: &mut Vm, slot: Slot) -> Result<Vec<u8>, Thrown> {
    let mut buffer = vm.take_buffer();
    match append_slot(vm, &mut buffer, slot) {
        Ok(()) => Ok(buffer),
        Err(thrown) => {
            vm.drop_buffer(buffer);
            Err(thrown)
        }
    }
}
