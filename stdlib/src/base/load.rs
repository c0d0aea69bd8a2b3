//! `load`, `loadfile` and `dofile`.
//!
//! A reader function is called through the machine, piece by piece, so that it may yield and an error in it is an
//! answer of `load`. The pieces are kept in a table and joined at the end.

use cu_vm::{Args, NativeResult, Outcome, Slot, Thrown, Type, View, Vm};

use crate::answer::c_string;
use crate::args::{self, append_slot, build, bytes, copy_out};
use crate::io::read::{self, Unreadable};

const READER_CALLED: u32 = 1;

/// What `load` looks like inside while a reader runs: the first four slots are the arguments.
struct Frame {
    function: Slot,
    name: Slot,
    mode: Slot,
    env: Slot,
    /// Whether an environment was given, be it nil.
    has_env: Slot,
    pieces: Slot,
    /// Where the reader is called, and its result lies.
    piece: Slot,
}

impl Frame {
    fn at(base: Slot) -> Frame {
        Frame {
            function: base,
            name: base.offset(1),
            mode: base.offset(2),
            env: base.offset(3),
            has_env: base.offset(4),
            pieces: base.offset(5),
            piece: base.offset(6),
        }
    }
}

/// `load(chunk [, chunkname [, mode [, env]]])`
pub fn load(vm: &mut Vm, args: Args) -> NativeResult {
    let frame = Frame::at(args::base(args));
    if args.state() == READER_CALLED {
        return take_piece(vm, &frame);
    }
    let mode = args::opt_string(vm, args, 2)?;
    let has_env = args.len() > 3;
    if matches!(vm.type_of(args.slot(0)), Type::String | Type::Number) {
        let chunk = args::string(vm, args, 0)?;
        let name = args::opt_string(vm, args, 1)?.unwrap_or(chunk);
        return compile(vm, chunk, Some(name), mode, has_env.then_some(args.slot(3)));
    }
    args::opt_string(vm, args, 1)?;
    args::function(vm, args, 0)?;
    vm.set_top(frame.has_env)?;
    vm.push_bool(has_env)?;
    vm.push_table(0, 0)?;
    call_reader(vm, &frame)
}

fn call_reader(vm: &mut Vm, frame: &Frame) -> NativeResult {
    // A reader without loops and calls of its own can still go on for ever.
    vm.charge(1)?;
    vm.set_top(frame.piece)?;
    vm.push_slot(frame.function)?;
    Ok(Outcome::protected_call(0, READER_CALLED))
}

fn take_piece(vm: &mut Vm, frame: &Frame) -> NativeResult {
    if vm.call_failed() {
        vm.push_nil()?;
        vm.insert(frame.piece);
        return Ok(Outcome::results(2));
    }
    vm.set_top(frame.piece.offset(1))?;
    let size = match vm.view(frame.piece) {
        View::Nil => 0,
        View::String(piece) => piece.len(),
        View::Integer(_) | View::Float(_) => {
            vm.coerce_to_string(frame.piece)?;
            bytes(vm, frame.piece).len()
        }
        _ => {
            vm.push_nil()?;
            let position = vm.top();
            vm.push_where(1)?;
            build(vm, |vm, buffer| {
                append_slot(vm, buffer, position)?;
                args::append(vm, buffer, b"reader function must return a string")
            })?;
            vm.copy(position.offset(1), position);
            vm.pop(1);
            return Ok(Outcome::results(2));
        }
    };
    let n = vm.raw_len(frame.pieces) as i64;
    if size > 0 {
        vm.raw_set_int(frame.pieces, n + 1, frame.piece)?;
        return call_reader(vm, frame);
    }
    vm.set_top(frame.piece)?;
    build(vm, |vm, buffer| {
        for i in 1..=n {
            let len = vm.raw_bytes_at(frame.pieces, i).map_or(0, <[u8]>::len);
            vm.charge(1 + len as u64 / 32)?;
            vm.reserve(buffer, len)?;
            buffer.extend_from_slice(vm.raw_bytes_at(frame.pieces, i).unwrap_or_default());
        }
        Ok(())
    })?;
    let given = |vm: &Vm, slot| (!vm.is_none_or_nil(slot)).then_some(slot);
    let (name, mode) = (given(vm, frame.name), given(vm, frame.mode));
    let env = vm.truthy(frame.has_env).then_some(frame.env);
    compile(vm, frame.piece, name, mode, env)
}

/// Compiles the string in `chunk` and answers what `load` does.
fn compile(
    vm: &mut Vm,
    chunk: Slot,
    name: Option<Slot>,
    mode: Option<Slot>,
    env: Option<Slot>,
) -> NativeResult {
    let mode = copy_or(vm, mode, b"bt")?;
    let name = match copy_or(vm, name, b"=(load)") {
        Ok(name) => name,
        Err(thrown) => {
            vm.drop_buffer(mode);
            return Err(thrown);
        }
    };
    let result = vm.top();
    let allowed = allowed(vm, &mode);
    let loaded = vm.load(chunk, &name, allowed);
    vm.drop_buffer(name);
    vm.drop_buffer(mode);
    finish(vm, loaded, result, env)
}

/// The part of a mode that the host allows: all of it, or only text.
fn allowed<'m>(vm: &mut Vm, mode: &'m [u8]) -> &'m [u8] {
    if *vm.binary_chunks_on() {
        mode
    } else if mode.contains(&b't') {
        b"t"
    } else {
        b""
    }
}

fn copy_or(vm: &mut Vm, slot: Option<Slot>, default: &[u8]) -> Result<Vec<u8>, Thrown> {
    match slot {
        Some(slot) => copy_out(vm, slot),
        None => {
            let mut buffer = vm.take_buffer();
            match args::append(vm, &mut buffer, default) {
                Ok(()) => Ok(buffer),
                Err(thrown) => {
                    vm.drop_buffer(buffer);
                    Err(thrown)
                }
            }
        }
    }
}

/// The function in `result`, with its environment; or nil and the message there.
fn finish(
    vm: &mut Vm,
    loaded: Result<bool, Thrown>,
    result: Slot,
    env: Option<Slot>,
) -> NativeResult {
    if loaded? {
        if let Some(env) = env {
            vm.set_first_upvalue(result, env);
        }
        return Ok(Outcome::results(1));
    }
    vm.push_nil()?;
    vm.insert(result);
    Ok(Outcome::results(2))
}

/// `loadfile([filename [, mode [, env]]])`
pub fn loadfile(vm: &mut Vm, args: Args) -> NativeResult {
    let name = opt_file_name(vm, args)?;
    let mode = args::opt_string(vm, args, 1)?;
    let mode = copy_or(vm, mode, b"bt")?;
    let result = vm.top();
    let loaded = load_file(vm, name.as_deref(), &mode);
    vm.drop_buffer(mode);
    drop_name(vm, name);
    finish(vm, loaded, result, (args.len() > 2).then_some(args.slot(2)))
}

/// `dofile([filename])`
pub fn dofile(vm: &mut Vm, args: Args) -> NativeResult {
    let name = opt_file_name(vm, args)?;
    let result = vm.top();
    let loaded = load_file(vm, name.as_deref(), b"bt");
    drop_name(vm, name);
    if loaded? {
        Ok(Outcome::tail_call(0))
    } else {
        Err(vm.throw(result))
    }
}

fn opt_file_name(vm: &mut Vm, args: Args) -> Result<Option<Vec<u8>>, Thrown> {
    if vm.is_none_or_nil(args.slot(0)) {
        Ok(None)
    } else {
        c_string(vm, args, 0).map(Some)
    }
}

fn drop_name(vm: &mut Vm, name: Option<Vec<u8>>) {
    if let Some(name) = name {
        vm.drop_buffer(name);
    }
}

/// Loads a file, or standard input, and pushes its function: true; or a message: false.
pub fn load_file(vm: &mut Vm, name: Option<&[u8]>, mode: &[u8]) -> Result<bool, Thrown> {
    let shown = name.unwrap_or(b"stdin");
    let content = match read::whole(vm, name)? {
        Ok(content) => content,
        Err(Unreadable { verb, error }) => {
            let parts = [
                b"cannot ",
                verb.as_bytes(),
                b" ",
                shown,
                b": ",
                error.message.as_bytes(),
            ];
            build(vm, |vm, buffer| {
                for part in parts {
                    args::append(vm, buffer, part)?;
                }
                Ok(())
            })?;
            return Ok(false);
        }
    };
    // A chunk name is the file's behind "@"; standard input has a name of its own.
    let mut chunk_name = vm.take_buffer();
    let mark: &[u8] = if name.is_some() { b"@" } else { b"=" };
    let named = args::append(vm, &mut chunk_name, mark)
        .and_then(|()| args::append(vm, &mut chunk_name, shown));
    let loaded = match named {
        Ok(()) => {
            let mode = allowed(vm, mode);
            vm.load_bytes(without_first_line(&content), &chunk_name, mode)
        }
        Err(thrown) => Err(thrown),
    };
    vm.drop_buffer(chunk_name);
    vm.drop_buffer(content);
    loaded
}

/// A file without its byte order mark and without a first line that begins with `#`. The line's end stays,
/// so that lines keep their numbers, except before a binary chunk.
fn without_first_line(content: &[u8]) -> &[u8] {
    let content = content.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(content);
    if content.first() != Some(&b'#') {
        return content;
    }
    let end = memchr::memchr(b'\n', content).unwrap_or(content.len());
    match content.get(end..).unwrap_or_default() {
        [b'\n', chunk @ ..] if chunk.first() == Some(&0x1b) => chunk,
        rest => rest,
    }
}

#[cfg(test)]
mod tests {
    use super::without_first_line;

    #[test]
    fn the_first_line_may_be_for_the_shell() {
        assert_eq!(without_first_line(b"#!/usr/bin/lua\nx=1"), b"\nx=1");
        assert_eq!(without_first_line(b"\xEF\xBB\xBF# a"), b"");
        assert_eq!(without_first_line(b"\xEF\xBB\xBFx=1"), b"x=1");
        assert_eq!(without_first_line(b"#\n\x1bLua"), b"\x1bLua");
        assert_eq!(without_first_line(b"x=1 #\n"), b"x=1 #\n");
    }
}
