//! Answers of functions that ask the host: true, or nil with a message and a number; and names for it.
//!
//! Names are cut at their first zero byte, because that is where a C library would stop reading.

use cu_vm::{Args, HostError, HostResult, NativeResult, Outcome, ProcessEnd, Thrown, Vm};

use crate::args::{self, append, build, copy_out};

/// True, or [`failure`].
pub fn done(vm: &mut Vm, result: HostResult<()>, name: &[u8]) -> NativeResult {
    match result {
        Ok(()) => {
            vm.push_bool(true)?;
            Ok(Outcome::results(1))
        }
        Err(error) => failure(vm, &error, name),
    }
}

/// Nil, the message (after the file's name if there is one), and the number.
#[cold]
pub fn failure(vm: &mut Vm, error: &HostError, name: &[u8]) -> NativeResult {
    vm.push_nil()?;
    build(vm, |vm, buffer| {
        if !name.is_empty() {
            append(vm, buffer, name)?;
            append(vm, buffer, b": ")?;
        }
        append(vm, buffer, error.message.as_bytes())
    })?;
    vm.push_int(i64::from(error.code))?;
    Ok(Outcome::results(3))
}

/// How a process ended: true or nil, `exit` or `signal`, and the number.
pub fn process_end(vm: &mut Vm, end: ProcessEnd) -> NativeResult {
    let (how, number) = match end {
        ProcessEnd::Exit(status) => (&b"exit"[..], status),
        ProcessEnd::Signal(signal) => (&b"signal"[..], signal),
    };
    if end == ProcessEnd::Exit(0) {
        vm.push_bool(true)?;
    } else {
        vm.push_nil()?;
    }
    vm.push_bytes(how)?;
    vm.push_int(i64::from(number))?;
    Ok(Outcome::results(3))
}

/// A string argument as a C library reads it. Give it back with `drop_buffer`.
pub fn c_string(vm: &mut Vm, args: Args, i: u32) -> Result<Vec<u8>, Thrown> {
    let slot = args::string(vm, args, i)?;
    let mut name = copy_out(vm, slot)?;
    name.truncate(c_len(&name));
    Ok(name)
}

/// How many bytes come before the first zero byte.
pub fn c_len(bytes: &[u8]) -> usize {
    memchr::memchr(0, bytes).unwrap_or(bytes.len())
}
