//! The doors of the machine for cargo-fuzz: the same as those of `tests/tests/fuzz.rs`, with libFuzzer choosing the input.

#![allow(
    dead_code,
    reason = "libFuzzer makes the input, and the tests use more of a machine"
)]
#![allow(clippy::panic, reason = "a finding panics")]

#[path = "../../tests/machine.rs"]
mod machine;

#[path = "../../tests/fuzz"]
mod fuzz {
    pub mod answers;
    pub mod doors;
}

use std::cell::RefCell;

use fuzz::doors::{Door, TARGETS};

/// Inputs for one machine, before a new one takes its place.
const PER_MACHINE: u32 = 500;

/// Hands the input in at the door of this name.
pub fn hand_in(name: &str, input: &[u8]) {
    thread_local! {
        static DOOR: RefCell<(u32, Option<Door>)> = const { RefCell::new((0, None)) };
    }
    let Some(target) = TARGETS.iter().find(|target| target.name == name) else {
        panic!("there is no door {name}");
    };
    DOOR.with_borrow_mut(|(n, door)| {
        if *n % PER_MACHINE == 0 {
            *door = None;
        }
        *n = n.wrapping_add(1);
        let door = door.get_or_insert_with(Door::new);
        door.limit();
        (target.take)(door, input);
        door.machine.take_output();
        door.machine.assert_alive(name);
    });
}
