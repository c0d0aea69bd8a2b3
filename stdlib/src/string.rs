//! The `string` library and the metatable of strings.
//!
//! Searching is in `find` and `gsub` over the matcher in `pattern`; `format` and `pack` are theirs.

pub mod case;
pub mod find;
pub mod format;
pub mod gsub;
pub mod pack;
pub mod pattern;

use cu_vm::{Args, Event, Native, NativeResult, Outcome, Slot, Thrown, Type, Vm};

use crate::args::{self, build, bytes};
use pattern::known::Patterns;

/// The functions of the library.
pub static NATIVES: [Native; 17] = [
    Native {
        name: "string.byte",
        call: byte,
    },
    Native {
        name: "string.char",
        call: char,
    },
    Native {
        name: "string.dump",
        call: dump,
    },
    Native {
        name: "string.find",
        call: find::find,
    },
    Native {
        name: "string.format",
        call: format::format,
    },
    Native {
        name: "string.gmatch",
        call: find::gmatch,
    },
    Native {
        name: "string.gsub",
        call: gsub::gsub,
    },
    Native {
        name: "string.len",
        call: len,
    },
    Native {
        name: "string.lower",
        call: case::lower,
    },
    Native {
        name: "string.match",
        call: find::match_,
    },
    Native {
        name: "string.pack",
        call: pack::pack,
    },
    Native {
        name: "string.packsize",
        call: pack::packsize,
    },
    Native {
        name: "string.rep",
        call: rep,
    },
    Native {
        name: "string.reverse",
        call: case::reverse,
    },
    Native {
        name: "string.sub",
        call: sub,
    },
    Native {
        name: "string.unpack",
        call: pack::unpack,
    },
    Native {
        name: "string.upper",
        call: case::upper,
    },
];

/// The metamethods of strings: arithmetic on numerals.
pub static METAMETHODS: [Native; 8] = [
    Native {
        name: "string.__add",
        call: |vm, args| arith(vm, args, Event::Add, "add"),
    },
    Native {
        name: "string.__sub",
        call: |vm, args| arith(vm, args, Event::Sub, "sub"),
    },
    Native {
        name: "string.__mul",
        call: |vm, args| arith(vm, args, Event::Mul, "mul"),
    },
    Native {
        name: "string.__mod",
        call: |vm, args| arith(vm, args, Event::Mod, "mod"),
    },
    Native {
        name: "string.__pow",
        call: |vm, args| arith(vm, args, Event::Pow, "pow"),
    },
    Native {
        name: "string.__div",
        call: |vm, args| arith(vm, args, Event::Div, "div"),
    },
    Native {
        name: "string.__idiv",
        call: |vm, args| arith(vm, args, Event::IDiv, "idiv"),
    },
    Native {
        name: "string.__unm",
        call: |vm, args| arith(vm, args, Event::Unm, "unm"),
    },
];

/// The longest string the library makes: sizes fit a C `int`, as in the reference implementation.
pub const MAX_SIZE: u64 = i32::MAX as u64;

/// Gives strings their metatable; `library` is the `string` table.
pub fn open_metatable(vm: &mut Vm, library: Slot) -> Result<(), Thrown> {
    vm.put_kept(Box::new(Patterns::default()));
    let metatable = vm.top();
    vm.push_library(&METAMETHODS)?;
    vm.raw_set_name(metatable, b"__index", library)?;
    let any_string = vm.top();
    vm.push_bytes(b"")?;
    vm.set_metatable(any_string, metatable)?;
    vm.pop(2);
    Ok(())
}

/// A start position counted from 1, for an argument that may be negative or zero.
pub fn start_position(position: i64, len: usize) -> usize {
    if position > 0 {
        usize::try_from(position).unwrap_or(usize::MAX)
    } else if position == 0 || position < -(len as i64) {
        1
    } else {
        (len as i64 + position + 1) as usize
    }
}

/// An end position counted from 1, for an argument that may be negative or too large.
pub fn end_position(position: i64, len: usize) -> usize {
    let n = len as i64;
    if position > n {
        len
    } else if position >= 0 {
        position as usize
    } else if position < -n {
        0
    } else {
        (n + position + 1) as usize
    }
}

fn len(vm: &mut Vm, args: Args) -> NativeResult {
    let slot = args::string(vm, args, 0)?;
    let len = bytes(vm, slot).len();
    vm.push_int(len as i64)?;
    Ok(Outcome::results(1))
}

fn sub(vm: &mut Vm, args: Args) -> NativeResult {
    let slot = args::string(vm, args, 0)?;
    let len = bytes(vm, slot).len();
    let start = start_position(args::int(vm, args, 1)?, len);
    let end = end_position(args::opt_int(vm, args, 2, -1)?, len);
    if start > end {
        vm.push_bytes(b"")?;
    } else {
        vm.charge((end - start) as u64 / 32)?;
        vm.push_substring(slot, start - 1, end)?;
    }
    Ok(Outcome::results(1))
}

fn byte(vm: &mut Vm, args: Args) -> NativeResult {
    let slot = args::string(vm, args, 0)?;
    let first = args::opt_int(vm, args, 1, 1)?;
    let len = bytes(vm, slot).len();
    let start = start_position(first, len);
    let end = end_position(args::opt_int(vm, args, 2, first)?, len);
    if start > end {
        return Ok(Outcome::results(0));
    }
    let n = end - start + 1;
    if n as u64 >= MAX_SIZE {
        return Err(vm.error(&[b"string slice too long"]));
    }
    if n > 1 && !vm.try_reserve(n as u32)? {
        return Err(vm.error(&[b"stack overflow (string slice too long)"]));
    }
    vm.charge(n as u64 / 4)?;
    for i in start - 1..end {
        let byte = bytes(vm, slot).get(i).map_or(0, |b| i64::from(*b));
        vm.push_int(byte)?;
    }
    Ok(Outcome::results(n as u32))
}

fn char(vm: &mut Vm, args: Args) -> NativeResult {
    let mut few = [0; 16];
    if let Some(few) = few.get_mut(..args.len() as usize) {
        for (i, place) in (0..).zip(few.iter_mut()) {
            *place = char_argument(vm, args, i)?;
        }
        vm.push_bytes(few)?;
        return Ok(Outcome::results(1));
    }
    vm.charge(u64::from(args.len()) / 4)?;
    build(vm, |vm, buffer| {
        vm.reserve(buffer, args.len() as usize)?;
        for i in 0..args.len() {
            buffer.push(char_argument(vm, args, i)?);
        }
        Ok(())
    })?;
    Ok(Outcome::results(1))
}

fn char_argument(vm: &mut Vm, args: Args, i: u32) -> Result<u8, Thrown> {
    let code = args::int(vm, args, i)?;
    match u8::try_from(code) {
        Ok(byte) => Ok(byte),
        Err(_) => Err(vm.arg_error(args, i, &[b"value out of range"])),
    }
}

fn rep(vm: &mut Vm, args: Args) -> NativeResult {
    let slot = args::string(vm, args, 0)?;
    let n = args::int(vm, args, 1)?;
    let separator = args::opt_string(vm, args, 2)?;
    if n <= 0 {
        vm.push_bytes(b"")?;
        return Ok(Outcome::results(1));
    }
    let len = bytes(vm, slot).len();
    let gap = separator.map_or(0, |slot| bytes(vm, slot).len());
    if len as u64 + gap as u64 > MAX_SIZE / n as u64 {
        return Err(vm.error(&[b"resulting string too large"]));
    }
    let total = (len + gap) * n as usize - gap;
    vm.charge(total as u64 / 32)?;
    build(vm, |vm, buffer| {
        vm.reserve(buffer, total)?;
        buffer.extend_from_slice(bytes(vm, slot));
        if n > 1 {
            if let Some(separator) = separator {
                buffer.extend_from_slice(bytes(vm, separator));
            }
            // What is there is a prefix of the result whose length is a multiple of the period.
            while buffer.len() < total {
                buffer.extend_from_within(..buffer.len().min(total - buffer.len()));
            }
        }
        Ok(())
    })?;
    Ok(Outcome::results(1))
}

fn dump(vm: &mut Vm, args: Args) -> NativeResult {
    let function = args::function(vm, args, 0)?;
    let strip = vm.truthy(args.slot(1));
    build(vm, |vm, buffer| {
        if vm.dump(function, strip, buffer)? {
            Ok(())
        } else {
            Err(vm.error(&[b"unable to dump given function"]))
        }
    })?;
    Ok(Outcome::results(1))
}

/// The arithmetic metamethods: numerals are converted; anything else is left to the second operand's metamethod.
fn arith(vm: &mut Vm, args: Args, op: Event, name: &str) -> NativeResult {
    let first = args::base(args);
    let second = first.offset(1);
    vm.set_top(first.offset(2))?;
    if vm.push_number(first)? {
        if vm.push_number(second)? {
            vm.arith(op, first.offset(2), first.offset(3))?;
            return Ok(Outcome::results(1));
        }
        vm.pop(1);
    }
    let has_metamethod = vm.type_of(second) != Type::String && push_event(vm, name, second)?;
    if !has_metamethod {
        let (a, b) = (vm.type_of(first).name(), vm.type_of(second).name());
        let parts = [
            b"attempt to ",
            name.as_bytes(),
            b" a '",
            a.as_bytes(),
            b"' with a '",
            b.as_bytes(),
            b"'",
        ];
        return Err(vm.error(&parts));
    }
    vm.insert(first);
    Ok(Outcome::tail_call(2))
}

/// Pushes metafield `__name` of the value in `slot`, if it has one.
fn push_event(vm: &mut Vm, name: &str, slot: Slot) -> Result<bool, Thrown> {
    let mut event = [b'_'; 8];
    let end = 2 + name.len();
    match event.get_mut(2..end) {
        Some(place) => place.copy_from_slice(name.as_bytes()),
        None => return Ok(false),
    }
    vm.push_metafield(slot, event.get(..end).unwrap_or_default())
}
