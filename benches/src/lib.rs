//! The benchmark programs, as a list.
//!
//! Each is a Lua chunk in `lua/` that takes its size as argument, has a default for it in its first line, checks its own
//! result and returns a checksum. This crate runs none of them: the runners are `host.lua` and the scripts in `node/`.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// One benchmark program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// Its name, which is the file's without the ending.
    pub name: String,
    /// Where it is.
    pub path: PathBuf,
    /// The size it runs with when it gets none.
    pub size: u64,
}

/// All programs, ordered by name.
pub fn programs() -> io::Result<Vec<Program>> {
    let mut programs = Vec::new();
    for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("lua"))? {
        let path = entry?.path();
        if path.extension().is_some_and(|ending| ending == "lua") {
            let size = default_size(&fs::read_to_string(&path)?).ok_or_else(|| {
                io::Error::other(format!("{} does not begin with its N", path.display()))
            })?;
            let name = path
                .file_stem()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            programs.push(Program { name, path, size });
        }
    }
    programs.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(programs)
}

/// The size in the first line, `local N = ... or 1000`.
fn default_size(source: &str) -> Option<u64> {
    source
        .lines()
        .next()?
        .strip_prefix("local N = ... or ")?
        .parse()
        .ok()
}

#[cfg(test)]
#[allow(clippy::panic, reason = "a failing test panics")]
mod tests {
    use super::*;

    /// What the raw module's buffer holds, less the few bytes a runner wraps around a program.
    const LONGEST: u64 = 65_000;

    #[test]
    fn every_program_begins_with_its_size_and_fits_the_buffer() {
        let programs = programs().unwrap_or_else(|e| panic!("{e}"));
        assert!(programs.len() >= 30, "only {} programs", programs.len());
        for program in programs {
            let bytes = fs::metadata(&program.path).map_or(u64::MAX, |m| m.len());
            assert!(bytes <= LONGEST, "{} is too long", program.name);
        }
    }
}
