//! `cargo xtask`: one command for everything that is not `cargo build`.
//!
//! Each subcommand does its own set-up, so that any of them works on a fresh machine. Errors are
//! sentences on standard error, and the exit code is 1.

#![forbid(unsafe_code)]

use std::ffi::OsString;
use std::process::ExitCode;

use cu_xtask::shell::{self, Failure, Result};
use cu_xtask::{
    bench, builds::Build, conformance, differ, miri, module, oracle, play, programs, prove, ready,
    run, test, tidy, web,
};
use lexopt::Arg::{Long, Short, Value};
use lexopt::ValueExt;

const HELP: &str = "\
usage: cargo xtask COMMAND

  play [--port N]       build the playground, serve it on this machine and open it in a browser
                        (--no-open: only print its address)
  run FILE [ARGS]       build the module if needed and run FILE inside WebAssembly
  run FILE --dump WHAT  print FILE as tokens, ast or code (also: dump WHAT FILE)
  test [PART ...]       run all tests, or only: native, wasm, hosts, web;
                        only when named: checked, stress (see docs/reliability.md)
  miri [NAME ...]       run the tests of the unsafe code under Miri, which needs a nightly toolchain
  wasm [--memory BYTES] build dist/cu.wasm, cu-clock.wasm and cu-mvp.wasm and print their sizes
  wasm --core           build dist/cu-core.wasm, without the libraries io, os, package and debug
  wasm --size [--core]  print which crates and functions the bytes of the module come from
  web                   build the npm package in dist/npm and print its size
  package               put the package into Vite, webpack, Rollup and esbuild, and check its types
  bench [OPTIONS]       compare with other engines: --against wasmoon,lua5.4,luajit,REV (a
                        revision of ours), --rounds N, --only A,B, --warm or --cold alone,
                        --count (instructions of the native builds), --json FILE
  bench --host          measure what an embedder pays: start, a call, external tables: --rounds N
  bench --store         measure what keeping a state costs in a browser: --rounds N
  bench --pauses        measure how long the collector holds a program up: --rounds N
  bench --constructs    compare each construct and library function with wasmoon: --rounds N
  bench --growth        measure what an item costs among n, 10 n and 100 n: --rounds N
  bench --limits        measure what fuel and memory limits cost: --rounds N, --only A,B
  endure                a million calls of the module, a million answers of a store that lies
  endure --store [--kills N]
                        kill browsers and processes while they save (200 times each), close tabs
  prove [NAME ...] [--count N] [--seed S] [--host HOST] [--module PATH]
                        run campaigns against the limits: docs/reliability.md has a list
  fuzz [TARGET] [--count N] [--seed S] [--checked]
                        made input for every door; --checked: the heap is walked as well
  bless                 record the goldens anew; read what changed before committing it
  differ [--count N] [--seed S] [--only KIND] [--command PATH] [--reference PATH]
                        compare generated programs with lua5.4, output by output
  conformance [--native [--checked|--stress]|--wasm|--wasmtime|--web]
              [--soft|--port|--full] [--time] [FILE ...]
                        run the official suite of Lua 5.4.8, fetched from PyPI;
                        --time: how long it takes, beside PUC Lua
  programs [NAME ...]   run well-known Lua programs with their own tests, fetched from
                        Debian, under lua5.4, cu and in the module
  oracle [FOLDER]       re-check every expectation of the suite against lua5.4
  tidy                  check the rules of the project
  ready                 what has to pass before a change goes in: format, lints, tests
";

fn main() -> ExitCode {
    let mut parser = lexopt::Parser::from_env();
    match dispatch(&mut parser) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(Failure(message)) => {
            shell::complain(&message);
            ExitCode::FAILURE
        }
    }
}

/// Runs the subcommand; `false` when it ran and what it checked is not right.
fn dispatch(parser: &mut lexopt::Parser) -> Result<bool> {
    let command = match parser.next()? {
        Some(Value(command)) => command.string()?,
        Some(Long("help") | Short('h')) | None => "help".to_owned(),
        Some(other) => return Err(other.unexpected().into()),
    };
    match command.as_str() {
        // What follows FILE is the program's, dashes included.
        "run" => run::main(&rest(parser)?),
        "dump" => {
            let (what, file) = (value(parser, "WHAT")?, value(parser, "FILE")?);
            run::dump(&file, &what).map(|()| true)
        }
        "test" => {
            let mut parts = Vec::new();
            while let Some(arg) = parser.next()? {
                match arg {
                    Value(part) => parts.push(part.string()?),
                    other => return Err(other.unexpected().into()),
                }
            }
            test::main(&parts)
        }
        "wasm" => {
            let (mut memory, mut core, mut size) = (None, false, false);
            while let Some(arg) = parser.next()? {
                match arg {
                    Long("memory") => memory = Some(parser.value()?.parse()?),
                    Long("core") => core = true,
                    Long("size") => size = true,
                    other => return Err(other.unexpected().into()),
                }
            }
            if size {
                module::size::print(match core {
                    true => module::Kind::Core,
                    false => module::Kind::Main,
                })?;
            } else if core {
                module::build(module::Kind::Core, memory)?;
            } else {
                module::build_shipped(memory)?;
            }
            Ok(true)
        }
        "web" => web::build().map(|_| true),
        "package" => web::package_check(),
        "play" => {
            let (mut port, mut open) = (None, true);
            while let Some(arg) = parser.next()? {
                match arg {
                    Long("port") => port = Some(parser.value()?.parse()?),
                    Long("no-open") => open = false,
                    other => return Err(other.unexpected().into()),
                }
            }
            play::main(port, open)
        }
        "bench" => {
            let mut options = bench::Options::default();
            let (mut limits, mut host, mut store) = (false, false, false);
            let (mut pauses, mut growth, mut constructs) = (false, false, false);
            while let Some(arg) = parser.next()? {
                match arg {
                    Long("rounds") => options.n_rounds = parser.value()?.parse()?,
                    Long("only") => {
                        let names = parser.value()?.string()?;
                        options.only = names.split(',').map(str::to_owned).collect();
                    }
                    Long("against") => {
                        let names = parser.value()?.string()?;
                        options.against = names.split(',').map(str::to_owned).collect();
                    }
                    Long("cold") => options.mode = Some(bench::Mode::Cold),
                    Long("warm") => options.mode = Some(bench::Mode::Warm),
                    Long("count") => options.count = true,
                    Long("json") => options.json = Some(parser.value()?.into()),
                    Long("limits") => limits = true,
                    Long("host") => host = true,
                    Long("store") => store = true,
                    Long("pauses") => pauses = true,
                    Long("growth") => growth = true,
                    Long("constructs") => constructs = true,
                    other => return Err(other.unexpected().into()),
                }
            }
            if constructs {
                bench::constructs(&options)
            } else if growth {
                bench::growth(&options)
            } else if pauses {
                bench::pauses(&options)
            } else if store {
                web::figures(options.n_rounds)
            } else if host {
                bench::host(&options)
            } else if limits {
                bench::limits(&options)
            } else {
                bench::main(&options)
            }
        }
        "conformance" => {
            let mut options = conformance::Options {
                engine: conformance::Engine::Native,
                level: conformance::Level::Soft,
                build: None,
                only: Vec::new(),
            };
            let mut time = false;
            while let Some(arg) = parser.next()? {
                match arg {
                    Long("time") => time = true,
                    Long("native") => options.engine = conformance::Engine::Native,
                    Long("checked") => options.build = Some(Build::Checked),
                    Long("stress") => options.build = Some(Build::Stressed),
                    Long("wasm") => options.engine = conformance::Engine::Wasm,
                    Long("wasmtime") => options.engine = conformance::Engine::Wasmtime,
                    Long("web") => options.engine = conformance::Engine::Web,
                    Long("soft") => options.level = conformance::Level::Soft,
                    Long("port") => options.level = conformance::Level::Port,
                    Long("full") => options.level = conformance::Level::Full,
                    Value(file) => options.only.push(file.string()?),
                    other => return Err(other.unexpected().into()),
                }
            }
            if time {
                conformance::time(&options)
            } else {
                conformance::main(&options)
            }
        }
        "differ" => {
            let mut options = differ::Options::default();
            while let Some(arg) = parser.next()? {
                match arg {
                    Long("count") => options.n_cases = parser.value()?.parse()?,
                    Long("seed") => options.seed = parser.value()?.parse()?,
                    Long("only") => options.only = Some(parser.value()?.string()?),
                    Long("reference") => options.reference = parser.value()?.into(),
                    Long("command") => options.command = Some(parser.value()?.into()),
                    other => return Err(other.unexpected().into()),
                }
            }
            differ::main(&options)
        }
        "miri" => {
            let mut names = Vec::new();
            while let Some(arg) = parser.next()? {
                names.push(positional(arg)?);
            }
            miri::main(&names)
        }
        "oracle" => oracle::main(parser.next()?.map(positional).transpose()?.as_deref()),
        "programs" => {
            let mut names = Vec::new();
            while let Some(arg) = parser.next()? {
                names.push(positional(arg)?);
            }
            programs::main(&names)
        }
        "prove" => {
            let mut options = prove::Options::default();
            while let Some(arg) = parser.next()? {
                match arg {
                    Long("count") => options.count = Some(parser.value()?.parse()?),
                    Long("seed") => options.seed = parser.value()?.parse()?,
                    Long("host") => options.hosts.push(parser.value()?.string()?),
                    Long("module") => options.module = Some(parser.value()?.into()),
                    Value(name) => options.campaigns.push(name.string()?),
                    other => return Err(other.unexpected().into()),
                }
            }
            prove::main(&options)
        }
        "fuzz" => {
            let mut options = prove::Fuzz::default();
            while let Some(arg) = parser.next()? {
                match arg {
                    Long("count") => options.count = parser.value()?.parse()?,
                    Long("seed") => options.seed = parser.value()?.parse()?,
                    Long("checked") => options.is_checked = true,
                    Value(name) => options.target = Some(name.string()?),
                    other => return Err(other.unexpected().into()),
                }
            }
            prove::fuzz(&options)
        }
        "bless" => test::bless(),
        "endure" => {
            let (mut store, mut n_kills) = (false, 200);
            while let Some(arg) = parser.next()? {
                match arg {
                    Long("store") => store = true,
                    Long("kills") => n_kills = parser.value()?.parse()?,
                    other => return Err(other.unexpected().into()),
                }
            }
            if store {
                web::endure(n_kills)
            } else {
                test::endure()
            }
        }
        #[cfg(feature = "bindgen")]
        "bindgen" => {
            let (input, output) = (value(parser, "IN")?, value(parser, "OUT")?);
            cu_xtask::bindgen::main(&input, &output)
        }
        "tidy" => tidy::main(),
        "ready" => ready::main(),
        "help" => {
            shell::print(HELP.as_bytes());
            Ok(true)
        }
        other => Err(Failure(format!("there is no command '{other}'\n\n{HELP}"))),
    }
}

fn rest(parser: &mut lexopt::Parser) -> Result<Vec<OsString>> {
    Ok(parser.raw_args()?.collect())
}

fn value(parser: &mut lexopt::Parser, what: &str) -> Result<String> {
    match parser.next()? {
        Some(arg) => positional(arg),
        None => Err(Failure(format!("{what} is missing\n\n{HELP}"))),
    }
}

fn positional(arg: lexopt::Arg<'_>) -> Result<String> {
    match arg {
        Value(text) => Ok(text.string()?),
        other => Err(other.unexpected().into()),
    }
}
