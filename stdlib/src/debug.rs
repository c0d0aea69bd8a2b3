//! The `debug` library.
//!
//! Most functions take a coroutine as an optional first argument and mean the running one without it. What they look
//! at, levels, variables, upvalues and hooks, is the machine's (`cu_vm`'s `debug_api`); here are arguments and words.

use cu_vm::{
    Args, FileId, HookEvents, Level, Native, NativeResult, Outcome, Slot, Thrown, Type, View, Vm,
};

use crate::args::{self, append, append_slot, bytes};
use crate::io::read;

/// What shows a program to itself, and nothing more: no other function's variables, no protected metatables, no registry.
/// Full names.
pub const HARMLESS: [&str; 2] = ["debug.getinfo", "debug.traceback"];

/// Takes all functions but those of [`HARMLESS`] out of the global table `debug`, which must be there.
pub fn trim(vm: &mut Vm) -> Result<(), Thrown> {
    let globals = vm.top();
    vm.push_globals()?;
    let (debug, nothing) = (globals.offset(1), globals.offset(2));
    vm.raw_get_name(globals, b"debug")?;
    vm.push_nil()?;
    for native in &NATIVES {
        if !HARMLESS.contains(&native.name) {
            vm.raw_set_name(debug, native.short_name(), nothing)?;
        }
    }
    vm.set_top(globals)
}

/// The functions of the library.
pub static NATIVES: [Native; 17] = [
    Native {
        name: "debug.debug",
        call: debug,
    },
    Native {
        name: "debug.gethook",
        call: gethook,
    },
    Native {
        name: "debug.getinfo",
        call: getinfo,
    },
    Native {
        name: "debug.getlocal",
        call: getlocal,
    },
    Native {
        name: "debug.getmetatable",
        call: getmetatable,
    },
    Native {
        name: "debug.getregistry",
        call: getregistry,
    },
    Native {
        name: "debug.getupvalue",
        call: getupvalue,
    },
    Native {
        name: "debug.getuservalue",
        call: getuservalue,
    },
    Native {
        name: "debug.setcstacklimit",
        call: setcstacklimit,
    },
    Native {
        name: "debug.sethook",
        call: sethook,
    },
    Native {
        name: "debug.setlocal",
        call: setlocal,
    },
    Native {
        name: "debug.setmetatable",
        call: setmetatable,
    },
    Native {
        name: "debug.setupvalue",
        call: setupvalue,
    },
    Native {
        name: "debug.setuservalue",
        call: setuservalue,
    },
    Native {
        name: "debug.traceback",
        call: traceback,
    },
    Native {
        name: "debug.upvalueid",
        call: upvalueid,
    },
    Native {
        name: "debug.upvaluejoin",
        call: upvaluejoin,
    },
];

/// The coroutine that is the first argument, and how many arguments it takes away.
fn thread(vm: &Vm, args: Args) -> (Slot, u32) {
    match vm.type_of(args.slot(0)) {
        Type::Thread => (args.slot(0), 1),
        _ => (Slot::NONE, 0),
    }
}

/// Answers one nil.
fn fail(vm: &mut Vm) -> NativeResult {
    vm.push_nil()?;
    Ok(Outcome::results(1))
}

/// Answers a name, and after it the value on top if `n` is 1.
fn name_first(vm: &mut Vm, name: &[u8], n: u32) -> NativeResult {
    let first = vm.top();
    vm.push_bytes(name)?;
    if n == 1 {
        vm.push_slot(first.below(1))?;
    }
    Ok(Outcome::results(n + 1))
}

// ---- functions and levels -------------------------------------------------------------------------------

/// The letters that `getinfo` knows.
const OPTIONS: &[u8] = b"SlnrutLf";

/// `getinfo([thread,] f [, what])`
fn getinfo(vm: &mut Vm, args: Args) -> NativeResult {
    let (thread, skip) = thread(vm, args);
    let subject = args.slot(skip);
    let given = args::opt_string(vm, args, skip + 1)?;
    let mut options = [0u8; 64];
    let mut n = 0;
    let mut unknown = false;
    match given {
        Some(slot) => {
            let text = bytes(vm, slot);
            if text.first() == Some(&b'>') {
                return Err(vm.arg_error(args, skip + 1, &[b"invalid option '>'"]));
            }
            // Each letter counts once, whatever the length.
            for letter in OPTIONS {
                if text.contains(letter) {
                    options[n] = *letter;
                    n += 1;
                }
            }
            unknown = text.iter().any(|letter| !OPTIONS.contains(letter));
        }
        None => {
            for letter in b"Slnrutf" {
                options[n] = *letter;
                n += 1;
            }
        }
    }
    let options = &options[..n];
    let function = vm.top();
    let level = if vm.type_of(subject) == Type::Function {
        vm.push_slot(subject)?;
        None
    } else {
        // Levels are of C's type `int` in PUC Lua, which takes the low half of larger numbers.
        let number = i64::from(args::int(vm, args, skip)? as i32);
        let Some(level) = vm.level(thread, number) else {
            return fail(vm);
        };
        vm.push_level_function(thread, level)?;
        Some(level)
    };
    if unknown {
        return Err(vm.arg_error(args, skip + 1, &[b"invalid option"]));
    }
    let info = vm.top();
    vm.push_table(0, 12)?;
    let about = Subject {
        thread,
        level,
        function,
        info,
    };
    for option in options {
        about.fill(vm, *option)?;
    }
    vm.set_top(info.offset(1))?;
    Ok(Outcome::results(1))
}

/// What `getinfo` is asked about, and the table it fills.
struct Subject {
    thread: Slot,
    level: Option<Level>,
    function: Slot,
    info: Slot,
}

impl Subject {
    fn fill(&self, vm: &mut Vm, option: u8) -> Result<(), Thrown> {
        match option {
            b'S' => {
                let facts = vm.function_facts(self.function);
                self.set_bytes(vm, b"source", &facts.source)?;
                self.set_bytes(vm, b"short_src", &facts.short_src)?;
                self.set_int(vm, b"linedefined", facts.line_defined)?;
                self.set_int(vm, b"lastlinedefined", facts.last_line_defined)?;
                self.set_bytes(vm, b"what", facts.what.as_bytes())
            }
            b'l' => {
                let line = self
                    .level
                    .and_then(|level| vm.level_line(self.thread, level));
                self.set_int(vm, b"currentline", line.map_or(-1, i64::from))
            }
            b'u' => {
                let facts = vm.function_facts(self.function);
                self.set_int(vm, b"nups", i64::from(facts.n_upvals))?;
                self.set_int(vm, b"nparams", i64::from(facts.n_params))?;
                vm.push_bool(facts.is_vararg)?;
                self.set(vm, b"isvararg")
            }
            b'n' => {
                let name = self
                    .level
                    .and_then(|level| vm.level_name(self.thread, level));
                match name {
                    Some((kind, name)) => {
                        self.set_bytes(vm, b"name", &name)?;
                        self.set_bytes(vm, b"namewhat", kind)
                    }
                    None => self.set_bytes(vm, b"namewhat", b""),
                }
            }
            b'r' => {
                let transfer = self
                    .level
                    .map(|level| vm.level_transfer(self.thread, level));
                let (first, n) = transfer.unwrap_or((0, 0));
                self.set_int(vm, b"ftransfer", i64::from(first))?;
                self.set_int(vm, b"ntransfer", i64::from(n))
            }
            b't' => {
                let is = self
                    .level
                    .is_some_and(|level| vm.level_is_tail_call(self.thread, level));
                vm.push_bool(is)?;
                self.set(vm, b"istailcall")
            }
            b'L' => {
                vm.push_active_lines(self.function)?;
                self.set(vm, b"activelines")
            }
            _ => {
                vm.push_slot(self.function)?;
                self.set(vm, b"func")
            }
        }
    }

    /// `info[name]` := the value on top, which is popped.
    fn set(&self, vm: &mut Vm, name: &[u8]) -> Result<(), Thrown> {
        let value = vm.top().below(1);
        vm.raw_set_name(self.info, name, value)?;
        vm.pop(1);
        Ok(())
    }

    fn set_bytes(&self, vm: &mut Vm, name: &[u8], value: &[u8]) -> Result<(), Thrown> {
        vm.push_bytes(value)?;
        self.set(vm, name)
    }

    fn set_int(&self, vm: &mut Vm, name: &[u8], value: i64) -> Result<(), Thrown> {
        vm.push_int(value)?;
        self.set(vm, name)
    }
}

/// `traceback([thread,] [message [, level]])`
fn traceback(vm: &mut Vm, args: Args) -> NativeResult {
    let (thread, skip) = thread(vm, args);
    let message = args.slot(skip);
    let message = match vm.view(message) {
        View::None | View::Nil => None,
        View::String(_) | View::Integer(_) | View::Float(_) => Some(args::string(vm, args, skip)?),
        _ => {
            vm.push_slot(message)?;
            return Ok(Outcome::results(1));
        }
    };
    // The running thread begins with its caller.
    let level = args::opt_int(vm, args, skip + 1, if skip == 0 { 1 } else { 0 })?;
    vm.push_traceback(thread, message, u32::try_from(level).unwrap_or(u32::MAX))?;
    Ok(Outcome::results(1))
}

// ---- variables ------------------------------------------------------------------------------------------

/// The level that an argument names.
fn level(vm: &mut Vm, args: Args, thread: Slot, i: u32) -> Result<Level, Thrown> {
    let number = args::int(vm, args, i)?;
    match vm.level(thread, number) {
        Some(level) => Ok(level),
        None => Err(vm.arg_error(args, i, &[b"level out of range"])),
    }
}

/// `getlocal([thread,] f, local)`
fn getlocal(vm: &mut Vm, args: Args) -> NativeResult {
    let (thread, skip) = thread(vm, args);
    let number = args::int(vm, args, skip + 1)?;
    if vm.type_of(args.slot(skip)) == Type::Function {
        return match vm.parameter_name(args.slot(skip), number) {
            Some(name) => name_first(vm, &name, 0),
            None => fail(vm),
        };
    }
    let level = level(vm, args, thread, skip)?;
    match vm.push_local(thread, level, number)? {
        Some(name) => name_first(vm, &name, 1),
        None => fail(vm),
    }
}

/// `setlocal([thread,] level, local, value)`
fn setlocal(vm: &mut Vm, args: Args) -> NativeResult {
    let (thread, skip) = thread(vm, args);
    let number = args::int(vm, args, skip + 1)?;
    let level = level(vm, args, thread, skip)?;
    let value = args::any(vm, args, skip + 2)?;
    match vm.set_local(thread, level, number, value) {
        Some(name) => name_first(vm, &name, 0),
        None => fail(vm),
    }
}

/// `getupvalue(f, up)`
fn getupvalue(vm: &mut Vm, args: Args) -> NativeResult {
    let number = args::int(vm, args, 1)?;
    let f = args::function(vm, args, 0)?;
    match vm.push_upvalue_of(f, number)? {
        Some(name) => name_first(vm, &name, 1),
        None => Ok(Outcome::results(0)),
    }
}

/// `setupvalue(f, up, value)`
fn setupvalue(vm: &mut Vm, args: Args) -> NativeResult {
    let value = args::any(vm, args, 2)?;
    let number = args::int(vm, args, 1)?;
    let f = args::function(vm, args, 0)?;
    match vm.set_upvalue_of(f, number, value) {
        Some(name) => name_first(vm, &name, 0),
        None => Ok(Outcome::results(0)),
    }
}

/// `upvalueid(f, n)`
fn upvalueid(vm: &mut Vm, args: Args) -> NativeResult {
    let number = args::int(vm, args, 1)?;
    let f = args::function(vm, args, 0)?;
    if vm.push_upvalue_id(f, number)? {
        return Ok(Outcome::results(1));
    }
    fail(vm)
}

/// `upvaluejoin(f1, n1, f2, n2)`
fn upvaluejoin(vm: &mut Vm, args: Args) -> NativeResult {
    let mut numbers = [0; 2];
    for (i, number) in (0..).zip(&mut numbers) {
        *number = args::int(vm, args, 2 * i + 1)?;
        let f = args::function(vm, args, 2 * i)?;
        let exists = if vm.is_native(f) {
            vm.push_upvalue_id(f, *number)?
        } else {
            vm.has_lua_upvalue(f, *number)
        };
        if !exists {
            return Err(vm.arg_error(args, 2 * i + 1, &[b"invalid upvalue index"]));
        }
    }
    for i in [0, 2] {
        if vm.is_native(args.slot(i)) {
            return Err(vm.arg_error(args, i, &[b"Lua function expected"]));
        }
    }
    vm.join_upvalues(args.slot(0), numbers[0], args.slot(2), numbers[1]);
    Ok(Outcome::results(0))
}

// ---- metatables, the registry, user values --------------------------------------------------------------

fn getmetatable(vm: &mut Vm, args: Args) -> NativeResult {
    let slot = args::any(vm, args, 0)?;
    if !vm.push_metatable(slot)? {
        vm.push_nil()?;
    }
    Ok(Outcome::results(1))
}

fn setmetatable(vm: &mut Vm, args: Args) -> NativeResult {
    let metatable = args.slot(1);
    if !matches!(vm.type_of(metatable), Type::Nil | Type::Table) {
        return Err(vm.type_error(args, 1, "nil or table"));
    }
    vm.set_metatable(args.slot(0), metatable)?;
    vm.push_slot(args.slot(0))?;
    Ok(Outcome::results(1))
}

fn getregistry(vm: &mut Vm, _: Args) -> NativeResult {
    vm.push_registry()?;
    Ok(Outcome::results(1))
}

/// `getuservalue(u, n)`
fn getuservalue(vm: &mut Vm, args: Args) -> NativeResult {
    let number = args::opt_int(vm, args, 1, 1)?;
    if vm.push_user_value(args.slot(0), number)? {
        vm.push_bool(true)?;
        return Ok(Outcome::results(2));
    }
    fail(vm)
}

/// `setuservalue(udata, value, n)`
fn setuservalue(vm: &mut Vm, args: Args) -> NativeResult {
    let number = args::opt_int(vm, args, 2, 1)?;
    let u = args::of_type(vm, args, 0, Type::Userdata)?;
    let value = args::any(vm, args, 1)?;
    if vm.set_user_value(u, number, value) {
        vm.push_slot(u)?;
        return Ok(Outcome::results(1));
    }
    fail(vm)
}

// ---- hooks ----------------------------------------------------------------------------------------------

/// `sethook([thread,] hook, mask [, count])`
fn sethook(vm: &mut Vm, args: Args) -> NativeResult {
    let (thread, skip) = thread(vm, args);
    let function = args.slot(skip);
    let mut events = HookEvents::default();
    if !vm.is_none_or_nil(function) {
        let mask = args::string(vm, args, skip + 1)?;
        args::function(vm, args, skip)?;
        let count = args::opt_int(vm, args, skip + 2, 0)?;
        let mask = bytes(vm, mask);
        events = HookEvents {
            call: mask.contains(&b'c'),
            ret: mask.contains(&b'r'),
            line: mask.contains(&b'l'),
            count: u32::try_from(count).unwrap_or(0),
        };
    }
    vm.set_hook(thread, function, events)?;
    Ok(Outcome::hooked_results(0))
}

/// `gethook([thread])`
fn gethook(vm: &mut Vm, args: Args) -> NativeResult {
    let (thread, _) = thread(vm, args);
    let events = vm.push_hook(thread)?;
    if events == HookEvents::default() {
        return fail(vm);
    }
    let letters = [(events.call, b'c'), (events.ret, b'r'), (events.line, b'l')];
    let mask: Vec<u8> = letters
        .iter()
        .filter(|(is, _)| *is)
        .map(|(_, letter)| *letter)
        .collect();
    vm.push_bytes(&mask)?;
    vm.push_int(i64::from(events.count))?;
    Ok(Outcome::results(3))
}

/// Kept for old programs: the limit is fixed.
fn setcstacklimit(vm: &mut Vm, args: Args) -> NativeResult {
    args::int(vm, args, 0)?;
    vm.push_int(200)?;
    Ok(Outcome::results(1))
}

/// Runs lines of standard input until there are no more, or one is `cont`.
fn debug(vm: &mut Vm, args: Args) -> NativeResult {
    let base = args::base(args);
    if args.state() == RUN && vm.call_failed() {
        complain(vm, vm.top().below(1))?;
    }
    loop {
        vm.set_top(base)?;
        // Whoever cannot be told what to type is told nothing.
        let _ = vm.host().write(FileId::STDERR, b"lua_debug> ");
        let _ = vm.host().flush(FileId::STDERR);
        let mut line = vm.take_buffer();
        let is_there = read::line(vm, FileId::STDIN, &mut line);
        let goes_on = matches!(is_there, Ok(true)) && line != b"cont\n";
        let loaded = match goes_on {
            true => vm.load_bytes(&line, b"=(debug command)", b"bt"),
            false => Ok(false),
        };
        vm.drop_buffer(line);
        is_there?;
        if !goes_on {
            return Ok(Outcome::results(0));
        }
        if loaded? {
            return Ok(Outcome::protected_call(0, RUN));
        }
        complain(vm, vm.top().below(1))?;
    }
}

/// State of `debug.debug` while a line runs.
const RUN: u32 = 1;

/// Writes an error value to standard error.
fn complain(vm: &mut Vm, error: Slot) -> Result<(), Thrown> {
    let text = vm.top();
    vm.tostring(error)?;
    let mut line = vm.take_buffer();
    let filled = append_slot(vm, &mut line, text).and_then(|()| append(vm, &mut line, b"\n"));
    let _ = vm.host().write(FileId::STDERR, &line);
    vm.drop_buffer(line);
    filled
}
