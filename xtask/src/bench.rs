//! `bench`: our programs on our engines and on others, as ratios taken in one run.
//!
//! Every measurement is a process of its own. The engines take turns program by program, in alternating order, so that a
//! slow moment of the machine falls on all of them. A ratio is the other engine's time divided by ours: above 1 we are
//! faster. Per program the median over the rounds of the ratio in each round counts.
//!
//! Times lie on a busy machine. So the native builds can be compared by the instructions that they take (`count`),
//! which are nearly the same in every run.

mod count;
mod report;
mod revision;

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
    /// Whom to compare with: `wasmoon`, a command such as `lua5.4` or `luajit`, or a revision of ours.
    pub against: Vec<String>,
    /// Time only the first run in a fresh engine, or only one after warming up.
    pub mode: Option<Mode>,
    /// Count the instructions of native engines as well.
    pub count: bool,
    /// A file for all figures.
    pub json: Option<PathBuf>,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            n_rounds: 3,
            only: Vec::new(),
            against: vec!["wasmoon".to_owned(), "lua5.4".to_owned()],
            mode: None,
            count: false,
            json: None,
        }
    }
}

/// Which run of a program is timed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// After the engine has had time to compile what is hot.
    Warm,
    /// The first run in a fresh engine.
    Cold,
    /// The whole process of a native command.
    Whole,
}

impl Mode {
    /// Its name in tables.
    fn name(self) -> &'static str {
        match self {
            Mode::Warm => "warm",
            Mode::Cold => "cold",
            Mode::Whole => "whole",
        }
    }
}

/// An engine and how it is called.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Engine {
    /// A command that takes the program's file name.
    Native(PathBuf),
    /// A module of ours, under Node.
    Module(PathBuf),
    /// PUC Lua through Emscripten, under Node.
    Wasmoon,
}

/// An engine in one of its modes: what a measurement is of.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Runner {
    engine: Engine,
    mode: Mode,
}

/// We and another one. Numbers are those of runners.
#[derive(Debug)]
struct Race {
    title: String,
    /// Ours and the other's in each mode.
    columns: Vec<(usize, usize)>,
}

/// What is run against what.
#[derive(Debug, Default)]
struct Plan {
    runners: Vec<Runner>,
    races: Vec<Race>,
}

impl Plan {
    /// The number of a runner, which is added if it is new.
    fn runner(&mut self, engine: &Engine, mode: Mode) -> usize {
        let runner = Runner {
            engine: engine.clone(),
            mode,
        };
        let known = self.runners.iter().position(|known| *known == runner);
        known.unwrap_or_else(|| {
            self.runners.push(runner);
            self.runners.len() - 1
        })
    }

    fn race(&mut self, title: String, sides: &[[(&Engine, Mode); 2]]) {
        let columns = sides.iter().map(|[ours, other]| {
            let ours = self.runner(ours.0, ours.1);
            (ours, self.runner(other.0, other.1))
        });
        let columns = columns.collect();
        self.races.push(Race { title, columns });
    }
}

/// What an embedder of the module pays under Node, as absolute figures; `false` if it could not be measured.
pub fn host(options: &Options) -> Result<bool> {
    of_module("host.mjs", options)
}

/// How long steps of the collector take in the module under Node, in the same way.
pub fn pauses(options: &Options) -> Result<bool> {
    of_module("pauses.mjs", options)
}

/// What an item costs among n, 10 n and 100 n, in the same way.
pub fn growth(options: &Options) -> Result<bool> {
    of_module("growth.mjs", options)
}

/// What each construct of the language takes by itself, against wasmoon, in the same way.
pub fn constructs(options: &Options) -> Result<bool> {
    of_module("constructs.mjs", options)
}

/// Runs a script of `benches/node` with the module.
fn of_module(script: &str, options: &Options) -> Result<bool> {
    setup::node_packages()?;
    let mut node = Command::new("node");
    node.current_dir(shell::root());
    node.arg(shell::root().join("benches/node").join(script));
    node.arg(module::ensure(module::Kind::Main)?);
    shell::succeeds(node.args(["--rounds", &options.n_rounds.to_string()]))
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

/// Runs the races and prints a table for each; `false` if one of our engines failed a program.
pub fn main(options: &Options) -> Result<bool> {
    let programs = programs(options)?;
    setup::node_packages()?;
    let module = module::ensure(module::Kind::Main)?;
    shell::say("building the native command");
    shell::run(shell::cargo().args(["build", "--quiet", "--release", "--package", "cu"]))?;
    let native = shell::target_dir()?.join("release").join("cu");
    let plan = plan(options, Engine::Native(native), Engine::Module(module))?;
    let (samples, all_ran) = samples(&plan, &programs, options.n_rounds.max(1));
    let names: Vec<String> = programs.iter().map(|program| name(program)).collect();
    let mut report = report::Report::new(&plan, &names, &samples);
    if options.count {
        report.counts = count::compare(&plan, &programs)?;
    }
    shell::print(report.tables().as_bytes());
    if let Some(path) = &options.json {
        std::fs::write(path, report.json()).map_err(|error| file_failure(path, error))?;
    }
    Ok(all_ran)
}

/// Finds the engines to compare with, building what has to be built.
fn plan(options: &Options, native: Engine, module: Engine) -> Result<Plan> {
    let both = [Mode::Warm, Mode::Cold];
    let modes: Vec<Mode> = match options.mode {
        Some(mode) => vec![mode],
        None => both.to_vec(),
    };
    let mut plan = Plan::default();
    for peer in &options.against {
        if peer == "wasmoon" {
            let sides: Vec<_> = modes
                .iter()
                .map(|&mode| [(&module, mode), (&Engine::Wasmoon, mode)])
                .collect();
            plan.race("module under Node against wasmoon".to_owned(), &sides);
        } else if peer == "lua5.4" || shell::exists(peer) {
            if peer == "lua5.4" {
                setup::lua54()?;
            }
            let other = Engine::Native(peer.into());
            let whole = [(&native, Mode::Whole), (&other, Mode::Whole)];
            plan.race(format!("native cu against {peer}"), &[whole]);
            let warm = [(&module, Mode::Warm), (&other, Mode::Whole)];
            plan.race(format!("module under Node against native {peer}"), &[warm]);
        } else {
            let built = revision::build(peer)?;
            let other = Engine::Module(built.module);
            let sides: Vec<_> = modes
                .iter()
                .map(|&mode| [(&module, mode), (&other, mode)])
                .collect();
            plan.race(format!("module under Node against that of {peer}"), &sides);
            let other = Engine::Native(built.native);
            let whole = [(&native, Mode::Whole), (&other, Mode::Whole)];
            plan.race(format!("native cu against that of {peer}"), &[whole]);
        }
    }
    Ok(plan)
}

/// The seconds of each run: by runner, program and round; none where it failed.
type Samples = Vec<Vec<Vec<Option<f64>>>>;

/// Runs everything in turn. The second result is false if one of our engines failed.
fn samples(plan: &Plan, programs: &[PathBuf], n_rounds: usize) -> (Samples, bool) {
    let mut samples = vec![vec![Vec::new(); programs.len()]; plan.runners.len()];
    let mut all_ran = true;
    for round in 0..n_rounds {
        for (program_idx, program) in programs.iter().enumerate() {
            let n = plan.runners.len();
            for turn in 0..n {
                let idx = if round % 2 == 0 { turn } else { n - 1 - turn };
                let (Some(runner), Some(times)) = (plan.runners.get(idx), samples.get_mut(idx))
                else {
                    continue;
                };
                let time = measure(runner, program).map_err(|Failure(message)| {
                    shell::complain(&message);
                    // A race names our side first.
                    all_ran &= !plan
                        .races
                        .iter()
                        .any(|race| race.columns.iter().any(|&(ours, _)| ours == idx));
                });
                if let Some(times) = times.get_mut(program_idx) {
                    times.push(time.ok());
                }
            }
        }
        shell::say(&format!("round {} of {n_rounds} done", round + 1));
    }
    (samples, all_ran)
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
fn measure(runner: &Runner, program: &Path) -> Result<f64> {
    let mut command = match &runner.engine {
        Engine::Native(executable) => {
            let mut command = Command::new(executable);
            command.arg(program);
            command
        }
        Engine::Module(_) | Engine::Wasmoon => {
            let mut command = Command::new("node");
            command.arg(shell::root().join("xtask/node/bench.mjs"));
            let is_ours = runner.engine != Engine::Wasmoon;
            command.arg(if is_ours { "cu" } else { "wasmoon" });
            command.arg(program).arg(runner.mode.name());
            if let Engine::Module(module) = &runner.engine {
                command.arg(module);
            }
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
    if runner.mode == Mode::Whole {
        return Ok(whole);
    }
    // The last line is the time that the program itself took, in seconds.
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .last()
        .and_then(|line| line.trim().parse().ok())
        .ok_or_else(|| Failure(format!("{} printed no time.", shell::shown(&command))))
}
