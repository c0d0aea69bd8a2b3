//! `differ`: generated programs under our native build and under `lua5.4`, compared line by line.

use std::path::PathBuf;

use cu_tests::differ::{self, Found, Settings};

use crate::shell::{self, Failure, Result};
use crate::{conformance, setup};

/// What to compare.
#[derive(Clone, Debug)]
pub struct Options {
    /// How many programs.
    pub n_cases: u64,
    /// Where their sequence begins.
    pub seed: u64,
    /// Only one kind of program.
    pub only: Option<String>,
    /// The command to test; ours, built for release, if there is none.
    pub command: Option<PathBuf>,
    /// The command to compare it with.
    pub reference: PathBuf,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            n_cases: 20_000,
            seed: 1,
            only: None,
            command: None,
            reference: "lua5.4".into(),
        }
    }
}

/// Runs the comparison and prints what differs; `false` if something does.
pub fn main(options: &Options) -> Result<bool> {
    run(options).map(|found| found.is_ok())
}

/// Runs the comparison and prints what differs.
pub fn run(options: &Options) -> Result<Found> {
    if options.reference.as_os_str() == "lua5.4" {
        setup::lua54()?;
    }
    let command = match &options.command {
        Some(command) => command.clone(),
        None => conformance::command()?,
    };
    let found = differ::compare(&Settings {
        ours: command,
        reference: options.reference.clone(),
        folder: shell::target_dir()?.join("differ"),
        seed: options.seed,
        n_cases: options.n_cases,
        only: options.only.clone(),
        most: 40,
    })
    .map_err(|error| Failure(format!("the programs could not be compared: {error}")))?;
    shell::print(format!("{found}\n").as_bytes());
    Ok(found)
}
