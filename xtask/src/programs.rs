//! `programs`: well-known programs and libraries in pure Lua, with their own tests, under PUC Lua's command, under
//! ours, and inside the module.
//!
//! They are taken from Debian as they are (see `programs/table.rs`), never committed, and run unmodified. What a
//! program prints must be the same three ways, but for addresses and times, and its tests must pass. What its test
//! runner needs of C libraries is stood in for by the files in `xtask/lua/`, three ways alike.

mod fetch;
mod table;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::conformance;
use crate::shell::{self, Failure, Result};
use crate::{module, setup};
use table::{Program, Runs};

/// Where `require` looks: at the program's own files, then at what its tests need.
const LUA_PATH: &str =
    "./?.lua;./?/init.lua;./src/?.lua;./src/?/init.lua;./lib/?.lua;./lib/?/init.lua";

/// How one script ended.
#[derive(PartialEq, Eq)]
struct Outcome {
    succeeded: bool,
    output: String,
    errors: String,
}

/// Runs the programs named (all, if none is) and prints a count; `false` if one failed.
pub fn main(only: &[String]) -> Result<bool> {
    if let Some(unknown) = only
        .iter()
        .find(|name| !table::PROGRAMS.iter().any(|program| program.name == **name))
    {
        let known: Vec<_> = table::PROGRAMS.iter().map(|program| program.name).collect();
        return Err(Failure(format!(
            "programs {unknown}: there are {} to choose from.",
            known.join(", ")
        )));
    }
    setup::lua54()?;
    setup::node()?;
    let engines = [
        Engine::Command(PathBuf::from("lua5.4")),
        Engine::Command(conformance::command()?),
        Engine::Module(module::ensure(module::Kind::Main)?),
    ];
    let (mut passed, mut failed) = (0, 0);
    for program in &table::PROGRAMS {
        if !only.is_empty() && !only.iter().any(|name| name == program.name) {
            continue;
        }
        let folder = fetch::folder(program)?;
        let line = match check(program, &folder, &engines)? {
            Ok(n_tests) => {
                passed += 1;
                format!(
                    "passed  {:<12}{:<10}{n_tests} tests\n",
                    program.name, program.version
                )
            }
            Err(reason) => {
                failed += 1;
                format!(
                    "FAILED  {:<12}{:<10}{reason}\n",
                    program.name, program.version
                )
            }
        };
        shell::print(line.as_bytes());
    }
    shell::print(format!("{passed} passed, {failed} failed\n").as_bytes());
    Ok(failed == 0)
}

/// How many of the program's own tests ran, the same on all engines, or what is wrong.
fn check(
    program: &Program,
    folder: &Path,
    engines: &[Engine],
) -> Result<std::result::Result<usize, String>> {
    let mut n_tests = 0;
    for words in commands(program, folder)? {
        let mut reference: Option<Outcome> = None;
        for engine in engines
            .iter()
            .filter(|engine| engine.can_run(program, &words))
        {
            let outcome = engine.run(folder, &words)?;
            let place = format!("{} on {}", words.join(" "), engine.name());
            if !outcome.succeeded {
                let errors = if outcome.errors.is_empty() {
                    &outcome.output
                } else {
                    &outcome.errors
                };
                let last = errors.lines().last().unwrap_or_default();
                return Ok(Err(format!("{place} fails: {last}")));
            }
            match &reference {
                None => {
                    n_tests += count(program, &outcome.output);
                    reference = Some(outcome);
                }
                Some(reference) if reference.output != outcome.output => {
                    let pairs = reference.output.lines().zip(outcome.output.lines());
                    let different = pairs.into_iter().find(|(wanted, got)| wanted != got);
                    let (wanted, got) = different.unwrap_or(("more or fewer lines", ""));
                    return Ok(Err(format!("{place} prints `{got}`, not `{wanted}`")));
                }
                Some(_) => {}
            }
        }
    }
    if n_tests == 0 {
        return Ok(Err("it ran no test".to_owned()));
    }
    Ok(Ok(n_tests))
}

/// The scripts to run, each with its arguments.
fn commands(program: &Program, folder: &Path) -> Result<Vec<Vec<String>>> {
    let own = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    match program.runs {
        Runs::Script { words, .. } => Ok(vec![own(words)]),
        Runs::Busted { specs, options, .. } => {
            let mut all = Vec::new();
            for spec in fetch::files(&folder.join(specs))? {
                if spec.ends_with("_spec.lua") {
                    let mut words = own(&["busted", "-o", "TAP", "--no-coverage"]);
                    words.extend(options.iter().map(|word| (*word).to_owned()));
                    words.push(format!("{specs}/{spec}"));
                    all.push(words);
                }
            }
            Ok(all)
        }
    }
}

/// How many tests the output tells of.
fn count(program: &Program, output: &str) -> usize {
    let sign = match program.runs {
        Runs::Script { sign, .. } => sign,
        Runs::Busted { .. } => "ok ",
    };
    output.lines().filter(|line| line.starts_with(sign)).count()
}

/// Where programs run.
enum Engine {
    /// A command that takes what `lua` takes.
    Command(PathBuf),
    /// The module, under Node.
    Module(PathBuf),
}

impl Engine {
    fn name(&self) -> String {
        match self {
            Engine::Command(path) => {
                let name = path.file_stem().unwrap_or(path.as_os_str());
                name.to_string_lossy().into_owned()
            }
            Engine::Module(_) => "the module".to_owned(),
        }
    }

    /// Whether there is what the script needs.
    fn can_run(&self, program: &Program, words: &[String]) -> bool {
        match (self, &program.runs) {
            (Engine::Module(_), Runs::Busted { not_in_module, .. }) => {
                let spec = words.last().and_then(|path| path.rsplit('/').next());
                !spec.is_some_and(|spec| not_in_module.contains(&spec))
            }
            _ => true,
        }
    }

    /// Runs a script in `folder`.
    fn run(&self, folder: &Path, words: &[String]) -> Result<Outcome> {
        let mut command = match self {
            Engine::Command(path) => Command::new(path),
            Engine::Module(path) => {
                let mut node = Command::new("node");
                node.arg(shell::root().join("xtask/node/programs.mjs"));
                node.arg(path).arg(LUA_PATH);
                node
            }
        };
        command.args(words).current_dir(folder);
        command.env("LUA_PATH", LUA_PATH).env("LUA_CPATH", "");
        command.env_remove("LUA_INIT").stdin(Stdio::null());
        let done = command
            .output()
            .map_err(|error| shell::not_started(&command, &error))?;
        Ok(Outcome {
            succeeded: done.status.success(),
            output: normalized(&String::from_utf8_lossy(&done.stdout)),
            errors: String::from_utf8_lossy(&done.stderr).into_owned(),
        })
    }
}

/// The output with every address as `0x…`, every number of seconds as `…`, and no date of its start.
fn normalized(output: &str) -> String {
    let mut text = String::with_capacity(output.len());
    for line in output.lines() {
        match line.split_once("Started on ") {
            Some((before, _)) => text.push_str(&format!("{before}Started on …\n")),
            None => text.push_str(&format!("{}\n", without_numbers(line))),
        }
    }
    text
}

/// A line without addresses and seconds.
fn without_numbers(line: &str) -> String {
    let mut text = String::with_capacity(line.len());
    for (n, part) in line.split("0x").enumerate() {
        let rest = part.trim_start_matches(|c: char| c.is_ascii_hexdigit());
        let is_address = n > 0 && part.len() - rest.len() >= 6;
        text.push_str(if n == 0 { "" } else { "0x" });
        text.push_str(if is_address { "…" } else { "" });
        text.push_str(if is_address { rest } else { part });
    }
    let is_number = |c: char| c.is_ascii_digit() || c == '.';
    let parts: Vec<&str> = text.split(" seconds").collect();
    let Some((last, parts)) = parts.split_last() else {
        return text;
    };
    let mut without = String::with_capacity(text.len());
    for part in parts {
        without.push_str(part.trim_end_matches(is_number));
        without.push_str("… seconds");
    }
    without.push_str(last);
    without
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_times_are_taken_out() {
        let text = "table: 0x55cfcdfd5750 is 0x1F, in 0.043 seconds, or 12 seconds\n";
        assert_eq!(
            normalized(text),
            "table: 0x… is 0x1F, in … seconds, or … seconds\n"
        );
        assert_eq!(normalized("# Started on Sunday"), "# Started on …\n");
    }

    #[test]
    fn the_table_has_each_program_once_and_sums_in_full() {
        for (i, program) in table::PROGRAMS.iter().enumerate() {
            assert!(
                table::PROGRAMS[..i]
                    .iter()
                    .all(|other| other.name != program.name)
            );
            assert_eq!(program.source.sum.len(), 64, "{}", program.name);
        }
        assert!(table::RUNTIME.iter().all(|package| package.sum.len() == 64));
    }
}
