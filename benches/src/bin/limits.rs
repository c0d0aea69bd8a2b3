//! What limits cost: every program in this process, with fuel and a memory limit and without, in turn.
//!
//! `limits [--rounds N] [PROGRAM ...]` prints a table of medians and the geometric mean of the ratios; above 1 limits
//! cost time. Each run has a fresh state, and the two kinds take turns in alternating order.

use std::time::Instant;

use cu::host::NativeHost;
use cu::{Config, ErrorKind, View, Vm};
use cu_benches::Program;

/// More than any program uses, and yet a number to count down from.
const FUEL: u64 = 1 << 50;
/// The same for memory, in bytes.
const MEMORY: usize = 8 << 30;

fn main() -> Result<(), String> {
    let (n_rounds, names) = arguments()?;
    let programs = cu_benches::programs().map_err(|e| e.to_string())?;
    println!(
        "{:20} {:>10} {:>10} {:>8}",
        "program", "off ms", "on ms", "on/off"
    );
    let mut logarithms = Vec::new();
    for program in programs {
        if !names.is_empty() && !names.contains(&program.name) {
            continue;
        }
        let mut rounds = Vec::new();
        for round in 0..n_rounds {
            let (off, on) = if round % 2 == 0 {
                let off = run(&program, false)?;
                (off, run(&program, true)?)
            } else {
                let on = run(&program, true)?;
                (run(&program, false)?, on)
            };
            rounds.push((off, on));
        }
        let off = median(rounds.iter().map(|pair| pair.0));
        let on = median(rounds.iter().map(|pair| pair.1));
        let ratio = median(rounds.iter().map(|(off, on)| on / off));
        logarithms.push(ratio.ln());
        println!(
            "{:20} {:10.1} {:10.1} {ratio:8.3}",
            program.name,
            off * 1e3,
            on * 1e3
        );
    }
    let n = logarithms.len();
    let mean = (logarithms.iter().sum::<f64>() / n.max(1) as f64).exp();
    println!("geometric mean of {n} programs: limits on / off = {mean:.3}");
    Ok(())
}

fn arguments() -> Result<(usize, Vec<String>), String> {
    let mut n_rounds = 5;
    let mut names = Vec::new();
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        if arg == "--rounds" {
            let n = args.next().and_then(|n| n.parse().ok());
            n_rounds = n.filter(|&n| n > 0).ok_or("--rounds needs a number")?;
        } else {
            names.push(arg);
        }
    }
    Ok((n_rounds, names))
}

/// Seconds that one run takes, compiling included.
fn run(program: &Program, limited: bool) -> Result<f64, String> {
    let source = std::fs::read(&program.path).map_err(|e| format!("{}: {e}", program.name))?;
    let config = if limited {
        Config {
            fuel: Some(FUEL),
            memory_limit: MEMORY,
            ..Config::default()
        }
    } else {
        Config::default()
    };
    let made = Vm::new(Box::new(NativeHost::new()), config);
    let mut vm = made.map_err(|e| format!("{e:?}"))?;
    let result = vm.top();
    let started = Instant::now();
    let done = cu::open(&mut vm)
        .and_then(|()| vm.load_bytes(&source, b"=bench", b"t"))
        .and_then(|loaded| vm.call(0, Some(1)).map(|()| loaded));
    let took = started.elapsed().as_secs_f64();
    if done.is_ok() && (vm.fuel_left() < FUEL) == limited {
        return Ok(took);
    }
    let kind: Option<ErrorKind> = done.is_err().then(|| vm.take_error());
    let message = match vm.view(result) {
        View::String(text) => String::from_utf8_lossy(text).into_owned(),
        other => format!("{other:?}"),
    };
    Err(format!("{} failed: {kind:?} {message}", program.name))
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    let at = |i: usize| values.get(i).copied().unwrap_or(f64::NAN);
    (at(values.len() / 2) + at(values.len().saturating_sub(1) / 2)) / 2.0
}
