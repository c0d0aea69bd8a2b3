//! `conformance`: the official suite of Lua 5.4.8, fetched and run file by file.
//!
//! The suite is not ours to keep: it is taken from the source package of `lupa` on PyPI, whose sum is checked, and lies
//! in an ignored folder. `LUA_TESTS` names another folder to take it from. Its files run unedited, in a fresh copy,
//! each in a state of its own; of main.lua three spans are left out, which need what is not there (see
//! [`MAIN_SPANS`]).
//!
//! A file counts as passed only if it ran to its end in this run. Files that do nothing at a level are not run and
//! not counted.

mod fetch;

use std::env::consts::EXE_SUFFIX;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use crate::shell::{self, Failure, Result, file_failure};
use crate::{module, setup};

/// How much of the suite is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// What is long, needs much memory, or is not portable.
    Soft,
    /// What is not portable.
    Port,
    /// Nothing.
    Full,
}

/// Where the files run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// The `cu` command.
    Native,
    /// The module, under Node.
    Wasm,
}

impl Engine {
    /// Its name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Engine::Native => "native",
            Engine::Wasm => "wasm",
        }
    }
}

/// What `conformance` is asked to do.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where the files run.
    pub engine: Engine,
    /// How much is left out.
    pub level: Level,
    /// Names of files, with or without `.lua`; none for all.
    pub only: Vec<String>,
}

/// A file of the suite.
#[derive(Debug)]
struct Test {
    name: &'static str,
    /// The lowest level at which it does something.
    from: Level,
    /// Seconds that PUC takes at the soft level and above.
    soft: f64,
    above: f64,
}

const fn test(name: &'static str, from: Level, soft: f64, above: f64) -> Test {
    Test {
        name,
        from,
        soft,
        above,
    }
}

/// The files that are counted, with PUC's times.
const TESTS: [Test; 27] = [
    test("attrib", Level::Soft, 0.01, 0.01),
    test("bitwise", Level::Soft, 0.01, 0.01),
    test("calls", Level::Soft, 0.1, 0.1),
    test("closure", Level::Soft, 0.01, 0.01),
    test("constructs", Level::Soft, 0.1, 3.0),
    test("coroutine", Level::Soft, 0.01, 0.1),
    test("cstack", Level::Soft, 0.1, 0.1),
    test("db", Level::Soft, 0.05, 0.05),
    test("errors", Level::Soft, 0.02, 8.0),
    test("events", Level::Soft, 0.01, 0.01),
    test("files", Level::Soft, 0.02, 0.02),
    test("gc", Level::Soft, 0.2, 0.3),
    test("gengc", Level::Soft, 0.01, 0.01),
    test("goto", Level::Soft, 0.01, 0.01),
    test("literals", Level::Soft, 0.01, 0.01),
    test("locals", Level::Soft, 0.1, 0.1),
    test("math", Level::Soft, 0.04, 0.04),
    test("nextvar", Level::Soft, 0.02, 0.02),
    test("pm", Level::Soft, 0.01, 0.02),
    test("sort", Level::Soft, 0.03, 0.2),
    test("strings", Level::Soft, 0.01, 0.01),
    test("tpack", Level::Soft, 0.01, 0.01),
    test("utf8", Level::Soft, 0.01, 0.01),
    test("vararg", Level::Soft, 0.01, 0.01),
    test("verybig", Level::Soft, 0.01, 0.3),
    test("big", Level::Port, 0.0, 0.3),
    test("main", Level::Full, 0.0, 0.3),
];

/// How many files every level has; the figure that results are compared by.
const N_COMMON: usize = 25;

/// The whole suite in one state; not one of the files that are counted.
const ALL: Test = test("all", Level::Soft, 1.1, 10.0);

/// Lines of main.lua that are left out: a C library loaded by `-l`, a line editor that echoes, Ctrl-C.
const MAIN_SPANS: [(usize, usize); 3] = [(229, 232), (375, 390), (518, usize::MAX)];

/// What one file did.
enum Outcome {
    Passed,
    /// The first line of what went wrong.
    Failed(String),
}

/// Runs the files and prints a count; `false` if one failed.
pub fn main(options: &Options) -> Result<bool> {
    let (passed, failed) = run(options)?;
    shell::print(format!("{passed} passed, {failed} failed\n").as_bytes());
    Ok(failed == 0)
}

/// Runs the files; how many passed and failed.
pub fn run(options: &Options) -> Result<(u64, u64)> {
    let level = options.level;
    let mut tests: Vec<&Test> = TESTS.iter().chain([&ALL]).collect();
    if options.only.is_empty() {
        tests.retain(|test| test.from <= level && (test.name != ALL.name || level == Level::Soft));
    } else {
        for name in &options.only {
            let name = name.trim_end_matches(".lua");
            match tests.iter().find(|test| test.name == name) {
                None => return Err(Failure(format!("conformance: there is no test '{name}'."))),
                Some(test) if test.from > level => {
                    return Err(Failure(format!("{name}.lua does nothing at this level.")));
                }
                Some(_) => {}
            }
        }
        let is_wanted = |test: &&Test| {
            let named = |name: &String| name.trim_end_matches(".lua") == test.name;
            options.only.iter().any(named)
        };
        tests.retain(is_wanted);
    }
    let runner = match options.engine {
        Engine::Native => Runner::Native(command()?),
        Engine::Wasm => {
            setup::node()?;
            Runner::Wasm(module::ensure(module::Kind::System)?)
        }
    };
    let folder = fetch::folder()?;
    leave_out_spans(&folder.join("main.lua"))?;
    let (mut passed, mut failed, mut n_common) = (0, 0, 0);
    for test in &tests {
        let started = Instant::now();
        let outcome = runner.run(&folder, test, level)?;
        let seconds = started.elapsed().as_secs_f64();
        match outcome {
            Outcome::Passed => {
                shell::print(format!("passed  {:<11}{seconds:.2} s\n", test.name).as_bytes());
                passed += 1;
                n_common += usize::from(test.from == Level::Soft && test.name != ALL.name);
            }
            Outcome::Failed(reason) => {
                shell::print(format!("FAILED  {:<11}{reason}\n", test.name).as_bytes());
                failed += 1;
            }
        }
    }
    if options.only.is_empty() {
        shell::print(format!("{n_common} of {N_COMMON}\n").as_bytes());
    }
    Ok((passed, failed))
}

/// The optimised `cu` command, built if needed.
fn command() -> Result<PathBuf> {
    let mut build = shell::cargo();
    build.args([
        "build",
        "--quiet",
        "--release",
        "--package",
        "cu",
        "--bin",
        "cu",
    ]);
    shell::run(&mut build)?;
    Ok(shell::target_dir()?
        .join("release")
        .join(format!("cu{EXE_SUFFIX}")))
}

/// Empties the lines of main.lua that are not run; all others keep their numbers.
fn leave_out_spans(path: &Path) -> Result<()> {
    let text = fs::read(path).map_err(|error| file_failure(path, error))?;
    let mut kept = Vec::new();
    for (number, line) in (1..).zip(text.split_inclusive(|byte| *byte == b'\n')) {
        let is_out = MAIN_SPANS
            .iter()
            .any(|(first, last)| (*first..=*last).contains(&number));
        kept.extend_from_slice(if is_out { b"\n" } else { line });
    }
    fs::write(path, kept).map_err(|error| file_failure(path, error))
}

enum Runner {
    Native(PathBuf),
    Wasm(PathBuf),
}

impl Runner {
    /// Runs one file in `folder`.
    fn run(&self, folder: &Path, test: &Test, level: Level) -> Result<Outcome> {
        let mut command = match self {
            Runner::Native(cu) => native_command(cu, test, level),
            Runner::Wasm(module) => {
                let mut node = Command::new("node");
                node.arg(shell::root().join("xtask/node/conformance.mjs"));
                node.arg(module)
                    .arg(folder)
                    .arg(test.name)
                    .arg(settings(test, level));
                node
            }
        };
        command.current_dir(folder);
        // Files take what is written, for a pipe that nobody reads would block.
        let capture = |name: &str| {
            let path = folder.with_extension(name);
            let file = File::create(&path).map_err(|error| file_failure(&path, error))?;
            Ok::<_, Failure>((path, file))
        };
        let (stdout_path, stdout) = capture("stdout")?;
        let (stderr_path, stderr) = capture("stderr")?;
        // A pipe with nothing in it: other than the null device, it cannot be sought in.
        let empty = std::process::Stdio::piped();
        command.stdin(empty).stdout(stdout).stderr(stderr);
        let mut child = command
            .spawn()
            .map_err(|error| shell::not_started(&command, &error))?;
        let seconds = if level == Level::Soft {
            test.soft
        } else {
            test.above
        };
        // What starting Node takes is not the suite's business.
        let limit = Duration::from_secs_f64(10.0 + 10.0 * seconds);
        let started = Instant::now();
        let status = loop {
            let status = child
                .try_wait()
                .map_err(|error| shell::not_started(&command, &error))?;
            if let Some(status) = status {
                break status;
            }
            if started.elapsed() > limit {
                // It may have ended in between.
                let _ = child.kill();
                let _ = child.wait();
                return Ok(Outcome::Failed(format!(
                    "still runs after {} s",
                    limit.as_secs()
                )));
            }
            std::thread::sleep(Duration::from_millis(5));
        };
        let read = |path: &Path| {
            let bytes = fs::read(path).map_err(|error| file_failure(path, error))?;
            Ok::<_, Failure>(String::from_utf8_lossy(&bytes).into_owned())
        };
        let (output, errors) = (read(&stdout_path)?, read(&stderr_path)?);
        if !status.success() {
            return Ok(Outcome::Failed(reason(&errors, &status.to_string())));
        }
        if test.name == ALL.name && !output.contains("final OK !!!") {
            return Ok(Outcome::Failed("does not say `final OK !!!`".to_owned()));
        }
        Ok(Outcome::Passed)
    }
}

/// A chunk that sets the variables of a level.
fn settings(test: &Test, level: Level) -> &'static str {
    match level {
        _ if test.name == ALL.name => "_U=true",
        Level::Soft => "_port=true;_soft=true;_nomsg=true",
        Level::Port => "_port=true;_nomsg=true",
        Level::Full => "_nomsg=true",
    }
}

fn native_command(cu: &Path, test: &Test, level: Level) -> Command {
    let mut command = Command::new(cu);
    command.args(["-e", settings(test, level)]);
    if test.name == "big" {
        // It yields in the end.
        let run = "local f = coroutine.wrap(assert(loadfile 'big.lua')) \
                   assert(f() == 'b') assert(f() == 'a')";
        command.args(["-e", run]);
    } else {
        command.arg(format!("{}.lua", test.name));
    }
    command
}

/// The line of the error output that says what went wrong.
fn reason(errors: &str, status: &str) -> String {
    let traceback = errors.lines().position(|line| line == "stack traceback:");
    let before = traceback
        .and_then(|at| at.checked_sub(1))
        .and_then(|at| errors.lines().nth(at));
    let line = before.or_else(|| errors.lines().rev().find(|line| !line.is_empty()));
    let Some(line) = line else {
        return status.to_owned();
    };
    // Without the name of the program.
    let line = match line.split_once(": ") {
        Some((program, rest)) if program.ends_with(&format!("cu{EXE_SUFFIX}")) => rest,
        _ => line,
    };
    line.chars().take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_count_is_that_of_the_files_of_every_level() {
        let n = TESTS.iter().filter(|test| test.from == Level::Soft).count();
        assert_eq!(n, N_COMMON);
    }

    #[test]
    fn the_reason_is_the_line_before_the_traceback() {
        let errors = "noise\ncu: db.lua:3: wrong trace!!\nstack traceback:\n\t[C]: in ?\n";
        assert_eq!(reason(errors, "exit status: 1"), "db.lua:3: wrong trace!!");
        assert_eq!(reason("", "exit status: 1"), "exit status: 1");
    }
}
