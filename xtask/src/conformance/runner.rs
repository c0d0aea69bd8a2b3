//! Running one file of the suite: natively, or inside the module under one of its hosts.
//!
//! A file passes when its process ends well and in time. What a host has to be fetched for is fetched before the
//! first file.

use std::env::consts::EXE_SUFFIX;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use super::{ALL, Engine, Level, Options, Test, stress};
use crate::builds::Build;
use crate::shell::{self, Failure, Result, file_failure};
use crate::{module, setup};

/// Where a chunk with the suite's settings, and then a file, can be run.
pub enum Runner {
    /// A command that takes what `lua` takes.
    Native(PathBuf),
    /// The same command, built for tests.
    Built(Build, PathBuf),
    /// A program and a script that take the module, the folder, the file's name and the settings.
    Hosted {
        program: PathBuf,
        script: PathBuf,
        module: PathBuf,
    },
}

/// What one file did.
pub enum Outcome {
    /// It ran to its end; how long it took.
    Passed(Duration),
    /// The first line of what went wrong.
    Failed(String),
}

impl Runner {
    /// What runs files on the engine that is asked for, built or fetched if needed.
    pub fn new(options: &Options) -> Result<Runner> {
        if let (Engine::Native, Some(build)) = (options.engine, options.build) {
            return Ok(Runner::Built(build, build.command()?));
        }
        let (program, script) = match options.engine {
            Engine::Native => return Ok(Runner::Native(command()?)),
            Engine::Wasm => {
                setup::node()?;
                (PathBuf::from("node"), "xtask/node/conformance.mjs")
            }
            Engine::Web => {
                setup::node_packages()?;
                setup::chromium()?;
                (PathBuf::from("node"), "xtask/node/conformance-web.mjs")
            }
            Engine::Wasmtime => (setup::wasmtime()?, "xtask/python/conformance.py"),
        };
        Ok(Runner::Hosted {
            program,
            script: shell::root().join(script),
            module: module::ensure(module::Kind::Main)?,
        })
    }

    /// Runs one file in `folder`.
    pub fn run(&self, folder: &Path, test: &Test, level: Level) -> Result<Outcome> {
        let mut command = match self {
            Runner::Native(lua) => native_command(lua, test, level),
            Runner::Built(_, lua) => {
                let mut command = native_command(lua, test, level);
                command.env("CU_GC_STRESS", stress(test).0.to_string());
                command
            }
            Runner::Hosted {
                program,
                script,
                module,
            } => {
                let mut command = Command::new(program);
                command.arg(script).arg(module).arg(folder);
                command.arg(test.name).arg(settings(test, level));
                command
            }
        };
        command.current_dir(folder);
        // Files take what is written, for a pipe that nobody reads would block.
        let capture = |name: &str| {
            let path = folder.with_extension(name);
            let file = File::create(&path).map_err(|error| file_failure(&path, error))?;
            Ok::<_, Failure>((path, file))
        };
        let (stdout_path, stdout) = capture("stdout")?;
        let (stderr_path, stderr) = capture("stderr")?;
        // A pipe with nothing in it: other than the null device, it cannot be sought in.
        let empty = std::process::Stdio::piped();
        command.stdin(empty).stdout(stdout).stderr(stderr);
        let started = Instant::now();
        let mut child = command
            .spawn()
            .map_err(|error| shell::not_started(&command, &error))?;
        let seconds = if level == Level::Soft {
            test.soft
        } else {
            test.above
        };
        let limit = match self {
            // What starting a host takes is not the suite's business.
            Runner::Native(_) | Runner::Hosted { .. } => 10.0 + 10.0 * seconds,
            Runner::Built(Build::Tested | Build::Checked, _) => 60.0 + 100.0 * seconds,
            Runner::Built(Build::Stressed, _) => 900.0,
        };
        let limit = Duration::from_secs_f64(limit);
        let status = loop {
            let status = child
                .try_wait()
                .map_err(|error| shell::not_started(&command, &error))?;
            if let Some(status) = status {
                break status;
            }
            let elapsed = started.elapsed();
            if elapsed > limit {
                // It may have ended in between.
                let _ = child.kill();
                let _ = child.wait();
                return Ok(Outcome::Failed(format!(
                    "still runs after {} s",
                    limit.as_secs()
                )));
            }
            // Short enough not to be seen in the time, whatever that is.
            std::thread::sleep(
                (elapsed / 64).clamp(Duration::from_micros(100), Duration::from_millis(5)),
            );
        };
        let took = started.elapsed();
        let read = |path: &Path| {
            let bytes = fs::read(path).map_err(|error| file_failure(path, error))?;
            Ok::<_, Failure>(String::from_utf8_lossy(&bytes).into_owned())
        };
        let (output, errors) = (read(&stdout_path)?, read(&stderr_path)?);
        if !status.success() {
            return Ok(Outcome::Failed(reason(&errors, &status.to_string())));
        }
        if test.name == ALL.name && !output.contains("final OK !!!") {
            return Ok(Outcome::Failed("does not say `final OK !!!`".to_owned()));
        }
        Ok(Outcome::Passed(took))
    }
}

/// The optimised `cu` command, built if needed.
pub fn command() -> Result<PathBuf> {
    let mut build = shell::cargo();
    build.args([
        "build",
        "--quiet",
        "--release",
        "--package",
        "cu",
        "--bin",
        "cu",
    ]);
    shell::run(&mut build)?;
    Ok(shell::target_dir()?
        .join("release")
        .join(format!("cu{EXE_SUFFIX}")))
}

/// A chunk that sets the variables of a level.
fn settings(test: &Test, level: Level) -> &'static str {
    match level {
        _ if test.name == ALL.name => "_U=true",
        Level::Soft => "_port=true;_soft=true;_nomsg=true",
        Level::Port => "_port=true;_nomsg=true",
        Level::Full => "_nomsg=true",
    }
}

fn native_command(lua: &Path, test: &Test, level: Level) -> Command {
    let mut command = Command::new(lua);
    command.args(["-e", settings(test, level)]);
    if test.name == "big" {
        // It yields in the end.
        let run = "local f = coroutine.wrap(assert(loadfile 'big.lua')) \
                   assert(f() == 'b') assert(f() == 'a')";
        command.args(["-e", run]);
    } else {
        command.arg(format!("{}.lua", test.name));
    }
    command
}

/// The line of the error output that says what went wrong.
fn reason(errors: &str, status: &str) -> String {
    let traceback = errors.lines().position(|line| line == "stack traceback:");
    let before = traceback
        .and_then(|at| at.checked_sub(1))
        .and_then(|at| errors.lines().nth(at));
    let line = before.or_else(|| errors.lines().rev().find(|line| !line.is_empty()));
    let Some(line) = line else {
        return status.to_owned();
    };
    // Without the name of the program.
    let line = match line.split_once(": ") {
        Some((program, rest)) if program.ends_with(&format!("cu{EXE_SUFFIX}")) => rest,
        _ => line,
    };
    line.chars().take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reason_is_the_line_before_the_traceback() {
        let errors = "noise\ncu: db.lua:3: wrong trace!!\nstack traceback:\n\t[C]: in ?\n";
        assert_eq!(reason(errors, "exit status: 1"), "db.lua:3: wrong trace!!");
        assert_eq!(reason("", "exit status: 1"), "exit status: 1");
    }
}
