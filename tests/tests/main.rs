//! The one test binary of the suite.

#![allow(clippy::panic, reason = "a failing test panics")]

mod coverage;
mod suite;

mod command;
mod props;
