//! The raw WebAssembly module `cu.wasm`: a handful of exports around one 64 KB buffer.
//!
//! ```text
//!   host                          module
//!   source bytes  --> buffer
//!   compute(ptr, n) ------------> copy source, compile, run, encode
//!   n or -(n+1)   <-------------- buffer: [u32 L][output][value]  or  message
//! ```
//!
//! What it is not: it knows no JavaScript and no WASI. It imports the five functions over external tables and, with the
//! feature `clock`, the time.
//! The protocol, call by call, is in this crate's README.
//!
//! Invariants:
//! - nothing here panics, whatever the host or the program does, because a panic would be a trap;
//! - the linear memory never grows unless the host called `set_memory_limit`;
//! - no view of the buffer lives while an import runs;
//! - `unsafe` lives in `abi.rs`, `buffer.rs` and `imports.rs` (the edge) and `alloc.rs` (the allocator) and nowhere else.

#![deny(unsafe_code)]

pub mod blocks;
pub mod capture;
pub mod module;
pub mod recent;
pub mod response;
pub mod store;
pub mod tables;
pub mod world;

#[cfg(target_arch = "wasm32")]
#[allow(unsafe_code, reason = "the edge: exported names")]
mod abi;
#[cfg(target_arch = "wasm32")]
#[allow(unsafe_code, reason = "a global allocator cannot be written without")]
mod alloc;
#[cfg(target_arch = "wasm32")]
#[allow(unsafe_code, reason = "the edge: memory that the host writes to")]
mod buffer;
#[cfg(target_arch = "wasm32")]
#[allow(
    unsafe_code,
    reason = "the edge: functions of the host, and memory that it writes to"
)]
mod imports;
