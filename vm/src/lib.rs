//! The machine of cu: values, heap, bytecode compiler, verifier and register machine.
//!
//! It knows no files, clocks, JavaScript or external tables: the world comes through [`Host`].
//! `unsafe` lives in `heap`, `table`, `thread`, `interp`, `debug`, `api`, `debug_api`, `meta`, `vm`, `load` and the object
//! layouts, argued block by block; everything public is safe.

#![allow(
    clippy::needless_borrow,
    reason = "a borrow through a raw pointer is to be seen"
)]

pub mod compile;
pub mod isa;
pub mod number;
pub mod number_text;
pub mod power;
pub mod proto;
pub mod puc;

mod checked;
mod convert;
mod debug;
mod heap;
mod interp;
mod meta;
mod sort;
mod table;
mod thread;
mod value;

mod api;
mod debug_api;
mod dump;
mod error;
mod host;
mod load;
mod native;
mod vm;

pub use api::{CellId, ExternalHooks, ThreadStatus, View, Watch};
pub use debug_api::{FunctionFacts, HookEvents, Level};
pub use error::ErrorKind;
pub use heap::strings::copy_slice;
pub use heap::{GcMode, OutOfMemory};
pub use host::{
    Buffering, FileId, Host, HostError, HostResult, LocalZone, OpenMode, ProcessEnd, Whence,
};
pub use interp::fast::MOVED as FREE_MOVE;
pub use meta::{EVENT_NAMES, Event, Type};
pub use native::{Args, Native, NativeFn, NativeResult, Outcome, Slot, Thrown};
pub use vm::{Config, Vm, stack_slots};
