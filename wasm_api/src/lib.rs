//! The raw WebAssembly module `cu.wasm`: a handful of exports around one 64 KB buffer.
//!
//! ```text
//!   host                          module
//!   source bytes  --> buffer
//!   compute(ptr, n) ------------> copy source, compile, run, encode
//!   n or -(n+1)   <-------------- buffer: [u32 L][output][value]  or  message
//! ```
//!
//! What it is not: it knows no JavaScript, no WASI and no clock of its own, and it imports nothing.
//! The protocol, call by call, is in this crate's README.
//!
//! Invariants:
//! - nothing here panics, whatever the host or the program does, because a panic would be a trap;
//! - the linear memory never grows unless the host called `set_memory_limit`;
//! - `unsafe` lives in `abi.rs` (the edge) and `alloc.rs` (the allocator) and nowhere else.

#![deny(unsafe_code)]

pub mod capture;
pub mod module;
pub mod response;
pub mod world;

#[cfg(target_arch = "wasm32")]
#[allow(
    unsafe_code,
    reason = "the edge: exported names, and memory that the host writes to"
)]
mod abi;
#[cfg(target_arch = "wasm32")]
#[allow(unsafe_code, reason = "a global allocator cannot be written without")]
mod alloc;
