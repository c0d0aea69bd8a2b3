//! The machine of cu: values, heap, bytecode compiler, verifier and register machine.
//!
//! It knows no files, clocks, JavaScript or external tables: the world comes through [`Host`].
//! `unsafe` lives in `heap`, `table`, `thread`, `interp`, `debug`, `api`, `debug_api`, `meta`, `vm`, `load` and the object
//! layouts, argued block by block; everything public is safe.

pub mod isa;
pub mod proto;
pub mod compile;
pub mod number;
pub mod number_text;

mod value;
mod heap;
mod meta;
mod table;
mod thread;
mod convert;
mod sort;
mod interp;
mod debug;

mod api;
mod debug_api;
mod error;
mod host;
mod dump;
mod load;
mod native;
mod vm;

pub use api::{ThreadStatus, View};
pub use debug_api::{FunctionFacts, HookEvents, Level};
pub use error::ErrorKind;
pub use heap::{GcMode, OutOfMemory};
pub use host::{
    Buffering, FileId, Host, HostError, HostResult, LocalZone, OpenMode, ProcessEnd, Whence,
};
pub use meta::{EVENT_NAMES, Event, Type};
pub use native::{Args, Native, NativeFn, NativeResult, Outcome, Slot, Thrown};
pub use vm::{Config, Vm};
