//! The one test binary: the suite, and what needs Rust to be asked.

#![allow(clippy::panic, reason = "a failing test panics")]

mod coverage;
mod suite;

mod golden;

mod charges;
mod depth;
mod fuel;
mod fuzz;
mod hidden;
mod memory;
mod sweep;

mod command;
mod props;

mod machine;

mod puc;

mod grammar;
