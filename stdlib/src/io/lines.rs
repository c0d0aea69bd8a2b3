//! The iterator of `io.lines` and `file:lines`.

use cu_vm::{Args, Native, NativeResult, Outcome, Slot, Thrown, View, Vm};

use super::{handle, read};
use crate::args::base;

/// What `io.lines` answers. Its upvalues: the file, whether to close it at the end, the formats.
pub static ITERATOR: Native = Native {
    name: "io.lines.iterator",
    call: next_lines,
};

/// Most formats of `io.lines`.
const MOST_FORMATS: u32 = 250;

/// Pushes the iterator over `file` with the formats in the arguments from 1 up.
pub fn push_iterator(
    vm: &mut Vm,
    args: Args,
    file: Slot,
    closes: bool,
    n_formats: u32,
) -> Result<(), Thrown> {
    if n_formats > MOST_FORMATS {
        return Err(vm.arg_error(args, MOST_FORMATS + 1, &[b"too many arguments"]));
    }
    vm.push_slot(file)?;
    vm.push_bool(closes)?;
    vm.push_int(i64::from(n_formats))?;
    for i in 0..n_formats {
        vm.push_slot(args.slot(1 + i))?;
    }
    vm.push_native_closure(&ITERATOR, n_formats + 3)
}

/// The next values of `io.lines` or `file:lines`.
fn next_lines(vm: &mut Vm, args: Args) -> NativeResult {
    vm.set_top(base(args))?;
    let file = vm.top();
    vm.push_upvalue(args, 0)?;
    let Some(id) = handle::open_id(vm, file) else {
        return Err(vm.error(&[b"file is already closed"]));
    };
    let closes = vm.top();
    vm.push_upvalue(args, 1)?;
    let formats = vm.top();
    let n_formats = u32::try_from(vm.upvalue_int(args, 2).unwrap_or(0)).unwrap_or(0);
    for i in 0..n_formats {
        vm.push_upvalue(args, 3 + i)?;
    }
    let bottom = vm.top();
    let formats = read::Formats {
        first: formats,
        n: n_formats,
        arg: 1,
    };
    let n = read::read(vm, args, id, &formats)?;
    let n_above = vm.top().distance_from(bottom);
    let results = bottom.offset(n_above.saturating_sub(n));
    if vm.truthy(results) {
        return Ok(Outcome::results(n));
    }
    if n > 1
        && let View::String(message) = vm.view(results.offset(1))
    {
        // The end of the file gives one nil; more than that is a failure with its message.
        let message = message.to_vec();
        return Err(vm.error(&[&message]));
    }
    if vm.truthy(closes) {
        handle::close(vm, file)?;
    }
    Ok(Outcome::results(0))
}
