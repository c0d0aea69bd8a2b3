//! Generated programs, run by two Lua commands whose outputs must be equal: ours and the reference.
//!
//! What it is not: it knows neither machine. A program is a file of cases, each a function whose results or error
//! are printed by [`PROLOGUE`]; one line of output belongs to one case, so that a difference names it.
//!
//! Everything comes from one seed: the same seed and count give the same programs on every machine. A generator per
//! kind stands in `differ/`; [`KINDS`] is the list of them. Programs are bounded by construction (no loop without a
//! limit, no long subject for a pattern).

use std::fmt::{self, Write};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

pub mod random;

mod calls;
mod control;
mod coroutines;
mod errors;
mod expressions;
mod format;
mod meta;
mod numbers;
mod pack;
mod patterns;
mod strings;
mod syntax;
mod tables;

use random::Random;

/// A generator: writes the body of a function at the end of the text. The body returns what is to be compared.
type Generator = fn(&mut Random, &mut String);

/// Every kind of program there is, with its name.
pub const KINDS: [(&str, Generator); 13] = [
    ("calls", calls::case),
    ("control", control::case),
    ("coroutines", coroutines::case),
    ("errors", errors::case),
    ("expressions", expressions::case),
    ("format", format::case),
    ("meta", meta::case),
    ("numbers", numbers::case),
    ("pack", pack::case),
    ("patterns", patterns::case),
    ("strings", strings::case),
    ("syntax", syntax::case),
    ("tables", tables::case),
];

/// Where the reference is of an older release than 5.4.8, which we follow: what 5.4.8 prints, what 5.4.4 prints, and
/// why. Each has been looked up in both.
pub const RELEASES: [(&str, &str, &str); 1] = [(
    "bad argument #2 to 'remove' (position out of bounds)",
    "bad argument #1 to 'remove' (position out of bounds)",
    "5.4.4 counts the argument wrongly",
)];

/// Messages about a `goto` or `break` that leads nowhere.
const OPEN_GOTO: [&str; 2] = ["no visible label", "break outside loop"];

/// Cases that share a file, to save processes.
const CASES_PER_FILE: u64 = 100;

/// How long a file of cases may run: far more than it needs, so only a hang is cut off.
const PATIENCE: Duration = Duration::from_secs(20);

/// Shows values exactly: integers and floats apart, floats to the last bit, strings quoted, tables by their entries
/// in an order of their own.
const PROLOGUE: &str = include_str!("differ/prologue.lua");

/// What a run over many programs found.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// How many cases were compared.
    pub n_cases: u64,
    /// The differences, at most [`Settings::most`] of them.
    pub differences: Vec<Difference>,
}

/// One case that two commands answer differently.
#[derive(Clone, Debug)]
pub struct Difference {
    /// Its kind, of [`KINDS`].
    pub kind: &'static str,
    /// Seed of the file and number of the case in it.
    pub place: (u64, u64),
    /// The body of the case's function.
    pub body: String,
    /// What the first command printed.
    pub ours: String,
    /// What the reference printed.
    pub reference: String,
}

/// What to run.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The command to be tested.
    pub ours: PathBuf,
    /// The reference.
    pub reference: PathBuf,
    /// An empty folder to write programs to.
    pub folder: PathBuf,
    /// Where the sequence of programs begins.
    pub seed: u64,
    /// How many cases.
    pub n_cases: u64,
    /// Only this kind.
    pub only: Option<String>,
    /// Differences after which to stop.
    pub most: usize,
}

impl Found {
    /// Whether something was compared and nothing differs.
    pub fn is_ok(&self) -> bool {
        self.n_cases > 0 && self.differences.is_empty()
    }
}

/// Runs generated cases on both commands and compares their outputs, line by line.
pub fn compare(settings: &Settings) -> io::Result<Found> {
    let kinds: Vec<_> = KINDS
        .into_iter()
        .filter(|(name, _)| settings.only.as_deref().is_none_or(|only| only == *name))
        .collect();
    if kinds.is_empty() {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "there is no such kind of program",
        ));
    }
    fs::create_dir_all(&settings.folder)?;
    let mut found = Found::default();
    let mut seed = settings.seed;
    while found.n_cases < settings.n_cases && found.differences.len() < settings.most {
        let n_cases = CASES_PER_FILE.min(settings.n_cases - found.n_cases);
        let cases = cases(&kinds, seed, n_cases);
        let file = settings.folder.join("case.lua");
        fs::write(&file, program(&cases))?;
        let reference = Running::start(&settings.reference, &settings.folder, "reference")?;
        let ours = Running::start(&settings.ours, &settings.folder, "ours")?;
        let (ours, reference) = (ours.lines()?, reference.lines()?);
        for (i, (kind, body)) in cases.iter().enumerate() {
            let (left, right) = (ours.get(i), reference.get(i));
            if !agree(left, right) {
                let nothing = || "(nothing: the program ended before)".to_owned();
                found.differences.push(Difference {
                    kind,
                    place: (seed, i as u64),
                    body: body.clone(),
                    ours: left.cloned().unwrap_or_else(nothing),
                    reference: right.cloned().unwrap_or_else(nothing),
                });
            }
        }
        found.n_cases += n_cases;
        seed += 1;
    }
    found.differences.truncate(settings.most);
    Ok(found)
}

/// Whether two lines say the same, or differ as two releases do.
fn agree(ours: Option<&String>, reference: Option<&String>) -> bool {
    let ours = ours.map(|line| comparable(line));
    let reference = reference.map(|line| comparable(line));
    let is_open_goto = |line: &String| {
        line.contains(" at line ") && OPEN_GOTO.iter().any(|words| line.contains(words))
    };
    ours == reference
        // The function with the goto ends, and the next token is wrong: two errors, of which either may be told.
        || ours.as_ref().is_some_and(|line| line.contains(" near "))
            && reference.as_ref().is_some_and(is_open_goto)
        || ours.zip(reference).is_some_and(|(ours, reference)| {
            RELEASES
                .iter()
                .any(|(new, old, _)| ours.contains(new) && ours.replace(new, old) == reference)
        })
}

/// A line without the line numbers that 5.4.4 gets wrong: that of a parenthesis which begins a call (5.4.4 takes the
/// line of the function), that of a call of something else, for the same reason, and that of a division or remainder by
/// zero (5.4.4 takes the line of an earlier instruction).
fn comparable(line: &str) -> String {
    let mut line = without_number_after(line, "(to close '(' at line ");
    for message in [
        "attempt to perform 'n%0'",
        "attempt to divide by zero",
        "attempt to call a",
    ] {
        if line.contains(message) {
            line = without_number_after(&line, "case:");
            line = without_number_after(&line, "code:");
        }
    }
    line
}

/// Takes out the digits that follow the first `mark`.
fn without_number_after(line: &str, mark: &str) -> String {
    match line.split_once(mark) {
        Some((before, after)) => {
            let after = after.trim_start_matches(|c: char| c.is_ascii_digit());
            format!("{before}{mark}{after}")
        }
        None => line.to_owned(),
    }
}

/// The program that belongs to a seed: those of `n_cases` cases of all kinds that `keep` takes, whose outcomes it prints.
pub fn source(seed: u64, n_cases: u64, keep: impl Fn(&str) -> bool) -> String {
    let mut cases = cases(&KINDS, seed, n_cases);
    cases.retain(|(_, body)| keep(body));
    program(&cases)
}

/// The bodies of so many cases, each with its kind.
pub fn bodies(seed: u64, n_cases: u64) -> Vec<(&'static str, String)> {
    cases(&KINDS, seed, n_cases)
}

/// The bodies of one file's cases. The kinds take turns, so that a few cases have some of each.
fn cases(
    kinds: &[(&'static str, Generator)],
    seed: u64,
    n_cases: u64,
) -> Vec<(&'static str, String)> {
    let mut random = Random::new(seed);
    let turns = kinds.iter().cycle().take(n_cases as usize);
    turns
        .map(|(name, generate)| {
            let mut body = String::new();
            generate(&mut random, &mut body);
            (*name, body)
        })
        .collect()
}

/// The whole file.
fn program(cases: &[(&'static str, String)]) -> String {
    let mut text = PROLOGUE.to_owned();
    for (i, (_, body)) in cases.iter().enumerate() {
        // A case is a chunk of its own: its local variables and its syntax errors are its own, too.
        let mut level = 0;
        while body.contains(&format!("]{}]", "=".repeat(level))) {
            level += 1;
        }
        let eq = "=".repeat(level);
        let _ = write!(
            text,
            "case({i}, function() return assert(load([{eq}[\n{body}]{eq}], '=case', 't'))() end)\n"
        );
    }
    text
}

/// A command that runs the file of cases.
struct Running {
    child: Child,
    /// Where its output goes: a file is never full, so nobody has to read while it runs.
    output: PathBuf,
}

impl Running {
    fn start(command: &Path, folder: &Path, output: &str) -> io::Result<Running> {
        let output = folder.join(output);
        let child = Command::new(command)
            .arg("case.lua")
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(fs::File::create(&output)?)
            .stderr(Stdio::null())
            .spawn()?;
        Ok(Running { child, output })
    }

    /// The lines it printed until it ended, or until [`PATIENCE`] was over.
    fn lines(mut self) -> io::Result<Vec<String>> {
        let started = Instant::now();
        while self.child.try_wait()?.is_none() {
            if started.elapsed() > PATIENCE {
                self.child.kill()?;
                self.child.wait()?;
                break;
            }
            sleep(Duration::from_millis(1));
        }
        let output = fs::read(&self.output)?;
        Ok(String::from_utf8_lossy(&output)
            .lines()
            .map(str::to_owned)
            .collect())
    }
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for difference in &self.differences {
            let (seed, case) = difference.place;
            writeln!(
                f,
                "{} (seed {seed}, case {case}):\n{}\n  ours       {}\n  reference  {}",
                difference.kind, difference.body, difference.ours, difference.reference
            )?;
        }
        write!(
            f,
            "{} generated programs, {} differences",
            self.n_cases,
            self.differences.len()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_the_same_programs() {
        assert_eq!(cases(&KINDS, 7, 30), cases(&KINDS, 7, 30));
        assert_ne!(cases(&KINDS, 7, 30), cases(&KINDS, 8, 30));
    }

    #[test]
    fn an_unknown_kind_is_refused() {
        let settings = Settings {
            ours: "lua".into(),
            reference: "lua".into(),
            folder: std::env::temp_dir(),
            seed: 1,
            n_cases: 1,
            only: Some("nonsense".into()),
            most: 1,
        };
        assert!(compare(&settings).is_err());
    }
}
