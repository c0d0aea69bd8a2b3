//! Failing allocations: each script runs with its N-th allocation failing, alone or with all after it, for every N.
//!
//! It may end as it does otherwise, or with an error; the state must work afterwards. Everyday runs take a sample;
//! `CU_SWEEP=all` takes every N of a hundred programs. The machine counts allocations with debug assertions only.

#![cfg(debug_assertions)]

use std::env;

use cu::ErrorKind;
use cu_tests::suite;

use crate::machine::Machine;

/// Scripts in a full sweep.
const SCRIPTS: usize = 100;
/// How many scripts, and how many allocations of each, everyday runs try.
const SAMPLE: (usize, u64) = (25, 30);
/// Scripts that allocate more often are left out of a full sweep: they repeat themselves.
const MOST_ALLOCATIONS: u64 = 20_000;
/// After so many failures a new machine takes the place of the old one.
const PER_MACHINE: u64 = 50;

#[test]
fn every_allocation_may_fail() {
    let is_full = env::var("CU_SWEEP").is_ok_and(|what| what == "all");
    let (n_scripts, n_points) = if is_full { (SCRIPTS, u64::MAX) } else { SAMPLE };
    let files = suite::collect(&suite::folder()).unwrap_or_else(|e| panic!("the suite: {e}"));
    let (mut n_done, mut n_failed, mut n_errors) = (0, 0_u64, 0_u64);
    // Every seventh program, so that all folders and kinds come up, and then those after them.
    let rest = files.iter().skip(1).step_by(7);
    for file in files.iter().step_by(7).chain(rest) {
        let total = allocations(&file.source);
        if total > MOST_ALLOCATIONS {
            continue;
        }
        let mut machine = Machine::new();
        let stride = (total / n_points).max(1);
        for for_ever in [false, true] {
            for n in (0..total).step_by(stride as usize) {
                machine.vm.set_fuel(Some(1_000_000));
                machine.vm.fail_allocation(Some(n), for_ever);
                let result = machine.run(&file.source);
                machine.vm.fail_allocation(None, false);
                machine.take_output();
                n_failed += 1;
                if let Err(failure) = result {
                    n_errors += u64::from(failure.kind == Some(ErrorKind::Memory));
                }
                let what = format!("{} with allocation {n} failing", file.name);
                machine.vm.set_fuel(None);
                assert_eq!(machine.run("return 1").as_deref(), Ok("1"), "{what}");
                if n_failed % PER_MACHINE == 0 {
                    machine.assert_usable(&what);
                    machine.vm.close();
                    machine = Machine::new();
                }
            }
        }
        n_done += 1;
        if n_done == n_scripts {
            break;
        }
    }
    println!(
        "{n_done} scripts, {n_failed} failing allocations, {n_errors} runs ended by a memory error"
    );
    assert!(n_done == n_scripts, "only {n_done} scripts");
    assert!(n_errors > n_failed / 10, "{n_errors} of {n_failed}");
}

#[test]
fn states_are_made_and_closed_without_memory() {
    use cu::{Config, Vm, host::NativeHost};
    // What making a state asks for is counted by making one; each of these allocations fails in turn while it closes.
    let mut machine = Machine::new();
    let prepare = "keep = {} for i = 1, 20 do keep[i] = setmetatable({}, {__gc = function(o) o.x = ('x'):rep(100) .. i local t = {{}, {}} end}) end";
    assert_eq!(machine.run(prepare).as_deref(), Ok(""));
    machine.vm.fail_allocation(None, false);
    machine.vm.close();
    let total = machine.vm.fail_allocation(None, false);
    for n in 0..total {
        let mut machine = Machine::new();
        assert_eq!(machine.run(prepare).as_deref(), Ok(""));
        machine.vm.fail_allocation(Some(n), n % 2 == 0);
        machine.vm.close();
    }
    let made = Vm::new(Box::new(NativeHost::new()), Config::default());
    assert!(made.is_ok());
}

/// A closure of many upvalues is an object of its own size, and one that is only half made must not be seen: here the
/// message handler looks for it in the registers, and calls it.
#[test]
fn closures_are_made_whole_or_not_at_all() {
    let names: Vec<_> = (1..=100).map(|n| format!("v{n}")).collect();
    let body = format!(
        "local function handler(m)
           for level = 1, 8 do
             for n = 1, 250 do
               local ok, name, value = pcall(debug.getlocal, level, n)
               if not ok or not name then break end
               if type(value) == 'function' and value ~= handler then pcall(value) end
             end
           end
           return m
         end
         local function make()
           {}
           local f = function() return {} end
           return f
         end
         return xpcall(make, handler)",
        (names
            .iter()
            .map(|n| format!("local {n} = 1 "))
            .collect::<String>()),
        names.join(" + ")
    );
    let dumped = format!("return load(string.dump(load({body:?})))");
    for source in [body, dumped] {
        let total = allocations(&source);
        for n in 0..total {
            let mut machine = Machine::new();
            machine.vm.fail_allocation(Some(n), false);
            let _ = machine.run(&source);
            machine.vm.fail_allocation(None, false);
            machine.assert_usable(&format!("allocation {n}"));
            let collected = machine.run("collectgarbage() return 1");
            assert_eq!(collected.as_deref(), Ok("1"));
        }
    }
}

/// How many allocations a script asks for.
fn allocations(source: &str) -> u64 {
    let mut machine = Machine::new();
    machine.vm.set_fuel(Some(1_000_000));
    machine.vm.fail_allocation(None, false);
    let _ = machine.run(source);
    machine.vm.fail_allocation(None, false)
}
