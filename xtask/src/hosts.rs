//! The example hosts: each is built, run, and compared with what all of them must print.
//!
//! A host is three tests: two processes over one store print `examples/EXPECTED.txt` byte for byte; its store passes the
//! conformance kit; and it counts on in a store that the hosts before it have written. A host whose language cannot be had
//! here is named, and is no test. What stores may do wrong is tried under Node (`tests/node/store-kit.mjs`).

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::module::{self, Kind};
use crate::setup;
use crate::shell::{self, Failure, Result, file_failure};

/// How often the kit is run at most: it asks for four runs.
const MOST_RUNS: usize = 8;

/// A host, in the order in which they write to one store.
struct Host {
    /// Its folder in `examples/`.
    folder: &'static str,
    module: Kind,
    /// Builds it, and gives the program with its first arguments; or says why it cannot be had here.
    ready: fn(&Path) -> Result<Readiness>,
}

enum Readiness {
    Ready(Vec<PathBuf>),
    Missing(String),
}

static HOSTS: [Host; 6] = [
    Host {
        folder: "node",
        module: Kind::Main,
        ready: |folder| {
            setup::node()?;
            Ok(Readiness::Ready(vec![
                "node".into(),
                folder.join("host.mjs"),
            ]))
        },
    },
    Host {
        folder: "python-wasmtime",
        module: Kind::Main,
        ready: |folder| {
            let python = setup::wasmtime()?;
            Ok(Readiness::Ready(vec![python, folder.join("host.py")]))
        },
    },
    Host {
        folder: "c-wamr",
        module: Kind::Mvp,
        ready: |folder| {
            if !shell::exists("cc") {
                return Ok(Readiness::Missing("there is no C compiler".to_owned()));
            }
            Ok(Readiness::Ready(vec![folder.join("run.sh")]))
        },
    },
    Host {
        folder: "rust-wasmi",
        module: Kind::Main,
        ready: |folder| built_by_cargo(folder, "cu-on-wasmi"),
    },
    Host {
        folder: "rust-wasmtime",
        module: Kind::Main,
        ready: |folder| built_by_cargo(folder, "cu-on-wasmtime"),
    },
    Host {
        folder: "go-wazero",
        module: Kind::Main,
        ready: built_by_go,
    },
];

/// Runs all hosts: how many tests passed and failed.
pub fn run() -> Result<(u64, u64)> {
    let place = shell::target_dir()?.join("hosts");
    fs::create_dir_all(&place).map_err(|error| file_failure(&place, error))?;
    let shared = fresh(&place.join("shared.store"))?;
    let (mut passed, mut failed, mut n_before) = (0, 0, 0);
    for host in &HOSTS {
        let folder = shell::root().join("examples").join(host.folder);
        shell::say(&format!("the example host {}", host.folder));
        let ready = (host.ready)(&folder);
        let program = match ready {
            Ok(Readiness::Ready(program)) => program,
            Ok(Readiness::Missing(why)) => {
                shell::say(&format!(
                    "{}: not run, {why}; nothing is counted.",
                    host.folder
                ));
                continue;
            }
            Err(Failure(why)) => {
                shell::complain(&format!("{}: {why}", host.folder));
                failed += 1;
                continue;
            }
        };
        let runner = Runner {
            program,
            module: module::ensure(host.module)?,
        };
        let own = place.join(format!("{}.store", host.folder));
        let results = [
            runner.prints_what_all_print(&own),
            runner.passes_the_kit(&own),
            runner.counts_on(&shared, n_before),
        ];
        for result in results {
            match result {
                Ok(()) => passed += 1,
                Err(Failure(why)) => {
                    shell::complain(&format!("{}: {why}", host.folder));
                    failed += 1;
                }
            }
        }
        n_before += 1;
    }
    Ok((passed, failed))
}

/// A host that has been built.
struct Runner {
    program: Vec<PathBuf>,
    module: PathBuf,
}

impl Runner {
    /// What the host prints with this store, and a program if there is one.
    fn output(&self, store: &Path, program: Option<&Path>) -> Result<String> {
        let (first, rest) = self
            .program
            .split_first()
            .ok_or_else(|| Failure("there is no program.".to_owned()))?;
        let mut command = Command::new(first);
        command
            .args(rest)
            .arg(&self.module)
            .arg(store)
            .args(program);
        command.env("CARGO_TARGET_DIR", shell::target_dir()?);
        shell::output(&mut command)
    }

    fn prints_what_all_print(&self, store: &Path) -> Result<()> {
        let store = fresh(store)?;
        let expected = shell::root().join("examples/EXPECTED.txt");
        let expected =
            fs::read_to_string(&expected).map_err(|error| file_failure(&expected, error))?;
        let printed = self.output(&store, None)? + &self.output(&store, None)?;
        if printed == expected {
            return Ok(());
        }
        Err(Failure(format!(
            "two runs printed other than examples/EXPECTED.txt:\n{printed}"
        )))
    }

    fn passes_the_kit(&self, store: &Path) -> Result<()> {
        let store = fresh(store)?;
        let kit = shell::root().join("examples/store-kit/store-kit.lua");
        let mut report = String::new();
        for _ in 0..MOST_RUNS {
            report += &self.output(&store, Some(&kit))?;
            if report.contains("store-kit:") {
                break;
            }
        }
        if report.contains("store-kit:")
            && report.contains(" passed, 0 failed\n")
            && !report.contains("FAILED")
        {
            return Ok(());
        }
        let bad = report.lines().filter(|line| !line.starts_with("ok "));
        let bad: Vec<_> = bad.collect();
        Err(Failure(format!(
            "its store does not pass the kit:\n{}",
            bad.join("\n")
        )))
    }

    fn counts_on(&self, store: &Path, n_before: u32) -> Result<()> {
        let printed = self.output(store, None)?;
        let wanted = format!("counter: {}\n", n_before + 1);
        if printed.ends_with(&wanted) {
            return Ok(());
        }
        Err(Failure(format!(
            "in a store of {n_before} other hosts it printed:\n{printed}"
        )))
    }
}

/// A store that is not there yet.
fn fresh(store: &Path) -> Result<PathBuf> {
    match fs::remove_file(store) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(file_failure(store, error))
        }
        _ => Ok(store.to_owned()),
    }
}

fn built_by_cargo(folder: &Path, name: &str) -> Result<Readiness> {
    built(folder, name).map(|program| Readiness::Ready(vec![program]))
}

/// Builds the package of its own in `folder`; its program.
pub fn built(folder: &Path, name: &str) -> Result<PathBuf> {
    shell::run(&mut build(folder)?)?;
    let program = format!("debug/{name}{}", std::env::consts::EXE_SUFFIX);
    Ok(build_dir()?.join(program))
}

/// The builds of all hosts in Rust. wasmtime takes longest and comes last.
pub fn builds() -> Result<Vec<Command>> {
    let folders = [
        "examples/rust-wasmi",
        "tests/hosts/wasmi",
        "examples/rust-wasmtime",
    ];
    let build_of = |folder: &str| build(&shell::root().join(folder));
    folders.into_iter().map(build_of).collect()
}

fn build(folder: &Path) -> Result<Command> {
    let mut cargo = shell::cargo();
    cargo.args(["build", "--quiet", "--locked", "--manifest-path"]);
    cargo.arg(folder.join("Cargo.toml"));
    cargo.arg("--target-dir").arg(build_dir()?);
    Ok(cargo)
}

/// Apart from the workspace's, whose lock other builds hold.
fn build_dir() -> Result<PathBuf> {
    Ok(shell::target_dir()?.join("hosts/build"))
}

fn built_by_go(folder: &Path) -> Result<Readiness> {
    if !shell::exists("go") {
        return Ok(Readiness::Missing("there is no Go".to_owned()));
    }
    let mut download = Command::new("go");
    download
        .args(["mod", "download"])
        .env("GOFLAGS", "-mod=mod")
        .current_dir(folder);
    if !shell::succeeds(&mut download)? {
        return Ok(Readiness::Missing(
            "Go's module proxy cannot be reached".to_owned(),
        ));
    }
    let built = shell::target_dir()?
        .join("hosts")
        .join(format!("cu-on-wazero{}", std::env::consts::EXE_SUFFIX));
    let mut build = Command::new("go");
    build.args(["build", "-mod=mod", "-o"]).arg(&built);
    shell::run(build.current_dir(folder))?;
    Ok(Readiness::Ready(vec![built]))
}
