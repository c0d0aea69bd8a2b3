//! The parts of `cargo xtask`.
//!
//! They know the workspace's folders and the programs they call, and nothing of Lua beyond the
//! listings that `run --dump` prints. Nothing here ships.

#![forbid(unsafe_code)]

pub mod bench;
#[cfg(feature = "bindgen")]
pub mod bindgen;
pub mod builds;
pub mod conformance;
pub mod differ;
pub mod early;
pub mod hosts;
pub mod miri;
pub mod module;
pub mod oracle;
pub mod play;
pub mod programs;
pub mod prove;
pub mod ready;
pub mod run;
pub mod setup;
pub mod shell;
pub mod test;
pub mod tidy;
pub mod web;
