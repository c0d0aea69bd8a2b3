//! `prove`: the campaigns of `cu_tests::prove`, on the hosts that they are meant for.
//!
//! Each prints what it found and its figures, for `docs/reliability.md`. It knows how hosts are built and started, not
//! what they are asked.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Instant;

use cu_tests::prove::{self, Findings, Host};

use crate::module::{self, Kind};
use crate::shell::{self, Failure, Result};
use crate::{hosts, setup};

/// The campaigns, each with how many programs it runs unless it is told.
const CAMPAIGNS: [(&str, u64); 5] = [
    ("collide", 100_000),
    ("fuel", 1000),
    ("stop", 10_000),
    ("depth", 10_000_000),
    ("hostile", 1_000_000),
];

/// The hosts, by the names in `tests/hosts`.
const HOSTS: [&str; 4] = ["native", "node", "wasmtime", "wasmi"];

/// What to run.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The campaigns; all, if there is none.
    pub campaigns: Vec<String>,
    /// How many programs, or how deep.
    pub count: Option<u64>,
    /// Where the sequence of programs begins.
    pub seed: u64,
    /// Only on these hosts.
    pub hosts: Vec<String>,
    /// The module to test; ours, if there is none.
    pub module: Option<PathBuf>,
    /// As a part of the everyday tests: the native host is in their profile, which checks arithmetic and assertions, and
    /// wasmi, the slowest, compares its fuel on a fourth of the programs.
    pub is_everyday: bool,
}

/// Runs campaigns and prints what they found; `false` if something did not hold.
pub fn main(options: &Options) -> Result<bool> {
    let names = CAMPAIGNS.map(|(name, _)| name);
    if let Some(unknown) = options
        .campaigns
        .iter()
        .find(|name| !names.contains(&name.as_str()))
    {
        let known = names.join(", ");
        return Err(Failure(format!(
            "prove {unknown}: there are {known} to choose from."
        )));
    }
    let mut is_ok = true;
    for (name, usual) in CAMPAIGNS {
        if options.campaigns.is_empty() || options.campaigns.iter().any(|wanted| wanted == name) {
            is_ok &= campaign(name, options.count.unwrap_or(usual), options)?;
        }
    }
    Ok(is_ok)
}

/// The everyday part of the campaigns, on a host or some: how many held and how many did not.
pub fn everyday(hosts: &[&str]) -> Result<(u64, u64)> {
    const EVERYDAY: [(&str, u64); 4] = [
        ("fuel", 20),
        ("stop", 300),
        ("depth", 10_000),
        ("hostile", 20_000),
    ];
    // Interpreters of WebAssembly are slow, and what is asked of the module here does not depend on its host.
    const SLOW: [&str; 2] = ["wasmtime", "wasmi"];
    let is_slow = hosts.iter().all(|host| SLOW.contains(host));
    let (mut passed, mut failed) = (0, 0);
    let mut run = |name, count, hosts: &[&str]| -> Result<()> {
        let options = Options {
            hosts: hosts.iter().map(|&host| host.to_owned()).collect(),
            seed: 1,
            is_everyday: true,
            ..Options::default()
        };
        match campaign(name, count, &options)? {
            true => passed += 1,
            false => failed += 1,
        }
        Ok(())
    };
    for (name, count) in EVERYDAY {
        match name {
            "fuel" if !hosts.contains(&"native") => {
                for host in hosts {
                    run(name, count, &["native", host])?;
                }
            }
            "stop" | "hostile" if is_slow => {}
            // wasmi takes three minutes to depth 10,000.
            "depth" if is_slow => run(name, 1_000, hosts)?,
            _ => run(name, count, hosts)?,
        }
    }
    Ok((passed, failed))
}

fn campaign(name: &str, count: u64, options: &Options) -> Result<bool> {
    let wanted: &[&str] = match name {
        "stop" | "collide" => &["native", "node"],
        "hostile" => &["node"],
        _ => &HOSTS,
    };
    // In the order of HOSTS, whatever the order of the options.
    let of_options =
        |host: &&&str| options.hosts.is_empty() || options.hosts.iter().any(|h| h == **host);
    let mut hosts = Vec::new();
    // Named hosts are taken even if they are not the usual ones of this campaign.
    let wanted = if options.hosts.is_empty() {
        wanted
    } else {
        &HOSTS
    };
    for host in wanted.iter().filter(of_options) {
        hosts.push(start(host, options)?);
    }
    let file_failure = |error| Failure(format!("the programs cannot be read: {error}"));
    if name == "fuel" {
        let mut programs = prove::fuel::programs(count).map_err(file_failure)?;
        if options.is_everyday && options.hosts.iter().any(|host| host == "wasmi") {
            programs = programs.into_iter().step_by(4).collect();
        }
        return Ok(told(name, || prove::fuel::run(&mut hosts, &programs)));
    }
    if name == "collide" {
        let mut is_ok = true;
        for host in &mut hosts {
            is_ok &= told(name, || prove::collide::run(host, count));
        }
        return Ok(is_ok);
    }
    let corpus = prove::hostile::Corpus::collect().map_err(file_failure)?;
    let mut is_ok = true;
    for host in &mut hosts {
        is_ok &= told(name, || match name {
            "stop" => prove::stop::run(host, options.seed, count),
            "depth" => {
                let depths: Vec<u64> = (3..=7).map(|n| 10_u64.pow(n)).collect();
                let depths: Vec<u64> = depths.into_iter().filter(|&n| n <= count).collect();
                prove::depth::run(host, &depths)
            }
            _ => prove::hostile::run(host, &corpus, options.seed, count),
        });
    }
    Ok(is_ok)
}

/// Runs a campaign on a host, prints what it found, and tells whether all held.
fn told(name: &str, run: impl FnOnce() -> Findings) -> bool {
    let started = Instant::now();
    let found = run();
    let mut text = String::new();
    for failure in &found.failures {
        text.push_str(&format!("{name}: {failure}\n"));
    }
    for note in &found.notes {
        text.push_str(&format!("{name}: {note}\n"));
    }
    text.push_str(&format!(
        "{name}: {} programs, {} failures, {} s\n",
        found.n_programs,
        found.failures.len(),
        started.elapsed().as_secs()
    ));
    shell::print(text.as_bytes());
    found.is_ok()
}

/// A host, built if need be.
fn start(name: &str, options: &Options) -> Result<Host> {
    let module = || match &options.module {
        Some(path) => Ok(path.clone()),
        None => module::ensure(Kind::Main),
    };
    let folder = shell::root().join("tests/hosts");
    let command: Vec<OsString> = match name {
        "native" => {
            let (profile, folder) = match options.is_everyday {
                true => ("test", "debug"),
                false => ("release", "release"),
            };
            let mut build = shell::cargo();
            build.args(["build", "--quiet", "--profile", profile]);
            build.args(["--package", "cu", "--example", "test-host"]);
            shell::run(&mut build)?;
            let program = format!("{folder}/examples/test-host");
            vec![shell::target_dir()?.join(program).into()]
        }
        "node" => {
            setup::node()?;
            vec![
                "node".into(),
                folder.join("node.mjs").into(),
                module()?.into(),
            ]
        }
        "wasmtime" => {
            let python = setup::wasmtime()?;
            vec![
                python.into(),
                folder.join("wasmtime.py").into(),
                module()?.into(),
            ]
        }
        "wasmi" => {
            let program = hosts::built(&folder.join("wasmi"), "cu-test-host-wasmi")?;
            vec![program.into(), module()?.into()]
        }
        _ => {
            let known = HOSTS.join(", ");
            return Err(Failure(format!("there is no host {name}: {known}.")));
        }
    };
    Ok(Host::new(name, command))
}

/// Made input for the doors of the machine (`tests/tests/fuzz.rs`).
#[derive(Clone, Debug)]
pub struct Fuzz {
    /// Only this target.
    pub target: Option<String>,
    /// How many inputs for each target.
    pub count: u64,
    /// The first one.
    pub seed: u64,
    /// With debug assertions, and a walk over the heap after every collection.
    pub is_checked: bool,
}

impl Default for Fuzz {
    fn default() -> Fuzz {
        Fuzz {
            target: None,
            count: 1_000_000,
            seed: 1,
            is_checked: false,
        }
    }
}

/// Hands in made input; `false` if something did not hold.
pub fn fuzz(options: &Fuzz) -> Result<bool> {
    let mut cargo = shell::cargo();
    cargo.args([
        "test",
        "--package",
        "cu-tests",
        "--package",
        "cu-vm",
        "--test",
        "main",
    ]);
    if options.is_checked {
        cargo.args(["--features", "cu-vm/checked"]);
    }
    cargo.args(["fuzz::", "--", "--nocapture"]);
    cargo.env("CU_FUZZ_COUNT", options.count.to_string());
    cargo.env("CU_FUZZ_SEED", options.seed.to_string());
    if let Some(target) = &options.target {
        cargo.env("CU_FUZZ_ONLY", target);
    }
    shell::succeeds(&mut cargo)
}
