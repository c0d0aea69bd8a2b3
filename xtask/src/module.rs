//! Building the modules in `dist/`: `cu.wasm`, `cu-clock.wasm`, `cu-mvp.wasm` and `cu-core.wasm`.
//!
//! rustc builds the crate `cu-wasm-api` with the profile `wasm`. Two tools of binaryen, from npm in a pinned version, go
//! on from there: wasm-ctor-eval makes the machine, so that the module's memory begins with its libraries, and wasm-opt
//! makes the result smaller.

pub mod interface;
pub mod size;

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

/// What wasm-opt does to make a module faster and smaller. The slow halves of the loop's instructions have one caller
/// each; they are to stay out of it.
const OPTIMISATIONS: [&str; 3] = [
    "-O3",
    "--converge",
    "--one-caller-inline-max-function-size=40",
];

/// What it leaves out of modules that are shipped.
const STRIPPED: [&str; 3] = [
    "--strip-debug",
    "--strip-producers",
    "--strip-target-features",
];

/// The export that makes the machine with its libraries (`wasm_api/src/abi.rs`).
const PREBUILD: &str = "prebuild";

/// wasm-opt's passes that replace what came after the first version of WebAssembly.
const LOWERING: [&str; 3] = [
    "--llvm-memory-copy-fill-lowering",
    "--signext-lowering",
    "--llvm-nontrapping-fptoint-lowering",
];

/// The features that are left then. Every engine that has had the first version for long has mutable globals; the
/// stack pointer needs none to be exported, so they would not even be missed.
const LOWERED: [&str; 2] = ["--mvp-features", "--enable-mutable-globals"];

/// Which module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `cu.wasm`: everything, with the five imports that all hosts have.
    Main,
    /// `cu-clock.wasm`: the same with an imported clock.
    Clock,
    /// `cu-mvp.wasm`: the main one in the WebAssembly of 2019.
    Mvp,
    /// `cu-core.wasm`: without the libraries io, os, package and debug, for those who count bytes.
    Core,
}

impl Kind {
    /// Those that are built together and described in `wasm_api/exports.txt`.
    pub const SHIPPED: [Kind; 3] = [Kind::Main, Kind::Clock, Kind::Mvp];

    /// The name of its file in `dist/`.
    pub fn file(self) -> &'static str {
        match self {
            Kind::Main => "cu.wasm",
            Kind::Clock => "cu-clock.wasm",
            Kind::Mvp => "cu-mvp.wasm",
            Kind::Core => "cu-core.wasm",
        }
    }

    /// Arguments for cargo.
    fn features(self) -> &'static [&'static str] {
        match self {
            Kind::Main | Kind::Mvp => &[],
            Kind::Clock => &["--features", "clock"],
            Kind::Core => &["--no-default-features"],
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
    match kind {
        // Its source is the main module, which may be there already.
        Kind::Mvp => lower(&ensure(Kind::Main)?),
        _ => build(kind, None),
    }
}

/// Those of the modules that are shipped, each built unless it is newer than all of its sources.
pub fn ensure_shipped() -> Result<[(Kind, PathBuf); 3]> {
    let [main, clock, mvp] = Kind::SHIPPED.map(|kind| Ok::<_, Failure>((kind, ensure(kind)?)));
    Ok([main?, clock?, mvp?])
}

/// Builds the modules that are shipped.
pub fn build_shipped(memory: Option<u64>) -> Result<()> {
    lower(&build(Kind::Main, memory)?)?;
    build(Kind::Clock, memory).map(|_| ())
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
    if kind == Kind::Mvp {
        return lower(&build(Kind::Main, memory)?);
    }
    shell::say(&format!("building dist/{file}"));
    let built = compile(kind, memory, false)?;
    let options = [&OPTIMISATIONS[..], &STRIPPED, &FEATURES].concat();
    optimise(&built, file, &options)
}

/// Builds a module that keeps the names of its functions; it is not for `dist/`.
fn build_named(kind: Kind) -> Result<PathBuf> {
    shell::say(&format!("building {} with names", kind.file()));
    let built = compile(kind, None, true)?;
    let path = built.with_file_name(format!("named-{}", kind.file()));
    let mut wasm_opt = wasm_opt();
    wasm_opt.args(OPTIMISATIONS).args(FEATURES).arg("-g");
    shell::run(wasm_opt.arg(&built).arg("-o").arg(&path))?;
    Ok(path)
}

/// rustc's part.
fn compile(kind: Kind, memory: Option<u64>, names: bool) -> Result<PathBuf> {
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
    cargo
        .args(["--package", "cu-wasm-api", "--config"])
        .arg(shell::no_paths());
    cargo.args(kind.features());
    if names {
        cargo.args(["--config", "profile.wasm.strip=false"]);
    }
    if let Some(memory) = memory {
        if memory == 0 || memory % 65_536 != 0 || memory > 1 << 32 {
            return Err(Failure(format!(
                "--memory {memory}: the size has to be a multiple of 65536, up to 4294967296."
            )));
        }
        cargo.env("CU_INITIAL_MEMORY", memory.to_string());
    }
    shell::run(&mut cargo)?;
    let built = shell::target_dir()?.join("wasm32-unknown-unknown/wasm/cu_wasm_api.wasm");
    prebuild(&built)
}

/// Runs the start of the machine, and makes the memory that it leaves the module's data.
fn prebuild(built: &Path) -> Result<PathBuf> {
    let path = built.with_extension("prebuilt.wasm");
    let mut eval = binaryen("wasm-ctor-eval");
    // What it has run to the end it takes out of the exports; else the test of the exports fails.
    eval.args(FEATURES).arg("--quiet").arg("-g");
    eval.arg(format!("--ctors={PREBUILD}"));
    shell::run(eval.arg(built).arg("-o").arg(&path))?;
    Ok(path)
}

/// Writes the main module in the WebAssembly of 2019.
fn lower(main: &Path) -> Result<PathBuf> {
    // Two runs: what is lowered has to be enabled until it is gone, and the second accepts nothing of it.
    let lowered = main.with_extension("lowered");
    let mut wasm_opt = wasm_opt();
    wasm_opt.args(FEATURES).args(LOWERING);
    shell::run(wasm_opt.arg(main).arg("-o").arg(&lowered))?;
    let path = optimise(
        &lowered,
        Kind::Mvp.file(),
        &[&LOWERED[..], &["-O2"]].concat(),
    );
    fs::remove_file(&lowered).map_err(|error| file_failure(&lowered, error))?;
    path
}

fn wasm_opt() -> Command {
    binaryen("wasm-opt")
}

/// A tool of binaryen, from npm.
fn binaryen(tool: &str) -> Command {
    let mut node = Command::new("node");
    node.arg(shell::root().join("node_modules/binaryen/bin").join(tool));
    node
}

/// Runs wasm-opt from the module `from` to the file `file` in `dist/`, and prints its size.
fn optimise(from: &Path, file: &str, options: &[&str]) -> Result<PathBuf> {
    let dist = shell::root().join("dist");
    let path = dist.join(file);
    fs::create_dir_all(&dist).map_err(|error| file_failure(&dist, error))?;
    // Written under another name first: an interrupted build leaves no half module behind.
    let unfinished = dist.join(format!("{file}.new"));
    shell::run(
        wasm_opt()
            .args(options)
            .arg(from)
            .arg("-o")
            .arg(&unfinished),
    )?;
    fs::rename(&unfinished, &path).map_err(|error| file_failure(&path, error))?;
    let before = fs::metadata(from)
        .map_err(|error| file_failure(from, error))?
        .len();
    let bytes = fs::read(&path).map_err(|error| file_failure(&path, error))?;
    shell::say(&format!(
        "dist/{file}: {} bytes raw ({before} before wasm-opt), {} gzip",
        bytes.len(),
        gzip_size(&bytes).map_err(|error| file_failure(&path, error))?
    ));
    Ok(path)
}

/// Has wasm-opt make a smaller module of what rustc and wasm-bindgen built.
pub fn shrink(built: &Path, path: &Path) -> Result<()> {
    let unfinished = path.with_extension("wasm.new");
    let mut wasm_opt = wasm_opt();
    wasm_opt.args(OPTIMISATIONS).args(STRIPPED).args(FEATURES);
    shell::run(wasm_opt.arg(built).arg("-o").arg(&unfinished))?;
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
