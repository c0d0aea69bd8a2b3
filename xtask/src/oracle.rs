//! `oracle`: every expectation of the suite, put to the reference implementation.

use std::path::Path;

use crate::setup;
use crate::shell::{self, Failure, Result};

/// Runs the suite's programs (or those in `folder`) under `lua5.4`; `false` if one expects
/// something else.
pub fn main(folder: Option<&str>) -> Result<bool> {
    setup::lua54()?;
    let folder = match folder {
        Some(folder) => Path::new(folder).to_path_buf(),
        None => cu_tests::suite::folder(),
    };
    if !folder.is_dir() {
        return Err(Failure(format!("{} is no folder.", folder.display())));
    }
    let report = cu_tests::oracle("lua5.4", &folder);
    shell::print(format!("{report}\n").as_bytes());
    Ok(report.is_ok())
}
