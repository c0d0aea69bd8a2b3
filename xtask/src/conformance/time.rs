//! `conformance --time`: how long the files take, beside PUC Lua's command of the same release in the same run.
//!
//! Each file runs several times on both, turn and turn about, and the least time of each counts: on a machine that
//! does other things as well, that is the one nearest to what the work takes.

use std::path::Path;
use std::time::Duration;

use super::runner::{Outcome, Runner};
use super::{Level, Test, fetch};
use crate::shell::{self, Failure, Result};

/// How often each file runs on each.
const N_ROUNDS: usize = 3;

/// The whole may take this many times what PUC Lua takes.
const BAR: f64 = 1.5;

/// Prints the times of `tests`; `false` if they are above the bar in sum.
pub fn main(ours: &Runner, folder: &Path, tests: &[&Test], level: Level) -> Result<bool> {
    let puc = Runner::Native(fetch::puc_lua()?);
    let mut sums = (0.0, 0.0);
    let mut logarithms = 0.0;
    for test in tests {
        let mut least = (f64::INFINITY, f64::INFINITY);
        for _ in 0..N_ROUNDS {
            least.0 = time(ours, folder, test, level)?.as_secs_f64().min(least.0);
            least.1 = time(&puc, folder, test, level)?.as_secs_f64().min(least.1);
        }
        let ratio = least.0 / least.1;
        let line = format!(
            "{:<11}{:>9.1} ms, PUC {:>9.1} ms: {ratio:.2}\n",
            test.name,
            least.0 * 1e3,
            least.1 * 1e3
        );
        shell::print(line.as_bytes());
        sums = (sums.0 + least.0, sums.1 + least.1);
        logarithms += ratio.ln();
    }
    let n_tests = u32::try_from(tests.len()).unwrap_or(u32::MAX);
    let ratio = sums.0 / sums.1;
    let line = format!(
        "in all     {:>9.1} ms, PUC {:>9.1} ms: {ratio:.2} times PUC's, at most {BAR} wanted\n\
         geometric mean of the ratios: {:.2}\n",
        sums.0 * 1e3,
        sums.1 * 1e3,
        (logarithms / f64::from(n_tests)).exp()
    );
    shell::print(line.as_bytes());
    Ok(ratio <= BAR)
}

fn time(runner: &Runner, folder: &Path, test: &Test, level: Level) -> Result<Duration> {
    match runner.run(folder, test, level)? {
        Outcome::Passed(took) => Ok(took),
        Outcome::Failed(reason) => Err(Failure(format!(
            "{}.lua failed, so there is no time to compare: {reason}",
            test.name
        ))),
    }
}
