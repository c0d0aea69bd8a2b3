//! The rules that `ARCHITECTURE.md` states, as data.

use std::path::Path;

use super::source::{self, File};
use crate::shell::{Result, file_failure};

/// What a crate may import of ours.
#[derive(Debug)]
pub struct CrateRule {
    /// Its folder, or `cu` for the root package.
    pub folder: String,
    /// Folders of the crates it may import; empty for none.
    pub may_import: Vec<String>,
}

/// All rules of the document.
#[derive(Debug, Default)]
pub struct Rules {
    /// The table "Who may import whom".
    pub crates: Vec<CrateRule>,
    /// The table "Inside vm": files or folders, and the paths that they never name.
    pub never_named: Vec<(String, Vec<String>)>,
    /// The list "Where unsafe may live": files or folders.
    pub unsafe_places: Vec<String>,
}

impl Rules {
    /// Reads the rules of the workspace at `root`.
    pub fn read(root: &Path) -> Result<Rules> {
        let path = root.join("ARCHITECTURE.md");
        let text = std::fs::read_to_string(&path).map_err(|error| file_failure(&path, error))?;
        Ok(Rules::parse(&text))
    }

    /// Finds the rules in the document's text.
    pub fn parse(text: &str) -> Rules {
        let mut rules = Rules::default();
        let mut heading = "";
        for line in text.lines() {
            if let Some(title) = line.strip_prefix("## ") {
                heading = title.trim();
            }
            let cells: Vec<&str> = line.trim().trim_matches('|').split('|').collect();
            match (heading, cells.as_slice()) {
                ("Where unsafe may live", _) if line.starts_with("* ") => {
                    rules.unsafe_places.extend(quoted(line).into_iter().next());
                }
                ("Who may import whom", [importer, imported, ..]) => {
                    if let [folder] = quoted(importer).as_slice() {
                        let may_import = quoted(imported);
                        rules.crates.push(CrateRule {
                            folder: folder.clone(),
                            may_import,
                        });
                    }
                }
                ("Inside vm", [place, names, ..]) => {
                    if let [place] = quoted(place).as_slice() {
                        rules.never_named.push((place.clone(), quoted(names)));
                    }
                }
                _ => {}
            }
        }
        rules
    }

    /// What a line of code in `file` names although it must not.
    pub fn forbidden_names(&self, file: &File, line: &str) -> Vec<String> {
        let mut names = Vec::new();
        if let Some(rule) = self
            .crates
            .iter()
            .find(|rule| file.is_in(&source_folder(&rule.folder)))
        {
            let others = self.crates.iter().map(|other| &other.folder);
            let forbidden = others.filter(|other| !rule.allows(other));
            names.extend(
                forbidden
                    .map(|folder| crate_name(folder))
                    .filter(|name| name != "cu" && source::words(line).any(|word| word == name)),
            );
        }
        for (place, forbidden) in &self.never_named {
            if file.is_in(place) {
                names.extend(
                    forbidden
                        .iter()
                        .filter(|name| names_path(line, name))
                        .cloned(),
                );
            }
        }
        names
    }
}

impl CrateRule {
    fn allows(&self, folder: &str) -> bool {
        self.folder == folder || self.may_import.iter().any(|allowed| allowed == folder)
    }
}

/// Checks the dependencies in a crate's manifest; those of its tests are free.
pub fn check_manifest(
    root: &Path,
    rules: &Rules,
    rule: &CrateRule,
    problems: &mut Vec<String>,
) -> Result<()> {
    let relative = match rule.folder.as_str() {
        "cu" => "Cargo.toml".to_owned(),
        folder => format!("{folder}/Cargo.toml"),
    };
    let path = root.join(&relative);
    let text = std::fs::read_to_string(&path).map_err(|error| file_failure(&path, error))?;
    let mut section = "";
    for (number, line) in (1..).zip(text.lines()) {
        if line.starts_with('[') {
            section = line.trim_matches(['[', ']']);
        }
        let is_dependency = section == "dependencies"
            || (section.starts_with("target.") && section.ends_with(".dependencies"));
        let name = line
            .split(['.', ' ', '='])
            .next()
            .unwrap_or_default()
            .replace('-', "_");
        let ours = rules
            .crates
            .iter()
            .find(|other| crate_name(&other.folder) == name);
        if let Some(other) = ours.filter(|other| is_dependency && !rule.allows(&other.folder)) {
            problems.push(format!("{relative}:{number}: imports {}", other.folder));
        }
    }
    Ok(())
}

/// The name by which code names the crate in `folder`.
fn crate_name(folder: &str) -> String {
    match folder {
        "cu" => "cu".to_owned(),
        folder => format!("cu_{folder}"),
    }
}

fn source_folder(folder: &str) -> String {
    match folder {
        "cu" => "src/".to_owned(),
        folder => format!("{folder}/src/"),
    }
}

/// Whether the line contains `path` as whole words.
fn names_path(line: &str, path: &str) -> bool {
    line.match_indices(path).any(|(at, _)| {
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        let before = line.get(..at).and_then(|text| text.chars().next_back());
        let after = line
            .get(at + path.len()..)
            .and_then(|text| text.chars().next());
        // A name that ends in `::` may be followed by anything.
        !before.is_some_and(is_word) && (path.ends_with(':') || !after.is_some_and(is_word))
    })
}

/// The pieces of `text` between backticks.
fn quoted(text: &str) -> Vec<String> {
    text.split('`')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect()
}
