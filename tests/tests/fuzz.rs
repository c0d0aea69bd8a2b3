//! Input of every kind that a stranger may hand in, made from seeds: it is refused or does something within limits.
//!
//! [`doors::TARGETS`] is the one list of doors. Everyday runs try each some thousand times; `cargo xtask fuzz [TARGET]
//! --count N --seed S` as often as it says, and `tests/fuzz` has the same doors for cargo-fuzz. Small files in
//! `tests/regress/TARGET/` are tried first: each was once a fault, or shows a kind of input that is made seldom.

mod answers;
mod doors;

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use cu_tests::differ::random::Random;

use doors::{Door, Seeds, TARGETS};

/// Inputs for one machine, before a new one takes its place.
const PER_MACHINE: u64 = 500;

#[test]
fn every_input_is_refused_or_runs_within_limits() {
    let number = |name: &str| env::var(name).ok().and_then(|n| n.parse::<u64>().ok());
    let (count, first) = (number("CU_FUZZ_COUNT"), number("CU_FUZZ_SEED"));
    let only = env::var("CU_FUZZ_ONLY").ok();
    let is_target = |only: &String| TARGETS.iter().any(|target| target.name == only);
    assert!(
        only.as_ref().is_none_or(is_target),
        "there are {}",
        TARGETS.map(|target| target.name).join(", ")
    );
    let seeds = Seeds::collect();
    if let Some(folder) = env::var_os("CU_FUZZ_SEEDS") {
        seeds
            .write(Path::new(&folder))
            .unwrap_or_else(|e| panic!("{e}"));
    }
    for target in &TARGETS {
        if only.as_ref().is_some_and(|only| only != target.name) {
            continue;
        }
        let mut door = Door::new();
        for (path, input) in kept(target.name) {
            door.limit();
            (target.take)(&mut door, &input);
            door.machine.assert_usable(&path.display().to_string());
        }
        let first = first.unwrap_or(1);
        let n = count.unwrap_or(target.everyday);
        for number in first..first + n {
            // The input that goes wrong may take the process with it, so its number is written before.
            if count.is_some() && number % 10_000 == 0 {
                println!("{} {number}", target.name);
            }
            let input = (target.make)(&seeds, &mut Random::new(number));
            door.limit();
            (target.take)(&mut door, &input);
            door.machine.take_output();
            if number % PER_MACHINE == 0 {
                // An input may have changed the libraries; what they rest on has to work.
                door.machine
                    .assert_alive(&format!("{} {number}", target.name));
                door = Door::new();
            }
        }
        println!("{}: {n} inputs from {first} on", target.name);
    }
}

/// The files that are kept for a target.
fn kept(target: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("regress")
        .join(target);
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    let read = |path: PathBuf| {
        let bytes = fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        (path, bytes)
    };
    paths.into_iter().map(read).collect()
}
