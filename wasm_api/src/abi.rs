//! The exports: names and types the host sees, and the buffer it writes to.
//!
//! This is the only place where memory is shared with somebody who is not Rust. The module has one
//! thread and the host acts only between calls, so the rule is short: the buffer is touched by Rust
//! inside [`with_buffer`] alone, through the one reference made there.
//!
//! ```text
//!   init() -> i32                       0, or -1 when there is no memory
//!   compute(ptr: i32, len: i32) -> i32  see `module.rs`
//!   get_buffer_ptr() -> i32             constant, valid before init
//!   get_buffer_size() -> i32            65536
//!   set_memory_limit(bytes: i32)        an extension; unsigned
//!   set_time(ms: f64)                   an extension; milliseconds since 1970
//!   put_file(name_len: i32, len: i32, append: i32) -> i32
//!                                       an extension: name and content from the buffer; 0 or -1
//!   get_file(name_len: i32, from: i32) -> i32
//!                                       an extension: content to the buffer; its length or -1
//! ```

use std::cell::{RefCell, UnsafeCell};

use crate::alloc;
use crate::module::Module;
use crate::response::BUFFER_SIZE;

thread_local! {
    static MODULE: RefCell<Module> = const { RefCell::new(Module::new()) };
}

/// The buffer at its fixed address.
#[repr(align(16))]
struct Buffer(UnsafeCell<[u8; BUFFER_SIZE]>);

// SAFETY: wasm32-unknown-unknown has no threads, so nothing is ever shared between any.
unsafe impl Sync for Buffer {}

static BUFFER: Buffer = Buffer(UnsafeCell::new([0; BUFFER_SIZE]));

/// Creates the Lua state: 0, or -1 when there is no memory for it. Idempotent.
// SAFETY: no other function of this name is linked: the module has no C library.
#[unsafe(no_mangle)]
pub extern "C" fn init() -> i32 {
    with_module(|module| match module.init(alloc::lua_limit()) {
        Ok(()) => 0,
        Err(_) => -1,
    })
}

/// Runs `len` bytes of source from the buffer; `_ptr` is not looked at.
// SAFETY: as for `init`.
#[unsafe(no_mangle)]
pub extern "C" fn compute(_ptr: i32, len: i32) -> i32 {
    with_buffer(|module, buffer| module.compute(buffer, len.cast_unsigned()))
}

/// Sets the clock that programs see, in milliseconds since 1970.
// SAFETY: as for `init`.
#[unsafe(no_mangle)]
pub extern "C" fn set_time(milliseconds: f64) {
    with_module(|module| {
        module.set_time(milliseconds);
        0
    });
}

/// Sets an environment variable that programs see; its name and value are in the buffer.
// SAFETY: as for `init`.
#[cfg(feature = "system")]
#[unsafe(no_mangle)]
pub extern "C" fn set_variable(name_len: i32, len: i32) -> i32 {
    with_buffer(|module, buffer| {
        module.set_variable(buffer, name_len.cast_unsigned(), len.cast_unsigned())
    })
}

/// Writes or, with `append`, lengthens a file that programs see.
// SAFETY: as for `init`.
#[cfg(feature = "system")]
#[unsafe(no_mangle)]
pub extern "C" fn put_file(name_len: i32, len: i32, append: i32) -> i32 {
    with_buffer(|module, buffer| {
        module.put_file(
            buffer,
            name_len.cast_unsigned(),
            len.cast_unsigned(),
            append != 0,
        )
    })
}

/// Reads a file that programs see.
// SAFETY: as for `init`.
#[cfg(feature = "system")]
#[unsafe(no_mangle)]
pub extern "C" fn get_file(name_len: i32, from: i32) -> i32 {
    with_buffer(|module, buffer| {
        module.get_file(buffer, name_len.cast_unsigned(), from.cast_unsigned())
    })
}

/// Address of the buffer.
// SAFETY: as for `init`.
#[unsafe(no_mangle)]
pub extern "C" fn get_buffer_ptr() -> *mut u8 {
    BUFFER.0.get().cast()
}

/// Size of the buffer in bytes.
// SAFETY: as for `init`.
#[unsafe(no_mangle)]
pub extern "C" fn get_buffer_size() -> usize {
    BUFFER_SIZE
}

/// Lets the linear memory grow up to `bytes` (unsigned) in all, and Lua use what that gives.
/// A smaller value than the present size does not shrink the memory; it only lowers what Lua may use.
// SAFETY: as for `init`.
#[unsafe(no_mangle)]
pub extern "C" fn set_memory_limit(bytes: i32) {
    alloc::set_limit(bytes.cast_unsigned() as usize);
    with_module(|module| {
        module.set_memory_limit(alloc::lua_limit());
        0
    });
}

/// Runs `act` on the module and the buffer.
fn with_buffer(act: impl FnOnce(&mut Module, &mut [u8; BUFFER_SIZE]) -> i32) -> i32 {
    with_module(|module| {
        // SAFETY: the pointer comes from a static, so it is valid and aligned. This is the only place
        // that makes a reference to the buffer, and `with_module` lets only one call in at a time,
        // so the reference is unique while it lives; the host does not run meanwhile.
        let buffer = unsafe { &mut *BUFFER.0.get() };
        act(module, buffer)
    })
}

/// Runs `act` on the module; -1 if a call is already running, which only a host that calls back from
/// inside a call could bring about.
fn with_module(act: impl FnOnce(&mut Module) -> i32) -> i32 {
    MODULE.with(|module| match module.try_borrow_mut() {
        Ok(mut module) => act(&mut module),
        Err(_) => -1,
    })
}
