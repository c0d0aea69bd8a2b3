//! Properties: generated programs against a reference in Rust.
//!
//! Integer expressions go through the command, many to a process, so a run costs a handful of processes; tables and
//! codecs are tried inside this process. Generators and references stand in modules of their own.

mod bigint;
mod codec;
mod integer;
mod table;

use std::fs;
use std::path::Path;

use cu_tests::report::difference;
use cu_tests::{Engine, Expectation, Outcome, SuiteFile};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::Config;

use crate::command;

/// Processes per property.
const CASES: u32 = 8;
/// Expressions per process.
const EXPRESSIONS: usize = 300;

#[test]
fn integer_expressions_agree_with_the_reference() {
    let engine = Engine::Native {
        command: command::find(),
    };
    proptest!(config(CASES), |(exprs in vec(integer::expr(), 1..EXPRESSIONS), vars in any::<[i64; 3]>())| {
        let mut program = integer::declare(vars);
        let mut expected = Outcome::default();
        for expr in &exprs {
            program.push_str(&format!("print(select(2, pcall(function() return {expr} end)))\n"));
            let result = expr.value(vars);
            expected.output.push(result.map_or_else(|e| format!("integer.lua:{}: {e}", expected.output.len() + 2), |v| v.to_string()));
        }
        let actual = run(&engine, "integer.lua", &program);
        let difference = difference(&expected, &actual);
        prop_assert!(difference.is_none(), "{}\n{program}", difference.unwrap_or_default());
    });
}

/// So many cases, and no files written about failures.
fn config(cases: u32) -> Config {
    Config {
        cases,
        failure_persistence: None,
        max_shrink_iters: 2_000,
        ..Config::default()
    }
}

/// Runs a program under a file name of its own.
fn run(engine: &Engine, name: &str, program: &str) -> Outcome {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&path, program).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let file = SuiteFile {
        path,
        name: name.into(),
        source: program.into(),
        expectation: Ok(Expectation::default()),
    };
    let outcomes = engine.run(&[file]).unwrap_or_else(|e| panic!("{e}"));
    outcomes.into_iter().next().unwrap_or_default()
}
