//! The JavaScript package's half in Rust: a bridge between machines and JavaScript.
//!
//! ```text
//!   ts/  (the typed face, in TypeScript)
//!     |  numbers, and messages in memory (wire.rs)
//!   exports.rs   what JavaScript calls, and the object of JavaScript's that is called (wasm-bindgen)
//!   bridge.rs    runs, and what came of them          natives.rs   JavaScript's functions and objects in Lua
//!   encode.rs    Lua values to messages               decode.rs    and back
//!   registry.rs  values that JavaScript holds         host.rs      files, streams, clocks
//!   big.rs       the arithmetic of the module `bigint`
//!   mirror.rs    entries of external tables, and what has changed of them
//!   reentry.rs   which machine, and who may use it now
//! ```
//!
//! What it is not: it decides nothing about JavaScript's values; a message says what Lua has.
//!
//! Invariants:
//! - nothing here panics, whatever a program or JavaScript does, because a panic would be a trap;
//! - nothing recurses over values;
//! - `unsafe` lives in `reentry.rs` and nowhere else.

#![deny(unsafe_code)]

pub mod big;
pub mod bridge;
pub mod decode;
pub mod encode;
pub mod face;
pub mod host;
pub mod mirror;
pub mod natives;
#[allow(
    unsafe_code,
    reason = "a machine is used again by JavaScript that it calls"
)]
pub mod reentry;
pub mod registry;
pub mod wire;

#[cfg(target_arch = "wasm32")]
mod exports;

#[cfg(test)]
mod tests;
