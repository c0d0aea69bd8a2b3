//! The `coroutine` library.
//!
//! Switching is the machine's: these functions only check states, word errors and arrange slots around
//! [`Outcome::resume`], [`Outcome::close`] and [`Outcome::yield_values`].

use cu_vm::{Args, Native, NativeResult, Outcome, Slot, ThreadStatus, Thrown, Type, View, Vm};

use crate::args::{self, append_slot, build};

/// The functions of the library.
pub static NATIVES: [Native; 8] = [
    Native {
        name: "coroutine.close",
        call: close,
    },
    Native {
        name: "coroutine.create",
        call: create,
    },
    Native {
        name: "coroutine.isyieldable",
        call: isyieldable,
    },
    Native {
        name: "coroutine.resume",
        call: resume,
    },
    Native {
        name: "coroutine.running",
        call: running,
    },
    Native {
        name: "coroutine.status",
        call: status,
    },
    Native {
        name: "coroutine.wrap",
        call: wrap,
    },
    Native {
        name: "coroutine.yield",
        call: |_, args| Ok(Outcome::yield_values(args.len())),
    },
];

/// What `coroutine.wrap` returns. Its upvalue is the coroutine.
pub static WRAPPED: Native = Native {
    name: "coroutine.wrapped",
    call: wrapped,
};

const RESUMED: u32 = 1;
const CLOSED: u32 = 2;

fn thread(vm: &mut Vm, args: Args) -> Result<Slot, Thrown> {
    args::of_type(vm, args, 0, Type::Thread)
}

/// Why a coroutine cannot be resumed.
fn refusal(vm: &Vm, thread: Slot) -> Option<&'static [u8]> {
    match vm.thread_status(thread) {
        ThreadStatus::Suspended => None,
        ThreadStatus::Dead => Some(b"cannot resume dead coroutine"),
        ThreadStatus::Running | ThreadStatus::Normal => {
            Some(b"cannot resume non-suspended coroutine")
        }
    }
}

fn create(vm: &mut Vm, args: Args) -> NativeResult {
    let body = args::function(vm, args, 0)?;
    vm.push_new_thread(body)?;
    Ok(Outcome::results(1))
}

fn resume(vm: &mut Vm, args: Args) -> NativeResult {
    let base = args::base(args);
    if args.state() == RESUMED {
        // What came back lies from the coroutine's slot up; the verdict goes in front.
        vm.push_bool(!vm.call_failed())?;
        vm.insert(base);
        return Ok(Outcome::results(vm.top().distance_from(base)));
    }
    let thread = thread(vm, args)?;
    if let Some(reason) = refusal(vm, thread) {
        vm.push_bool(false)?;
        vm.push_bytes(reason)?;
        return Ok(Outcome::results(2));
    }
    Ok(Outcome::resume(args.len() - 1, RESUMED))
}

fn wrap(vm: &mut Vm, args: Args) -> NativeResult {
    let body = args::function(vm, args, 0)?;
    vm.push_new_thread(body)?;
    vm.push_native_closure(&WRAPPED, 1)?;
    Ok(Outcome::results(1))
}

fn wrapped(vm: &mut Vm, args: Args) -> NativeResult {
    let base = args::base(args);
    match args.state() {
        RESUMED if !vm.call_failed() => return Ok(Outcome::results(vm.top().distance_from(base))),
        RESUMED => {
            // The error value stays at the base while the coroutine's pending variables are closed.
            vm.set_top(base.offset(1))?;
            vm.push_upvalue(args, 0)?;
            return Ok(Outcome::close(CLOSED));
        }
        CLOSED => {
            let error = if vm.call_failed() {
                base.offset(1)
            } else {
                base
            };
            return Err(propagate(vm, error)?);
        }
        _ => {}
    }
    let n = vm.top().distance_from(base);
    let thread = vm.top();
    vm.push_upvalue(args, 0)?;
    if let Some(reason) = refusal(vm, thread) {
        return Err(vm.error(&[reason]));
    }
    vm.insert(base);
    Ok(Outcome::resume(n, RESUMED))
}

/// Raises the error of a wrapped coroutine; a string gets the position of the caller in front.
fn propagate(vm: &mut Vm, error: Slot) -> Result<Thrown, Thrown> {
    if !matches!(vm.view(error), View::String(_)) {
        return Ok(vm.throw(error));
    }
    let position = vm.top();
    vm.push_where(1)?;
    build(vm, |vm, buffer| {
        append_slot(vm, buffer, position)?;
        append_slot(vm, buffer, error)
    })?;
    Ok(vm.throw(position.offset(1)))
}

fn status(vm: &mut Vm, args: Args) -> NativeResult {
    let thread = thread(vm, args)?;
    let status = status_name(vm.thread_status(thread));
    vm.push_bytes(status)?;
    Ok(Outcome::results(1))
}

fn status_name(status: ThreadStatus) -> &'static [u8] {
    match status {
        ThreadStatus::Running => b"running",
        ThreadStatus::Suspended => b"suspended",
        ThreadStatus::Normal => b"normal",
        ThreadStatus::Dead => b"dead",
    }
}

fn isyieldable(vm: &mut Vm, args: Args) -> NativeResult {
    let yieldable = if args.is_empty() {
        vm.is_yieldable()
    } else {
        let thread = thread(vm, args)?;
        match vm.thread_status(thread) {
            ThreadStatus::Running => vm.is_yieldable(),
            ThreadStatus::Suspended | ThreadStatus::Normal | ThreadStatus::Dead => {
                vm.thread_is_yieldable(thread)
            }
        }
    };
    vm.push_bool(yieldable)?;
    Ok(Outcome::results(1))
}

fn running(vm: &mut Vm, _: Args) -> NativeResult {
    let is_main = vm.push_running_thread()?;
    vm.push_bool(is_main)?;
    Ok(Outcome::results(2))
}

fn close(vm: &mut Vm, args: Args) -> NativeResult {
    let base = args::base(args);
    if args.state() == CLOSED {
        let failed = vm.call_failed();
        if !failed {
            vm.set_top(base)?;
        }
        vm.push_bool(!failed)?;
        if failed {
            vm.insert(base);
        }
        return Ok(Outcome::results(vm.top().distance_from(base)));
    }
    let thread = thread(vm, args)?;
    match vm.thread_status(thread) {
        ThreadStatus::Suspended | ThreadStatus::Dead => {
            vm.set_top(base.offset(1))?;
            Ok(Outcome::close(CLOSED))
        }
        status @ (ThreadStatus::Running | ThreadStatus::Normal) => {
            Err(vm.error(&[b"cannot close a ", status_name(status), b" coroutine"]))
        }
    }
}
