//! Building `dist/cu.wasm` and `dist/cu-system.wasm`.
//!
//! rustc builds the crate `cu-wasm-api` with the profile `wasm`, then binaryen's wasm-opt, from npm
//! in a pinned version, makes the result smaller.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::setup;
use crate::shell::{self, Failure, Result, file_failure};

/// The folders whose files go into the module.
const SOURCES: [&str; 6] = ["lexer", "parser", "vm", "stdlib", "ext_table", "wasm_api"];

/// WebAssembly features that rustc's output for `wasm32-unknown-unknown` uses. wasm-opt is told,
/// because the section that names them does not survive stripping.
const FEATURES: [&str; 7] = [
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

/// Which module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `cu.wasm`: the core libraries.
    Core,
    /// `cu-system.wasm`: with io, os, package and debug over files in memory.
    System,
}

impl Kind {
    fn file(self) -> &'static str {
        match self {
            Kind::Core => "cu.wasm",
            Kind::System => "cu-system.wasm",
        }
    }
}

/// Builds a module unless it is newer than all of its sources.
pub fn ensure(kind: Kind) -> Result<PathBuf> {
    let path = shell::root().join("dist").join(kind.file());
    let files = ["Cargo.toml", "Cargo.lock", "rust-toolchain.toml"];
    if !is_older(&path, SOURCES.into_iter().chain(files)) {
        return Ok(path);
    }
    build(kind, None)
}

/// Whether a file is not there, or older than something of these files and folders of the workspace.
pub fn is_older<'a>(path: &Path, inputs: impl IntoIterator<Item = &'a str>) -> bool {
    let Ok(built) = path.metadata().and_then(|data| data.modified()) else {
        return true;
    };
    let root = shell::root();
    let times = inputs.into_iter().map(|input| newest(&root.join(input)));
    times.max().flatten().is_none_or(|newest| newest > built)
}

/// Builds a module and prints its size; `memory` changes how much memory it begins with.
pub fn build(kind: Kind, memory: Option<u64>) -> Result<PathBuf> {
    let file = kind.file();
    setup::wasm_target()?;
    setup::node_packages()?;
    let mut cargo = shell::cargo();
    cargo.args([
        "build",
        "--quiet",
        "--profile",
        "wasm",
        "--target",
        "wasm32-unknown-unknown",
    ]);
    cargo.args(["--package", "cu-wasm-api"]);
    if kind == Kind::System {
        cargo.args(["--features", "system"]);
    }
    if let Some(memory) = memory {
        if memory == 0 || memory % 65_536 != 0 || memory > 1 << 32 {
            return Err(Failure(format!(
                "--memory {memory}: the size has to be a multiple of 65536, up to 4294967296."
            )));
        }
        cargo.env("CU_INITIAL_MEMORY", memory.to_string());
    }
    shell::say(&format!("building dist/{file}"));
    shell::run(&mut cargo)?;
    let built = shell::target_dir()?.join("wasm32-unknown-unknown/wasm/cu_wasm_api.wasm");
    let dist = shell::root().join("dist");
    let path = dist.join(file);
    fs::create_dir_all(&dist).map_err(|error| file_failure(&dist, error))?;
    optimise(&built, &path)?;
    let before = fs::metadata(&built)
        .map_err(|error| file_failure(&built, error))?
        .len();
    let bytes = fs::read(&path).map_err(|error| file_failure(&path, error))?;
    shell::say(&format!(
        "dist/{file}: {} bytes raw ({before} before wasm-opt), {} gzip",
        bytes.len(),
        gzip_size(&bytes).map_err(|error| file_failure(&path, error))?
    ));
    Ok(path)
}

/// Has wasm-opt make a smaller module of what rustc built.
pub fn optimise(built: &Path, path: &Path) -> Result<()> {
    // Written under another name first: an interrupted build leaves no half module behind.
    let unfinished = path.with_extension("wasm.new");
    let mut wasm_opt = Command::new("node");
    wasm_opt.arg(shell::root().join("node_modules/binaryen/bin/wasm-opt"));
    wasm_opt
        .args(["-O3", "--converge", "--strip-debug", "--strip-producers"])
        // The slow halves of the loop's instructions have one caller each; they are to stay out of it.
        .arg("--one-caller-inline-max-function-size=40")
        .args(FEATURES);
    wasm_opt.arg(built).arg("-o").arg(&unfinished);
    shell::run(&mut wasm_opt)?;
    fs::rename(&unfinished, path).map_err(|error| file_failure(path, error))
}

/// How many bytes `gzip -9` makes of it.
pub fn gzip_size(bytes: &[u8]) -> std::io::Result<usize> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?.len())
}

/// When the newest file below `path` was changed.
fn newest(path: &Path) -> Option<SystemTime> {
    let data = path.metadata().ok()?;
    if !data.is_dir() {
        return data.modified().ok();
    }
    let entries = fs::read_dir(path).ok()?.filter_map(|entry| entry.ok());
    entries.filter_map(|entry| newest(&entry.path())).max()
}
