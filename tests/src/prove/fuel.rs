//! The same program uses the same fuel, and says the same, on every engine.

use std::fs;
use std::io;
use std::path::Path;

use crate::{differ, suite};

use super::{Findings, Host, Kind, Limits};

/// More than any of the programs needs.
const FUEL: u64 = 20_000_000;
/// The same for all, so that none runs out of memory alone.
const MEMORY: u64 = 64 << 20;

/// Cases in each generated program: some of every kind.
const CASES: u64 = 39;

/// What a program says may depend on the host, and with it the fuel: files, time, addresses. When garbage is collected
/// depends on how large objects are, which differs between 32 and 64 bits, and with it when finalizers run.
const WORLD: [&str; 11] = [
    "io.",
    "os.",
    "require",
    "dofile",
    "loadfile",
    "package",
    "searchpath",
    "collectgarbage",
    "__gc",
    "__mode",
    "%p",
];
/// The last bit of these is that of a mathematics library, and there is one natively and another one in the module.
const LAST_BIT: [&str; 8] = ["sin", "cos", "tan", "exp", "log", "pow", "^", "sqrt"];
/// Files that end in an error whose text is the host's, or that depend on what `WORLD` says without naming it.
const HOSTS: [&str; 2] = ["error/uncaught_", "lang/collection_happens_by_itself"];

/// The programs: those of the suite, those of the benchmarks at small sizes, and generated ones.
pub fn programs(n_generated: u64) -> io::Result<Vec<(String, Vec<u8>)>> {
    let mut programs = Vec::new();
    for file in suite::collect(&suite::folder())? {
        let is_plain = !WORLD.iter().any(|word| file.source.contains(word));
        if is_plain && !HOSTS.iter().any(|name| file.name.starts_with(name)) {
            programs.push((file.name, file.source.into_bytes()));
        }
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../benches/lua");
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let text = fs::read_to_string(&path)?;
        let Some((first, rest)) = text.split_once('\n') else {
            continue;
        };
        let size = first.rsplit(' ').next().and_then(|n| n.parse::<u64>().ok());
        let size = match size.unwrap_or_default() {
            n @ 0..100 => n.min(8),
            n @ 100..10_000 => n / 20,
            n => n / 200,
        };
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        programs.push((
            name.into_owned(),
            format!("local N = {size}\n{rest}").into_bytes(),
        ));
    }
    programs.sort();
    for seed in 0..n_generated {
        let program = differ::source(seed, CASES, |body| {
            let mut words = WORLD.iter().chain(&LAST_BIT);
            !words.any(|word| body.contains(word)) && !formats_address(body)
        });
        let program = program.into_bytes();
        programs.push((format!("generated {seed}"), program));
    }
    Ok(programs)
}

/// Whether a format in it may be `%p` with a width: the number of digits of an address is the engine's.
fn formats_address(body: &str) -> bool {
    let mut formats = body.split('%').skip(1);
    formats.any(|rest| {
        let flags = |c: char| c.is_ascii_digit() || "-+ #.".contains(c);
        rest.trim_start_matches(flags).starts_with('p')
    })
}

/// Runs each program on all hosts, each in a state of its own.
pub fn run(hosts: &mut [Host], programs: &[(String, Vec<u8>)]) -> Findings {
    let mut found = Findings::default();
    let limits = Limits {
        fresh: true,
        fuel: Some(FUEL),
        memory: Some(MEMORY),
        ..Limits::default()
    };
    let mut total = 0;
    for (name, program) in programs {
        let mut first: Option<(String, Option<u64>, Kind, Vec<u8>)> = None;
        for host in hosts.iter_mut() {
            let answer = match host.run(program, &limits) {
                Ok(answer) => answer,
                Err(error) => {
                    found.fail(&format!("{}: {name}: {error}", host.name), program);
                    continue;
                }
            };
            let told = (host.name.clone(), answer.fuel, answer.kind, answer.text);
            match &first {
                None => {
                    total += told.1.unwrap_or_default();
                    first = Some(told);
                }
                Some(first) if (first.1, first.2, &first.3) == (told.1, told.2, &told.3) => {}
                Some(first) => {
                    let show = |(host, fuel, kind, text): &(String, Option<u64>, Kind, Vec<u8>)| {
                        let text =
                            String::from_utf8_lossy(text.get(..200).unwrap_or(text)).into_owned();
                        format!("{host} {kind:?} with {fuel:?}: {text}")
                    };
                    found.fail(
                        &format!("{name}:\n  {}\n  {}", show(first), show(&told)),
                        b"",
                    );
                }
            }
        }
        found.n_programs += 1;
        if found.is_enough() {
            break;
        }
    }
    let names: Vec<&str> = hosts.iter().map(|host| host.name.as_str()).collect();
    found.notes.push(format!(
        "{total} units of fuel on each of {}",
        names.join(", ")
    ));
    found
}
