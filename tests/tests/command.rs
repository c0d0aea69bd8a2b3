//! The `lua`-like command that the tests run: `CU_COMMAND` if set, else `cu`, built on the spot.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The command, up to date.
pub fn find() -> PathBuf {
    if let Some(command) = env::var_os("CU_COMMAND") {
        return command.into();
    }
    // This binary is <target>/<profile>/deps/main-<hash>; the command lands two folders up.
    let this = env::current_exe().unwrap_or_else(|e| panic!("{e}"));
    let folder = this.ancestors().nth(2).unwrap_or(Path::new("."));
    let profile = if folder.ends_with("release") {
        "release"
    } else {
        "test"
    };
    let status = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args([
            "build",
            "--quiet",
            "--package",
            "cu",
            "--bin",
            "cu",
            "--profile",
            profile,
        ])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .status()
        .unwrap_or_else(|e| panic!("cargo: {e}"));
    assert!(status.success(), "the cu command does not build");
    folder.join(format!("cu{}", env::consts::EXE_SUFFIX))
}
