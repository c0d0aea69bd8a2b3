//! Recursion of every shape (`tests/limits/depth.lua`) at any depth: an error or a result, and a state that works.

use super::{Findings, Host, Kind, Limits, is_usable};

const SHAPES: &str = include_str!("../../limits/depth.lua");

/// Work for one shape: enough to go ten million levels deep where a level costs little.
const FUEL: u64 = 20_000_000;
/// Memory for one state: the largest texts take a few times their length.
const MEMORY: u64 = 256 << 20;

/// Runs the shapes at these depths, one state for all of them.
pub fn run(host: &mut Host, depths: &[u64]) -> Findings {
    let mut found = Findings::default();
    // The interpreter of WebAssembly takes a minute for all of it.
    let fuel = if host.name == "wasmi" {
        FUEL / 10
    } else {
        FUEL
    };
    let mut limits = Limits {
        fresh: true,
        fuel: Some(fuel),
        memory: Some(MEMORY),
        ..Limits::default()
    };
    let shapes = match host.run(SHAPES, &limits) {
        Ok(answer) => String::from_utf8_lossy(&answer.text).into_owned(),
        Err(error) => {
            found.fail(&error, b"the list of shapes");
            return found;
        }
    };
    limits.fresh = false;
    let (mut slowest, mut n_errors) = ((0, String::new()), 0);
    for shape in shapes.lines() {
        for depth in depths {
            let program = format!("local SHAPE, N = {shape:?}, {depth} {SHAPES}");
            let name = format!("{}: {shape} at depth {depth}", host.name);
            let answer = host.run(&program, &limits);
            found.n_programs += 1;
            let answer = match answer {
                Ok(answer) => answer,
                Err(error) => {
                    found.fail(&format!("{name}: {error}"), b"");
                    limits.fresh = true;
                    continue;
                }
            };
            limits.fresh = false;
            let text = String::from_utf8_lossy(&answer.text);
            let is_right = match answer.kind {
                Kind::Ok => text.ends_with("done") || text.contains("error: "),
                Kind::Error => text.contains("out of fuel") || text.contains("not enough memory"),
                Kind::Trap => false,
            };
            n_errors += u64::from(!text.ends_with("done"));
            if !is_right || !is_usable(host) {
                found.fail(&format!("{name}: {:?} {text}", answer.kind), b"");
                limits.fresh = true;
            }
            if answer.micros > slowest.0 {
                slowest = (answer.micros, name);
            }
        }
        if found.is_enough() {
            break;
        }
    }
    found.notes.push(format!(
        "{} shapes, {n_errors} of {} ended with an error; the slowest took {} ms ({})",
        shapes.lines().count(),
        found.n_programs,
        slowest.0 / 1000,
        slowest.1
    ));
    found
}
