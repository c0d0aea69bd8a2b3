//! Every Lua file of the suite on every engine.
//!
//! The WASM engine is the module named by `CU_WASM`, else `dist/cu.wasm`; where neither exists the test says so and
//! leaves the engine to `cargo xtask test`, which builds the module.

use std::env;
use std::path::{Path, PathBuf};

use cu_tests::{Engine, Report, suite};

use crate::command;

/// Fewer files than this means that the suite was not found, not that it became smaller.
const LEAST_FILES: usize = 500;

#[test]
fn the_suite_passes_on_the_command() {
    check(&Engine::Native {
        command: command::find(),
    });
}

#[test]
fn the_suite_passes_on_the_module() {
    let Some(module) = module() else {
        eprintln!("not run: neither CU_WASM nor dist/cu.wasm is there");
        return;
    };
    check(&Engine::Wasm { module });
}

#[test]
fn messages_do_not_cut_file_names() {
    for file in files() {
        assert!(
            file.base_name().len() <= 58,
            "{} is too long a name",
            file.name
        );
    }
}

fn check(engine: &Engine) {
    let (run, mut report) = Report::plan(engine.name(), files());
    let outcomes = engine
        .run(&run)
        .unwrap_or_else(|e| panic!("{} cannot run: {e}", engine.name()));
    report.judge(&run, &outcomes);
    println!("{report}");
    assert!(report.failures.is_empty(), "\n{report}");
}

fn files() -> Vec<cu_tests::SuiteFile> {
    let mut files = suite::collect(&suite::folder()).unwrap_or_else(|e| panic!("the suite: {e}"));
    assert!(
        files.len() >= LEAST_FILES,
        "only {} files in {}",
        files.len(),
        suite::folder().display()
    );
    if let Ok(only) = env::var("CU_SUITE_ONLY") {
        files.retain(|file| file.name.contains(&only));
    }
    files
}

fn module() -> Option<PathBuf> {
    if let Some(module) = env::var_os("CU_WASM") {
        // Tests run in their package's folder; people name files from the workspace's.
        let module = PathBuf::from(module);
        let below_root = root().join(&module);
        return Some(if module.exists() { module } else { below_root });
    }
    let built = root().join("dist/cu.wasm");
    built.exists().then_some(built)
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap_or(Path::new("."))
}
