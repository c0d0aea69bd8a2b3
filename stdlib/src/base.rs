//! The basic functions.
//!
//! Loading code is in `base/load.rs`, the collector's front in `base/collect.rs`, `tonumber` in
//! `base/number.rs`.

mod collect;
pub mod load;
mod number;

use cu_vm::{Args, FileId, Native, NativeResult, Outcome, Slot, Thrown, Type, View, Vm};

use crate::args::{self, append, append_slot, build, bytes};

/// The global functions, except `next`, which is [`NEXT`].
pub static NATIVES: [Native; 22] = [
    Native {
        name: "assert",
        call: assert,
    },
    Native {
        name: "collectgarbage",
        call: collect::collectgarbage,
    },
    Native {
        name: "dofile",
        call: load::dofile,
    },
    Native {
        name: "error",
        call: error,
    },
    Native {
        name: "getmetatable",
        call: getmetatable,
    },
    Native {
        name: "ipairs",
        call: ipairs,
    },
    Native {
        name: "load",
        call: load::load,
    },
    Native {
        name: "loadfile",
        call: load::loadfile,
    },
    Native {
        name: "pairs",
        call: pairs,
    },
    Native {
        name: "pcall",
        call: pcall,
    },
    Native {
        name: "print",
        call: print,
    },
    Native {
        name: "rawequal",
        call: rawequal,
    },
    Native {
        name: "rawget",
        call: rawget,
    },
    Native {
        name: "rawlen",
        call: rawlen,
    },
    Native {
        name: "rawset",
        call: rawset,
    },
    Native {
        name: "select",
        call: select,
    },
    Native {
        name: "setmetatable",
        call: setmetatable,
    },
    Native {
        name: "tonumber",
        call: number::tonumber,
    },
    Native {
        name: "tostring",
        call: tostring,
    },
    Native {
        name: "type",
        call: type_,
    },
    Native {
        name: "warn",
        call: warn,
    },
    Native {
        name: "xpcall",
        call: xpcall,
    },
];

/// `next`, by itself because `pairs` answers it and the machine recognises it.
pub static NEXT: Native = Native {
    name: "next",
    call: next,
};

/// What `ipairs` answers; the machine recognises it.
pub static IPAIRS_ITERATOR: Native = Native {
    name: "ipairs_iterator",
    call: ipairs_iterator,
};

const CALLED: u32 = 1;

fn assert(vm: &mut Vm, args: Args) -> NativeResult {
    if vm.truthy(args.slot(0)) {
        return Ok(Outcome::results(args.len()));
    }
    args::any(vm, args, 0)?;
    if args.len() < 2 {
        return Err(vm.error(&[b"assertion failed!"]));
    }
    raise(vm, args.slot(1), 1)
}

fn error(vm: &mut Vm, args: Args) -> NativeResult {
    let level = args::opt_int(vm, args, 1, 1)?;
    raise(vm, args.slot(0), level)
}

/// Raises a value; a string gets the position of this call level in front.
fn raise(vm: &mut Vm, value: Slot, level: i64) -> NativeResult {
    let copy = vm.top();
    if level > 0 && matches!(vm.view(value), View::String(_)) {
        vm.push_where(u32::try_from(level).unwrap_or(u32::MAX))?;
        build(vm, |vm, buffer| {
            append_slot(vm, buffer, copy)?;
            append_slot(vm, buffer, value)
        })?;
        return Err(vm.throw(copy.offset(1)));
    }
    // The copy stands for a value that was not given, too.
    vm.push_slot(value)?;
    Err(vm.throw(copy))
}

fn getmetatable(vm: &mut Vm, args: Args) -> NativeResult {
    let slot = args::any(vm, args, 0)?;
    if !vm.push_metafield(slot, b"__metatable")? && !vm.push_metatable(slot)? {
        vm.push_nil()?;
    }
    Ok(Outcome::results(1))
}

fn setmetatable(vm: &mut Vm, args: Args) -> NativeResult {
    let table = args::table(vm, args, 0)?;
    let metatable = args.slot(1);
    if !matches!(vm.type_of(metatable), Type::Nil | Type::Table) {
        return Err(vm.type_error(args, 1, "nil or table"));
    }
    if vm.push_metafield(table, b"__metatable")? {
        return Err(vm.error(&[b"cannot change a protected metatable"]));
    }
    vm.set_metatable(table, metatable)?;
    vm.push_slot(table)?;
    Ok(Outcome::results(1))
}

fn ipairs(vm: &mut Vm, args: Args) -> NativeResult {
    let slot = args::any(vm, args, 0)?;
    vm.push_native(&IPAIRS_ITERATOR)?;
    vm.push_slot(slot)?;
    vm.push_int(0)?;
    Ok(Outcome::results(3))
}

fn ipairs_iterator(vm: &mut Vm, args: Args) -> NativeResult {
    let i = args::int(vm, args, 1)?.wrapping_add(1);
    let list = args.slot(0);
    vm.push_int(i)?;
    let value = vm.top();
    if vm.is_plain_table(list) {
        vm.raw_get_int(list, i)?;
    } else {
        vm.get_int(list, i)?;
    }
    // At the end the value, nil, is the only result.
    let at_end = vm.is_none_or_nil(value);
    Ok(Outcome::results(if at_end { 1 } else { 2 }))
}

fn pairs(vm: &mut Vm, args: Args) -> NativeResult {
    if args.state() == CALLED {
        // The results of `__pairs` lie above its one argument; exactly three of them count.
        let results = args::base(args).offset(1);
        vm.set_top(results.offset(3))?;
        return Ok(Outcome::results(3));
    }
    let slot = args::any(vm, args, 0)?;
    if !vm.is_plain_table(slot) {
        vm.set_top(args::base(args).offset(1))?;
        if vm.push_metafield(slot, b"__pairs")? {
            vm.push_slot(slot)?;
            return Ok(Outcome::call(1, CALLED));
        }
    }
    vm.push_native(&NEXT)?;
    vm.push_slot(slot)?;
    vm.push_nil()?;
    Ok(Outcome::results(3))
}

fn next(vm: &mut Vm, args: Args) -> NativeResult {
    let table = args::table(vm, args, 0)?;
    if vm.next(table, args.slot(1))? {
        return Ok(Outcome::results(2));
    }
    vm.push_nil()?;
    Ok(Outcome::results(1))
}

/// `pcall(f, ...)`. The machine knows it by name.
fn pcall(vm: &mut Vm, args: Args) -> NativeResult {
    if args.state() == CALLED {
        let base = args::base(args);
        vm.push_bool(!vm.call_failed())?;
        vm.insert(base);
        return Ok(Outcome::results(vm.top().distance_from(base)));
    }
    args::any(vm, args, 0)?;
    Ok(Outcome::protected_call(args.len() - 1, CALLED))
}

/// `xpcall(f, msgh, ...)`. The machine knows it by name and takes the handler from its second slot, which
/// therefore stays where it is: the call is made from copies above, `f, msgh, true, f, ...`.
fn xpcall(vm: &mut Vm, args: Args) -> NativeResult {
    let verdict = args::base(args).offset(2);
    if args.state() == CALLED {
        if vm.call_failed() {
            vm.push_bool(false)?;
            vm.copy(verdict.offset(2), verdict);
            vm.pop(1);
        }
        return Ok(Outcome::results(vm.top().distance_from(verdict)));
    }
    args::function(vm, args, 1)?;
    vm.push_bool(true)?;
    vm.push_slot(args.slot(0))?;
    vm.rotate(verdict, 2);
    Ok(Outcome::protected_call(args.len() - 2, CALLED))
}

fn print(vm: &mut Vm, args: Args) -> NativeResult {
    let mut buffer = vm.take_buffer();
    let filled = (|| {
        for i in 0..args.len() {
            if i > 0 {
                append(vm, &mut buffer, b"\t")?;
            }
            let slot = args.slot(i);
            if vm.bytes(slot).is_some() {
                append_slot(vm, &mut buffer, slot)?;
            } else {
                let text = vm.top();
                vm.tostring(slot)?;
                append_slot(vm, &mut buffer, text)?;
                vm.pop(1);
            }
        }
        append(vm, &mut buffer, b"\n")
    })();
    if filled.is_ok() {
        // As in the reference implementation, nobody is told when this fails.
        let _ = vm.with_files(|host| host.write(FileId::STDOUT, &buffer));
    }
    vm.drop_buffer(buffer);
    filled?;
    Ok(Outcome::results(0))
}

fn rawequal(vm: &mut Vm, args: Args) -> NativeResult {
    let a = args::any(vm, args, 0)?;
    let b = args::any(vm, args, 1)?;
    let is = vm.raw_equal(a, b);
    vm.push_bool(is)?;
    Ok(Outcome::results(1))
}

fn rawlen(vm: &mut Vm, args: Args) -> NativeResult {
    let slot = args.slot(0);
    if !matches!(vm.type_of(slot), Type::Table | Type::String) {
        return Err(vm.type_error(args, 0, "table or string"));
    }
    // Of an external table the entries are in the store.
    let len = if vm.external_id(slot) != 0 {
        vm.len(slot)?
    } else {
        vm.raw_len(slot) as i64
    };
    vm.push_int(len)?;
    Ok(Outcome::results(1))
}

fn rawget(vm: &mut Vm, args: Args) -> NativeResult {
    let table = args::table(vm, args, 0)?;
    let key = args::any(vm, args, 1)?;
    vm.raw_get(table, key)?;
    Ok(Outcome::results(1))
}

fn rawset(vm: &mut Vm, args: Args) -> NativeResult {
    let table = args::table(vm, args, 0)?;
    let key = args::any(vm, args, 1)?;
    let value = args::any(vm, args, 2)?;
    vm.raw_set(table, key, value)?;
    vm.push_slot(table)?;
    Ok(Outcome::results(1))
}

fn select(vm: &mut Vm, args: Args) -> NativeResult {
    let given = i64::from(args.len());
    if let View::String([b'#', ..]) = vm.view(args.slot(0)) {
        vm.push_int(given - 1)?;
        return Ok(Outcome::results(1));
    }
    let n = args::int(vm, args, 0)?;
    let n = if n < 0 {
        n.saturating_add(given)
    } else {
        n.min(given)
    };
    if n < 1 {
        return Err(vm.arg_error(args, 0, &[b"index out of range"]));
    }
    Ok(Outcome::results((given - n) as u32))
}

fn tostring(vm: &mut Vm, args: Args) -> NativeResult {
    let slot = args::any(vm, args, 0)?;
    vm.tostring(slot)?;
    Ok(Outcome::results(1))
}

fn type_(vm: &mut Vm, args: Args) -> NativeResult {
    let slot = args::any(vm, args, 0)?;
    let name = vm.type_of(slot).name();
    vm.push_bytes(name.as_bytes())?;
    Ok(Outcome::results(1))
}

/// `warn(msg1, ...)`. A single piece that begins with `@` is a control message; only "@on" and "@off" mean
/// something.
fn warn(vm: &mut Vm, args: Args) -> NativeResult {
    args::string(vm, args, 0)?;
    for i in 1..args.len() {
        args::string(vm, args, i)?;
    }
    if args.len() == 1
        && let [b'@', control @ ..] = bytes(vm, args.slot(0))
    {
        match control {
            b"on" => *vm.warnings_on() = true,
            b"off" => *vm.warnings_on() = false,
            _ => {}
        }
        return Ok(Outcome::results(0));
    }
    if !*vm.warnings_on() {
        return Ok(Outcome::results(0));
    }
    let mut buffer = vm.take_buffer();
    let filled = fill_warning(vm, &mut buffer, args);
    if filled.is_ok() {
        let _ = vm.host().write(FileId::STDERR, &buffer);
    }
    vm.drop_buffer(buffer);
    filled?;
    Ok(Outcome::results(0))
}

fn fill_warning(vm: &mut Vm, buffer: &mut Vec<u8>, args: Args) -> Result<(), Thrown> {
    append(vm, buffer, b"Lua warning: ")?;
    for i in 0..args.len() {
        append_slot(vm, buffer, args.slot(i))?;
    }
    append(vm, buffer, b"\n")
}
