//! The methods and metamethods of files.

use cu_vm::{Args, Buffering, FileId, Native, NativeResult, Outcome, Slot, Type, Vm, Whence};

use super::{handle, lines, read};
use crate::answer;
use crate::args;

/// The methods of files. They are in no library's table, which their names with two dots say.
pub static METHODS: [Native; 7] = [
    Native {
        name: "io.file.close",
        call: close,
    },
    Native {
        name: "io.file.flush",
        call: file_flush,
    },
    Native {
        name: "io.file.lines",
        call: file_lines,
    },
    Native {
        name: "io.file.read",
        call: file_read,
    },
    Native {
        name: "io.file.seek",
        call: file_seek,
    },
    Native {
        name: "io.file.setvbuf",
        call: file_setvbuf,
    },
    Native {
        name: "io.file.write",
        call: file_write,
    },
];

/// The metamethods of files.
pub static METAMETHODS: [Native; 2] = [
    Native {
        name: "io.file.__gc",
        call: file_gc,
    },
    Native {
        name: "io.file.__tostring",
        call: file_tostring,
    },
];

/// `file:close()`
pub fn close(vm: &mut Vm, args: Args) -> NativeResult {
    handle::check_open(vm, args, 0)?;
    handle::close(vm, args.slot(0))
}

/// `file:flush()`
fn file_flush(vm: &mut Vm, args: Args) -> NativeResult {
    let id = handle::check_open(vm, args, 0)?;
    flush(vm, id)
}

/// `file:lines(...)`
fn file_lines(vm: &mut Vm, args: Args) -> NativeResult {
    handle::check_open(vm, args, 0)?;
    lines::push_iterator(vm, args, args.slot(0), false, args.len() - 1)?;
    Ok(Outcome::results(1))
}

/// `file:read(...)`
fn file_read(vm: &mut Vm, args: Args) -> NativeResult {
    let id = handle::check_open(vm, args, 0)?;
    let formats = read::Formats {
        first: args.slot(0).offset(1),
        n: args.len() - 1,
        arg: 1,
    };
    Ok(Outcome::results(read::read(vm, args, id, &formats)?))
}

/// `file:seek([whence [, offset]])`
fn file_seek(vm: &mut Vm, args: Args) -> NativeResult {
    let id = handle::check_open(vm, args, 0)?;
    let from = match args::option(vm, args, 1, Some("cur"), &["set", "cur", "end"])? {
        0 => Whence::Start,
        1 => Whence::Current,
        _ => Whence::End,
    };
    let offset = args::opt_int(vm, args, 2, 0)?;
    match vm.with_files(|host| host.seek(id, from, offset)) {
        Ok(position) => {
            vm.push_int(i64::try_from(position).unwrap_or(i64::MAX))?;
            Ok(Outcome::results(1))
        }
        Err(error) => answer::failure(vm, &error, b""),
    }
}

/// `file:setvbuf(mode [, size])`
fn file_setvbuf(vm: &mut Vm, args: Args) -> NativeResult {
    /// `LUAL_BUFFERSIZE` of a 64-bit system.
    const DEFAULT_SIZE: i64 = 1024;
    let id = handle::check_open(vm, args, 0)?;
    let mode = args::option(vm, args, 1, None, &["no", "full", "line"])?;
    let size = args::opt_int(vm, args, 2, DEFAULT_SIZE)?;
    let buffering = match mode {
        0 => Buffering::None,
        1 => Buffering::Full(usize::try_from(size).unwrap_or(0)),
        _ => Buffering::Line,
    };
    let result = vm.with_files(|host| host.set_buffering(id, buffering));
    answer::done(vm, result, b"")
}

/// `__gc` and `__close`: closes the file if it is open; nobody is told when that fails.
fn file_gc(vm: &mut Vm, args: Args) -> NativeResult {
    let file = handle::check(vm, args, 0)?;
    if handle::open_id(vm, file).is_some() {
        handle::close(vm, file)?;
    }
    Ok(Outcome::results(0))
}

/// `__tostring`
fn file_tostring(vm: &mut Vm, args: Args) -> NativeResult {
    let file = handle::check(vm, args, 0)?;
    if handle::open_id(vm, file).is_none() {
        vm.push_bytes(b"file (closed)")?;
        return Ok(Outcome::results(1));
    }
    let address = vm.pointer(file).unwrap_or(0);
    args::build(vm, |vm, buffer| {
        let mut digits = [0; 24];
        args::append(vm, buffer, b"file (")?;
        let address = cu_vm::number_text::write_pointer(&mut digits, address);
        args::append(vm, buffer, address)?;
        args::append(vm, buffer, b")")
    })?;
    Ok(Outcome::results(1))
}

/// `file:write(...)`
fn file_write(vm: &mut Vm, args: Args) -> NativeResult {
    let id = handle::check_open(vm, args, 0)?;
    write(vm, args, id, 1, args.slot(0))
}

/// Writes the arguments from `first` up; the file is the result.
pub fn write(vm: &mut Vm, args: Args, id: FileId, first: u32, file: Slot) -> NativeResult {
    let mut result = Ok(());
    for i in first..args.len() {
        let slot = args.slot(i);
        if !matches!(vm.type_of(slot), Type::String | Type::Number) {
            return Err(vm.type_error(args, i, "string"));
        }
        // After a failure the rest is checked but not written.
        if result.is_ok() {
            vm.charge(1 + vm.raw_len(slot) / 32)?;
            result = vm.write_to_file(id, slot);
        }
    }
    if let Err(error) = result {
        return answer::failure(vm, &error, b"");
    }
    vm.push_slot(file)?;
    Ok(Outcome::results(1))
}

/// Writes out what the host keeps of a file.
pub fn flush(vm: &mut Vm, id: FileId) -> NativeResult {
    let result = vm.with_files(|host| host.flush(id));
    answer::done(vm, result, b"")
}
