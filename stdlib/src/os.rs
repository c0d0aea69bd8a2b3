//! `os`: time, environment, files by name, processes.
//!
//! The calendar is in `os/calendar.rs`, `os.date` in `os/date.rs`, `os.time` in `os/time.rs`. There is one locale,
//! that of C, so `os.setlocale` accepts its names and no other.

mod calendar;
mod date;
mod time;

use cu_vm::{Args, Native, NativeResult, Outcome, View, Vm};

use crate::answer::{self, c_string};
use crate::args::{self, bytes};

/// The functions of `os`.
pub static NATIVES: [Native; 11] = [
    Native {
        name: "os.clock",
        call: clock,
    },
    Native {
        name: "os.date",
        call: date::date,
    },
    Native {
        name: "os.difftime",
        call: difftime,
    },
    Native {
        name: "os.execute",
        call: execute,
    },
    Native {
        name: "os.exit",
        call: exit,
    },
    Native {
        name: "os.getenv",
        call: getenv,
    },
    Native {
        name: "os.remove",
        call: remove,
    },
    Native {
        name: "os.rename",
        call: rename,
    },
    Native {
        name: "os.setlocale",
        call: setlocale,
    },
    Native {
        name: "os.time",
        call: time::time,
    },
    Native {
        name: "os.tmpname",
        call: tmpname,
    },
];

fn clock(vm: &mut Vm, _args: Args) -> NativeResult {
    let seconds = vm.host().processor_time();
    vm.push_float(seconds)?;
    Ok(Outcome::results(1))
}

/// `os.difftime(t2, t1)`
fn difftime(vm: &mut Vm, args: Args) -> NativeResult {
    let later = args::int(vm, args, 0)?;
    let earlier = args::int(vm, args, 1)?;
    // Exact when the difference is, as subtracting two floats would not be.
    let difference = match later.checked_sub(earlier) {
        Some(difference) => difference as f64,
        None => later as f64 - earlier as f64,
    };
    vm.push_float(difference)?;
    Ok(Outcome::results(1))
}

/// `os.execute([command])`
fn execute(vm: &mut Vm, args: Args) -> NativeResult {
    if vm.is_none_or_nil(args.slot(0)) {
        let has_shell = vm.host().has_shell();
        vm.push_bool(has_shell)?;
        return Ok(Outcome::results(1));
    }
    let command = c_string(vm, args, 0)?;
    let result = vm.host().execute(&command);
    vm.drop_buffer(command);
    match result {
        Ok(end) => answer::process_end(vm, end),
        Err(error) => answer::failure(vm, &error, b""),
    }
}

/// `os.exit([code [, close]])`
fn exit(vm: &mut Vm, args: Args) -> NativeResult {
    let status = match vm.view(args.slot(0)) {
        View::Boolean(ok) => i32::from(!ok),
        // As in C the number is cut to the size of an `int`.
        _ => args::opt_int(vm, args, 0, 0)? as i32,
    };
    if vm.truthy(args.slot(1)) {
        if !vm.gc_in_finalizer() {
            // Closing begins when every call has been left; the command ends the process.
            return Err(vm.exit_closing(status));
        }
        vm.close();
    }
    vm.host().exit(status);
    // A host that cannot end leaves it to whoever runs the machine.
    Err(vm.exit(status))
}

fn getenv(vm: &mut Vm, args: Args) -> NativeResult {
    let name = c_string(vm, args, 0)?;
    let value = vm.host().variable(&name);
    vm.drop_buffer(name);
    match value {
        Some(value) => vm.push_bytes(&value)?,
        None => vm.push_nil()?,
    }
    Ok(Outcome::results(1))
}

fn remove(vm: &mut Vm, args: Args) -> NativeResult {
    let name = c_string(vm, args, 0)?;
    let result = vm.with_files(|host| host.remove(&name));
    let answer = answer::done(vm, result, &name);
    vm.drop_buffer(name);
    answer
}

fn rename(vm: &mut Vm, args: Args) -> NativeResult {
    args::string(vm, args, 0)?;
    args::string(vm, args, 1)?;
    let from = c_string(vm, args, 0)?;
    let to = c_string(vm, args, 1)?;
    let result = vm.with_files(|host| host.rename(&from, &to));
    vm.drop_buffer(from);
    vm.drop_buffer(to);
    answer::done(vm, result, b"")
}

/// `os.setlocale([locale [, category]])`
fn setlocale(vm: &mut Vm, args: Args) -> NativeResult {
    const CATEGORIES: [&str; 6] = ["all", "collate", "ctype", "monetary", "numeric", "time"];
    let locale = args::opt_string(vm, args, 0)?;
    args::option(vm, args, 1, Some("all"), &CATEGORIES)?;
    let known = match locale {
        Some(slot) => {
            let name = bytes(vm, slot);
            matches!(name.get(..answer::c_len(name)), Some(b"" | b"C" | b"POSIX"))
        }
        None => true,
    };
    if known {
        vm.push_bytes(b"C")?;
    } else {
        vm.push_nil()?;
    }
    Ok(Outcome::results(1))
}

fn tmpname(vm: &mut Vm, _args: Args) -> NativeResult {
    match vm.with_files(|host| host.temporary_name()) {
        Ok(name) => {
            vm.push_bytes(&name)?;
            Ok(Outcome::results(1))
        }
        Err(_) => Err(vm.error(&[b"unable to generate a unique filename"])),
    }
}
