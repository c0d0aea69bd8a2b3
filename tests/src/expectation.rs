//! Expectations, written as comments in the program they belong to.
//!
//! | comment | says |
//! |---|---|
//! | `--> text` | the next line of standard output is `text`; all of a file, in order, are its whole output |
//! | `--!> text` | the program ends with this uncaught error (first line, as the command prints it after its name) |
//! | `--? skip <engine>: reason` | the file is not run on this engine |
//! | `--? fail <engine>: reason` | the engine is known to be wrong here; the day it is right, the test says so |
//! | `--? oracle <version>: reason` | the expectation is that of this release, an older `lua` command may differ |
//!
//! The text begins one space after the marker and reaches to the end of the line; `-->` alone is an empty line.
//! Markers are found without knowing Lua, so no string of a suite file may contain `-->`.

/// What a program printed and how it ended; also what it should print and how it should end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// The lines of standard output.
    pub output: Vec<String>,
    /// The first line of the uncaught error, if there was one.
    pub error: Option<String>,
}

/// A remark about one engine, with its reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// The engine, or for the oracle the release.
    pub engine: String,
    /// Why.
    pub reason: String,
}

/// Everything the comments of a file say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expectation {
    /// The lines of standard output, from `-->`.
    pub output: Vec<String>,
    /// The uncaught error, from `--!>`.
    pub error: Option<String>,
    /// Engines that do not run the file, from `--? skip`.
    pub skips: Vec<Remark>,
    /// Engines known to fail, from `--? fail`.
    pub fails: Vec<Remark>,
    /// The release that gives these results, from `--? oracle`, where releases differ.
    pub oracle: Option<Remark>,
}

impl Expectation {
    /// Reads the comments of a program. The error names the line that could not be understood.
    pub fn parse(source: &str) -> Result<Self, String> {
        let mut found = Self::default();
        for (i, line) in source.lines().enumerate() {
            found
                .parse_line(line)
                .map_err(|what| format!("line {}: {what}", i + 1))?;
        }
        if found == Self::default() {
            return Err("the file expects nothing".into());
        }
        Ok(found)
    }

    fn parse_line(&mut self, line: &str) -> Result<(), String> {
        if let Some(text) = after(line, "--!>") {
            if self.error.is_some() {
                return Err("a second expected error".into());
            }
            self.error = Some(text.into());
        } else if let Some(text) = after(line, "-->") {
            self.output.push(text.into());
        } else if let Some(directive) = line.strip_prefix("--? ") {
            self.parse_directive(directive)?;
        }
        Ok(())
    }

    fn parse_directive(&mut self, directive: &str) -> Result<(), String> {
        let wanted = "expected `skip|fail|oracle <name>: reason`";
        let (head, reason) = directive.split_once(": ").ok_or(wanted)?;
        let (verb, engine) = head.split_once(' ').ok_or(wanted)?;
        let remark = Remark {
            engine: engine.into(),
            reason: reason.into(),
        };
        match verb {
            "skip" => self.skips.push(remark),
            "fail" => self.fails.push(remark),
            "oracle" => self.oracle = Some(remark),
            _ => return Err(wanted.into()),
        }
        Ok(())
    }

    /// The outcome that satisfies the file.
    pub fn outcome(&self) -> Outcome {
        Outcome {
            output: self.output.clone(),
            error: self.error.clone(),
        }
    }

    /// Whether the file must not be run on `engine`.
    pub fn skips_engine(&self, engine: &str) -> bool {
        self.skips.iter().any(|remark| remark.engine == engine)
    }

    /// Whether `engine` is known to give a wrong result.
    pub fn fails_on(&self, engine: &str) -> bool {
        self.fails.iter().any(|remark| remark.engine == engine)
    }
}

/// The text after `marker`, without the one space that separates them.
fn after<'a>(line: &'a str, marker: &str) -> Option<&'a str> {
    let (_, text) = line.split_once(marker)?;
    Some(text.strip_prefix(' ').unwrap_or(text))
}

#[cfg(test)]
#[allow(clippy::panic, clippy::unwrap_used, reason = "a failing test panics")]
mod tests {
    use super::*;

    fn parse(source: &str) -> Expectation {
        Expectation::parse(source).unwrap_or_else(|e| panic!("{e}"))
    }

    #[test]
    fn output_lines_are_kept_in_order() {
        let e = parse("print(1) --> 1\nf()\n--> two\n-->\nprint(' x') -->  x\n");
        assert_eq!(e.output, ["1", "two", "", " x"]);
        assert_eq!(e.error, None);
    }

    #[test]
    fn an_error_is_not_an_output_line() {
        let e = parse("print(1) --> 1\nerror('x') --!> f.lua:2: x\n");
        assert_eq!(
            e.outcome(),
            Outcome {
                output: vec!["1".into()],
                error: Some("f.lua:2: x".into())
            }
        );
    }

    #[test]
    fn tabs_belong_to_the_text() {
        assert_eq!(parse("print(1, 2) --> 1\t2").output, ["1\t2"]);
    }

    #[test]
    fn directives_name_an_engine_and_a_reason() {
        let e = parse(
            "--? skip wasm: no files\n--? fail native: not yet\n--? oracle 5.4.8: a bug\nprint() -->",
        );
        assert!(e.skips_engine("wasm") && !e.skips_engine("native"));
        assert!(e.fails_on("native") && !e.fails_on("wasm"));
        assert_eq!(e.oracle.map(|r| r.engine).as_deref(), Some("5.4.8"));
    }

    #[test]
    fn mistakes_are_reported_with_their_line() {
        assert_eq!(
            Expectation::parse("--? skip wasm\n").unwrap_err(),
            "line 1: expected `skip|fail|oracle <name>: reason`"
        );
        assert_eq!(
            Expectation::parse("--!> a\n--!> b").unwrap_err(),
            "line 2: a second expected error"
        );
        assert_eq!(
            Expectation::parse("local x = 1\n").unwrap_err(),
            "the file expects nothing"
        );
    }
}
