//! Another revision of ours, built for a comparison.
//!
//! It is checked out in a temporary worktree and built there, with the build command and the packages of its own. What
//! comes of it stays in the target directory under the number of the commit, so that the next comparison with it builds nothing.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::shell::{self, Failure, Result, file_failure};

/// What a revision's build gives.
#[derive(Debug)]
pub(super) struct Built {
    /// The command `cu`.
    pub native: PathBuf,
    /// `cu.wasm`
    pub module: PathBuf,
}

/// Builds a revision, or finds what was built of it before.
pub(super) fn build(revision: &str) -> Result<Built> {
    let commit = commit(revision)?;
    let target = shell::target_dir()?.join("bench");
    let kept = target.join(&commit);
    let built = Built {
        native: kept.join("cu"),
        module: kept.join("cu.wasm"),
    };
    if built.native.exists() && built.module.exists() {
        return Ok(built);
    }
    fs::create_dir_all(&kept).map_err(|error| file_failure(&kept, error))?;
    let worktree = Worktree::new(&commit)?;
    shell::say(&format!("building {revision} ({commit})"));
    let cargo = || {
        let mut cargo = shell::cargo();
        cargo
            .current_dir(&worktree.path)
            .env("CARGO_TARGET_DIR", target.join("target"));
        cargo
    };
    shell::run(cargo().args(["build", "--quiet", "--release", "--package", "cu"]))?;
    copy(&target.join("target/release/cu"), &built.native)?;
    // To run a program is the command that builds this module and no other. Older revisions cannot run an empty one.
    let nothing = worktree.path.join("nothing.lua");
    fs::write(&nothing, "return\n").map_err(|error| file_failure(&nothing, error))?;
    let mut run = cargo();
    run.args(["run", "--quiet", "--package", "cu-xtask", "--", "run"]);
    shell::run(run.arg(&nothing))?;
    copy(&worktree.path.join("dist/cu.wasm"), &built.module)?;
    Ok(built)
}

/// The number of the commit that a revision names.
fn commit(revision: &str) -> Result<String> {
    let mut git = git();
    git.args(["rev-parse", "--quiet", "--verify", "--end-of-options"]);
    git.arg(format!("{revision}^{{commit}}"));
    match shell::output(&mut git) {
        Ok(commit) if !commit.trim().is_empty() => Ok(commit.trim().to_owned()),
        _ => Err(Failure(format!(
            "--against {revision}: neither `wasmoon`, nor a command, nor a revision in git."
        ))),
    }
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::copy(from, to).map_err(|error| file_failure(from, error))?;
    Ok(())
}

fn git() -> Command {
    let mut git = Command::new("git");
    git.current_dir(shell::root());
    git
}

/// A worktree that is removed in the end.
struct Worktree {
    path: PathBuf,
}

impl Worktree {
    fn new(commit: &str) -> Result<Worktree> {
        let path = std::env::temp_dir().join(format!("cu-bench-{}", std::process::id()));
        shell::run(
            git()
                .args(["worktree", "add", "--quiet", "--detach"])
                .arg(&path)
                .arg(commit),
        )?;
        Ok(Worktree { path })
    }
}

impl Drop for Worktree {
    fn drop(&mut self) {
        let mut git = git();
        git.args(["worktree", "remove", "--force"]).arg(&self.path);
        if !matches!(shell::succeeds(&mut git), Ok(true)) {
            shell::complain(&format!("{} is left behind.", self.path.display()));
        }
    }
}
