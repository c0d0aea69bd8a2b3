//! `ready`: what has to pass before a change goes in.

use crate::shell::{self, Result};
use crate::test;

/// Format, lints, tests, in the order of how quickly they tell.
pub fn main() -> Result<bool> {
    shell::run(shell::cargo().args(["fmt", "--all", "--", "--check"]))?;
    let mut clippy = shell::cargo();
    clippy.args([
        "clippy",
        "--quiet",
        "--workspace",
        "--all-targets",
        "--",
        "-D",
        "warnings",
    ]);
    shell::run(&mut clippy)?;
    // The rules that `tidy` checks are among the tests.
    test::main(&[])
}
