//! `bench`: our programs on our engines and on others, as ratios taken in one run.
//!
//! Two races are run: native `cu` against `lua5.4`, and the module against wasmoon (PUC Lua
//! through Emscripten), both under Node. Every measurement is a process of its own. The engines take
//! turns program by program, in alternating order, so that a slow moment of the machine falls on all of
//! them. A ratio is the other engine's time divided by ours: above 1 we are faster. Per
//! program the median over the rounds of the ratio in each round counts.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use crate::shell::{self, Failure, Result, file_failure};
use crate::{module, setup};

/// What to run, and how often.
#[derive(Debug)]
pub struct Options {
    /// Rounds over all programs.
    pub n_rounds: usize,
    /// Names of programs; empty for all.
    pub only: Vec<String>,
    /// Time the first run in a fresh engine, instead of one after warming up.
    pub cold: bool,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            n_rounds: 3,
            only: Vec::new(),
            cold: false,
        }
    }
}

/// An engine and how it is called.
#[derive(Clone, Debug)]
enum Engine {
    /// A command that takes the program's file name.
    Native(PathBuf),
    /// An engine of `xtask/node/bench.mjs`, by its name there.
    Node(&'static str),
}

/// We and another in the same surroundings.
struct Race {
    title: &'static str,
    ours: Engine,
    other: Engine,
}

/// What an embedder of the module pays under Node, as absolute figures; `false` if it could not be measured.
pub fn host(options: &Options) -> Result<bool> {
    setup::node()?;
    let mut node = Command::new("node");
    node.arg(shell::root().join("benches/node/host.mjs"));
    node.arg(module::ensure(module::Kind::Main)?);
    shell::succeeds(node.args(["--rounds", &options.n_rounds.to_string()]))
}

/// Runs the races and prints a table for each; `false` if one of our engines failed a program.
pub fn main(options: &Options) -> Result<bool> {
    let programs = programs(options)?;
    setup::node_packages()?;
    setup::lua54()?;
    let module = module::ensure(module::Kind::Main)?;
    shell::say("building the native command");
    shell::run(shell::cargo().args(["build", "--quiet", "--release", "--package", "cu"]))?;
    let races = [
        Race {
            title: "native: cu against lua5.4",
            ours: Engine::Native(shell::target_dir()?.join("release").join("cu")),
            other: Engine::Native("lua5.4".into()),
        },
        Race {
            title: "under Node: dist/cu.wasm against wasmoon",
            ours: Engine::Node("cu"),
            other: Engine::Node("wasmoon"),
        },
    ];
    // times[race][program]: a pair for each round.
    let mut times = vec![vec![Vec::new(); programs.len()]; races.len()];
    let mut all_ran = true;
    for round in 0..options.n_rounds.max(1) {
        for (program_idx, program) in programs.iter().enumerate() {
            for (race, times) in races.iter().zip(&mut times) {
                let (ours, other) = if round % 2 == 0 {
                    let ours = measure(&race.ours, program, &module, options.cold);
                    (ours, measure(&race.other, program, &module, options.cold))
                } else {
                    let other = measure(&race.other, program, &module, options.cold);
                    (measure(&race.ours, program, &module, options.cold), other)
                };
                match (ours, other) {
                    (Ok(ours), Ok(other)) => {
                        if let Some(pairs) = times.get_mut(program_idx) {
                            pairs.push((ours, other));
                        }
                    }
                    (Err(Failure(message)), _) => {
                        all_ran = false;
                        shell::complain(&message);
                    }
                    (_, Err(Failure(message))) => shell::complain(&message),
                }
            }
        }
        shell::say(&format!(
            "round {} of {} done",
            round + 1,
            options.n_rounds.max(1)
        ));
    }
    for (race, times) in races.iter().zip(&times) {
        shell::print(table(race.title, options.cold, &programs, times).as_bytes());
    }
    Ok(all_ran)
}

/// Measures what limits cost: the runner `limits` of `benches`, which needs no other engine.
pub fn limits(options: &Options) -> Result<bool> {
    let mut cargo = shell::cargo();
    cargo.args(["run", "--quiet", "--release", "--package", "cu-benches"]);
    cargo.args(["--bin", "limits", "--", "--rounds"]);
    cargo
        .arg(options.n_rounds.max(1).to_string())
        .args(&options.only);
    shell::succeeds(&mut cargo)
}

/// The programs in `benches/lua`, sorted by name.
fn programs(options: &Options) -> Result<Vec<PathBuf>> {
    let folder = shell::root().join("benches").join("lua");
    let entries = std::fs::read_dir(&folder).map_err(|error| file_failure(&folder, error))?;
    let mut programs: Vec<PathBuf> = entries
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "lua"))
        .filter(|path| options.only.is_empty() || options.only.contains(&name(path)))
        .collect();
    programs.sort();
    if programs.is_empty() {
        return Err(Failure(
            "there is no benchmark of that name in benches/lua.".to_owned(),
        ));
    }
    Ok(programs)
}

fn name(program: &Path) -> String {
    program
        .file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

/// Seconds that one run takes.
fn measure(engine: &Engine, program: &Path, module: &Path, cold: bool) -> Result<f64> {
    let mut command = match engine {
        Engine::Native(executable) => {
            let mut command = Command::new(executable);
            command.arg(program);
            command
        }
        Engine::Node(engine) => {
            let mut command = Command::new("node");
            command
                .arg(shell::root().join("xtask/node/bench.mjs"))
                .arg(engine)
                .arg(program);
            command.arg(if cold { "cold" } else { "warm" }).arg(module);
            command.current_dir(shell::root());
            command
        }
    };
    let start = Instant::now();
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(|error| shell::not_started(&command, &error))?;
    let whole = start.elapsed().as_secs_f64();
    if !output.status.success() {
        let errors = String::from_utf8_lossy(&output.stderr);
        let line = errors.lines().next().unwrap_or("it gave no reason");
        return Err(Failure(format!(
            "{} failed: {line}",
            shell::shown(&command)
        )));
    }
    match engine {
        Engine::Native(_) => Ok(whole),
        // The last line is the time that the program itself took, in seconds.
        Engine::Node(_) => String::from_utf8_lossy(&output.stdout)
            .lines()
            .last()
            .and_then(|line| line.trim().parse().ok())
            .ok_or_else(|| Failure(format!("{} printed no time.", shell::shown(&command)))),
    }
}

fn table(title: &str, cold: bool, programs: &[PathBuf], times: &[Vec<(f64, f64)>]) -> String {
    let mut text = format!("\n{title}{}\n", if cold { ", cold" } else { "" });
    text.push_str(&format!(
        "{:20} {:>10} {:>10} {:>8}\n",
        "program", "ours ms", "other ms", "ratio"
    ));
    let mut logarithms = Vec::new();
    for (program, pairs) in programs.iter().zip(times) {
        let ours = median(pairs.iter().map(|pair| pair.0));
        let other = median(pairs.iter().map(|pair| pair.1));
        let ratio = median(pairs.iter().map(|(ours, other)| other / ours));
        let row = match (ours, other, ratio) {
            (Some(ours), Some(other), Some(ratio)) => {
                logarithms.push(ratio.ln());
                format!("{:10.1} {:10.1} {ratio:8.2}", ours * 1e3, other * 1e3)
            }
            _ => "failed".to_owned(),
        };
        text.push_str(&format!("{:20} {row}\n", name(program)));
    }
    let sum: f64 = logarithms.iter().sum();
    let mean = (sum / logarithms.len().max(1) as f64).exp();
    let n = logarithms.len();
    text.push_str(&format!(
        "geometric mean of {n} programs: {mean:.2} times as fast\n"
    ));
    text
}

fn median(values: impl Iterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    let upper = *values.get(values.len() / 2)?;
    let lower = *values.get((values.len() - 1) / 2)?;
    Some((lower + upper) / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_of_an_even_count_lies_between() {
        assert_eq!(median([3.0, 1.0, 2.0].into_iter()), Some(2.0));
        assert_eq!(median([4.0, 1.0, 2.0, 3.0].into_iter()), Some(2.5));
        assert_eq!(median([].into_iter()), None);
    }

    #[test]
    fn the_mean_is_geometric_and_skips_failures() {
        let programs = ["a.lua", "b.lua", "c.lua"].map(PathBuf::from);
        let times = [vec![(1.0, 4.0)], vec![(1.0, 1.0)], vec![]];
        let text = table("t", false, &programs, &times);
        assert!(
            text.ends_with("geometric mean of 2 programs: 2.00 times as fast\n"),
            "{text}"
        );
        assert!(text.contains("failed"));
    }
}
