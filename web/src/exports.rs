//! The edge: what JavaScript calls, and what is called of it.
//!
//! What it is not: it has no ideas of its own. Every function takes a machine's number first; messages lie in the
//! buffer of `wire.rs`, whose address JavaScript asks for before it writes or reads one.

use std::rc::Rc;

use wasm_bindgen::prelude::*;

use crate::bridge::{self, Begin, host};
use crate::face::{Answer, Face, ObjectAct, Worked};
use crate::wire::{self, Reader};
use crate::{big, decode, reentry, registry};

#[wasm_bindgen]
extern "C" {
    /// The object of JavaScript's that stands behind a machine (`ts/engine/face.ts`).
    pub type JsFace;

    #[wasm_bindgen(method)]
    fn call(this: &JsFace, function: u32, n: u32) -> i32;
    #[wasm_bindgen(method)]
    fn act(this: &JsFace, object: u32, what: u32, n: u32) -> i32;
    #[wasm_bindgen(method)]
    fn calculate(
        this: &JsFace,
        work: u8,
        address: usize,
        n_first: usize,
        n_second: usize,
        room: usize,
    ) -> i32;
    #[wasm_bindgen(method)]
    fn forget(this: &JsFace, id: u32);
    #[wasm_bindgen(method)]
    fn write(this: &JsFace, error: bool, address: usize, n: usize);
    #[wasm_bindgen(method)]
    fn read(this: &JsFace) -> Vec<u8>;
    #[wasm_bindgen(method, js_name = goOn)]
    fn go_on(this: &JsFace, fuel_left: f64, memory_used: f64) -> bool;
    #[wasm_bindgen(method)]
    fn now(this: &JsFace) -> f64;
    #[wasm_bindgen(method)]
    fn ticks(this: &JsFace) -> f64;
    #[wasm_bindgen(method)]
    fn random(this: &JsFace) -> u32;
    #[wasm_bindgen(method)]
    fn zone(this: &JsFace, time: f64) -> f64;
}

/// What JavaScript answers if the run is to end.
const STOP: i32 = -3;

/// What JavaScript answers: -1 returned, -2 threw, [`STOP`], else a promise's number.
fn answer(answered: i32) -> Answer {
    match answered {
        -1 => Answer::Returned,
        -2 => Answer::Threw,
        promise if promise >= 0 => Answer::Promised(promise as u32),
        _ => Answer::Stopped,
    }
}

impl Face for JsFace {
    fn call(&self, function: u32, n: u32) -> Answer {
        answer(JsFace::call(self, function, n))
    }
    fn act(&self, object: u32, what: ObjectAct, n: u32) -> Answer {
        answer(JsFace::act(self, object, what as u32, n))
    }
    fn calculate(&self, work: u8, buffer: &mut [u8], n_first: usize, n_second: usize) -> Worked {
        // JavaScript writes there, so the compiler has to know that somebody has the address.
        let address = buffer.as_mut_ptr().expose_provenance();
        let n = JsFace::calculate(self, work, address, n_first, n_second, buffer.len());
        match usize::try_from(n) {
            Ok(n) => Worked::Done(n),
            Err(_) if n == STOP => Worked::TooLong,
            Err(_) => Worked::TooLarge,
        }
    }
    fn forget(&self, id: u32) {
        JsFace::forget(self, id);
    }
    fn write(&self, error: bool, bytes: &[u8]) {
        JsFace::write(self, error, bytes.as_ptr().addr(), bytes.len());
    }
    fn read(&self, into: &mut Vec<u8>) {
        into.append(&mut JsFace::read(self));
    }
    fn go_on(&self, fuel_left: f64, memory_used: f64) -> bool {
        JsFace::go_on(self, fuel_left, memory_used)
    }
    fn now(&self) -> f64 {
        JsFace::now(self)
    }
    fn ticks(&self) -> f64 {
        JsFace::ticks(self)
    }
    fn random(&self) -> u32 {
        JsFace::random(self)
    }
    fn zone(&self, time: f64) -> f64 {
        JsFace::zone(self, time)
    }
}

// ---- messages -------------------------------------------------------------------------------------------

/// Address of the message buffer, of at least `n` bytes; 0 if there is no memory for it.
#[wasm_bindgen]
pub fn wire(n: usize) -> usize {
    wire::reserve(n).addr()
}

// ---- machines -------------------------------------------------------------------------------------------

/// Makes a machine: its number, or -1 if there is too little memory.
#[wasm_bindgen]
pub fn open(face: JsFace, memory_limit: f64, libraries: u32) -> i32 {
    let made = bridge::open(Rc::new(face), memory_limit as usize, libraries);
    made.and_then(|id| i32::try_from(id).ok()).unwrap_or(-1)
}

/// The names of the libraries, in the order of the bits that [`open`] takes.
#[wasm_bindgen]
pub fn libraries() -> String {
    let names: Vec<&str> = bridge::libraries_there_are()
        .map(|library| library.name)
        .collect();
    names.join(" ")
}

/// Ends a machine; false if something of it still runs.
#[wasm_bindgen]
pub fn close(id: u32) -> bool {
    bridge::close(id)
}

/// Sets limits and habits: bytes of output in a run (below 0: any), whether JavaScript is asked if a run goes on, whether
/// integral floats are marked, whether strings become bytes.
#[wasm_bindgen]
pub fn configure(id: u32, output: f64, timed: bool, mark_floats: bool, as_bytes: bool) {
    reentry::with(id, |vm| {
        let host = host(vm);
        host.output_limit = if output >= 0.0 {
            output as u64
        } else {
            u64::MAX
        };
        host.output_left = host.output_left.min(host.output_limit);
        host.timed = timed;
        host.books.mark_floats = mark_floats;
        host.books.strings_as_bytes = as_bytes;
    });
}

/// Says whether programs may load binary chunks, too.
#[wasm_bindgen(js_name = allowBinaryChunks)]
pub fn allow_binary_chunks(id: u32, allow: bool) {
    reentry::with(id, |vm| *vm.binary_chunks_on() = allow);
}

/// Fuel that is left; below 0 when there is no limit.
#[wasm_bindgen(js_name = fuelLeft)]
pub fn fuel_left(id: u32) -> f64 {
    let left = reentry::with(id, |vm| vm.fuel_left());
    left.filter(|left| *left != u64::MAX)
        .map_or(-1.0, |left| left as f64)
}

/// Bytes in use.
#[wasm_bindgen(js_name = memoryUsed)]
pub fn memory_used(id: u32) -> f64 {
    let used = reentry::with(id, |vm| host(vm).world_used() + vm.memory_used());
    used.unwrap_or_default() as f64
}

/// A full collection.
#[wasm_bindgen(js_name = collectGarbage)]
pub fn collect_garbage(id: u32) {
    reentry::with(id, |vm| {
        if vm.gc_collect().is_err() {
            vm.take_error();
        }
    });
}

// ---- runs -----------------------------------------------------------------------------------------------

/// Runs a chunk: its source, its name and `n` arguments are the message.
#[wasm_bindgen(js_name = runChunk)]
pub fn run_chunk(id: u32, n: u32, fuel: f64) -> u32 {
    bridge::run(id, Begin::Chunk { n }, fuel) as u32
}

/// Compiles a chunk, source and name, to a function.
#[wasm_bindgen(js_name = loadChunk)]
pub fn load_chunk(id: u32) -> u32 {
    bridge::load(id) as u32
}

/// Calls a function with `n` arguments.
#[wasm_bindgen(js_name = callFunction)]
pub fn call_function(id: u32, function: u32, n: u32, fuel: f64) -> u32 {
    bridge::run(id, Begin::Call { function, n }, fuel) as u32
}

/// Goes on with a run that waits.
#[wasm_bindgen(js_name = resumeRun)]
pub fn resume_run(id: u32, run: u32, fulfilled: bool, n: u32, fuel: f64) -> u32 {
    let begin = Begin::Resume { run, fulfilled, n };
    bridge::run(id, begin, fuel) as u32
}

/// Gives up a run that waits.
#[wasm_bindgen]
pub fn abandon(id: u32, run: u32) -> bool {
    bridge::abandon(id, run)
}

/// JavaScript does not hold this value any more.
#[wasm_bindgen]
pub fn release(id: u32, value: u32) {
    bridge::quietly(id, |vm| registry::release(vm, value));
}

/// Reads a global variable, without metamethods. Message: its name; then the value.
#[wasm_bindgen(js_name = getGlobal)]
pub fn get_global(id: u32) -> u32 {
    bridge::access(id, |vm, reader| {
        let globals = vm.top();
        vm.push_globals()?;
        decode::push_values(vm, reader, 1)?;
        vm.raw_get(globals, globals.offset(1))
    }) as u32
}

/// Writes a global variable, without metamethods. Message: its name and the value.
#[wasm_bindgen(js_name = setGlobal)]
pub fn set_global(id: u32) -> u32 {
    bridge::access(id, |vm, reader| {
        let globals = vm.top();
        vm.push_globals()?;
        decode::push_values(vm, reader, 2)?;
        vm.raw_set(globals, globals.offset(1), globals.offset(2))
    }) as u32
}

/// The library function with this full name, which a program cannot change. Message: the name; then the function.
#[wasm_bindgen(js_name = getNative)]
pub fn get_native(id: u32) -> u32 {
    bridge::access(id, |vm, reader| {
        let name = reader.string().unwrap_or_default();
        let native = std::str::from_utf8(name).ok().and_then(big::find);
        match native {
            Some(native) => vm.push_native(native),
            None => vm.push_nil(),
        }
    }) as u32
}

// ---- external tables ------------------------------------------------------------------------------------

/// Gives the machine external tables over a mirror: `_home` is table 1, `_io` table 2. Message: how many entries there
/// are already, and each: its table, key and value. Then nothing.
#[wasm_bindgen(js_name = openTables)]
pub fn open_tables(id: u32, memory_limit: f64) -> u32 {
    bridge::access(id, |vm, reader| {
        bridge::open_tables(vm, reader, memory_limit as usize)
    }) as u32
}

/// What has changed since the last save. Message: how many entries, and each: its table, key, and value or nil.
#[wasm_bindgen(js_name = takeChanges)]
pub fn take_changes(id: u32) -> u32 {
    bridge::take_changes(id) as u32
}

/// Everything in the external tables, saved or not. Message: how many entries, and each: its table, key and value.
#[wasm_bindgen(js_name = allEntries)]
pub fn all_entries(id: u32) -> u32 {
    bridge::all_entries(id) as u32
}

/// The changes that were taken are stored, or (`kept` is false) have to be taken again.
#[wasm_bindgen(js_name = settleChanges)]
pub fn settle_changes(id: u32, kept: bool) {
    reentry::with(id, |vm| {
        if let Some(mirror) = &host(vm).books.mirror {
            mirror.settle(kept);
        }
    });
}

/// Whether something has changed that is not stored.
#[wasm_bindgen(js_name = hasChanges)]
pub fn has_changes(id: u32) -> bool {
    let dirty = reentry::with(id, |vm| {
        let mirror = host(vm).books.mirror.as_ref();
        mirror.is_some_and(|mirror| mirror.is_dirty())
    });
    dirty.unwrap_or(false)
}

// ---- the world ------------------------------------------------------------------------------------------

/// Sets an environment variable. Message: name, value.
#[wasm_bindgen(js_name = setVariable)]
pub fn set_variable(id: u32) {
    with_message(id, |vm, reader| {
        if let (Ok(name), Ok(value)) = (reader.string(), reader.string()) {
            host(vm).set_variable(name, value);
        }
    });
}

/// Gives a file content; the number of the error, 0 if there is none. Message: name, content.
#[wasm_bindgen(js_name = putFile)]
pub fn put_file(id: u32) -> i32 {
    let put = with_message(id, |vm, reader| {
        let (Ok(name), Ok(content)) = (reader.string(), reader.string()) else {
            return 22;
        };
        let result = bridge::with_files(vm, |files| files.put(name, content));
        result.map_or_else(|error| error.code, |()| 0)
    });
    put.unwrap_or(16)
}

/// Removes a file; the number of the error, 0 if there is none. Message: name.
#[wasm_bindgen(js_name = removeFile)]
pub fn remove_file(id: u32) -> i32 {
    let removed = with_message(id, |vm, reader| {
        let name = reader.string().unwrap_or_default();
        let result = bridge::with_files(vm, |files| files.remove(name));
        result.map_or_else(|error| error.code, |()| 0)
    });
    removed.unwrap_or(16)
}

/// What a file contains. Message: name; then the content, or nil.
#[wasm_bindgen(js_name = getFile)]
pub fn get_file(id: u32) -> u32 {
    bridge::access(id, |vm, reader| {
        let name = reader.string().unwrap_or_default();
        let content = host(vm).files.get(name).map(<[u8]>::to_vec);
        match content {
            Some(content) => vm.push_bytes(&content),
            None => vm.push_nil(),
        }
    }) as u32
}

/// The names of all files, as a table.
#[wasm_bindgen(js_name = listFiles)]
pub fn list_files(id: u32) -> u32 {
    bridge::access(id, |vm, _| {
        let names: Vec<Vec<u8>> = host(vm).files.names().map(<[u8]>::to_vec).collect();
        let table = vm.top();
        vm.push_table(0, 0)?;
        for (name, i) in names.iter().zip(1..) {
            vm.push_bytes(name)?;
            vm.raw_set_int(table, i, table.offset(1))?;
            vm.pop(1);
        }
        Ok(())
    }) as u32
}

fn with_message<R>(id: u32, act: impl FnOnce(&mut cu_vm::Vm, &mut Reader<'_>) -> R) -> Option<R> {
    reentry::with(id, |vm| {
        let buffer = wire::take();
        let result = act(vm, &mut Reader::new(&buffer));
        wire::put_read(buffer);
        result
    })
}
