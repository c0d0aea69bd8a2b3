//! `collectgarbage`.

use cu_vm::{Args, GcMode, NativeResult, Outcome, Thrown, Vm};

use crate::args;

const OPTIONS: [&str; 10] = [
    "collect",
    "stop",
    "restart",
    "count",
    "step",
    "setpause",
    "setstepmul",
    "isrunning",
    "generational",
    "incremental",
];

/// `collectgarbage([opt [, arg]])`
pub fn collectgarbage(vm: &mut Vm, args: Args) -> NativeResult {
    let option = args::option(vm, args, 0, Some("collect"), &OPTIONS)?;
    let option = OPTIONS.get(option).copied().unwrap_or_default();
    // Arguments are checked even where nothing is done with them.
    let first = match option {
        "step" | "setpause" | "setstepmul" | "generational" | "incremental" => {
            args::opt_int(vm, args, 1, 0)?
        }
        _ => 0,
    };
    let second = match option {
        "generational" | "incremental" => args::opt_int(vm, args, 2, 0)?,
        _ => 0,
    };
    if option == "incremental" {
        args::opt_int(vm, args, 3, 0)?;
    }
    if vm.gc_in_finalizer() {
        vm.push_nil()?;
        return Ok(Outcome::results(1));
    }
    match option {
        "count" => vm.push_float(vm.gc_bytes() as f64 / 1024.0)?,
        "step" => {
            charge(vm, usize::try_from(first).unwrap_or(0).saturating_mul(1024))?;
            let ended = vm.gc_step(usize::try_from(first).unwrap_or(0))?;
            vm.push_bool(ended)?;
        }
        "setpause" => {
            let before = vm.gc_set_pause(parameter(first));
            vm.push_int(i64::from(before))?;
        }
        "setstepmul" => {
            let before = vm.gc_set_step_multiplier(parameter(first));
            vm.push_int(i64::from(before))?;
        }
        "isrunning" => vm.push_bool(vm.gc_is_running())?,
        "generational" => {
            let before = vm.gc_set_mode(GcMode::Generational);
            push_mode(vm, before)?;
        }
        "incremental" => {
            let before = vm.gc_set_mode(GcMode::Incremental);
            // Zero leaves a parameter as it is.
            if first != 0 {
                vm.gc_set_pause(parameter(first));
            }
            if second != 0 {
                vm.gc_set_step_multiplier(parameter(second));
            }
            push_mode(vm, before)?;
        }
        _ => {
            match option {
                "stop" => vm.gc_stop(),
                "restart" => vm.gc_restart(),
                _ => {
                    charge(vm, usize::MAX)?;
                    vm.gc_collect()?;
                }
            }
            vm.push_int(0)?;
        }
    }
    Ok(Outcome::results(1))
}

/// Any integer is accepted; what makes no sense is brought into range.
fn parameter(n: i64) -> u32 {
    n.clamp(0, 1_000_000) as u32
}

fn push_mode(vm: &mut Vm, mode: GcMode) -> Result<(), Thrown> {
    vm.push_bytes(match mode {
        GcMode::Incremental => b"incremental",
        GcMode::Generational => b"generational",
    })
}

/// Takes fuel for a collection that the program asks for: it looks at all there is, or at a few times `bytes`.
fn charge(vm: &mut Vm, bytes: usize) -> Result<(), Thrown> {
    const BYTES_PER_UNIT: usize = 256;
    let looked_at = vm.gc_bytes().min(bytes.saturating_mul(4));
    vm.charge((looked_at / BYTES_PER_UNIT) as u64)
}
