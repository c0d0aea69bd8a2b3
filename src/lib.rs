//! Lua 5.4, written from scratch in Rust, at home in WebAssembly.
//!
//! This crate is the door for Rust programs: the machine of `cu-vm`, the library of `cu-stdlib`,
//! and a [`host::NativeHost`] that connects both to the process they run in. It adds no behaviour.
//!
//! ```
//! use cu::{Config, Vm, View, host::NativeHost};
//!
//! fn answer(vm: &mut Vm) -> Result<i64, cu::Thrown> {
//!     cu::open(vm)?;
//!     let result = vm.top();
//!     if vm.load_bytes(b"return 6 * 7", b"=example", b"t")? {
//!         vm.call(0, Some(1))?;
//!     }
//!     let answer = match vm.view(result) {
//!         View::Integer(answer) => answer,
//!         _ => 0,
//!     };
//!     vm.pop(1);
//!     Ok(answer)
//! }
//!
//! let mut vm = Vm::new(Box::new(NativeHost::new()), Config::default()).unwrap();
//! assert_eq!(answer(&mut vm).unwrap(), 42);
//! ```
//!
//! Values live on the machine's stack and are named by [`Slot`]s; a [`Thrown`] says that an error
//! is on its way, and [`Vm::take_error`] turns it into a value on the stack again.

#![forbid(unsafe_code)]

pub mod host;
mod profile;

pub use crate::profile::{DEBUG_FUNCTIONS, NoSuchProfile, Profile};
pub use cu_stdlib::base::load::load_file;
pub use cu_stdlib::memory_fs::MemoryFiles;
pub use cu_stdlib::open;
pub use cu_vm::{
    Args, Buffering, Config, ErrorKind, Event, FileId, Host, HostError, HostResult, LocalZone,
    Native, NativeFn, NativeResult, OpenMode, OutOfMemory, Outcome, ProcessEnd, Slot, Thrown, Type,
    View, Vm, Whence,
};
