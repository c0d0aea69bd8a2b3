//! `io`: files and streams of the host.
//!
//! A file is a userdata with a number that the host knows it by (`io/handle.rs`); its methods are in `io/file.rs`.
//! Reading is in `io/read.rs`, which `loadfile` shares. The library buffers nothing: that is the host's business.

pub mod file;
pub mod handle;
pub mod lines;
pub mod read;

use cu_vm::{Args, FileId, Native, NativeResult, OpenMode, Outcome, Slot, Thrown, Type, Vm};

use self::handle::Kind;
use crate::answer::{self, c_string};
use crate::args::{self, base, bytes};

/// The functions of `io`.
pub static NATIVES: [Native; 11] = [
    Native {
        name: "io.close",
        call: io_close,
    },
    Native {
        name: "io.flush",
        call: io_flush,
    },
    Native {
        name: "io.input",
        call: io_input,
    },
    Native {
        name: "io.lines",
        call: io_lines,
    },
    Native {
        name: "io.open",
        call: io_open,
    },
    Native {
        name: "io.output",
        call: io_output,
    },
    Native {
        name: "io.popen",
        call: io_popen,
    },
    Native {
        name: "io.read",
        call: io_read,
    },
    Native {
        name: "io.tmpfile",
        call: io_tmpfile,
    },
    Native {
        name: "io.type",
        call: io_type,
    },
    Native {
        name: "io.write",
        call: io_write,
    },
];

/// Where the registry keeps the default files.
const INPUT: &[u8] = b"_IO_input";
const OUTPUT: &[u8] = b"_IO_output";

/// Makes the metatable of files and adds the standard streams to the library's table.
pub fn open_files(vm: &mut Vm, table: Slot) -> Result<(), Thrown> {
    let metatable = vm.top();
    vm.push_library(&file::METAMETHODS)?;
    let value = vm.top();
    vm.raw_get_name(metatable, b"__gc")?;
    vm.raw_set_name(metatable, b"__close", value)?;
    vm.pop(1);
    vm.push_library(&file::METHODS)?;
    vm.raw_set_name(metatable, b"__index", value)?;
    vm.pop(1);
    vm.push_bytes(handle::TYPE_NAME)?;
    vm.raw_set_name(metatable, b"__name", value)?;
    vm.pop(1);
    vm.push_registry()?;
    vm.raw_set_name(value, handle::TYPE_NAME, metatable)?;
    let registry = value;
    let streams = [
        (FileId::STDIN, &b"stdin"[..], Some(INPUT)),
        (FileId::STDOUT, b"stdout", Some(OUTPUT)),
        (FileId::STDERR, b"stderr", None),
    ];
    for (id, name, default) in streams {
        let file = handle::push_new(vm)?;
        handle::set(vm, file, id, Kind::Standard);
        vm.raw_set_name(table, name, file)?;
        if let Some(default) = default {
            vm.raw_set_name(registry, default, file)?;
        }
        vm.pop(1);
    }
    vm.set_top(metatable)
}

/// Pushes a default file.
fn push_default(vm: &mut Vm, name: &[u8]) -> Result<Slot, Thrown> {
    let file = vm.top();
    vm.push_registry()?;
    vm.raw_get_name(file, name)?;
    vm.remove(file);
    Ok(file)
}

/// The open default file.
fn default_file(vm: &mut Vm, name: &[u8]) -> Result<FileId, Thrown> {
    let file = push_default(vm, name)?;
    match handle::open_id(vm, file) {
        Some(id) => {
            vm.pop(1);
            Ok(id)
        }
        None => Err(vm.error(&[
            b"default ",
            name.strip_prefix(b"_IO_").unwrap_or(name),
            b" file is closed",
        ])),
    }
}

/// `io.close([file])`
fn io_close(vm: &mut Vm, args: Args) -> NativeResult {
    if args.is_empty() {
        let file = push_default(vm, OUTPUT)?;
        if handle::open_id(vm, file).is_none() {
            return Err(handle::closed(vm));
        }
        return handle::close(vm, file);
    }
    file::close(vm, args)
}

/// `io.flush()`
fn io_flush(vm: &mut Vm, _args: Args) -> NativeResult {
    let id = default_file(vm, OUTPUT)?;
    file::flush(vm, id)
}

fn io_input(vm: &mut Vm, args: Args) -> NativeResult {
    default(vm, args, INPUT, b"r")
}

fn io_output(vm: &mut Vm, args: Args) -> NativeResult {
    default(vm, args, OUTPUT, b"w")
}

/// `io.input([file])` and `io.output([file])`
fn default(vm: &mut Vm, args: Args, name: &[u8], mode: &[u8]) -> NativeResult {
    if !vm.is_none_or_nil(args.slot(0)) {
        let file = if matches!(vm.type_of(args.slot(0)), Type::String | Type::Number) {
            open_or_raise(vm, args, mode)?
        } else {
            handle::check_open(vm, args, 0)?;
            args.slot(0)
        };
        let registry = vm.top();
        vm.push_registry()?;
        vm.raw_set_name(registry, name, file)?;
    }
    push_default(vm, name)?;
    Ok(Outcome::results(1))
}

/// Opens the file named by argument 0 and pushes it; that it cannot be opened is an error.
fn open_or_raise(vm: &mut Vm, args: Args, mode: &[u8]) -> Result<Slot, Thrown> {
    let name = c_string(vm, args, 0)?;
    let file = handle::push_new(vm)?;
    let mode = open_mode(mode).unwrap_or(OpenMode::READ);
    let opened = vm.with_files(|host| host.open(&name, mode));
    let result = match opened {
        Ok(id) => {
            handle::set(vm, file, id, Kind::File);
            Ok(file)
        }
        Err(error) => Err(vm.error(&[
            b"cannot open file '",
            &name,
            b"' (",
            error.message.as_bytes(),
            b")",
        ])),
    };
    vm.drop_buffer(name);
    result
}

/// `io.lines([filename, ...])`
fn io_lines(vm: &mut Vm, args: Args) -> NativeResult {
    let n_formats = args.len().saturating_sub(1);
    let opens = !vm.is_none_or_nil(args.slot(0));
    let file = if opens {
        open_or_raise(vm, args, b"r")?
    } else {
        let file = push_default(vm, INPUT)?;
        if handle::open_id(vm, file).is_none() {
            return Err(handle::closed(vm));
        }
        file
    };
    lines::push_iterator(vm, args, file, opens, n_formats)?;
    if !opens {
        return Ok(Outcome::results(1));
    }
    // The fourth value of a generic loop is closed when the loop is left.
    vm.push_nil()?;
    vm.push_nil()?;
    vm.push_slot(file)?;
    Ok(Outcome::results(4))
}

/// `io.open(filename [, mode])`
fn io_open(vm: &mut Vm, args: Args) -> NativeResult {
    args::string(vm, args, 0)?;
    let mode = match args::opt_string(vm, args, 1)? {
        Some(slot) => open_mode(bytes(vm, slot)),
        None => Some(OpenMode::READ),
    };
    let Some(mode) = mode else {
        return Err(vm.arg_error(args, 1, &[b"invalid mode"]));
    };
    let file = handle::push_new(vm)?;
    let name = c_string(vm, args, 0)?;
    let opened = vm.with_files(|host| host.open(&name, mode));
    let answer = match opened {
        Ok(id) => {
            handle::set(vm, file, id, Kind::File);
            Ok(Outcome::results(1))
        }
        Err(error) => answer::failure(vm, &error, &name),
    };
    vm.drop_buffer(name);
    answer
}

/// What a mode string says: one of `r`, `w` and `a`, perhaps `+`, perhaps `b`s. A zero byte ends it.
fn open_mode(mode: &[u8]) -> Option<OpenMode> {
    let mode = mode.get(..answer::c_len(mode)).unwrap_or_default();
    let (&kind, rest) = mode.split_first()?;
    let (plus, rest) = match rest {
        [b'+', rest @ ..] => (true, rest),
        rest => (false, rest),
    };
    if !matches!(kind, b'r' | b'w' | b'a') || rest.iter().any(|&b| b != b'b') {
        return None;
    }
    Some(OpenMode {
        read: kind == b'r' || plus,
        write: kind != b'r' || plus,
        append: kind == b'a',
        truncate: kind == b'w',
        create: kind != b'r',
    })
}

/// `io.popen(command [, mode])`
fn io_popen(vm: &mut Vm, args: Args) -> NativeResult {
    args::string(vm, args, 0)?;
    let write = match args::opt_string(vm, args, 1)? {
        Some(slot) => match bytes(vm, slot) {
            b"r" => false,
            b"w" => true,
            _ => return Err(vm.arg_error(args, 1, &[b"invalid mode"])),
        },
        None => false,
    };
    if !vm.host().has_shell() {
        return Err(vm.error(&[b"'popen' not supported"]));
    }
    let file = handle::push_new(vm)?;
    let command = c_string(vm, args, 0)?;
    let opened = vm.host().spawn(&command, write);
    let answer = match opened {
        Ok(id) => {
            handle::set(vm, file, id, Kind::Process);
            Ok(Outcome::results(1))
        }
        Err(error) => answer::failure(vm, &error, &command),
    };
    vm.drop_buffer(command);
    answer
}

/// `io.tmpfile()`
fn io_tmpfile(vm: &mut Vm, _args: Args) -> NativeResult {
    let file = handle::push_new(vm)?;
    match vm.with_files(|host| host.temporary_file()) {
        Ok(id) => {
            handle::set(vm, file, id, Kind::File);
            Ok(Outcome::results(1))
        }
        Err(error) => answer::failure(vm, &error, b""),
    }
}

/// `io.type(value)`
fn io_type(vm: &mut Vm, args: Args) -> NativeResult {
    let value = args::any(vm, args, 0)?;
    match handle::kind(vm, value) {
        None => vm.push_nil()?,
        Some(Kind::Closed) => vm.push_bytes(b"closed file")?,
        Some(Kind::File | Kind::Process | Kind::Standard) => vm.push_bytes(b"file")?,
    }
    Ok(Outcome::results(1))
}

/// `io.read(...)`
fn io_read(vm: &mut Vm, args: Args) -> NativeResult {
    let id = default_file(vm, INPUT)?;
    let formats = read::Formats {
        first: base(args),
        n: args.len(),
        arg: 0,
    };
    Ok(Outcome::results(read::read(vm, args, id, &formats)?))
}

/// `io.write(...)`
fn io_write(vm: &mut Vm, args: Args) -> NativeResult {
    let id = default_file(vm, OUTPUT)?;
    let file = push_default(vm, OUTPUT)?;
    file::write(vm, args, id, 0, file)
}

#[cfg(test)]
mod tests {
    use super::open_mode;

    #[test]
    fn modes_are_checked() {
        for good in [
            "r", "w", "a", "r+", "w+", "a+", "rb", "r+b", "wb", "a+b", "rbb", "r\0x",
        ] {
            assert!(open_mode(good.as_bytes()).is_some(), "{good}");
        }
        for bad in ["", "rw", "rb+", "r+bk", "+", "b", "x", "r++"] {
            assert!(open_mode(bad.as_bytes()).is_none(), "{bad}");
        }
        let append = open_mode(b"a+").unwrap();
        assert!(append.append && append.read && append.create && !append.truncate);
    }
}
