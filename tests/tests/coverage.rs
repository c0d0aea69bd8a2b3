//! Coverage by declaration: each library function, value of a library, metamethod, keyword and operator is named
//! somewhere in the suite.
//!
//! This proves that nobody forgot one, not that every case of it is covered. Which program uses which function is
//! recorded in `stdlib/COVERAGE.md` (`cargo xtask bless`); a line stays as it is while it is true.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{env, fs};

use cu_stdlib as stdlib;
use cu_tests::suite::{self, SuiteFile};

/// What libraries hold besides functions.
const VALUES: &str = "_G _VERSION io.stderr io.stdin io.stdout math.huge math.maxinteger math.mininteger math.pi \
                      package.config package.cpath package.loaded package.path package.preload \
                      package.searchers utf8.charpattern";

const EVENTS: &str = "add sub mul div mod pow unm idiv band bor bxor bnot shl shr concat len eq lt le index newindex \
                      call close gc mode name tostring pairs metatable";

const KEYWORDS: &str = "and break do else elseif end false for function goto if in local nil not or repeat return \
                        then true until while";

const OPERATORS: &str =
    "+ - * / % ^ # & ~ | << >> // == ~= <= >= < > = ( ) { } [ ] :: ; : , . .. ...";

#[test]
fn the_suite_names_everything() {
    let text: String = programs().into_iter().map(|file| file.source).collect();
    let mut missing = Vec::new();
    for event in EVENTS.split_whitespace() {
        // Events of operators may be built from a list of their names.
        if !text.contains(&format!("__{event}")) && !text.contains(&format!("\"{event}\"")) {
            missing.push(format!("__{event}"));
        }
    }
    for word in KEYWORDS
        .split_whitespace()
        .chain(OPERATORS.split_whitespace())
    {
        if !text.contains(word) {
            missing.push(word.into());
        }
    }
    assert!(missing.is_empty(), "the suite never uses {missing:?}");
}

#[test]
fn the_table_of_library_functions_is_as_recorded() {
    let programs = programs();
    let path = record();
    let recorded = fs::read_to_string(&path).unwrap_or_default();
    let lines: BTreeMap<&str, &str> = recorded.lines().filter_map(row).collect();
    let mut text = HEADER.to_owned();
    let mut missing = Vec::new();
    for name in names() {
        let uses = |program: &&SuiteFile| is_used(&name, &program.source);
        // The line that is there, if it is still true, so that a new program changes nothing.
        let known = lines.get(name.as_str());
        let known = known.and_then(|wanted| programs.iter().find(|file| file.name == **wanted));
        let last = name.rsplit('.').next().unwrap_or_default();
        let users = || programs.iter().filter(uses);
        let chosen = known
            .filter(uses)
            .or_else(|| users().find(|program| program.base_name().contains(last)))
            .or_else(|| users().next());
        match chosen {
            Some(program) => text.push_str(&format!("| `{name}` | `{}` |\n", program.name)),
            None => missing.push(name),
        }
    }
    assert!(
        missing.is_empty(),
        "no program of the suite uses {missing:?}"
    );
    if env::var_os("CU_BLESS").is_some() {
        fs::write(&path, text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        return;
    }
    assert!(
        recorded == text,
        "{} is not true any more; `cargo xtask bless` renews it",
        path.display()
    );
}

const HEADER: &str = "\
# The library, function by function

Written by `cargo xtask bless`, checked by a test: a function without a program in the suite fails it.
The program named is one that uses the function; most functions have several, and the official suite besides.

| function or value | program in `tests/suite` |
|---|---|
";

fn record() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../stdlib/COVERAGE.md")
}

fn programs() -> Vec<SuiteFile> {
    suite::collect(&suite::folder()).unwrap_or_else(|e| panic!("the suite: {e}"))
}

/// Name and program of a line of the table.
fn row(line: &str) -> Option<(&str, &str)> {
    let (name, program) = line
        .strip_prefix("| `")?
        .strip_suffix("` |")?
        .split_once("` | `")?;
    Some((name, program))
}

/// The full name of everything in the libraries, in order; methods of files as `file:name`.
pub(crate) fn names() -> Vec<String> {
    let natives = stdlib::CORE.iter().chain(&stdlib::SYSTEM);
    let natives = natives.flat_map(|library| library.natives);
    let natives = natives.chain(stdlib::base::NATIVES.iter());
    let natives = natives.chain(stdlib::bigint::NATIVES.iter());
    let natives = natives.chain([&stdlib::base::NEXT, &stdlib::package::REQUIRE]);
    let mut names: Vec<String> = natives
        .map(|native| native.name.to_owned())
        // Metamethods are among the events; `open` is what `require` calls.
        .filter(|name| !name.contains(".__") && name != "bigint.open")
        .collect();
    for method in &stdlib::io::file::METHODS {
        names.push(method.name.replace("io.file.", "file:"));
    }
    names.extend(VALUES.split_whitespace().map(str::to_owned));
    names.sort();
    names
}

/// Whether a program uses the function or value of this name.
fn is_used(name: &str, source: &str) -> bool {
    let word = |word: &str, before: &[char]| {
        source.match_indices(word).any(|(at, _)| {
            let mut rest = source[at + word.len()..].chars();
            let is_start = match source[..at].chars().next_back() {
                None => true,
                Some(c) => before.is_empty() || before.contains(&c) || !is_part(c),
            };
            is_start && !rest.next().is_some_and(is_part)
        })
    };
    match name.split_once([':', '.']) {
        None => word(name, &[' ']),
        Some(("file", method)) => word(&format!(":{method}"), &[]),
        // Methods of strings count as their functions.
        Some(("string", function)) => word(name, &[' ']) || word(&format!(":{function}"), &[]),
        // So do those of big integers, where there are any.
        Some(("bigint", function)) => {
            word(&format!("big.{function}"), &[' '])
                || source.contains("\"bigint\"") && word(&format!(":{function}"), &[])
        }
        Some(_) => word(name, &[' ']),
    }
}

fn is_part(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '.'
}
