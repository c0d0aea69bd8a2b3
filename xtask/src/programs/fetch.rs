//! Fetching the programs: once from Debian, with `apt-get`, then from what is kept, checked each time.
//!
//! `apt-get` gets a configuration of its own, so that nothing about the machine changes, sources can be had, and the
//! release is the one of the table whatever the machine's is. The archive is the one that the machine uses.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::table::{Package, Program, RUNTIME, Runs};
use crate::shell::{self, Failure, Result, file_failure};

/// The release that the table's packages belong to.
const RELEASE: &str = "bookworm";

/// Who signs the release: the keys that Debian machines have.
const KEYS: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";

/// A fresh folder with the program, and below `lib` what its tests need.
pub fn folder(program: &Program) -> Result<PathBuf> {
    let folder = cache().join("run").join(program.name);
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(|error| file_failure(&folder, error))?;
    }
    let lib = folder.join("lib");
    fs::create_dir_all(&lib).map_err(|error| file_failure(&lib, error))?;
    let mut tar = Command::new("tar");
    tar.arg("xf").arg(fetched(&program.source, true)?);
    shell::run(tar.arg("--strip-components=1").arg("-C").arg(&folder))?;
    if matches!(program.runs, Runs::Busted { .. }) {
        for package in &RUNTIME {
            let unpacked = cache().join("runtime").join(package.name);
            fs::create_dir_all(&unpacked).map_err(|error| file_failure(&unpacked, error))?;
            let archive = fetched(package, false)?;
            shell::run(
                Command::new("dpkg-deb")
                    .arg("-x")
                    .arg(archive)
                    .arg(&unpacked),
            )?;
            copy(&unpacked.join("usr/share/lua/5.4/."), &lib)?;
            let command = unpacked.join("usr/bin/busted");
            if command.exists() {
                copy(&command, &folder)?;
            }
        }
        copy(&shell::root().join("xtask/lua/."), &lib)?;
    }
    Ok(folder)
}

/// The names of the files in a folder, in order.
pub fn files(folder: &Path) -> Result<Vec<String>> {
    let failure = |error| file_failure(folder, error);
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).map_err(failure)? {
        let entry = entry.map_err(failure)?;
        names.push(entry.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}

/// Copies a file or what is in a folder; links become what they stand for.
fn copy(from: &Path, to: &Path) -> Result<()> {
    shell::run(Command::new("cp").arg("-rL").arg(from).arg(to))
}

fn cache() -> PathBuf {
    shell::root().join(".cache").join("programs")
}

/// A package's file, downloaded if it is not there; its sum is right.
fn fetched(package: &Package, is_source: bool) -> Result<PathBuf> {
    let folder = cache();
    let file = folder.join(package.file);
    if !file.exists() {
        fs::create_dir_all(&folder).map_err(|error| file_failure(&folder, error))?;
        let wanted = format!("{}={}", package.name, package.version);
        shell::say(&format!("fetching {wanted} (Debian)"));
        let mut apt = apt_get()?;
        if is_source {
            apt.args(["source", "--download-only", "--tar-only"]);
        } else {
            apt.arg("download");
        }
        shell::run(apt.arg(&wanted).current_dir(&folder))?;
    }
    let sum = shell::output(Command::new("sha256sum").arg(&file))?;
    if sum.split_whitespace().next() == Some(package.sum) {
        return Ok(file);
    }
    Err(Failure(format!(
        "{} does not have the sum {}; please remove it.",
        file.display(),
        package.sum
    )))
}

/// `apt-get` with a configuration of its own, and up-to-date lists.
fn apt_get() -> Result<Command> {
    let folder = cache().join("apt");
    let configured = || {
        let mut apt = Command::new("apt-get");
        let option = |name: &str, value: &Path| format!("{name}={}", value.display());
        apt.arg("-qq");
        apt.args(["-o", &option("Dir::State", &folder.join("state"))]);
        apt.args(["-o", &option("Dir::Cache", &folder.join("cache"))]);
        apt.args(["-o", &option("Dir::Etc::SourceList", &folder.join("list"))]);
        apt.args(["-o", "Dir::Etc::SourceParts=/dev/null"]);
        apt.args(["-o", "Dir::State::status=/dev/null"]);
        // Downloads go to folders that only their owner may write to.
        apt.args(["-o", "APT::Sandbox::User=root"]);
        apt
    };
    let list = folder.join("list");
    if !list.exists() {
        for part in ["state/lists/partial", "cache/archives/partial"] {
            let part = folder.join(part);
            fs::create_dir_all(&part).map_err(|error| file_failure(&part, error))?;
        }
        let archive = archive()?;
        let place = format!("[signed-by={KEYS}] {archive} {RELEASE} main");
        let text = format!("deb {place}\ndeb-src {place}\n");
        fs::write(&list, text).map_err(|error| file_failure(&list, error))?;
        if !shell::succeeds(configured().arg("update"))? {
            fs::remove_file(&list).map_err(|error| file_failure(&list, error))?;
            return Err(Failure("`apt-get update` failed.".to_owned()));
        }
    }
    Ok(configured())
}

/// The archive of Debian that this machine uses.
fn archive() -> Result<String> {
    let format = "$(ORIGIN) $(REPO_URI)";
    let mut apt = Command::new("apt-get");
    let all = shell::output(apt.args(["indextargets", "--format", format]))?;
    let mut archives = all.lines().filter_map(|line| line.strip_prefix("Debian "));
    let archive = archives.find(|place| !place.contains("security"));
    archive.map(str::to_owned).ok_or_else(|| {
        Failure("`apt-get` knows no archive of Debian; the programs come from there.".to_owned())
    })
}
