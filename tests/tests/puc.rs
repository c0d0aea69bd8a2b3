//! Functions of PUC Lua: chunks that the real thing wrote, translated and run.
//!
//! `chunks` makes them where a `lua` command is (`CU_LUA` if set, else `lua5.4`); a small set in `tests/puc/`, written by
//! Lua 5.4.7, is always run. `mutation` breaks chunks: whatever comes out of that must be refused or run within limits.

mod chunks;
mod coverage;
mod forms;
mod mutation;

use std::path::PathBuf;

use cu_tests::report::difference;
use cu_tests::{Expectation, Outcome, SuiteFile, suite};

use crate::machine::Machine;
use chunks::Lua;
pub use chunks::Source;

/// PUC Lua makes one string of equal long constants when it compiles, but not when it loads; here it is always one.
const OTHER_IDENTITY: &str = "equal_long_constants_are_one_string.lua";

/// Fewer programs than this means that the suite was not found, not that it became smaller.
const LEAST_PROGRAMS: usize = 300;

#[test]
fn committed_chunks_do_what_their_programs_say() {
    let sources = committed();
    assert!(sources.len() >= 4, "only {} programs", sources.len());
    let by_lua = Lua::find().map(|lua| lua.run("puc_committed", &sources));
    for (number, source) in sources.iter().enumerate() {
        let expected = expectation(source).outcome();
        if let Some(by_lua) = by_lua.as_ref().and_then(|outcomes| outcomes.get(number)) {
            assert_same(source, &expected, by_lua);
        }
        let plain = run(&read(source, "luac"), &[]);
        assert_same(source, &expected, &plain);
        let stripped = run(&read(source, "stripped.luac"), &[]);
        assert_same(source, &expected, &stripped);
    }
}

#[test]
fn programs_of_the_suite_do_as_chunks_what_they_say() {
    let Some(lua) = Lua::find() else { return };
    let sources = programs();
    for (source, chunk) in sources.iter().zip(lua.dump(&sources, false)) {
        let Some(chunk) = chunk else { continue };
        assert_same(source, &expectation(source).outcome(), &run(&chunk, &[]));
    }
}

#[test]
fn stripped_programs_of_the_suite_do_what_lua_does_with_them() {
    let Some(lua) = Lua::find() else { return };
    let mut sources = programs();
    sources.retain(|source| source.name != OTHER_IDENTITY);
    let chunks = lua.dump(&sources, true);
    let names = sources.iter().map(|source| source.name.clone());
    let chunks: Vec<Source> = names
        .zip(chunks)
        .filter_map(|(name, chunk)| Some(Source { name, text: chunk? }))
        .collect();
    for (chunk, expected) in chunks.iter().zip(lua.run("puc_suite", &chunks)) {
        assert_same(chunk, &expected, &run(&chunk.text, &[]));
    }
}

#[test]
fn large_programs_do_what_lua_does_with_them() {
    let Some(lua) = Lua::find() else { return };
    let sources = forms::sources();
    let expected = lua.run("puc_forms", &sources);
    let chunks = lua.dump(&sources, false);
    for ((source, chunk), expected) in sources.iter().zip(chunks).zip(expected) {
        assert_eq!(expected.error, None, "{}", source.name);
        let chunk = chunk.unwrap_or_else(|| panic!("{} does not compile", source.name));
        assert_same(source, &expected, &run(&chunk, &[]));
    }
}

#[test]
fn benchmark_programs_give_the_results_they_check() {
    let Some(lua) = Lua::find() else { return };
    let sources = benchmarks();
    for (source, chunk) in sources.iter().zip(lua.dump(&sources, true)) {
        let chunk = chunk.unwrap_or_else(|| panic!("{} does not compile", source.name));
        let size = size(source);
        let outcome = run(&chunk, &[size]);
        assert_eq!(outcome.error, None, "{} of size {size}", source.name);
        let compiled = run(&source.text, &[size]);
        assert_same(source, &compiled, &outcome);
    }
}

/// Runs a chunk, or source text, in a machine of its own.
fn run(chunk: &[u8], args: &[i64]) -> Outcome {
    let mut machine = Machine::new();
    let result = machine.run_chunk(chunk, args);
    machine.vm.close();
    let output = machine.take_output();
    let mut output: Vec<String> = output.split('\n').map(str::to_owned).collect();
    if output.last().is_some_and(String::is_empty) {
        output.pop();
    }
    let error = result.err().map(|failure| {
        let message = failure.message;
        message.lines().next().unwrap_or_default().to_owned()
    });
    Outcome { output, error }
}

fn assert_same(source: &Source, expected: &Outcome, actual: &Outcome) {
    if let Some(what) = difference(expected, actual) {
        panic!("{}\n{what}", source.name);
    }
}

fn expectation(source: &Source) -> Expectation {
    let text = String::from_utf8_lossy(&source.text);
    Expectation::parse(&text).unwrap_or_else(|e| panic!("{}: {e}", source.name))
}

/// The programs of the suite that need no files and expect the same of all releases.
fn programs() -> Vec<Source> {
    const WORLD: [&str; 6] = ["io", "os", "package", "require", "dofile", "loadfile"];
    let files = suite::collect(&suite::folder()).unwrap_or_else(|e| panic!("the suite: {e}"));
    let of_language = files.into_iter().filter(|file: &SuiteFile| {
        let mut words = file
            .source
            .split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        let plain = matches!(&file.expectation, Ok(e) if e.oracle.is_none());
        (file.name.starts_with("lang/") || file.name.starts_with("lib/"))
            && plain
            && !words.any(|word| WORLD.contains(&word))
    });
    let sources: Vec<Source> = of_language
        .map(|file| Source {
            name: file.base_name().to_owned(),
            text: file.source.into_bytes(),
        })
        .collect();
    assert!(
        sources.len() >= LEAST_PROGRAMS,
        "only {} programs",
        sources.len()
    );
    sources
}

/// The programs in `tests/puc`.
fn committed() -> Vec<Source> {
    Source::all_in(&folder().join("puc"))
}

fn benchmarks() -> Vec<Source> {
    Source::all_in(&folder().join("../benches/lua"))
}

fn read(source: &Source, extension: &str) -> Vec<u8> {
    let name = source.name.replace(".lua", "");
    let path = folder().join(format!("puc/{name}.{extension}"));
    std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// A small size for a benchmark: its first line is `local N = ... or SIZE`.
fn size(source: &Source) -> i64 {
    let text = String::from_utf8_lossy(&source.text);
    let full = text
        .lines()
        .next()
        .and_then(|line| line.split(" or ").nth(1));
    let full = full.and_then(|size| size.trim().parse::<i64>().ok());
    let full = full.unwrap_or_else(|| panic!("{} has no size", source.name));
    match full {
        0..100 => full.min(8),
        100..10_000 => full / 20,
        _ => full / 200,
    }
}
