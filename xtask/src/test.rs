//! `test`: every test there is, or a part of them, and one true count at the end.
//!
//! Each program of the suite counts as one test on each engine, and so does each of cargo's tests,
//! whose `test result:` lines are read; the tests that run the whole suite are left out there, as
//! they would run it again. So does each file of the official suite, at its soft level, natively, under Node and under
//! wasmtime, and each kind of generated program. A part that could not run, or that failed without counting a failure, is one failure, so that the last line
//! never flatters.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use cu_tests::{Engine, Report};

use crate::builds::Build;
use crate::early::Builds;
use crate::shell::{self, Failure, Result, file_failure};
use crate::{conformance, differ, hosts, module, prove, setup, web};

/// The parts, in the order in which they run.
const PARTS: [&str; 4] = ["native", "wasm", "hosts", "web"];

/// Parts that run only when they are named, since they take long. A sample of the second is in `native`.
const BUILDS: [Build; 2] = [Build::Checked, Build::Stressed];

/// What the names of the tests that run the whole suite begin with.
const SUITE_TESTS: &str = "the_suite_passes_on";

/// The tests of endurance.
const ENDURANCE: &str = "tests/node/endure.mjs";

/// How many tests passed and failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Count {
    passed: u64,
    failed: u64,
}

impl Count {
    fn plus(self, other: Count) -> Count {
        Count {
            passed: self.passed + other.passed,
            failed: self.failed + other.failed,
        }
    }
}

/// Runs the named parts (all, if none is named); `false` if a test failed.
pub fn main(parts: &[String]) -> Result<bool> {
    let names = || PARTS.into_iter().chain(BUILDS.map(Build::name));
    if let Some(unknown) = parts.iter().find(|part| !names().any(|name| name == *part)) {
        let known = names().collect::<Vec<_>>().join(", ");
        return Err(Failure(format!(
            "test {unknown}: there are {known} to choose from."
        )));
    }
    let mut builds = match parts {
        [] => Some(Builds::begin()?),
        _ => None,
    };
    let mut total = Count::default();
    for part in PARTS {
        if !parts.is_empty() && !parts.iter().any(|wanted| wanted == part) {
            continue;
        }
        let count = match part {
            "native" => native(),
            "wasm" => {
                if let Some(builds) = builds.take() {
                    builds.wait_for_modules();
                }
                wasm()
            }
            "web" => web::test().map(|(passed, failed)| Count { passed, failed }),
            "hosts" => hosts(),
            _ => {
                shell::say(&format!(
                    "{part}: there are no tests yet; nothing is counted."
                ));
                Ok(Count::default())
            }
        };
        total = total.plus(or_failure(count));
    }
    for build in BUILDS {
        if parts.iter().any(|wanted| wanted == build.name()) {
            total = total.plus(or_failure(built(build)));
        }
    }
    shell::print(format!("{} passed, {} failed\n", total.passed, total.failed).as_bytes());
    Ok(total.failed == 0)
}

/// A part that could not run is one failure.
fn or_failure(count: Result<Count>) -> Count {
    count.unwrap_or_else(|Failure(message)| {
        shell::complain(&message);
        Count {
            passed: 0,
            failed: 1,
        }
    })
}

/// Tests that would not end in an hour with a collection at every allocation. Checked accesses alone they do have.
const STRESS_SPARES: [(&str, &str); 2] = [
    (
        "depth::every_recursion_ends_in_an_error",
        "whose stacks are walked by each collection",
    ),
    (
        "fuzz::every_input_is_refused_or_runs_within_limits",
        "whose programs make as many objects as they are allowed to",
    ),
];

/// Everything that runs natively on a build for tests: cargo's tests, the suite, the official suite.
fn built(build: Build) -> Result<Count> {
    let command = build.command()?;
    shell::say(&format!("{}: cargo's tests", build.name()));
    let mut cargo = shell::cargo();
    cargo.args(["test", "--no-fail-fast", "--package", "cu-vm"]);
    cargo.args(["--package", "cu-tests", "--features"]);
    cargo.arg(
        build
            .features()
            .replace("checked", "cu-vm/checked,cu-tests/checked"),
    );
    cargo.args(["--", "--skip", SUITE_TESTS]);
    if build == Build::Stressed {
        for (name, reason) in STRESS_SPARES {
            shell::say(&format!("left out: {name}, {reason}"));
            cargo.args(["--skip", name]);
        }
    }
    cargo.env("CU_COMMAND", &command);
    let count = counted(&mut cargo)?;
    let engine = match build {
        Build::Tested | Build::Checked => Engine::Native { command },
        Build::Stressed => {
            for (name, n) in cu_tests::engine::SPARED {
                shell::say(&format!(
                    "{name} has too many objects for a collection at every allocation: one at every {n}th."
                ));
            }
            Engine::Stressed { command }
        }
    };
    let count = count.plus(suite(&engine, 1)?);
    Ok(count.plus(official(conformance::Engine::Native, Some(build))?))
}

/// A sample of the suite with a collection at every allocation, and everything checked.
fn stressed_sample() -> Result<Count> {
    let command = Build::Stressed.command()?;
    suite(&Engine::Stressed { command }, 7)
}

/// The long form of the tests of endurance: a million calls, a million answers. `false` if one failed.
pub fn endure() -> Result<bool> {
    setup::node()?;
    let mut node = Command::new("node");
    node.arg(shell::root().join(ENDURANCE));
    node.arg(module::ensure(module::Kind::Main)?).arg("1000000");
    let count = counted(&mut node)?;
    Ok(count.failed == 0)
}

/// Unit tests and documentation tests, then the suite on the `cu` command.
fn native() -> Result<Count> {
    let mut cargo = shell::cargo();
    cargo.args([
        "test",
        "--workspace",
        "--no-fail-fast",
        "--",
        "--skip",
        SUITE_TESTS,
    ]);
    let count = counted(&mut cargo)?;
    // It checks arithmetic and assertions, as the tests do.
    let command = Build::Tested.command()?;
    let count = count.plus(generated(&command)?);
    let count = count.plus(campaigns(&["native"])?);
    let count = count.plus(suite(&Engine::Native { command }, 1)?);
    let count = count.plus(stressed_sample()?);
    let build = Some(Build::Tested);
    Ok(count.plus(official(conformance::Engine::Native, build)?))
}

/// Generated programs, compared with the reference; each kind of program is a test.
fn generated(command: &Path) -> Result<Count> {
    shell::say("generated programs, beside lua5.4");
    let found = differ::run(&differ::Options {
        n_cases: 10_400,
        command: Some(command.to_owned()),
        ..differ::Options::default()
    })?;
    let mut kinds: Vec<_> = found.differences.iter().map(|d| d.kind).collect();
    kinds.sort_unstable();
    kinds.dedup();
    let failed = kinds.len() as u64;
    Ok(Count {
        passed: cu_tests::differ::KINDS.len() as u64 - failed,
        failed,
    })
}

/// Programs that try to get through the limits; each campaign is a test.
fn campaigns(hosts: &[&str]) -> Result<Count> {
    shell::say(&format!(
        "campaigns against the limits, {}",
        hosts.join(" and ")
    ));
    let (passed, failed) = prove::everyday(hosts)?;
    Ok(Count { passed, failed })
}

/// Records the goldens anew.
pub fn bless() -> Result<bool> {
    let mut cargo = shell::cargo();
    cargo.env("CU_BLESS", "1");
    cargo.args(["test", "--quiet", "--package", "cu-tests", "--", "recorded"]);
    shell::succeeds(&mut cargo)
}

/// What the modules look like from outside, then the suite inside the module, under Node.
fn wasm() -> Result<Count> {
    setup::node()?;
    let modules = module::ensure_shipped()?;
    let count = interface(&modules)?;
    let count = modules.iter().try_fold(count, |count, (kind, module)| {
        shell::say(&format!(
            "the recorded behaviour of the original, {}",
            kind.file()
        ));
        Ok::<_, Failure>(count.plus(scripted("tests/node/golden.mjs", module)?))
    })?;
    let [(_, module), ..] = modules;
    shell::say("endurance");
    let count = count.plus(scripted(ENDURANCE, &module)?);
    let count = count.plus(campaigns(&["node"])?);
    let count = count.plus(suite(&Engine::Wasm { module }, 1)?);
    Ok(count.plus(official(conformance::Engine::Wasm, None)?))
}

/// A script for Node that tests the module, and whose last line of output is `N passed, N failed`.
fn scripted(script: &str, module: &Path) -> Result<Count> {
    let mut node = Command::new("node");
    node.arg(shell::root().join(script)).arg(module);
    counted(&mut node)
}

/// Imports, exports and sizes of the modules.
fn interface(modules: &[(module::Kind, PathBuf)]) -> Result<Count> {
    let modules: Vec<_> = modules
        .iter()
        .map(|(kind, path)| (*kind, path.as_path()))
        .collect();
    let (n_interface, mut failures) = module::interface::check(&modules)?;
    let (n_sizes, too_large) = module::size::check(&modules)?;
    let n_checks = n_interface + n_sizes;
    failures.extend(too_large);
    for failure in &failures {
        shell::complain(failure);
    }
    let failed = u64::try_from(failures.len()).unwrap_or(u64::MAX);
    Ok(Count {
        passed: n_checks.saturating_sub(failed),
        failed,
    })
}

/// The module under other hosts: the examples, what stores may do wrong, and the official suite under wasmtime.
fn hosts() -> Result<Count> {
    let (passed, failed) = hosts::run()?;
    let count = Count { passed, failed };
    shell::say("stores that do something wrong, and the kit that finds it");
    let module = module::ensure(module::Kind::Main)?;
    let count = count.plus(scripted("tests/node/store-kit.mjs", &module)?);
    let count = count.plus(campaigns(&["wasmtime", "wasmi"])?);
    Ok(count.plus(official(conformance::Engine::Wasmtime, None)?))
}

/// The official suite at its soft level.
fn official(engine: conformance::Engine, build: Option<Build>) -> Result<Count> {
    let name = build.map_or(engine.name(), Build::name);
    shell::say(&format!("the official suite, {name}"));
    let (passed, failed) = conformance::run(&conformance::Options {
        engine,
        level: conformance::Level::Soft,
        build,
        only: Vec::new(),
    })?;
    Ok(Count { passed, failed })
}

/// Every program of the suite on one engine, or every n-th.
fn suite(engine: &Engine, n: usize) -> Result<Count> {
    let folder = cu_tests::suite::folder();
    let files = cu_tests::suite::collect(&folder).map_err(|error| file_failure(&folder, error))?;
    let files: Vec<_> = files.into_iter().step_by(n).collect();
    let how = match engine {
        Engine::Stressed { .. } => ", collecting at every allocation",
        Engine::Native { .. } | Engine::Wasm { .. } => "",
    };
    shell::say(&format!(
        "the suite, {}{how}: {} programs",
        engine.name(),
        files.len()
    ));
    let (run, mut report) = Report::plan(engine.name(), files);
    let outcomes = engine
        .run(&run)
        .map_err(|error| Failure(format!("the engine {} cannot run: {error}", engine.name())))?;
    report.judge(&run, &outcomes);
    shell::print(format!("{report}\n").as_bytes());
    let count = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
    Ok(Count {
        passed: count(report.passed),
        failed: count(report.failures.len()),
    })
}

/// Runs a test program, shows its output as it comes, and counts.
fn counted(command: &mut Command) -> Result<Count> {
    let mut child = command
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| shell::not_started(command, &error))?;
    let mut count = Count::default();
    if let Some(stdout) = child.stdout.take() {
        let mut lines = BufReader::new(stdout);
        let mut line = Vec::new();
        while matches!(lines.read_until(b'\n', &mut line), Ok(1..)) {
            shell::print(&line);
            if let Some(more) = count_in(&String::from_utf8_lossy(&line)) {
                count = count.plus(more);
            }
            line.clear();
        }
    }
    let status = child
        .wait()
        .map_err(|error| shell::not_started(command, &error))?;
    if !status.success() && count.failed == 0 {
        shell::complain(&format!(
            "{} failed without counting a failure.",
            shell::shown(command)
        ));
        count.failed = 1;
    }
    Ok(count)
}

/// The count in a line like `test result: ok. 3 passed; 0 failed; 0 ignored; ...`, or `3 passed, 0 failed`.
fn count_in(line: &str) -> Option<Count> {
    let (counts, separator) = match line.strip_prefix("test result: ") {
        Some(result) => (result.split_once(". ")?.1, "; "),
        None => (line.trim_end(), ", "),
    };
    let mut counts = counts.split(separator);
    let passed = counts.next()?.strip_suffix(" passed")?.parse().ok()?;
    let failed = counts.next()?.strip_suffix(" failed")?.parse().ok()?;
    Some(Count { passed, failed })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_read_from_result_lines() {
        let cargo =
            "test result: FAILED. 12 passed; 3 failed; 0 ignored; 0 measured; 0 filtered out\n";
        assert_eq!(
            count_in(cargo),
            Some(Count {
                passed: 12,
                failed: 3
            })
        );
        assert_eq!(
            count_in("900 passed, 14 failed\n"),
            Some(Count {
                passed: 900,
                failed: 14
            })
        );
        assert_eq!(count_in("test lexer::tests::numerals ... ok\n"), None);
    }

    #[test]
    fn an_unknown_part_is_refused() {
        assert!(main(&["everything".to_owned()]).is_err());
    }
}
