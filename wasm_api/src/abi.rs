//! The exports: names and types the host sees. What each does is said in this crate's README, call by call;
//! `exports.txt` lists them, and a test compares it with the built modules.
//!
//! The module has one thread, and the host acts only between calls and inside imports. In an import the machine is at
//! work: exports that need it do nothing then and answer -1 or 0, and `compute` answers with an error.

use std::cell::{Cell, RefCell};
use std::mem::ManuallyDrop;
use std::sync::atomic::{AtomicU8, Ordering::Relaxed};

use cu_ext_table::Store;

use crate::module::Module;
use crate::response::{self, BUFFER_SIZE};
use crate::store::ImportedStore;
use crate::world::Edge;
use crate::{alloc, buffer, imports, tables};

/// Version of the extension exports: raised when one is added, never when one would change.
const ABI_VERSION: i32 = 1;

thread_local! {
    // Never dropped, so that no access asks whether it has been.
    static MODULE: RefCell<ManuallyDrop<Module>> =
        const { RefCell::new(ManuallyDrop::new(Module::new())) };
    static FACTS: Cell<Facts> = const { Cell::new(Facts { home: 0, io: 0, used: 0 }) };
}

/// What the host may ask while the machine is at work: as of the last call.
#[derive(Clone, Copy)]
struct Facts {
    home: u32,
    io: u32,
    used: u32,
}

/// Set by the host to end the running program; an atomic, because it changes without Rust's doing.
static INTERRUPT: AtomicU8 = AtomicU8::new(0);

// ---- what the build calls -------------------------------------------------------------------------------

/// Makes the machine that `init` takes. The build of a module runs this, keeps the memory that it leaves, and takes the
/// export out: no finished module has it.
// SAFETY: no other function of this name is linked: the module has no C library. So for all names here.
#[unsafe(no_mangle)]
pub extern "C" fn prebuild() {
    with_module((), |module| module.prebuild(alloc::room(), edge(), store()));
    clear_stack();
}

/// Zeroes what calls have left below on the stack, which would otherwise lie in the module.
#[inline(never)]
fn clear_stack() {
    std::hint::black_box(&mut [0_u8; 64 * 1024]);
}

// ---- the exports of the original ------------------------------------------------------------------------

/// Creates the Lua state: 0, or -1 when there is no memory for it. Idempotent.
// SAFETY: as for `prebuild`.
#[unsafe(no_mangle)]
pub extern "C" fn init() -> i32 {
    with_module(-1, |module| {
        let made = module.init(alloc::room(), edge(), store);
        made.map_or(-1, |()| 0)
    })
}

fn store() -> Box<dyn Store> {
    Box::new(ImportedStore::new(imports::Imports))
}

fn edge() -> Edge {
    Edge {
        clock: imports::clock(),
        interrupted: Some(|| INTERRUPT.load(Relaxed) != 0),
        acknowledge: Some(|| INTERRUPT.store(0, Relaxed)),
    }
}

/// Runs `len` bytes of source from the buffer, or from `ptr` if that is memory that `alloc` gave.
// SAFETY: as for `prebuild`.
#[unsafe(no_mangle)]
pub extern "C" fn compute(ptr: usize, len: u32) -> i32 {
    const BUSY: &[u8] = b"compute was called while a program is running";
    let busy = || buffer::with(|buffer| response::write_error(buffer, BUSY)).unwrap_or(-1);
    with_module_or(busy, |module| {
        let prepared = buffer::with(|buffer| module.prepare(buffer, ptr, len));
        match prepared.unwrap_or(Err(-1)) {
            Ok(chunk) => {
                module.run(&chunk);
                buffer::with(|buffer| module.respond(buffer)).unwrap_or(-1)
            }
            Err(told) => told,
        }
    })
}

/// Address of the buffer.
// SAFETY: as for `prebuild`.
#[unsafe(no_mangle)]
pub extern "C" fn get_buffer_ptr() -> *mut u8 {
    buffer::address()
}

/// Size of the buffer in bytes.
// SAFETY: as for `prebuild`.
#[unsafe(no_mangle)]
pub extern "C" fn get_buffer_size() -> usize {
    BUFFER_SIZE
}

/// Writes three numbers at `ptr`, which has to be in the buffer or in memory that `alloc` gave: the buffer's size, the
/// bytes that Lua uses, the pages of the memory.
// SAFETY: as for `prebuild`.
#[unsafe(no_mangle)]
pub extern "C" fn get_memory_stats(ptr: usize) {
    let used = FACTS.get().used;
    let numbers = [BUFFER_SIZE as u32, used, alloc::pages() as u32];
    let mut stats = [0; 12];
    for (place, number) in stats.chunks_exact_mut(4).zip(numbers) {
        place.copy_from_slice(&number.to_le_bytes());
    }
    let in_buffer = ptr.wrapping_sub(buffer::address().addr());
    if in_buffer < BUFFER_SIZE {
        buffer::with(|buffer| {
            if let Some(place) = buffer.get_mut(in_buffer..in_buffer + stats.len()) {
                place.copy_from_slice(&stats);
            }
        });
    } else {
        with_module((), |module| module.write_to_block(ptr, &stats));
    }
}

/// Collects all garbage.
// SAFETY: as for `prebuild`.
#[unsafe(no_mangle)]
pub extern "C" fn run_gc() {
    with_module((), Module::collect);
}

/// Makes external table `id` the one that programs see as `_home`.
// SAFETY: as for `prebuild`.
#[unsafe(no_mangle)]
pub extern "C" fn attach_memory_table(id: u32) {
    with_module((), |module| {
        let (tables, vm) = module.tables();
        tables.attach_home(vm, id);
    });
}

/// Number of the external table `_home`; 0 before `init`.
// SAFETY: as for `prebuild`.
#[unsafe(no_mangle)]
pub extern "C" fn get_memory_table_id() -> u32 {
    FACTS.get().home
}

/// Number of the external table `_io`; 0 before `init`.
// SAFETY: as for `prebuild`.
#[unsafe(no_mangle)]
pub extern "C" fn get_io_table_id() -> u32 {
    FACTS.get().io
}

/// Takes `input`, `output` and `meta` out of `_io`.
// SAFETY: as for `prebuild`.
#[unsafe(no_mangle)]
pub extern "C" fn clear_io_table() {
    with_module((), |module| {
        let (tables, vm) = module.tables();
        tables.clear_io(vm);
    });
}

/// Says that numbers of external tables below `next` are in use.
// SAFETY: as for `prebuild`.
#[unsafe(no_mangle)]
pub extern "C" fn sync_external_table_counter(next: u32) {
    with_module((), |module| {
        let (tables, vm) = module.tables();
        tables.sync_counter(vm, next);
    });
}

/// Says whether programs see `_home` as `Memory`, too.
// SAFETY: as for `prebuild`.
#[unsafe(no_mangle)]
pub extern "C" fn set_memory_alias_enabled(enabled: i32) {
    with_module((), |module| {
        let (tables, vm) = module.tables();
        tables.set_alias(vm, enabled != 0);
    });
}

// ---- extensions -----------------------------------------------------------------------------------------

/// Version of the extensions.
// SAFETY: as for `prebuild`.
#[unsafe(no_mangle)]
pub extern "C" fn abi_version() -> i32 {
    ABI_VERSION
}

/// Lets the linear memory grow up to `bytes` in all, and Lua use what that gives.
/// A smaller value than the present size does not shrink the memory; it only lowers what Lua may use.
// SAFETY: as for `prebuild`.
#[unsafe(no_mangle)]
pub extern "C" fn set_memory_limit(bytes: u32) {
    with_module((), |module| {
        alloc::set_limit(bytes as usize);
        module.set_memory_limit(alloc::room());
    });
}

/// Sets the fuel of each following call of `compute`; negative for no limit.
// SAFETY: as for `prebuild`.
#[unsafe(no_mangle)]
pub extern "C" fn set_fuel(fuel: i64) {
    with_module((), |module| module.set_fuel(fuel));
}

/// The fuel that the last call of `compute` left; -1 for no limit.
// SAFETY: as for `prebuild`.
#[unsafe(no_mangle)]
pub extern "C" fn fuel_left() -> i64 {
    with_module(0, |module| module.fuel_left())
}

/// Sets the clock that programs see, in milliseconds since 1970.
// SAFETY: as for `prebuild`.
#[unsafe(no_mangle)]
pub extern "C" fn set_time(milliseconds: f64) {
    with_module((), |module| module.set_time(milliseconds));
}

/// Seeds `math.random`.
// SAFETY: as for `prebuild`.
#[unsafe(no_mangle)]
pub extern "C" fn set_seed(first: i64, second: i64) {
    with_module((), |module| {
        module.set_seed([first.cast_unsigned(), second.cast_unsigned()]);
    });
}

/// Makes a block of `len` bytes: its address, 0 when there is no memory for it.
// SAFETY: as for `prebuild`.
#[unsafe(no_mangle)]
pub extern "C" fn alloc(len: u32) -> usize {
    with_module(0, |module| module.alloc(len, alloc::free_bytes))
}

/// Gives back the block of `len` bytes at `ptr`.
// SAFETY: as for `prebuild`.
#[unsafe(no_mangle)]
pub extern "C" fn free(ptr: usize, len: u32) {
    with_module((), |module| module.free(ptr, len));
}

/// Address of a byte: a program ends soon after the host has made it anything but 0.
// SAFETY: as for `prebuild`.
#[unsafe(no_mangle)]
pub extern "C" fn interrupt_ptr() -> *mut u8 {
    INTERRUPT.as_ptr()
}

/// Sets how much output is kept for `read_output`.
// SAFETY: as for `prebuild`.
#[unsafe(no_mangle)]
pub extern "C" fn set_output_limit(bytes: u32) {
    with_module((), |module| module.set_output_limit(bytes as usize));
}

/// How many bytes of the last program's output are kept.
// SAFETY: as for `prebuild`.
#[unsafe(no_mangle)]
pub extern "C" fn output_len() -> i32 {
    with_module(-1, |module| module.output_len())
}

/// Puts the output from byte `from` on into the buffer: how many bytes that is.
// SAFETY: as for `prebuild`.
#[unsafe(no_mangle)]
pub extern "C" fn read_output(from: u32) -> i32 {
    with_buffer(|module, buffer| module.read_output(buffer, from))
}

/// How long the last program's result is if it is a string, or its error message.
// SAFETY: as for `prebuild`.
#[unsafe(no_mangle)]
pub extern "C" fn result_len() -> i32 {
    with_module(-1, |module| module.result_len())
}

/// Puts that string from byte `from` on into the buffer: how many bytes that is.
// SAFETY: as for `prebuild`.
#[unsafe(no_mangle)]
pub extern "C" fn read_result(from: u32) -> i32 {
    with_buffer(|module, buffer| module.read_result(buffer, from))
}

/// Says whether programs may load binary chunks.
// SAFETY: as for `prebuild`.
#[unsafe(no_mangle)]
pub extern "C" fn allow_binary_chunks(allow: i32) {
    with_module((), |module| module.allow_binary_chunks(allow != 0));
}

/// Sets an environment variable that programs see; its name and value are in the buffer.
// SAFETY: as for `prebuild`.
#[cfg(feature = "system")]
#[unsafe(no_mangle)]
pub extern "C" fn set_variable(name_len: u32, len: u32) -> i32 {
    with_buffer(|module, buffer| module.set_variable(buffer, name_len, len))
}

/// Writes or, with `append`, lengthens a file that programs see.
// SAFETY: as for `prebuild`.
#[cfg(feature = "system")]
#[unsafe(no_mangle)]
pub extern "C" fn put_file(name_len: u32, len: u32, append: i32) -> i32 {
    with_buffer(|module, buffer| module.put_file(buffer, name_len, len, append != 0))
}

/// Gives programs something to read from standard input.
// SAFETY: as for `prebuild`.
#[cfg(feature = "system")]
#[unsafe(no_mangle)]
pub extern "C" fn put_input(len: u32) -> i32 {
    with_buffer(|module, buffer| module.put_input(buffer, len))
}

/// Reads a file that programs see.
// SAFETY: as for `prebuild`.
#[cfg(feature = "system")]
#[unsafe(no_mangle)]
pub extern "C" fn get_file(name_len: u32, from: u32) -> i32 {
    with_buffer(|module, buffer| module.get_file(buffer, name_len, from))
}

// ---- one call at a time ---------------------------------------------------------------------------------

/// Runs `act`, which calls no import, on the module and the buffer; -1 when the machine is at work.
fn with_buffer(act: impl FnOnce(&mut Module, &mut [u8; BUFFER_SIZE]) -> i32) -> i32 {
    with_module(-1, |module| {
        buffer::with(|buffer| act(module, buffer)).unwrap_or(-1)
    })
}

/// Runs `act` on the module; `busy` when the machine is at work.
fn with_module<R>(busy: R, act: impl FnOnce(&mut Module) -> R) -> R {
    with_module_or(|| busy, act)
}

fn with_module_or<R>(busy: impl FnOnce() -> R, act: impl FnOnce(&mut Module) -> R) -> R {
    MODULE.with(|module| match module.try_borrow_mut() {
        Ok(mut module) => {
            let result = act(&mut module);
            note_facts(&mut module);
            result
        }
        Err(_) => busy(),
    })
}

/// Keeps what the host may ask during the next call. Not in line: this is part of every export.
#[inline(never)]
fn note_facts(module: &mut Module) {
    let used = u32::try_from(module.memory_used()).unwrap_or(u32::MAX);
    let (home, io) = tables::ids(module.tables().1);
    FACTS.set(Facts { home, io, used });
}
