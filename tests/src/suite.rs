//! The files of the suite on disk.
//!
//! Knows folders and names, not how a file is run.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::expectation::Expectation;

/// One program of the suite.
#[derive(Clone, Debug)]
pub struct SuiteFile {
    /// Where it is.
    pub path: PathBuf,
    /// Its name below the suite's folder, with forward slashes: `lang/name.lua`.
    pub name: String,
    /// The program.
    pub source: String,
    /// What its comments say, or why they could not be read.
    pub expectation: Result<Expectation, String>,
}

impl SuiteFile {
    /// The last part of the name, which stands for the script's path in messages.
    pub fn base_name(&self) -> &str {
        self.name.rsplit('/').next().unwrap_or(&self.name)
    }
}

/// All programs below `dir`, ordered by name. The file names stay short enough that no message cuts them.
pub fn collect(dir: &Path) -> io::Result<Vec<SuiteFile>> {
    let mut files = Vec::new();
    visit(dir, "", &mut files)?;
    files.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(files)
}

fn visit(dir: &Path, prefix: &str, files: &mut Vec<SuiteFile>) -> io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        let Some(last) = path.file_name().and_then(|n| n.to_str()) else {
            continue;
        };
        let name = format!("{prefix}{last}");
        if path.is_dir() {
            visit(&path, &format!("{name}/"), files)?;
        } else if name.ends_with(".lua") {
            let source = fs::read_to_string(&path)?;
            let expectation = Expectation::parse(&source);
            files.push(SuiteFile {
                path,
                name,
                source,
                expectation,
            });
        }
    }
    Ok(())
}

/// The suite of this repository.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("suite")
}
