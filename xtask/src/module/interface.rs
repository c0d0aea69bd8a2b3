//! What the built modules import and export, compared with the list `wasm_api/exports.txt`, and the list with the
//! README that explains it.
//!
//! What it is not: it runs nothing. It reads the binaries, and validates `cu-mvp.wasm` with every feature of
//! WebAssembly switched off that came after 2019.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use wasmparser::{
    CompositeInnerType, ExternalKind, FuncType, Parser, Payload, TypeRef, ValType, Validator,
    WasmFeatures,
};

use super::Kind;
use crate::shell::{self, Failure, Result, file_failure};

/// What the linker adds to the exports.
const LINKER: [&str; 2] = ["__heap_base", "__data_end"];

/// A name and its type, by kind: `import`, `clock`, `original`, `extension`, `reserved`.
type List = BTreeMap<String, (String, String)>;

/// Compares everything; each comparison that fails is a line, and there are as many comparisons as the number says.
pub fn check(modules: &[(Kind, &Path)]) -> Result<(u64, Vec<String>)> {
    let folder = shell::root().join("wasm_api");
    let read = |name: &str| {
        let path = folder.join(name);
        fs::read_to_string(&path).map_err(|error| file_failure(&path, error))
    };
    let list = parse(&read("exports.txt")?)?;
    let mut failures = Vec::new();
    let readme = read("README.md")?;
    failures.extend(unexplained(&list, &readme));
    for (kind, path) in modules {
        let bytes = fs::read(path).map_err(|error| file_failure(path, error))?;
        let found = interface(&bytes).map_err(|error| file_failure(path, error))?;
        let wanted = wanted(&list, *kind);
        if found != wanted {
            failures.push(format!("{}: {}", kind.file(), difference(&found, &wanted)));
        }
        if *kind == Kind::Mvp {
            // Mutable globals count as part of the first version here, as in the specification's.
            let features = WasmFeatures::WASM1 | WasmFeatures::MUTABLE_GLOBAL;
            if let Err(error) = Validator::new_with_features(features).validate_all(&bytes) {
                failures.push(format!("{}: {error}", kind.file()));
            }
        }
    }
    let n_mvp = modules
        .iter()
        .filter(|(kind, _)| *kind == Kind::Mvp)
        .count();
    let n_checks = 1 + modules.len() + n_mvp;
    Ok((u64::try_from(n_checks).unwrap_or(u64::MAX), failures))
}

/// Reads lines like `original init () -> i32`.
fn parse(text: &str) -> Result<List> {
    let mut list = List::new();
    for line in text.lines() {
        let line = line.split('#').next().unwrap_or_default();
        let mut words = line.split_whitespace();
        let (Some(kind), Some(name)) = (words.next(), words.next()) else {
            continue;
        };
        let signature = words.collect::<Vec<_>>().join(" ");
        if list
            .insert(name.to_owned(), (kind.to_owned(), signature))
            .is_some()
        {
            return Err(Failure(format!("exports.txt lists {name} twice.")));
        }
    }
    Ok(list)
}

/// Name and type of what a module of this kind has to import and export.
fn wanted(list: &List, module: Kind) -> BTreeMap<String, String> {
    let is_there = |kind: &str| match kind {
        "clock" => module == Kind::Clock,
        "reserved" => false,
        _ => true,
    };
    list.iter()
        .filter(|(_, (kind, _))| is_there(kind))
        .map(|(name, (_, signature))| (name.clone(), signature.clone()))
        .collect()
}

/// Name and type of what a module imports (with the name of the module it wants it from) and exports.
fn interface(
    bytes: &[u8],
) -> std::result::Result<BTreeMap<String, String>, wasmparser::BinaryReaderError> {
    let mut types: Vec<Option<FuncType>> = Vec::new();
    let mut functions: Vec<Option<String>> = Vec::new();
    let mut memory = String::new();
    let mut found = BTreeMap::new();
    let shown = |types: &[Option<FuncType>], index: u32| {
        types
            .get(index as usize)
            .and_then(Option::as_ref)
            .map(signature)
    };
    for payload in Parser::new(0).parse_all(bytes) {
        match payload? {
            Payload::TypeSection(section) => {
                for group in section {
                    for ty in group?.into_types() {
                        types.push(match ty.composite_type.inner {
                            CompositeInnerType::Func(ty) => Some(ty),
                            _ => None,
                        });
                    }
                }
            }
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    let import = import?;
                    let name = format!("{}.{}", import.module, import.name);
                    if let TypeRef::Func(ty) = import.ty {
                        functions.push(shown(&types, ty));
                        found.insert(name, shown(&types, ty).unwrap_or_default());
                    } else {
                        found.insert(name, "no function".to_owned());
                    }
                }
            }
            Payload::FunctionSection(section) => {
                for ty in section {
                    functions.push(shown(&types, ty?));
                }
            }
            Payload::MemorySection(section) => {
                for ty in section {
                    let ty = ty?;
                    memory = match ty.maximum {
                        None => format!("memory {}", ty.initial),
                        Some(maximum) => format!("memory {} {maximum}", ty.initial),
                    };
                }
            }
            Payload::ExportSection(section) => {
                for export in section {
                    let export = export?;
                    if LINKER.contains(&export.name) {
                        continue;
                    }
                    let ty = match export.kind {
                        ExternalKind::Func => functions
                            .get(export.index as usize)
                            .cloned()
                            .flatten()
                            .unwrap_or_default(),
                        ExternalKind::Memory => memory.clone(),
                        other => format!("{other:?}"),
                    };
                    found.insert(export.name.to_owned(), ty);
                }
            }
            _ => {}
        }
    }
    Ok(found)
}

/// A type as the list writes it.
fn signature(ty: &FuncType) -> String {
    let names = |types: &[ValType]| {
        let names: Vec<String> = types.iter().map(ValType::to_string).collect();
        names.join(" ")
    };
    let results = match ty.results() {
        [one] => one.to_string(),
        several => format!("({})", names(several)),
    };
    format!("({}) -> {results}", names(ty.params()))
}

/// Names that the README does not explain, with their types, in a table's row.
fn unexplained(list: &List, readme: &str) -> Vec<String> {
    let explained = |name: &str, signature: &str| {
        let name = name.rsplit('.').next().unwrap_or(name);
        readme.lines().any(|line| {
            let mut cells = line.split('|').map(str::trim).skip(1);
            cells.next() == Some(&format!("`{name}`"))
                && cells.next().is_some_and(|cell| same_type(cell, signature))
        })
    };
    list.iter()
        .filter(|(name, (_, signature))| !explained(name, signature))
        .map(|(name, (_, signature))| format!("README.md has no row for `{name}` `{signature}`"))
        .collect()
}

/// Whether the type in a cell, which may name its parameters, is this one: `(i32 ptr, i32 len) -> i32`.
fn same_type(cell: &str, signature: &str) -> bool {
    let words: Vec<&str> = cell
        .split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .filter(|word| ["i32", "i64", "f64", "memory", "256"].contains(word))
        .collect();
    let wanted: Vec<&str> = signature
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    let result = |text: &str| text.rsplit("->").next().map(|end| end.contains("()"));
    words == wanted && result(cell) == result(signature)
}

/// What one has and the other has not.
fn difference(found: &BTreeMap<String, String>, wanted: &BTreeMap<String, String>) -> String {
    let missing = |from: &BTreeMap<String, String>, to: &BTreeMap<String, String>| {
        let lines = from.iter().filter(|(name, ty)| to.get(*name) != Some(ty));
        let lines: Vec<String> = lines.map(|(name, ty)| format!("{name} {ty}")).collect();
        lines.join(", ")
    };
    format!(
        "has [{}] instead of [{}]",
        missing(found, wanted),
        missing(wanted, found)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_in_rows_may_name_their_parameters() {
        assert!(same_type("`(i32 ptr, i32 len) -> i32`", "(i32 i32) -> i32"));
        assert!(same_type("`(i64) -> ()`", "(i64) -> ()"));
        assert!(same_type("memory, 256 pages (16 MiB)", "memory 256"));
        assert!(!same_type("`(i32 ptr) -> i32`", "(i32 i32) -> ()"));
        assert!(!same_type("`(i32) -> ()`", "() -> i32"));
    }

    #[test]
    fn the_list_is_read_and_each_name_is_there_once() {
        let list = parse("# c\n\noriginal init () -> i32\nreserved later (i32) -> ()\n").ok();
        let list = list.unwrap_or_default();
        assert_eq!(wanted(&list, Kind::Main).len(), 1);
        assert!(parse("original a () -> ()\nextension a () -> ()\n").is_err());
    }
}
