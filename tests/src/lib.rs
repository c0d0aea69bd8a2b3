//! The harness of the Lua suite: what a file expects, how engines run it, how the two are compared.
//!
//! A suite file carries its expectations in comments (see [`Expectation`]), an [`Engine`] turns files
//! into outcomes, and [`Report`] says where they differ. [`oracle()`] asks a real `lua` command the same
//! questions, so that the expectations themselves stay true.
//!
//! This crate does not know the machine: engines are commands and a Node script, text in, text out.

pub mod expectation;
pub mod suite;

pub mod engine;
pub mod report;

pub mod differ;

pub mod oracle;

pub mod prove;

pub use engine::Engine;
pub use expectation::{Expectation, Outcome};
pub use oracle::{OracleReport, oracle};
pub use report::Report;
pub use suite::SuiteFile;
