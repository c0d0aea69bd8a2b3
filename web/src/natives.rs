//! The native functions of the bridge: JavaScript's functions and objects in Lua, and what runs are made of.
//!
//! What it is not: it knows no messages' insides (`encode.rs`, `decode.rs`).
//!
//! Every run is a coroutine, so that it can wait for a promise; it is used again for the next run:
//!
//! ```text
//!   ENTER --host_resume--> RUNNER --call--> the function --call--> HOST_FUNCTION --call--> AWAIT --suspend--+
//!     ^                      |                                                                              |
//!     |                      +--call--> PAUSE --suspend--+                                                  |
//!     +--------------------------------------------------+--------------------------------------------------+
//! ```

use cu_vm::{Args, Native, NativeResult, Outcome, Slot, Vm};

use crate::bridge::{self, host};
use crate::face::{Answer, ObjectAct};
use crate::registry;

/// A function of JavaScript. Upvalues: its number, its anchor.
pub static HOST_FUNCTION: Native = Native {
    name: "(JavaScript function)",
    call: host_function,
};

/// `__gc` of anchors and objects.
pub static ANCHOR_GC: Native = Native {
    name: "(JavaScript anchor).__gc",
    call: anchor_gc,
};

/// The metamethods of objects.
pub static OBJECT_METHODS: [Native; 8] = [
    Native {
        name: "(JavaScript object).__gc",
        call: anchor_gc,
    },
    Native {
        name: "(JavaScript object).__index",
        call: |vm, args| act(vm, args, ObjectAct::Get),
    },
    Native {
        name: "(JavaScript object).__newindex",
        call: |vm, args| act(vm, args, ObjectAct::Set),
    },
    Native {
        name: "(JavaScript object).__tostring",
        call: |vm, args| act(vm, args, ObjectAct::Text),
    },
    Native {
        name: "(JavaScript object).__len",
        call: |vm, args| act(vm, args, ObjectAct::Length),
    },
    Native {
        name: "(JavaScript object).__call",
        call: |vm, args| act(vm, args, ObjectAct::Call),
    },
    Native {
        name: "(JavaScript object).__concat",
        call: concat,
    },
    Native {
        name: "(JavaScript object).__pairs",
        call: pairs,
    },
];

/// The iterator that `pairs` of an object gives.
pub static OBJECT_NEXT: Native = Native {
    name: "(JavaScript object) iterator",
    call: |vm, args| act(vm, args, ObjectAct::Next),
};

/// Runs the functions that it is given, one after the other.
pub static RUNNER: Native = Native {
    name: "(run)",
    call: runner,
};

/// Suspends a runner that has nothing to do; its arguments are the results of the run.
static PAUSE: Native = Native {
    name: "(pause)",
    call: |vm, args| {
        host(vm).books.promise = None;
        Ok(Outcome::suspend(args.len()))
    },
};

/// Suspends a run until a promise is settled. Results: whether it was fulfilled, and what with.
static AWAIT: Native = Native {
    name: "(await)",
    call: |_, _| Ok(Outcome::suspend(0)),
};

/// Resumes a run. Arguments: the coroutine, again the coroutine, and what it is given. Results: one of [`entered`],
/// and what came back.
pub static ENTER: Native = Native {
    name: "(enter)",
    call: enter,
};

/// First results of [`ENTER`].
pub mod entered {
    /// The run has ended; its results follow.
    pub const DONE: i64 = 0;
    /// The run waits for a promise.
    pub const WAITING: i64 = 1;
    /// The run has failed; the error value follows.
    pub const FAILED: i64 = 2;
}

const RESUMED: u32 = 1;
const CLOSED: u32 = 2;

fn enter(vm: &mut Vm, args: Args) -> NativeResult {
    let thread = args.slot(0);
    match args.state() {
        RESUMED if !vm.call_failed() => {
            let waits = host(vm).books.promise.is_some();
            vm.push_int(if waits {
                entered::WAITING
            } else {
                entered::DONE
            })?;
            vm.insert(thread.offset(1));
            Ok(Outcome::results(vm.top().distance_from(thread) - 1))
        }
        RESUMED => {
            if let Err(thrown) = bridge::note_place(vm, thread, thread.offset(1)) {
                // There is no memory for a traceback.
                vm.catch(thrown)?;
            }
            vm.set_top(thread.offset(2))?;
            vm.push_slot(thread)?;
            Ok(Outcome::close(CLOSED))
        }
        CLOSED => {
            // A `__close` method may have failed, too: its error takes the place of the first.
            let error = thread.offset(if vm.call_failed() { 2 } else { 1 });
            vm.push_int(entered::FAILED)?;
            vm.push_slot(error)?;
            Ok(Outcome::results(2))
        }
        _ => Ok(Outcome::host_resume(args.len().saturating_sub(2), RESUMED)),
    }
}

const HAS_RUN: u32 = 1;
const HAS_PAUSED: u32 = 2;

fn runner(vm: &mut Vm, args: Args) -> NativeResult {
    let base = args.slot(0);
    if args.state() == HAS_RUN {
        let n = vm.top().distance_from(base);
        vm.push_native(&PAUSE)?;
        vm.insert(base);
        return Ok(Outcome::call(n, HAS_PAUSED));
    }
    // At first the arguments, later what it was resumed with: a function and its arguments.
    let n = vm.top().distance_from(base);
    Ok(Outcome::call(n.saturating_sub(1), HAS_RUN))
}

const AWAITED: u32 = 1;

fn host_function(vm: &mut Vm, args: Args) -> NativeResult {
    let first = args.slot(0).min(vm.top());
    if args.state() == AWAITED {
        return awaited(vm, args.end());
    }
    let id = vm.upvalue_int(args, 0).unwrap_or_default() as u32;
    let n = args.len();
    let answer = bridge::ask(vm, first, n, |face| face.call(id, n))?;
    answered(vm, args.end(), answer)
}

fn act(vm: &mut Vm, args: Args, what: ObjectAct) -> NativeResult {
    if args.state() == AWAITED {
        return awaited(vm, args.end());
    }
    let Some(id) = registry::host_object(vm, args.slot(0))? else {
        return Err(vm.type_error(args, 0, "JavaScript object"));
    };
    let (first, n) = (args.slot(0).offset(1), args.len() - 1);
    let answer = bridge::ask(vm, first, n, |face| face.act(id, what, n))?;
    answered(vm, args.end(), answer)
}

/// Deals with what JavaScript answered; its values lie from `first` up.
fn answered(vm: &mut Vm, first: Slot, answer: Answer) -> NativeResult {
    match answer {
        Answer::Returned => Ok(Outcome::results(vm.top().distance_from(first))),
        Answer::Threw => Err(vm.throw(first)),
        Answer::Promised(promise) => {
            host(vm).books.promise = Some(promise);
            vm.push_native(&AWAIT)?;
            Ok(Outcome::call(0, AWAITED))
        }
        Answer::Stopped => Err(vm.stop()),
    }
}

/// A promise is settled: from `first` up lie whether it was fulfilled, and what with.
fn awaited(vm: &mut Vm, first: Slot) -> NativeResult {
    if vm.truthy(first) {
        return Ok(Outcome::results(vm.top().distance_from(first) - 1));
    }
    Err(vm.throw(first.offset(1)))
}

fn concat(vm: &mut Vm, args: Args) -> NativeResult {
    let first = vm.top();
    vm.tostring(args.slot(0))?;
    vm.tostring(args.slot(1))?;
    let mut text = vm.take_buffer();
    for slot in [first, first.offset(1)] {
        let n = vm.bytes(slot).map_or(0, <[u8]>::len);
        vm.reserve(&mut text, n)?;
        text.extend_from_slice(vm.bytes(slot).unwrap_or_default());
    }
    vm.push_buffer(text)?;
    Ok(Outcome::results(1))
}

fn pairs(vm: &mut Vm, args: Args) -> NativeResult {
    vm.push_native(&OBJECT_NEXT)?;
    vm.push_slot(args.slot(0))?;
    vm.push_nil()?;
    Ok(Outcome::results(3))
}

fn anchor_gc(vm: &mut Vm, args: Args) -> NativeResult {
    let Some(id) = registry::anchor_id(vm, args.slot(0)) else {
        return Ok(Outcome::results(0));
    };
    let host = host(vm);
    if let Some(n) = host.books.n_anchors.get_mut(&id) {
        *n -= 1;
        if *n == 0 {
            host.books.n_anchors.remove(&id);
            host.face.forget(id);
        }
    }
    Ok(Outcome::results(0))
}
