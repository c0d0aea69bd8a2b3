//! Runs: how JavaScript gets a function of Lua's to run, and learns what came of it; and how Lua asks JavaScript.
//!
//! What it is not: it knows no WebAssembly (`exports.rs`), so that tests can drive it.
//!
//! Arguments come in the message of `wire.rs`, and so do the results:
//!
//! | status | message |
//! |---|---|
//! | `DONE` | count, values |
//! | `FAILED` | kind, value's number (0: none), text, value, traceback, chunk, line, column |
//! | `WAITING` | the run's number, the promise's |
//! | `STOPPED` | the reason, or `EXIT` and the status of `os.exit` |

use std::any::Any;
use std::rc::Rc;

use cu_stdlib::bigint;
use cu_vm::compile::{CompileError, Meter, check};
use cu_vm::{Config, ErrorKind, Slot, Thrown, Type, View, Vm};

use crate::big::{self, JavaScript};
use crate::decode::push_values;
use crate::encode::Encoder;
use crate::face::{Answer, Face};
use crate::host::{JsHost, Place};
use crate::mirror::{LoadError, Mirror};
use crate::natives::{self, entered};
use crate::wire::{self, Reader};
use crate::{reentry, registry};

/// What became of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It has ended with results.
    Done = 0,
    /// It has ended with an error.
    Failed = 1,
    /// It waits for a promise.
    Waiting = 2,
    /// It was ended.
    Stopped = 3,
    /// There is no such machine, or it cannot be used now: it is running and does not wait for JavaScript.
    Busy = 4,
}

/// Kinds of errors in messages.
mod kind {
    pub const RUNTIME: u32 = 0;
    pub const SYNTAX: u32 = 1;
    pub const MEMORY: u32 = 2;
    pub const HANDLER: u32 = 3;
}

/// Reason in a message: the program called `os.exit`.
const EXIT: u32 = 4;

/// The host of a machine that [`open`] made; the natives of this crate are in no other.
pub fn host(vm: &mut Vm) -> &mut JsHost {
    let host: &mut dyn Any = vm.host();
    match host.downcast_mut() {
        Some(host) => host,
        None => std::process::abort(),
    }
}

/// The bit of [`open`]'s `libraries` that says that `debug` is whole.
const WHOLE_DEBUG: u32 = 1 << 31;

/// Makes a machine with some of the libraries, and returns its number. Programs in it load source text alone, and have
/// what is harmless of `debug` unless the highest bit says that they have all of it.
pub fn open(face: Rc<dyn Face>, memory_limit: usize, libraries: u32) -> Option<u32> {
    let seed = u64::from(face.random()) << 32 | u64::from(face.random());
    let config = Config {
        memory_limit,
        seed,
        ..Config::default()
    };
    let mut world = JsHost::new(face);
    world.books.message_limit = memory_limit;
    let mut vm = Box::new(Vm::new(Box::new(world), config).ok()?);
    // Stored functions need no permission: they are chunks as well, but do not come from a program.
    *vm.binary_chunks_on() = false;
    cu_stdlib::open_base(&mut vm).ok()?;
    for (i, library) in libraries_there_are().enumerate() {
        if libraries >> i & 1 != 0 {
            cu_stdlib::open_library(&mut vm, library).ok()?;
            if library.name == "debug" && libraries & WHOLE_DEBUG == 0 {
                cu_stdlib::debug::trim(&mut vm).ok()?;
            }
            if library.name == "package" {
                bigint::open_preload::<JavaScript>(&mut vm).ok()?;
            }
        }
    }
    registry::open(&mut vm).ok()?;
    let id = reentry::add(vm)?;
    reentry::with(id, |vm| host(vm).id = id)?;
    Some(id)
}

/// The libraries, in the order of the bits by which [`open`] is told of them.
pub fn libraries_there_are() -> impl Iterator<Item = &'static cu_stdlib::Library> {
    cu_stdlib::CORE.iter().chain(&cu_stdlib::SYSTEM)
}

/// Ends a machine: its finalizers run; false if something of it still runs.
pub fn close(id: u32) -> bool {
    if !reentry::is_idle(id) {
        return false;
    }
    reentry::with(id, |vm| {
        vm.close();
        host(vm).flush_output();
    });
    reentry::remove(id).is_some()
}

// ---- Lua asks JavaScript --------------------------------------------------------------------------------

/// Calls JavaScript with the `n` values from `first` up; pushes what it answers with.
pub fn ask(
    vm: &mut Vm,
    first: Slot,
    n: u32,
    call: impl FnOnce(&dyn Face) -> Answer,
) -> Result<Answer, Thrown> {
    let mut message = Encoder::new(vm, wire::take());
    for i in 0..n {
        if let Err(thrown) = message.value(vm, first.offset(i)) {
            wire::put_read(message.finish());
            return Err(thrown);
        }
    }
    wire::put(message.finish());
    let world = host(vm);
    world.flush_output();
    let (face, id) = (Rc::clone(&world.face), world.id);
    let answer = reentry::lend(vm, id, || call(&*face));
    if host(vm).stopping != 0 {
        // Whatever JavaScript made of it, the run ends.
        return Ok(Answer::Stopped);
    }
    if vm.is_exiting() {
        let status = vm.take_exit_status().unwrap_or_default();
        return Err(vm.exit(status));
    }
    match answer {
        Answer::Returned | Answer::Threw => {
            let buffer = wire::take();
            let mut reader = Reader::new(&buffer);
            let n = reader.word().unwrap_or_default();
            let pushed = push_values(vm, &mut reader, n);
            wire::put_read(buffer);
            pushed?;
        }
        Answer::Promised(_) if !vm.can_suspend() => {
            return Err(vm.error(&[
                b"cannot wait for a promise here: a library function that calls back (such as table.sort or \
                  string.gsub), a finalizer or a metamethod of one is in between",
            ]));
        }
        Answer::Promised(_) | Answer::Stopped => {}
    }
    Ok(answer)
}

// ---- JavaScript runs Lua --------------------------------------------------------------------------------

/// What a run begins with, from the message.
#[derive(Clone, Copy, Debug)]
pub enum Begin {
    /// A chunk: source, name, then the arguments.
    Chunk {
        /// Number of arguments.
        n: u32,
    },
    /// The value that JavaScript holds under this number, and its arguments.
    Call {
        /// The function's number.
        function: u32,
        /// Number of arguments.
        n: u32,
    },
    /// A run that waits, and what it is given: whether the promise was fulfilled, and what with.
    Resume {
        /// The run's number.
        run: u32,
        /// Whether the promise was fulfilled.
        fulfilled: bool,
        /// Number of values.
        n: u32,
    },
}

/// Begins a run, or goes on with one. `fuel` (below 0: no limit) is for the outermost run; those inside it share it.
pub fn run(id: u32, begin: Begin, fuel: f64) -> Status {
    let status = reentry::with(id, |vm| {
        let bottom = vm.top();
        let world = host(vm);
        if world.n_running == 0 {
            world.stopping = 0;
            if !matches!(begin, Begin::Resume { .. }) {
                world.output_left = world.output_limit;
            }
            vm.set_fuel((fuel >= 0.0).then_some(fuel as u64));
        } else if world.stopping != 0 {
            return stopped(vm);
        }
        let status = match start(vm, begin) {
            Ok(status) => status,
            Err(thrown) => unexpected(vm, thrown),
        };
        // Lowering the top cannot fail.
        let _ = vm.set_top(bottom);
        host(vm).flush_output();
        status
    });
    status.unwrap_or(Status::Busy)
}

fn start(vm: &mut Vm, begin: Begin) -> Result<Status, Thrown> {
    let buffer = wire::take();
    let prepared = prepare(vm, begin, &mut Reader::new(&buffer));
    wire::put_read(buffer);
    let (bottom, run) = match prepared? {
        Prepared::Ready { bottom, run } => (bottom, run),
        Prepared::Syntax { place } => {
            host(vm).books.place = place;
            return failed(vm, kind::SYNTAX);
        }
    };
    let n = vm.top().distance_from(bottom) - 1;
    host(vm).books.promise = None;
    host(vm).n_running += 1;
    let called = vm.call(n, None);
    host(vm).n_running -= 1;
    if let Err(thrown) = called {
        let status = unexpected(vm, thrown);
        registry::drop_runner(vm, run, true)?;
        return Ok(status);
    }
    let verdict = vm.to_integer(bottom);
    match verdict {
        Some(entered::DONE) => {
            registry::drop_runner(vm, run, false)?;
            let n = vm.top().distance_from(bottom) - 1;
            done(vm, bottom.offset(1), n)
        }
        Some(entered::WAITING) => {
            let promise = host(vm).books.promise.take().unwrap_or_default();
            let mut message = Encoder::new(vm, wire::take());
            let written = message
                .word(vm, run)
                .and_then(|()| message.word(vm, promise));
            wire::put(message.finish());
            written.map(|()| Status::Waiting)
        }
        _ => {
            registry::drop_runner(vm, run, true)?;
            let memory = matches!(
                vm.view(bottom.offset(1)),
                View::String(b"not enough memory")
            );
            failed(vm, if memory { kind::MEMORY } else { kind::RUNTIME })
        }
    }
}

enum Prepared {
    /// From `bottom` up: `ENTER`, the coroutine twice, and what it is given.
    Ready { bottom: Slot, run: u32 },
    /// The chunk is not valid; the message is on top of the stack.
    Syntax { place: Place },
}

fn prepare(vm: &mut Vm, begin: Begin, reader: &mut Reader<'_>) -> Result<Prepared, Thrown> {
    let bottom = vm.top();
    vm.push_native(&natives::ENTER)?;
    let (run, n) = match begin {
        Begin::Resume { run, .. } => {
            registry::push_waiting_runner(vm, run)?;
            (run, 0)
        }
        Begin::Chunk { n } | Begin::Call { n, .. } => (registry::push_runner(vm)?, n),
    };
    vm.push_slot(bottom.offset(1))?;
    let given = vm.top();
    let pushed = give(vm, begin, reader, n);
    match pushed {
        Ok(None) => Ok(Prepared::Ready { bottom, run }),
        Ok(Some(place)) => {
            registry::drop_runner(vm, run, false)?;
            vm.set_top(given.offset(1))?;
            Ok(Prepared::Syntax { place })
        }
        Err(thrown) => {
            if !matches!(begin, Begin::Resume { .. }) {
                host(vm).books.free_runners.push(run);
            }
            Err(thrown)
        }
    }
}

/// Pushes what the coroutine is given; the place of the error if it is a chunk that is not valid.
fn give(
    vm: &mut Vm,
    begin: Begin,
    reader: &mut Reader<'_>,
    n: u32,
) -> Result<Option<Place>, Thrown> {
    match begin {
        Begin::Chunk { .. } => {
            let malformed = |vm: &mut Vm| vm.error_plain(&[b"malformed message from JavaScript"]);
            let source = reader.string().map_err(|_| malformed(vm))?;
            let name = reader.string().map_err(|_| malformed(vm))?;
            if !vm.load_bytes(source, name, b"t")? {
                return Ok(Some(syntax_place(source, name)));
            }
            push_values(vm, reader, n)?;
        }
        Begin::Call { function, .. } => {
            registry::push_held(vm, function)?;
            push_values(vm, reader, n)?;
        }
        Begin::Resume { fulfilled, n, .. } => {
            vm.push_bool(fulfilled)?;
            push_values(vm, reader, n)?;
        }
    }
    Ok(None)
}

/// Line and column of the error in a source that is not valid.
fn syntax_place(source: &[u8], name: &[u8]) -> Place {
    let mut place = Place {
        chunk: name.to_vec(),
        ..Place::default()
    };
    let mut meter = Meter::new(source.len().saturating_mul(64).max(1 << 20));
    let Err(CompileError::Syntax { line, at, .. }) = check(source, name, &mut meter) else {
        return place;
    };
    let before = source.get(..at as usize).unwrap_or(source);
    let start = before
        .iter()
        .rposition(|b| *b == b'\n')
        .map_or(0, |i| i + 1);
    let text = before.get(start..).unwrap_or_default();
    // Columns count UTF-16 code units, as JavaScript does.
    let column = String::from_utf8_lossy(text).encode_utf16().count() + 1;
    place.line = line;
    place.column = u32::try_from(column).unwrap_or(0);
    place
}

/// Compiles a chunk, and answers with the function.
pub fn load(id: u32) -> Status {
    access(id, |vm, reader| {
        let malformed = |vm: &mut Vm| vm.error_plain(&[b"malformed message from JavaScript"]);
        let source = reader.string().map_err(|_| malformed(vm))?;
        let name = reader.string().map_err(|_| malformed(vm))?;
        if vm.load_bytes(source, name, b"t")? {
            return Ok(());
        }
        host(vm).books.place = syntax_place(source, name);
        Err(vm.throw(vm.top().below(1)))
    })
}

/// Does something with a message that calls no Lua, and answers with the value that it leaves on top of the stack.
pub fn access(id: u32, act: impl FnOnce(&mut Vm, &mut Reader<'_>) -> Result<(), Thrown>) -> Status {
    let status = reentry::with(id, |vm| {
        let bottom = vm.top();
        let buffer = wire::take();
        let accessed = act(vm, &mut Reader::new(&buffer));
        wire::put_read(buffer);
        let answered = accessed.and_then(|()| {
            let last = vm.top().below(1);
            done(vm, last, 1)
        });
        let status = answered.unwrap_or_else(|thrown| unexpected(vm, thrown));
        let _ = vm.set_top(bottom);
        status
    });
    status.unwrap_or(Status::Busy)
}

/// Does something that calls no Lua and has no answer.
pub fn quietly(id: u32, act: impl FnOnce(&mut Vm) -> Result<(), Thrown>) -> bool {
    let done = reentry::with(id, |vm| {
        let bottom = vm.top();
        if let Err(thrown) = act(vm) {
            let _ = caught(vm, thrown);
        }
        let _ = vm.set_top(bottom);
    });
    done.is_some()
}

/// Does something with the machine's files, whose memory counts.
pub fn with_files<R>(
    vm: &mut Vm,
    act: impl FnOnce(&mut cu_stdlib::memory_fs::MemoryFiles) -> R,
) -> R {
    vm.with_files(|host| {
        let host: &mut dyn Any = host;
        match host.downcast_mut::<JsHost>() {
            Some(host) => act(&mut host.files),
            None => std::process::abort(),
        }
    })
}

/// Gives the machine external tables with the entries in the message; see [`mirror`](crate::mirror).
pub fn open_tables(
    vm: &mut Vm,
    reader: &mut Reader<'_>,
    memory_limit: usize,
) -> Result<(), Thrown> {
    let mirror = Mirror::new(memory_limit);
    let n = reader.word().unwrap_or_default();
    let segments = (0..n).map(|_| reader.string());
    let mut malformed = false;
    let loaded = mirror.load(segments.map_while(|segment| {
        malformed |= segment.is_err();
        segment.ok()
    }));
    match loaded {
        Err(LoadError::Full) => return Err(vm.out_of_memory()),
        Ok(()) if !malformed => {}
        _ => return Err(vm.error_plain(&[b"malformed message from JavaScript"])),
    }
    let options = cu_ext_table::Options {
        find: big::find,
        memory_alias: false,
        big_integers: Some(cu_ext_table::BigIntegers {
            bytes: bigint::to_bytes,
            push: bigint::push_from_bytes::<JavaScript>,
        }),
        ..cu_ext_table::Options::default()
    };
    cu_ext_table::open(vm, Box::new(mirror.clone()), options)?;
    cu_ext_table::sync_counter(vm, mirror.next_table());
    host(vm).books.mirror = Some(mirror);
    vm.push_nil()
}

/// Writes what has changed of the external tables into a message.
pub fn take_changes(id: u32) -> Status {
    write_entries(id, write_changes)
}

/// Writes everything in the external tables into a message; what has changed stays changed.
pub fn all_entries(id: u32) -> Status {
    write_entries(id, write_all)
}

fn write_entries(
    id: u32,
    write: fn(&Mirror, u32, &mut wire::Writer) -> Result<(), wire::Full>,
) -> Status {
    let status = reentry::with(id, |vm| {
        let bottom = vm.top();
        let written = cu_ext_table::finish(vm).and_then(|()| {
            let next = cu_ext_table::next_id(vm);
            let books = &host(vm).books;
            let limit = books.message_limit;
            let Some(mirror) = books.mirror.clone() else {
                return Err(vm.error_plain(&[b"this state has no external tables"]));
            };
            let mut writer = wire::Writer::new(wire::take(), limit);
            let written = write(&mirror, next, &mut writer);
            wire::put(writer.finish());
            written.map_err(|wire::Full| vm.out_of_memory())
        });
        let status = match written {
            Ok(()) => Status::Done,
            Err(thrown) => unexpected(vm, thrown),
        };
        let _ = vm.set_top(bottom);
        status
    });
    status.unwrap_or(Status::Busy)
}

fn write_changes(mirror: &Mirror, next: u32, writer: &mut wire::Writer) -> Result<(), wire::Full> {
    mirror.note_next(next);
    writer.word(u32::try_from(mirror.n_dirty()).unwrap_or(u32::MAX))?;
    let taken = mirror.take(|table, key, value| {
        writer.word(table)?;
        writer.string(key, true)?;
        match value {
            Some(value) => writer.string(value, true).map(|_| ()),
            None => writer.byte(wire::tag::NIL),
        }
    });
    taken.map(|_| ())
}

fn write_all(mirror: &Mirror, next: u32, writer: &mut wire::Writer) -> Result<(), wire::Full> {
    mirror.note_next(next);
    writer.word(u32::try_from(mirror.n_entries()).unwrap_or(u32::MAX))?;
    mirror.each(|table, key, value| {
        writer.word(table)?;
        writer.string(key, true)?;
        writer.string(value, true).map(|_| ())
    })
}

/// Gives up a run that waits.
pub fn abandon(id: u32, run: u32) -> bool {
    quietly(id, |vm| registry::drop_runner(vm, run, true))
}

// ---- what came of it ------------------------------------------------------------------------------------

fn done(vm: &mut Vm, first: Slot, n: u32) -> Result<Status, Thrown> {
    let mut message = Encoder::new(vm, wire::take());
    let mut written = message.word(vm, n);
    for i in 0..n {
        written = written.and_then(|()| message.value(vm, first.offset(i)));
    }
    wire::put(message.finish());
    written.map(|()| Status::Done)
}

/// Writes the failure whose error value is on top of the stack.
fn failed(vm: &mut Vm, kind: u32) -> Result<Status, Thrown> {
    let error = vm.top().below(1);
    let place = std::mem::take(&mut host(vm).books.place);
    let text = error_text(vm, error)?;
    let is_plain = matches!(
        vm.type_of(error),
        Type::None | Type::Nil | Type::Boolean | Type::Number | Type::String
    );
    let held = if is_plain {
        0
    } else {
        registry::hold(vm, error)?
    };
    let mut message = Encoder::new(vm, wire::take());
    let mut write = || {
        message.word(vm, kind)?;
        message.word(vm, held)?;
        message.value(vm, text)?;
        message.value(vm, error)?;
        message.string(vm, &place.traceback)?;
        message.string(vm, &place.chunk)?;
        message.word(vm, place.line)?;
        message.word(vm, place.column)
    };
    let written = write();
    wire::put(message.finish());
    written.map(|()| Status::Failed)
}

/// Pushes the text of an error value, as the standalone interpreter shows it.
fn error_text(vm: &mut Vm, error: Slot) -> Result<Slot, Thrown> {
    let text = vm.top();
    let shown = match vm.view(error) {
        View::String(_) | View::Integer(_) | View::Float(_) => true,
        _ => {
            let has = vm.push_metafield(error, b"__tostring")?;
            vm.set_top(text)?;
            has
        }
    };
    let shown = match if shown { vm.tostring(error) } else { Ok(()) } {
        Ok(()) => shown,
        Err(thrown) => {
            let _ = caught(vm, thrown);
            vm.set_top(text)?;
            false
        }
    };
    if !shown {
        let name = vm.type_name(error);
        let message = [b"(error object is a ", &name[..], b" value)"].concat();
        vm.push_bytes(&message)?;
    }
    Ok(text)
}

/// A failure outside of a run's coroutine: no memory, too many calls inside one another, or the end of the run.
fn unexpected(vm: &mut Vm, thrown: Thrown) -> Status {
    let mut kind = match caught(vm, thrown) {
        ErrorKind::Fuel | ErrorKind::Exit | ErrorKind::Interrupt => return stopped(vm),
        ErrorKind::Memory => kind::MEMORY,
        ErrorKind::Handler => kind::HANDLER,
        ErrorKind::Runtime => kind::RUNTIME,
    };
    if host(vm).books.place.column != 0 {
        kind = kind::SYNTAX;
    }
    match failed(vm, kind) {
        Ok(status) => status,
        Err(thrown) => {
            // There is no memory even for the message.
            let _ = caught(vm, thrown);
            let mut writer = wire::Writer::new(wire::take(), 0);
            let _ = writer.word(kind::MEMORY);
            let _ = writer.word(0);
            for text in ["not enough memory", "not enough memory", "", ""] {
                let _ = writer.string(text.as_bytes(), false);
            }
            let _ = writer.word(0);
            let _ = writer.word(0);
            wire::put(writer.finish());
            Status::Failed
        }
    }
}

/// Puts the value of an error that did not end in a run on the stack, and says its kind.
fn caught(vm: &mut Vm, thrown: Thrown) -> ErrorKind {
    if host(vm).n_running == 0 {
        return vm.take_error();
    }
    // Without room for the value the kind is that of the new error.
    vm.catch(thrown).unwrap_or(ErrorKind::Memory)
}

fn stopped(vm: &mut Vm) -> Status {
    let is_outermost = host(vm).n_running == 0;
    let mut reason = u32::from(host(vm).stopping);
    let mut status = 0;
    if reason == 0 {
        reason = u32::from(crate::host::stop::FUEL);
        if vm.is_exiting() {
            reason = EXIT;
            status = vm.take_exit_status().unwrap_or_default();
            if !is_outermost {
                // The runs around this one end, too.
                let _ = vm.exit(status);
            }
        } else if !is_outermost {
            host(vm).stopping = crate::host::stop::FUEL;
        }
    }
    let mut writer = wire::Writer::new(wire::take(), 0);
    let _ = writer.word(reason);
    let _ = writer.word(status as u32);
    wire::put(writer.finish());
    Status::Stopped
}

/// Notes where the coroutine in `thread` has failed, with the value in `error`.
pub fn note_place(vm: &mut Vm, thread: Slot, error: Slot) -> Result<(), Thrown> {
    let mut place = Place::default();
    for n in 0.. {
        let Some(level) = vm.level(thread, n) else {
            break;
        };
        if let Some(line) = vm.level_line(thread, level) {
            let top = vm.top();
            vm.push_level_function(thread, level)?;
            place.line = line;
            place.chunk = vm.function_facts(top).source;
            vm.set_top(top)?;
            break;
        }
    }
    let top = vm.top();
    let message = vm.bytes(error).is_some().then_some(error);
    vm.push_traceback(thread, message, 0)?;
    place.traceback = vm.bytes(top).unwrap_or_default().to_vec();
    vm.set_top(top)?;
    host(vm).books.place = place;
    Ok(())
}
