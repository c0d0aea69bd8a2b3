//! Goldens: a program and what the lexer, the parser or the compiler makes of it, side by side in one file.
//!
//! A file of `golden/{tokens,ast,code}` holds the program, a line of four hyphens, and the outcome. With `CU_BLESS` set
//! (`cargo xtask bless` does that) outcomes are written anew instead of compared: read what changed before committing it.

use std::path::{Path, PathBuf};
use std::{env, fs};

use cu_lexer::Meter;
use cu_parser::ParseError;
use cu_vm::compile::{self, CompileError};
use cu_vm::isa::{OPS, disasm};

/// Between program and outcome.
const RULE: &str = "\n----\n";
/// Fewer files than this in a folder means that it was not found.
const LEAST_FILES: usize = 12;

#[test]
fn tokens_are_as_recorded() {
    check("tokens", cu_lexer::dump_tokens);
}

#[test]
fn trees_are_as_recorded() {
    check("ast", tree);
}

#[test]
fn code_is_as_recorded() {
    check("code", code);
}

#[test]
fn every_operation_occurs_in_a_code_golden() {
    let listings: String = files("code").iter().map(|path| halves(path).1).collect();
    let missing: Vec<&str> = OPS
        .iter()
        .map(|op| op.name())
        .filter(|name| {
            !listings
                .split_whitespace()
                .collect::<Vec<_>>()
                .contains(name)
        })
        .collect();
    assert!(missing.is_empty(), "no code golden shows {missing:?}");
}

fn tree(source: &[u8]) -> String {
    match cu_parser::parse(source, b"=golden", &mut Meter::new(usize::MAX)) {
        Ok(tree) => cu_parser::dump(&tree),
        Err(ParseError::Syntax(error)) => refused(&error.message),
        Err(ParseError::OutOfMemory) => refused(b"not enough memory"),
    }
}

fn code(source: &[u8]) -> String {
    match compile::compile(source, b"=golden", &mut Meter::new(usize::MAX)) {
        Ok(proto) => disasm::list(&proto),
        Err(CompileError::Syntax { message, .. }) => refused(&message),
        Err(CompileError::OutOfMemory) => refused(b"not enough memory"),
    }
}

fn refused(message: &[u8]) -> String {
    format!("error: {}\n", String::from_utf8_lossy(message))
}

fn check(kind: &str, show: fn(&[u8]) -> String) {
    let files = files(kind);
    assert!(
        files.len() >= LEAST_FILES,
        "only {} files in golden/{kind}",
        files.len()
    );
    let bless = env::var_os("CU_BLESS").is_some();
    let mut different = Vec::new();
    for path in files {
        let (program, recorded) = halves(&path);
        let outcome = show(program.as_bytes());
        if outcome == recorded {
            continue;
        }
        if bless {
            let text = format!("{program}{RULE}{outcome}");
            fs::write(&path, text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        } else {
            different.push(format!(
                "{}\n--- recorded\n{recorded}--- now\n{outcome}",
                path.display()
            ));
        }
    }
    assert!(
        different.is_empty(),
        "if this is meant, `cargo xtask bless` records it:\n{}",
        different.join("\n")
    );
}

/// The program and the recorded outcome of a file.
fn halves(path: &Path) -> (String, String) {
    let text = fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let Some((program, outcome)) = text.split_once(RULE) else {
        panic!("{} has no line of four hyphens", path.display());
    };
    (program.into(), outcome.into())
}

fn files(kind: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("golden")
        .join(kind);
    let entries = fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    files.sort();
    files
}
