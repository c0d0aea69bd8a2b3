//! Engines: what turns suite files into outcomes.
//!
//! `native` starts a `lua`-like command per file. `wasm` starts one Node process for all files, which runs each
//! in a fresh instance of the raw module. `Stressed` is a native command that collects at every allocation. None of them
//! knows what a file expects.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::expectation::Outcome;
use crate::suite::SuiteFile;

/// How long one program may run.
const TIME_LIMIT: Duration = Duration::from_secs(60);
/// The same for a command that collects at every allocation.
const STRESSED_LIMIT: Duration = Duration::from_secs(600);

/// Programs that fill tables with tens of thousands of objects: a collection at every allocation would take time in the
/// square of that, so they have one at every n-th.
pub const SPARED: [(&str, u32); 5] = [
    ("lang/large_tables_change_while_they_are_marked.lua", 100),
    ("lang/long_lists_are_collected_without_recursion.lua", 1000),
    ("limit/large_tables_work.lua", 1000),
    (
        "limit/long_chains_of_ephemerons_are_settled_in_one_go.lua",
        1000,
    ),
    ("limit/many_constants_work.lua", 1000),
];

/// Something that runs programs.
#[derive(Clone, Debug)]
pub enum Engine {
    /// A drop-in `lua` command.
    Native {
        /// The command.
        command: PathBuf,
    },
    /// The same, built to collect at every allocation (the feature `gc_stress`).
    Stressed {
        /// The command.
        command: PathBuf,
    },
    /// The raw module under Node.
    Wasm {
        /// The module.
        module: PathBuf,
    },
}

impl Engine {
    /// The name that `--? skip` and `--? fail` use.
    pub fn name(&self) -> &'static str {
        match self {
            Engine::Native { .. } | Engine::Stressed { .. } => "native",
            Engine::Wasm { .. } => "wasm",
        }
    }

    /// Runs all files; the outcomes stand in the order of the files.
    pub fn run(&self, files: &[SuiteFile]) -> io::Result<Vec<Outcome>> {
        match self {
            Engine::Native { command } => run_native(command, files),
            Engine::Stressed { command } => run_all(files, |file| run_stressed(command, file)),
            Engine::Wasm { module } => run_wasm(module, files),
        }
    }
}

/// Runs files two at a time, each in its own process.
pub(crate) fn run_native(command: &Path, files: &[SuiteFile]) -> io::Result<Vec<Outcome>> {
    run_all(files, |file| {
        run_command(&mut Command::new(command), file, TIME_LIMIT)
    })
}

fn run_stressed(command: &Path, file: &SuiteFile) -> io::Result<Outcome> {
    let spared = SPARED.iter().find(|(name, _)| *name == file.name);
    let every = spared.map_or(1, |(_, n)| *n);
    let mut command = Command::new(command);
    command.env("CU_GC_STRESS", every.to_string());
    run_command(&mut command, file, STRESSED_LIMIT)
}

fn run_all(
    files: &[SuiteFile],
    run: impl Fn(&SuiteFile) -> io::Result<Outcome> + Sync,
) -> io::Result<Vec<Outcome>> {
    let next = AtomicUsize::new(0);
    let results = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let i = next.fetch_add(1, Ordering::Relaxed);
                    let Some(file) = files.get(i) else { break };
                    let outcome = run(file);
                    results
                        .lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .push((i, outcome));
                }
            });
        }
    });
    let mut results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
    results.sort_by_key(|(i, _)| *i);
    results.into_iter().map(|(_, outcome)| outcome).collect()
}

/// Runs one file in its own folder, so that messages name it by its base name.
fn run_command(command: &mut Command, file: &SuiteFile, limit: Duration) -> io::Result<Outcome> {
    let dir = file.path.parent().unwrap_or(Path::new("."));
    let mut child = command
        .arg(file.base_name())
        .current_dir(dir)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|e| io::Error::new(e.kind(), format!("the command: {e}")))?;
    let stdout = child.stdout.take().map(read_in_background);
    let stderr = child.stderr.take().map(read_in_background);
    let started = Instant::now();
    let mut pause = Duration::from_micros(200);
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break Some(status);
        }
        if started.elapsed() > limit {
            child.kill()?;
            child.wait()?;
            break None;
        }
        thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(20));
    };
    let output = lines(&collect(stdout));
    let stderr = collect(stderr);
    let error = match status {
        None => Some(format!("<no end after {} seconds>", limit.as_secs())),
        Some(status) if status.success() => None,
        Some(status) => Some(uncaught(&stderr).unwrap_or_else(|| format!("<{status}>"))),
    };
    Ok(Outcome { output, error })
}

type Reader = thread::JoinHandle<Vec<u8>>;

fn read_in_background(mut pipe: impl io::Read + Send + 'static) -> Reader {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        // A broken pipe only means that there is no more to read.
        let _ = pipe.read_to_end(&mut bytes);
        bytes
    })
}

fn collect(reader: Option<Reader>) -> Vec<u8> {
    reader.and_then(|r| r.join().ok()).unwrap_or_default()
}

/// The message of an uncaught error: the first line of the command's standard error after the command's name.
fn uncaught(stderr: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(stderr);
    let first = text.lines().next()?;
    first
        .split_once(": ")
        .map(|(_, message)| message.to_string())
}

fn lines(bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(bytes);
    let mut lines: Vec<String> = text.split('\n').map(str::to_string).collect();
    if lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    lines
}

/// Runs all files in one Node process.
fn run_wasm(module: &Path, files: &[SuiteFile]) -> io::Result<Vec<Outcome>> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("node/suite.mjs");
    let mut child = Command::new("node")
        .arg(script)
        .arg(module)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|e| io::Error::new(e.kind(), format!("node: {e}")))?;
    let paths: Vec<String> = files.iter().map(|f| f.path.display().to_string()).collect();
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(paths.join("\n").as_bytes())?;
    }
    let done = child.wait_with_output()?;
    if !done.status.success() {
        return Err(io::Error::other(format!(
            "suite.mjs ended with {}",
            done.status
        )));
    }
    let results: serde_json::Value = serde_json::from_slice(&done.stdout)?;
    let results = results.as_array().map(Vec::as_slice).unwrap_or_default();
    if results.len() != files.len() {
        return Err(io::Error::other(format!(
            "suite.mjs answered for {} of {} files",
            results.len(),
            files.len()
        )));
    }
    Ok(files
        .iter()
        .zip(results)
        .map(|(file, result)| wasm_outcome(file, result))
        .collect())
}

/// The module names a chunk by its source text; messages are brought back to the file's base name.
fn wasm_outcome(file: &SuiteFile, result: &serde_json::Value) -> Outcome {
    let shown = format!("{}:", chunk_id(&file.source));
    let named = format!("{}:", file.base_name());
    let text = |key: &str| {
        result.get(key).and_then(|v| v.as_str()).map(|s| {
            // The script passes bytes as code points below 256.
            let bytes: Vec<u8> = s
                .chars()
                .map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?'))
                .collect();
            String::from_utf8_lossy(&bytes).replace(&shown, &named)
        })
    };
    let output = lines(text("output").unwrap_or_default().as_bytes());
    let error = text("error").map(|e| e.lines().next().unwrap_or_default().to_string());
    Outcome { output, error }
}

/// How Lua shows a chunk name that is source text: its first line, cut to fit 60 bytes.
fn chunk_id(source: &str) -> String {
    /// What `LUA_IDSIZE` leaves of 60 bytes for the text between `[string "` and `..."]` and a NUL.
    const ROOM: usize = 45;
    let first = source.split('\n').next().unwrap_or_default();
    if first.len() == source.len() && source.len() < ROOM {
        return format!("[string \"{source}\"]");
    }
    let cut = first.as_bytes().get(..ROOM).unwrap_or(first.as_bytes());
    format!("[string \"{}...\"]", String::from_utf8_lossy(cut))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunk_names_are_shown_as_lua_shows_them() {
        assert_eq!(chunk_id("error('x')"), "[string \"error('x')\"]");
        assert_eq!(chunk_id("local a\nerror('x')"), "[string \"local a...\"]");
        let long = "x".repeat(60);
        assert_eq!(
            chunk_id(&long),
            format!("[string \"{}...\"]", "x".repeat(45))
        );
    }

    #[test]
    fn the_command_name_is_not_part_of_the_message() {
        assert_eq!(
            uncaught(b"cu: f.lua:1: x\nstack traceback:\n").as_deref(),
            Some("f.lua:1: x")
        );
        assert_eq!(uncaught(b""), None);
    }

    #[test]
    fn the_last_newline_ends_a_line() {
        assert_eq!(lines(b"a\n\nb\n"), ["a", "", "b"]);
        assert!(lines(b"").is_empty());
    }
}
