//! How large the modules are: `cargo xtask wasm --size` says which crates and functions take the bytes, and
//! `wasm_api/size.txt` how many there may be.
//!
//! The tables are made from the module as it ships but for the names of its functions, which the linker and
//! wasm-opt keep when asked to. A function that was inlined counts for the one it is in.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use wasmparser::{KnownCustom, Name, Parser, Payload};

use super::Kind;
use crate::shell::{self, Failure, Result, file_failure};

/// The file of budgets.
const BUDGETS: &str = "wasm_api/size.txt";
/// How many functions the table shows.
const N_FUNCTIONS: usize = 40;

/// Bytes by name.
type Table = BTreeMap<String, usize>;

/// Builds the module and prints which crates and functions its bytes come from.
pub fn print(kind: Kind) -> Result<()> {
    let path = super::build_named(kind)?;
    let bytes = fs::read(&path).map_err(|error| file_failure(&path, error))?;
    let functions = sizes(&bytes).map_err(|error| file_failure(&path, error))?;
    let mut crates = Table::new();
    for (name, size) in &functions {
        *crates.entry(crate_of(name).to_owned()).or_default() += size;
    }
    let total: usize = functions.values().sum();
    let mut text = format!("{} bytes, names not counted\n\nby crate\n", total);
    write_table(&crates, usize::MAX, total, &mut text);
    text.push_str("\nby function\n");
    write_table(&functions, N_FUNCTIONS, total, &mut text);
    shell::print(text.as_bytes());
    Ok(())
}

/// The largest rows first.
fn write_table(table: &Table, n_rows: usize, total: usize, text: &mut String) {
    let mut rows: Vec<_> = table.iter().collect();
    rows.sort_by_key(|&(name, &size)| (std::cmp::Reverse(size), name));
    for (name, &size) in rows.into_iter().take(n_rows) {
        let share = size as f64 * 100.0 / total.max(1) as f64;
        text.push_str(&format!("{size:>9} {share:>5.1} %  {name}\n"));
    }
}

/// The size of each function, and of what else there is, in brackets.
fn sizes(bytes: &[u8]) -> wasmparser::Result<Table> {
    let (mut table, mut bodies) = (Table::new(), Vec::new());
    let (mut n_imports, mut names) = (0, BTreeMap::new());
    for payload in Parser::new(0).parse_all(bytes) {
        match payload? {
            Payload::ImportSection(section) => n_imports = section.count(),
            Payload::CodeSectionEntry(body) => bodies.push(body.range().len()),
            Payload::DataSection(section) => {
                table.insert("[data]".to_owned(), section.range().len());
            }
            Payload::ElementSection(section) => {
                table.insert("[table of functions]".to_owned(), section.range().len());
            }
            Payload::CustomSection(section) => {
                let KnownCustom::Name(section) = section.as_known() else {
                    continue;
                };
                for part in section {
                    if let Name::Function(map) = part? {
                        for naming in map {
                            let naming = naming?;
                            names.insert(naming.index, naming.name.to_owned());
                        }
                    }
                }
            }
            _ => {}
        }
    }
    for (index, size) in (n_imports..).zip(bodies) {
        let name = match names.get(&index) {
            Some(name) => demangled(name),
            None => "[unnamed]".to_owned(),
        };
        *table.entry(name).or_default() += size;
    }
    Ok(table)
}

/// A function as the source names it; wasm-opt numbers those of one name.
fn demangled(name: &str) -> String {
    let numbered = name.rsplit_once('_').filter(|(_, number)| {
        name.starts_with('_') && !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit())
    });
    let plain = format!("{:#}", rustc_demangle::demangle(name));
    match numbered {
        Some((name, _)) if plain.starts_with('_') => {
            format!("{:#}", rustc_demangle::demangle(name))
        }
        _ => plain,
    }
}

/// The crate that a function is of: the first name in it. What Rust did not name is C's or the linker's.
fn crate_of(name: &str) -> &str {
    if name.starts_with('[') && name.ends_with(']') {
        return name;
    }
    let path = name.trim_start_matches(['<', '&', '*', '[', '(']);
    let path = ["dyn ", "mut ", "const "]
        .iter()
        .fold(path, |path, word| path.trim_start_matches(word));
    match path.split_once("::") {
        Some((first, _)) => first,
        None => "[runtime]",
    }
}

/// Compares the modules with their budgets, and looks for paths of the machine in them; what is wrong is a line, and
/// there are as many checks as the
/// number says.
pub fn check(modules: &[(Kind, &Path)]) -> Result<(u64, Vec<String>)> {
    let path = shell::root().join(BUDGETS);
    let text = fs::read_to_string(&path).map_err(|error| file_failure(&path, error))?;
    let budgets = budgets(&text)?;
    let (mut n_checks, mut failures) = (0, Vec::new());
    for (kind, path) in modules {
        let Some(&(raw, gzip)) = budgets.get(kind.file()) else {
            continue;
        };
        let bytes = fs::read(path).map_err(|error| file_failure(path, error))?;
        let zipped = super::gzip_size(&bytes).map_err(|error| file_failure(path, error))?;
        const SOURCES: &[u8] = b"registry/src";
        n_checks += 1;
        if bytes.windows(SOURCES.len()).any(|part| part == SOURCES) {
            failures.push(format!("dist/{} says where it was built", kind.file()));
        }
        for (form, size, budget) in [("raw", bytes.len(), raw), ("gzip", zipped, gzip)] {
            n_checks += 1;
            if size > budget {
                failures.push(format!(
                    "dist/{} has {size} bytes {form}, {BUDGETS} allows {budget}",
                    kind.file()
                ));
            }
        }
    }
    Ok((n_checks, failures))
}

/// Reads lines like `cu.wasm 450000 170000`: the most bytes as they are, and after `gzip -9`.
fn budgets(text: &str) -> Result<BTreeMap<String, (usize, usize)>> {
    let mut budgets = BTreeMap::new();
    for line in text.lines() {
        let line = line.split('#').next().unwrap_or_default();
        let words: Vec<&str> = line.split_whitespace().collect();
        let [file, raw, gzip] = words[..] else {
            if words.is_empty() {
                continue;
            }
            return Err(Failure(format!(
                "{BUDGETS}: a line is not understood: {line}"
            )));
        };
        let number = |word: &str| -> Result<usize> {
            word.parse()
                .map_err(|_| Failure(format!("{BUDGETS}: not a number of bytes: {word}")))
        };
        budgets.insert(file.to_owned(), (number(raw)?, number(gzip)?));
    }
    Ok(budgets)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

    use super::*;

    #[test]
    fn functions_belong_to_the_crate_they_are_written_in() {
        let of = |name: &str| crate_of(&demangled(name)).to_owned();
        assert_eq!(of("_ZN5cu_vm6interp3run17h0123456789abcdefE"), "cu_vm");
        assert_eq!(of("_ZN5cu_vm6interp3run17h0123456789abcdefE_12"), "cu_vm");
        assert_eq!(
            of(
                "_ZN64_$LT$alloc..vec..Vec$LT$T$C$A$GT$$u20$as$u20$core..ops..Drop$GT$4drop17h0123456789abcdefE"
            ),
            "alloc"
        );
        assert_eq!(of("memcpy"), "[runtime]");
        assert_eq!(crate_of("[data]"), "[data]");
    }

    #[test]
    fn budgets_are_read_and_hold_all_modules_that_are_shipped() {
        let read = budgets("# comment\ncu.wasm 20 10 # why\n\n").unwrap();
        assert_eq!(read.get("cu.wasm"), Some(&(20, 10)));
        assert!(budgets("cu.wasm 20").is_err());
        assert!(budgets("cu.wasm 20 many").is_err());
        let text = fs::read_to_string(shell::root().join(BUDGETS)).unwrap();
        let ours = budgets(&text).unwrap();
        for kind in Kind::SHIPPED {
            assert!(ours.contains_key(kind.file()), "{}", kind.file());
        }
    }

    #[test]
    fn bytes_are_counted_by_function() {
        // A module with two functions, `a` (2 bytes, with its locals) and one without a name (3 bytes).
        let module = [
            b"\0asm\x01\0\0\0".as_slice(),
            b"\x01\x04\x01\x60\0\0",
            b"\x03\x03\x02\0\0",
            b"\x0A\x08\x02\x02\0\x0B\x03\0\x01\x0B",
            b"\0\x0B\x04name\x01\x04\x01\0\x01a",
        ]
        .concat();
        let table = sizes(&module).unwrap();
        assert_eq!(table.get("a"), Some(&2));
        assert_eq!(table.get("[unnamed]"), Some(&3));
    }
}
