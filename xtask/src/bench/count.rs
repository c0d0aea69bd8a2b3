//! Instructions instead of seconds: what valgrind's callgrind counts in native runs of the programs.
//!
//! They run with a smaller size, because valgrind takes fifty times as long. The counts say nothing about memory that
//! has to be waited for, nor about branches that are guessed wrong.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::{Engine, Mode, Plan};
use crate::shell::{self, Failure, Result, file_failure};

/// The instructions of two engines.
#[derive(Debug)]
pub(super) struct Comparison {
    /// As that of the race.
    pub title: String,
    /// Ours and the other's, program by program; none where one failed.
    pub counts: Vec<Option<(u64, u64)>>,
}

/// Counts for each race between native engines.
pub(super) fn compare(plan: &Plan, programs: &[PathBuf]) -> Result<Vec<Comparison>> {
    if !shell::exists("valgrind") {
        return Err(Failure(
            "`valgrind` was not found; please install it (on Debian: apt-get install valgrind)."
                .to_owned(),
        ));
    }
    let mut comparisons = Vec::new();
    for race in &plan.races {
        let sides = race.columns.iter().find_map(|&(ours, other)| {
            match (plan.runners.get(ours)?, plan.runners.get(other)?) {
                (ours, other) if ours.mode == Mode::Whole && other.mode == Mode::Whole => {
                    Some((&ours.engine, &other.engine))
                }
                _ => None,
            }
        });
        let Some((Engine::Native(ours), Engine::Native(other))) = sides else {
            continue;
        };
        let mut counts = Vec::new();
        for program in programs {
            let pair = count(ours, program).and_then(|n| Ok((n, count(other, program)?)));
            counts.push(match pair {
                Ok(pair) => Some(pair),
                Err(Failure(message)) => {
                    shell::complain(&message);
                    None
                }
            });
        }
        comparisons.push(Comparison {
            title: race.title.clone(),
            counts,
        });
    }
    Ok(comparisons)
}

/// The instructions of one run.
fn count(executable: &Path, program: &Path) -> Result<u64> {
    let source = std::fs::read_to_string(program).map_err(|error| file_failure(program, error))?;
    let mut command = Command::new("valgrind");
    command.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]);
    // The host turns the size into a number.
    command.arg(executable);
    command.arg(shell::root().join("benches/host.lua"));
    command.arg(program);
    if let Some(size) = small_size(&source) {
        command.arg(size.to_string());
    }
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(|error| shell::not_started(&command, &error))?;
    let errors = String::from_utf8_lossy(&output.stderr);
    match collected(&errors) {
        Some(count) if output.status.success() => Ok(count),
        _ => Err(Failure(format!(
            "{} failed: {}",
            shell::shown(&command),
            errors
                .lines()
                .find(|line| !line.starts_with("=="))
                .unwrap_or("it gave no reason")
        ))),
    }
}

/// A tenth of the program's size; small sizes are exponents or sides, large ones counts.
fn small_size(source: &str) -> Option<u64> {
    let first = source.lines().next()?;
    let size: u64 = first
        .strip_prefix("local N = ... or ")?
        .trim()
        .parse()
        .ok()?;
    Some(if size <= 100 {
        size.saturating_sub(3).max(1)
    } else {
        size / 10
    })
}

/// The number in the line `==1== Collected : 123`.
fn collected(errors: &str) -> Option<u64> {
    let line = errors.lines().find(|line| line.contains("Collected :"))?;
    line.rsplit(' ').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_count_is_found_in_what_valgrind_says() {
        let errors =
            "==7== Callgrind\n==7== \n==7== Events    : Ir\n==7== Collected : 2695009346\n";
        assert_eq!(collected(errors), Some(2_695_009_346));
        assert_eq!(collected("==7== Events    : Ir"), None);
    }

    #[test]
    fn programs_are_counted_with_a_smaller_size() {
        assert_eq!(small_size("local N = ... or 150\n"), Some(15));
        assert_eq!(small_size("local N = ... or 27"), Some(24));
        assert_eq!(small_size("local N = 5"), None);
    }
}
