//! Builds of the command for tests: as cargo's tests are, with checked accesses, and with a collection at every allocation.
//!
//! All are in the profile of tests, so they check arithmetic and assertions; two are with features of `cu-vm`. Each lies
//! in a folder of its own, since cargo would put one in the place of the other.

use std::env::consts::EXE_SUFFIX;
use std::fs;
use std::path::PathBuf;

use crate::shell::{self, Result, file_failure};

/// A build for tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Build {
    /// What cargo's tests run, so that it is there when they have run.
    Tested,
    /// Every unchecked access asserts what it relies on, and the heap is walked after every collection.
    Checked,
    /// The same with a collection at every allocation that may collect.
    Stressed,
}

impl Build {
    /// What it is called as a part of the tests.
    pub fn name(self) -> &'static str {
        match self {
            Build::Tested => "native",
            Build::Checked => "checked",
            Build::Stressed => "stress",
        }
    }

    /// The features of `cu` and of `cu-tests`.
    pub fn features(self) -> &'static str {
        match self {
            Build::Tested => "",
            Build::Checked => "checked",
            Build::Stressed => "checked,gc_stress",
        }
    }

    /// The command, built if needed.
    pub fn command(self) -> Result<PathBuf> {
        let mut build = shell::cargo();
        build.args(["build", "--quiet", "--profile", "test", "--package", "cu"]);
        build.args(["--bin", "cu", "--features", self.features()]);
        shell::run(&mut build)?;
        let name = format!("cu{EXE_SUFFIX}");
        let target = shell::target_dir()?;
        let folder = target.join(self.name());
        fs::create_dir_all(&folder).map_err(|error| file_failure(&folder, error))?;
        let (from, to) = (target.join("debug").join(&name), folder.join(&name));
        fs::copy(&from, &to).map_err(|error| file_failure(&from, error))?;
        Ok(to)
    }
}
