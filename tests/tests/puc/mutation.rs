//! Broken chunks: refused, or run within limits.
//!
//! Everyday runs break 20,000 chunks; `CU_PUC_MUTATIONS=1000000` makes it as many as it says, from number `CU_PUC_FIRST` on.

use std::env;

use crate::machine::Machine;

use super::{committed, read};

/// How many chunks are broken, unless `CU_PUC_MUTATIONS` says otherwise.
const MUTATIONS: u64 = 20_000;
/// What a run may use.
const FUEL: u64 = 20_000;
const MEMORY: usize = 4 << 20;
/// Chunks for one machine, before a new one takes its place.
const PER_MACHINE: u64 = 500;

#[test]
fn broken_chunks_are_refused_or_run_within_limits() {
    let n = env::var("CU_PUC_MUTATIONS").ok();
    let n = n.and_then(|n| n.parse().ok()).unwrap_or(MUTATIONS);
    let mut chunks = Vec::new();
    for source in committed() {
        chunks.push(read(&source, "luac"));
        chunks.push(read(&source, "stripped.luac"));
    }
    let mut machine = machine();
    let (mut refused, mut run) = (0_u64, 0_u64);
    // The number of a chunk that goes wrong is kept, as it takes the process with it.
    let first = env::var("CU_PUC_FIRST").ok().and_then(|n| n.parse().ok());
    let first: u64 = first.unwrap_or(0);
    for number in first..first + n {
        let mut random = Random(number.wrapping_mul(0x9e37_79b9_7f4a_7c15) + 1);
        let chunk = broken(&mut random, &chunks);
        match machine.run_chunk(&chunk, &[]) {
            Err(failure) if failure.kind.is_none() => refused += 1,
            Ok(_) | Err(_) => run += 1,
        }
        machine.take_output();
        if number % PER_MACHINE == PER_MACHINE - 1 {
            machine.assert_usable(&format!("broken chunk {number}"));
            machine = self::machine();
        } else {
            machine.vm.set_fuel(Some(FUEL));
        }
    }
    println!("{n} broken chunks: {refused} refused, {run} run");
    assert!(
        refused > n / 10 && run > n / 10,
        "{refused} refused, {run} run"
    );
}

fn machine() -> Machine {
    let mut machine = Machine::new();
    machine.vm.set_memory_limit(MEMORY);
    machine.vm.set_fuel(Some(FUEL));
    machine
}

/// A chunk with something wrong, or several things.
fn broken(random: &mut Random, chunks: &[Vec<u8>]) -> Vec<u8> {
    let mut chunk = chunks[random.below(chunks.len())].clone();
    for _ in 0..=random.below(4) {
        let at = random.below(chunk.len());
        match random.below(10) {
            0 => chunk.truncate(at),
            1 => {
                chunk.remove(at);
            }
            2 => chunk.insert(at, random.next() as u8),
            3 => {
                let other = &chunks[random.below(chunks.len())];
                let from = random.below(other.len());
                let to = other.len().min(from + random.below(64));
                let end = chunk.len().min(at + to - from);
                chunk.splice(at..end, other[from..to].iter().copied());
            }
            4 => chunk[at] = [0, 0x7f, 0x80, 0xff, 1][random.below(5)],
            5 => chunk[at] = random.next() as u8,
            _ => chunk[at] ^= 1 << random.below(8),
        }
        if chunk.is_empty() {
            break;
        }
    }
    chunk
}

/// Numbers that are the same in every run (SplitMix64).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }

    fn below(&mut self, n: usize) -> usize {
        (self.next() % n.max(1) as u64) as usize
    }
}
