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
mod runner;
mod time;

use std::fs;
use std::path::Path;

use crate::builds::Build;
use crate::shell::{self, Failure, Result, file_failure};
pub use runner::command;
use runner::{Outcome, Runner};

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
    /// The module, under wasmtime.
    Wasmtime,
    /// The module, in a page of Chromium.
    Web,
}

impl Engine {
    /// Its name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Engine::Native => "native",
            Engine::Wasm => "wasm",
            Engine::Wasmtime => "wasmtime",
            Engine::Web => "web",
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
    /// Instead of the everyday command; only natively.
    pub build: Option<Build>,
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
static TESTS: [Test; 27] = [
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

/// Files that do not go together with a collection at every allocation: there is one at every n-th instead, or (0) they
/// are not run so.
static SPARED: [(&str, u32, &str); 3] = [
    ("cstack", 1000, "its stacks are as large as they can be"),
    ("gc", 0, "it expects garbage to be there until it collects"),
    ("all", 0, "it runs the other files once more"),
];

/// How many allocations there are to a collection when the file runs under stress, and why, if that is not one.
fn stress(test: &Test) -> (u32, &'static str) {
    let spared = SPARED.iter().find(|(name, ..)| *name == test.name);
    spared.map_or((1, ""), |(_, n, why)| (*n, why))
}

/// How many files every level has; the figure that results are compared by.
const N_COMMON: usize = 25;

/// The whole suite in one state; not one of the files that are counted.
static ALL: Test = test("all", Level::Soft, 1.1, 10.0);

/// Lines of main.lua that are left out: a C library loaded by `-l`, a line editor that echoes, Ctrl-C.
const MAIN_SPANS: [(usize, usize); 3] = [(229, 232), (375, 390), (518, usize::MAX)];

/// Runs the files and prints a count; `false` if one failed.
pub fn main(options: &Options) -> Result<bool> {
    let (passed, failed) = run(options)?;
    shell::print(format!("{passed} passed, {failed} failed\n").as_bytes());
    Ok(failed == 0)
}

/// Runs the files several times beside PUC Lua and prints times; `false` if ours are too long.
pub fn time(options: &Options) -> Result<bool> {
    let tests = chosen(options)?;
    let runner = Runner::new(options)?;
    let folder = fetch::folder()?;
    leave_out_spans(&folder.join("main.lua"))?;
    time::main(&runner, &folder, &tests, options.level)
}

/// Runs the files; how many passed and failed.
pub fn run(options: &Options) -> Result<(u64, u64)> {
    let tests = chosen(options)?;
    let runner = Runner::new(options)?;
    let folder = fetch::folder()?;
    leave_out_spans(&folder.join("main.lua"))?;
    let (mut passed, mut failed, mut n_common) = (0, 0, 0);
    for test in &tests {
        if options.build == Some(Build::Stressed) {
            match stress(test) {
                (0, why) => {
                    shell::say(&format!("{} is not run under stress: {why}.", test.name));
                    continue;
                }
                (1, _) => {}
                (n, why) => shell::say(&format!(
                    "{} has a collection at every {n}th allocation: {why}.",
                    test.name
                )),
            }
        }
        match runner.run(&folder, test, options.level)? {
            Outcome::Passed(took) => {
                let seconds = took.as_secs_f64();
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

/// The files that `options` ask for.
fn chosen(options: &Options) -> Result<Vec<&'static Test>> {
    let level = options.level;
    let mut tests: Vec<&Test> = TESTS.iter().chain([&ALL]).collect();
    if options.only.is_empty() {
        tests.retain(|test| test.from <= level && (test.name != ALL.name || level == Level::Soft));
        return Ok(tests);
    }
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
    tests.retain(|test| {
        let named = |name: &String| name.trim_end_matches(".lua") == test.name;
        options.only.iter().any(named)
    });
    Ok(tests)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_count_is_that_of_the_files_of_every_level() {
        let n = TESTS.iter().filter(|test| test.from == Level::Soft).count();
        assert_eq!(n, N_COMMON);
    }
}
