//! Outcomes against expectations, and the text that says where they differ.
//!
//! Does not run anything.

use std::fmt::{self, Write};

use crate::expectation::Outcome;
use crate::suite::SuiteFile;

/// One file that did not do what it says.
#[derive(Clone, Debug)]
pub struct Failure {
    /// The file.
    pub name: String,
    /// What is wrong with it.
    pub what: String,
}

/// The result of running files on an engine.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// The engine.
    pub engine: String,
    /// How many files did what they say.
    pub passed: usize,
    /// How many are known to fail, and did.
    pub known: usize,
    /// How many are not run on this engine.
    pub skipped: usize,
    /// The others.
    pub failures: Vec<Failure>,
}

impl Report {
    /// Splits files into those to run on `engine` and a report that has counted the rest.
    pub fn plan(engine: &str, files: Vec<SuiteFile>) -> (Vec<SuiteFile>, Self) {
        let mut report = Self {
            engine: engine.into(),
            ..Self::default()
        };
        let run = files
            .into_iter()
            .filter(|file| match &file.expectation {
                Ok(expectation) if expectation.skips_engine(engine) => {
                    report.skipped += 1;
                    false
                }
                Ok(_) => true,
                Err(what) => {
                    report.failures.push(Failure {
                        name: file.name.clone(),
                        what: what.clone(),
                    });
                    false
                }
            })
            .collect();
        (run, report)
    }

    /// Compares the outcomes of `files`.
    pub fn judge(&mut self, files: &[SuiteFile], outcomes: &[Outcome]) {
        for (file, actual) in files.iter().zip(outcomes) {
            let Ok(expectation) = &file.expectation else {
                continue;
            };
            let difference = difference(&expectation.outcome(), actual);
            match (difference, expectation.fails_on(&self.engine)) {
                (None, false) => self.passed += 1,
                (Some(_), true) => self.known += 1,
                (None, true) => self.fail(
                    file,
                    "passes, but is marked as failing; remove the mark".into(),
                ),
                (Some(what), false) => self.fail(file, what),
            }
        }
    }

    fn fail(&mut self, file: &SuiteFile, what: String) {
        self.failures.push(Failure {
            name: file.name.clone(),
            what,
        });
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for failure in &self.failures {
            writeln!(f, "{}\n{}", failure.name, failure.what)?;
        }
        write!(
            f,
            "{}: {} passed, {} failed, {} known failures, {} skipped",
            self.engine,
            self.passed,
            self.failures.len(),
            self.known,
            self.skipped
        )
    }
}

/// Where two outcomes part, or nothing if they are the same.
pub fn difference(expected: &Outcome, actual: &Outcome) -> Option<String> {
    if expected == actual {
        return None;
    }
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = describe(&mut text, expected, actual);
    Some(text)
}

fn describe(text: &mut String, expected: &Outcome, actual: &Outcome) -> fmt::Result {
    let longest = expected.output.len().max(actual.output.len());
    let at = (0..longest).find(|&i| expected.output.get(i) != actual.output.get(i));
    if let Some(i) = at {
        let show =
            |line: Option<&String>| line.map_or("<end of output>".into(), |l| format!("{l:?}"));
        writeln!(text, "  output line {}", i + 1)?;
        writeln!(text, "    expected {}", show(expected.output.get(i)))?;
        writeln!(text, "    actual   {}", show(actual.output.get(i)))?;
    }
    if expected.error != actual.error {
        let show =
            |error: &Option<String>| error.as_ref().map_or("none".into(), |e| format!("{e:?}"));
        writeln!(text, "  uncaught error")?;
        writeln!(text, "    expected {}", show(&expected.error))?;
        writeln!(text, "    actual   {}", show(&actual.error))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expectation::Expectation;

    fn file(source: &str) -> SuiteFile {
        SuiteFile {
            path: "f.lua".into(),
            name: "f.lua".into(),
            source: source.into(),
            expectation: Expectation::parse(source),
        }
    }

    fn outcome(lines: &[&str]) -> Outcome {
        Outcome {
            output: lines.iter().map(ToString::to_string).collect(),
            error: None,
        }
    }

    #[test]
    fn the_first_differing_line_is_shown() {
        let what = difference(&outcome(&["a", "b"]), &outcome(&["a"]));
        assert_eq!(
            what.as_deref(),
            Some("  output line 2\n    expected \"b\"\n    actual   <end of output>\n")
        );
        assert_eq!(difference(&outcome(&["a"]), &outcome(&["a"])), None);
    }

    #[test]
    fn a_known_failure_that_passes_is_a_failure() {
        let files = vec![file("--? fail native: a bug\nprint(1) --> 1")];
        let (run, mut report) = Report::plan("native", files);
        report.judge(&run, &[outcome(&["1"])]);
        assert_eq!(
            (report.passed, report.known, report.failures.len()),
            (0, 0, 1)
        );
        let (run, mut report) = Report::plan("native", run);
        report.judge(&run, &[outcome(&["2"])]);
        assert_eq!(
            (report.passed, report.known, report.failures.len()),
            (0, 1, 0)
        );
    }

    #[test]
    fn skipped_files_are_not_run() {
        let (run, report) = Report::plan("wasm", vec![file("--? skip wasm: why\nprint(1) --> 1")]);
        assert!(run.is_empty());
        assert_eq!(report.skipped, 1);
    }
}
