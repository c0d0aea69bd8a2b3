//! `miri`: the tests of the unsafe code of `cu-vm`, under Miri.
//!
//! Miri interprets the program and watches every access: where it may point to, whether what is read was written, what
//! references promise. Values hold addresses as integers, so the provenance of pointers is the permissive one; that the
//! objects of a page cannot be told apart by it is made up for by the heap, which under Miri allocates each by itself.

use std::process::{Command, Stdio};

use crate::shell::{self, Failure, Result};

/// The modules whose tests run there: those with unsafe code. The compiler and the verifier have none.
const MODULES: [&str; 5] = [
    "heap::tests",
    "table::tests",
    "thread::tests",
    "value::tests",
    "interp::tests",
];

/// Runs the tests of all modules, or those with one of the names; `false` if Miri found something.
pub fn main(names: &[String]) -> Result<bool> {
    let mut version = Command::new("cargo");
    version.args(["+nightly", "miri", "--version"]);
    version.stdout(Stdio::null()).stderr(Stdio::null());
    // A cargo without rustup does not know `+nightly`, and rustup may have no such toolchain.
    if !matches!(version.status(), Ok(status) if status.success()) {
        return Err(Failure(
            "miri needs a nightly toolchain with Miri: `rustup toolchain install nightly --component miri,rust-src`."
                .to_owned(),
        ));
    }
    let mut cargo = Command::new("cargo");
    cargo.current_dir(shell::root());
    cargo.args([
        "+nightly",
        "miri",
        "test",
        "--package",
        "cu-vm",
        "--lib",
        "--",
    ]);
    match names {
        [] => cargo.args(MODULES),
        names => cargo.args(names),
    };
    // A cargo that was started by another passes its toolchain on.
    cargo
        .env_remove("RUSTUP_TOOLCHAIN")
        .env_remove("CARGO")
        .env_remove("RUSTC");
    cargo.env("MIRIFLAGS", "-Zmiri-permissive-provenance");
    shell::succeeds(&mut cargo)
}
