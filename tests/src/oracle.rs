//! The expectations themselves, checked against a real `lua` command.
//!
//! A file marked `--? oracle <version>` holds what that release does; it is left out when the command is of another one.

use std::fmt;
use std::io;
use std::path::Path;
use std::process::Command;

use crate::engine::run_native;
use crate::report::{Failure, difference};
use crate::suite::{self, SuiteFile};

/// What the oracle says about the suite.
#[derive(Clone, Debug, Default)]
pub struct OracleReport {
    /// The first line of `lua -v`.
    pub version: String,
    /// How many files say what the oracle does.
    pub agreed: usize,
    /// Files whose expectations belong to another release.
    pub other_release: Vec<String>,
    /// Files the oracle contradicts, or whose comments could not be read.
    pub mismatches: Vec<Failure>,
    /// Why the oracle could not be asked at all.
    pub unavailable: Option<String>,
}

impl OracleReport {
    /// Whether the oracle was asked and contradicts nothing.
    pub fn is_ok(&self) -> bool {
        self.unavailable.is_none() && self.mismatches.is_empty()
    }
}

/// Runs every file below `dir` with `command` and compares its expectations.
pub fn oracle(command: &str, dir: &Path) -> OracleReport {
    try_oracle(command, dir).unwrap_or_else(|e| OracleReport {
        unavailable: Some(e.to_string()),
        ..OracleReport::default()
    })
}

fn try_oracle(command: &str, dir: &Path) -> io::Result<OracleReport> {
    let mut report = OracleReport {
        version: version(command)?,
        ..OracleReport::default()
    };
    let mut run: Vec<SuiteFile> = Vec::new();
    for file in suite::collect(dir)? {
        match &file.expectation {
            Err(what) => report.mismatches.push(Failure {
                name: file.name,
                what: what.clone(),
            }),
            Ok(e)
                if e.oracle
                    .as_ref()
                    .is_some_and(|r| !is_release(&report.version, &r.engine)) =>
            {
                report.other_release.push(file.name);
            }
            Ok(_) => run.push(file),
        }
    }
    let outcomes = run_native(Path::new(command), &run)?;
    for (file, actual) in run.into_iter().zip(outcomes) {
        let Ok(expectation) = &file.expectation else {
            continue;
        };
        match difference(&expectation.outcome(), &actual) {
            None => report.agreed += 1,
            Some(what) => report.mismatches.push(Failure {
                name: file.name,
                what,
            }),
        }
    }
    Ok(report)
}

/// Whether the version line `Lua 5.4.4  Copyright …` is that of `release`.
fn is_release(version: &str, release: &str) -> bool {
    version.split_whitespace().nth(1) == Some(release)
}

fn version(command: &str) -> io::Result<String> {
    let done = Command::new(command).arg("-v").output()?;
    let text = if done.stdout.is_empty() {
        done.stderr
    } else {
        done.stdout
    };
    Ok(String::from_utf8_lossy(&text)
        .lines()
        .next()
        .unwrap_or_default()
        .to_string())
}

impl fmt::Display for OracleReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(why) = &self.unavailable {
            return write!(f, "the oracle cannot be asked: {why}");
        }
        for m in &self.mismatches {
            writeln!(f, "{}\n{}", m.name, m.what)?;
        }
        write!(
            f,
            "{}: {} files agree, {} contradicted, {} of another release",
            self.version,
            self.agreed,
            self.mismatches.len(),
            self.other_release.len()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_are_compared_whole() {
        assert!(is_release(
            "Lua 5.4.8  Copyright (C) 1994-2025 Lua.org, PUC-Rio",
            "5.4.8"
        ));
        assert!(!is_release(
            "Lua 5.4.4  Copyright (C) 1994-2022 Lua.org, PUC-Rio",
            "5.4.8"
        ));
    }

    #[test]
    fn a_missing_command_is_reported() {
        let report = oracle("no-such-lua-command", Path::new("."));
        assert!(!report.is_ok());
        assert!(report.to_string().starts_with("the oracle cannot be asked"));
    }
}
