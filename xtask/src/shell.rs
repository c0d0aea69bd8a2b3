//! Calling other programs, and saying what went wrong in sentences.

use std::ffi::OsStr;
use std::fmt::Display;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Why a command could not do its work: one or more sentences.
#[derive(Debug)]
pub struct Failure(pub String);

/// The result of everything in this crate.
pub type Result<T> = std::result::Result<T, Failure>;

impl From<lexopt::Error> for Failure {
    fn from(error: lexopt::Error) -> Failure {
        Failure(format!("{error} (`cargo xtask help` lists what there is)"))
    }
}

/// A failure that names the file.
pub fn file_failure(path: &Path, error: impl Display) -> Failure {
    Failure(format!("{}: {error}", path.display()))
}

/// The root of the workspace.
pub fn root() -> &'static Path {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here)
}

/// The cargo that runs us.
pub fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    command
}

/// A setting for builds of modules: where the sources of dependencies lie on this machine stays out of their messages.
pub fn no_paths() -> String {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let user = std::env::home_dir().map(|user| user.join(".cargo"));
    let sources = home.or(user).unwrap_or_default().join("registry/src");
    // What differs from machine to machine goes: the name of the index has a number in it.
    let indexes = std::fs::read_dir(&sources).into_iter().flatten().flatten();
    let indexes: Vec<PathBuf> = indexes.map(|index| index.path()).collect();
    let flags = indexes.iter().map(|index| {
        let path = index.display().to_string().replace('\\', "\\\\");
        format!("\"--remap-path-prefix={path}=\"")
    });
    let flags: Vec<String> = flags.collect();
    format!(
        "target.wasm32-unknown-unknown.rustflags=[{}]",
        flags.join(",")
    )
}

/// Where cargo puts what it builds.
pub fn target_dir() -> Result<PathBuf> {
    let metadata = output(cargo().args(["metadata", "--no-deps", "--format-version", "1"]))?;
    let after = metadata.split("\"target_directory\":\"").nth(1);
    let path = after.and_then(|text| text.split('"').next());
    match path {
        Some(path) => Ok(PathBuf::from(path.replace("\\\\", "\\"))),
        None => Err(Failure(
            "`cargo metadata` does not tell the target directory.".to_owned(),
        )),
    }
}

/// Runs a command with our streams; failing is an error.
pub fn run(command: &mut Command) -> Result<()> {
    if succeeds(command)? {
        Ok(())
    } else {
        Err(Failure(format!("{} failed.", shown(command))))
    }
}

/// Runs a command with our streams and tells whether it succeeded.
pub fn succeeds(command: &mut Command) -> Result<bool> {
    let status = command
        .status()
        .map_err(|error| not_started(command, &error))?;
    Ok(status.success())
}

/// Runs a command and returns its standard output; failing is an error.
pub fn output(command: &mut Command) -> Result<String> {
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| not_started(command, &error))?;
    if !output.status.success() {
        return Err(Failure(format!("{} failed.", shown(command))));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Whether `program` can be started.
pub fn exists(program: &str) -> bool {
    // Every program asked for takes -v or prints its usage; only whether it starts matters.
    let status = Command::new(program)
        .arg("-v")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    status.is_ok()
}

/// The failure for a command that could not be started.
pub fn not_started(command: &Command, error: &std::io::Error) -> Failure {
    let program = command.get_program().to_string_lossy();
    match error.kind() {
        ErrorKind::NotFound => Failure(format!("`{program}` was not found; please install it.")),
        _ => Failure(format!("`{program}` could not be started: {error}.")),
    }
}

/// A command as one would type it.
pub fn shown(command: &Command) -> String {
    // Where a program lies is not of interest.
    let program = command.get_program();
    let name = Path::new(program).file_name().unwrap_or(program);
    let words = std::iter::once(name).chain(command.get_args());
    let words: Vec<_> = words.map(OsStr::to_string_lossy).collect();
    format!("`{}`", words.join(" "))
}

/// Writes to standard output; a closed pipe is nobody's fault.
pub fn print(bytes: &[u8]) {
    let mut stdout = std::io::stdout().lock();
    let _ = stdout.write_all(bytes).and_then(|()| stdout.flush());
}

/// Writes a line to standard error.
pub fn say(line: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}

/// Writes an error to standard error.
pub fn complain(message: &str) {
    say(&format!("xtask: {message}"));
}
