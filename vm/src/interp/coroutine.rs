//! Coroutines: yields, resumes and the ends of threads.
//!
//! A coroutine has a Lua stack of its own and no native one: a resume makes another thread the running one, and the
//! native that resumed it waits for what it delivers.

use super::call::{Next, await_call, ensure_stack, reenter, start_call};
use super::hook;
use crate::Vm;
use crate::heap::object::*;
use crate::native::{Outcome, Thrown};
use crate::thread::{self, EXTRA, NATIVE_SLOTS, frame_flag};
use crate::value::{self, Value, tag};
use crate::vm::MAX_DEPTH;

/// Whether nothing that waits inside a coroutine stands in the way of a yield.
pub(crate) unsafe fn can_yield(th: *const Thread) -> bool {
    // A coroutine that is being closed runs for `coroutine.close`, which returns only when it is done.
    // SAFETY: a live thread.
    unsafe { (*th).n_nested == 0 && (*th).closing == 0 }
}

#[inline(never)]
pub(super) unsafe fn yield_values(vm: &mut Vm, n: usize) -> Result<Outcome, Thrown> {
    // SAFETY: the running frame is the native that yields.
    unsafe {
        let th = vm.th;
        if th == vm.main || is_host_entry(th) {
            return Err(vm.run_error(&[b"attempt to yield from outside a coroutine"]));
        }
        if !can_yield(th) {
            return Err(vm.run_error(&[b"attempt to yield across a C-call boundary"]));
        }
        let from = (*th).top.sub(n);
        (*th).status = Status::Suspended;
        deliver(vm, from, n, false)
    }
}

/// Whether the running (or normal) thread `th` was resumed by the host.
pub(crate) unsafe fn is_host_entry(th: *mut Thread) -> bool {
    // SAFETY: the resumer of a running thread is live, and stands in the native that resumed.
    unsafe {
        let resumer = (*th).resumer;
        !resumer.is_null() && (*(*resumer).frame).flags & frame_flag::HOST_RESUME != 0
    }
}

/// The thread that the host resumed and from which the running one was reached, and how many threads these are;
/// `None` if a nested run lies between, or if there is none.
pub(crate) unsafe fn host_entry(vm: &Vm) -> Option<(*mut Thread, u32)> {
    // SAFETY: resumers of running threads are live.
    unsafe {
        let (mut th, mut n) = (vm.th, 1);
        while (*th).n_nested == 0 && !(*th).resumer.is_null() {
            if is_host_entry(th) {
                return Some((th, n));
            }
            th = (*th).resumer;
            n += 1;
        }
        None
    }
}

/// Suspends the running thread and all down to the one that the host resumed.
#[inline(never)]
pub(super) unsafe fn suspend(vm: &mut Vm, n: usize) -> Result<Outcome, Thrown> {
    // SAFETY: the running frame is the native that suspends.
    unsafe {
        let Some((entry, n_threads)) = host_entry(vm) else {
            return Err(vm.run_error(&[b"attempt to suspend across a C-call boundary"]));
        };
        let inner = vm.th;
        let resumer = (*entry).resumer;
        (*inner).status = Status::Normal;
        (*entry).status = Status::Waiting;
        (*entry).resumer = inner;
        let from = (*inner).top.sub(n);
        hand_over(vm, resumer, n_threads, from, n)?;
        (*inner).top = from;
        reenter(vm, false)
    }
}

/// Hands `n` values that start at `from` (in the running thread) to the native that resumed it.
pub(super) unsafe fn deliver(
    vm: &mut Vm,
    from: *mut Value,
    n: usize,
    failed: bool,
) -> Result<Outcome, Thrown> {
    // SAFETY: the running thread has been resumed by another one, whose running frame waits for it.
    unsafe {
        let co = vm.th;
        let resumer = (*co).resumer;
        (*co).resumer = std::ptr::null_mut();
        hand_over(vm, resumer, 1, from, n)?;
        if (*co).status != Status::Failed {
            // An error stays on top of the dead thread.
            (*co).top = from;
        }
        reenter(vm, failed)
    }
}

/// Goes back by `n_threads` threads to `resumer`, and puts `n` values there where its native expects them.
unsafe fn hand_over(
    vm: &mut Vm,
    resumer: *mut Thread,
    n_threads: u32,
    from: *mut Value,
    n: usize,
) -> Result<(), Thrown> {
    // SAFETY: `resumer` stands in the native that resumed; the values lie in another thread's stack.
    unsafe {
        hook::lift_any(vm);
        vm.th = resumer;
        vm.depth -= n_threads;
        (*resumer).status = Status::Running;
        let slot = (*(*resumer).frame).aux as usize;
        (*resumer).top = Thread::slot(resumer, slot);
        let top = (*resumer).top;
        ensure_stack(vm, top, n + NATIVE_SLOTS)?;
        let to = Thread::slot(resumer, slot);
        value::copy_slots(to, from, n);
        (*resumer).top = to.add(n);
        Ok(())
    }
}

pub(super) unsafe fn end_thread(vm: &mut Vm, first: *mut Value) -> Result<Next, Thrown> {
    // SAFETY: the body of the running thread has returned; its results lie from `first` to the top.
    unsafe {
        let th = vm.th;
        (*th).status = Status::Finished;
        let n = (*th).top.offset_from(first) as usize;
        Ok(Next::Native(deliver(vm, first, n, false)?))
    }
}

/// `host` is 0 or [`frame_flag::HOST_RESUME`].
#[inline(never)]
pub(super) unsafe fn resume(
    vm: &mut Vm,
    n_args: usize,
    state: u32,
    host: u16,
) -> Result<Option<Outcome>, Thrown> {
    // SAFETY: the running frame is the native that resumes.
    unsafe {
        let th = vm.th;
        hook::lift_any(vm);
        let slot = await_call(th, n_args, state, frame_flag::RESUMING | host);
        let co_value = *slot;
        let co = co_value.as_thread();
        let refusal: Option<&[u8]> = if co_value.tag != tag::THREAD {
            Some(b"cannot resume a value that is not a coroutine")
        } else if (*co).status == Status::Suspended || (*co).status == Status::Waiting && host != 0
        {
            if vm.depth + n_above(co) >= MAX_DEPTH {
                Some(b"C stack overflow")
            } else {
                None
            }
        } else if matches!((*co).status, Status::Finished | Status::Failed) {
            Some(b"cannot resume dead coroutine")
        } else {
            Some(b"cannot resume non-suspended coroutine")
        };
        if let Some(text) = refusal {
            let message = match vm.heap.new_string(text) {
                Ok(s) => Value::string(s),
                Err(_) => return Err(vm.out_of_memory()),
            };
            *slot = message;
            (*th).top = slot.add(1);
            return reenter(vm, true).map(Some);
        }
        let (n_threads, waiting) = (1 + n_above(co), (*co).status == Status::Waiting);
        // Where it goes on: in itself, or in the innermost of the threads above it.
        let inner = if waiting { (*co).resumer } else { co };
        vm.depth += n_threads;
        let (status, resumer) = ((*co).status, (*co).resumer);
        (*co).resumer = th;
        (*co).status = Status::Normal;
        (*inner).status = Status::Running;
        (*th).status = Status::Normal;
        let args = slot.offset_from((*th).stack) as usize + 1;
        vm.th = inner;
        let top = (*inner).top;
        if let Err(e) = ensure_stack(vm, top, n_args + NATIVE_SLOTS) {
            // It could not even start: the failure belongs to the resumer.
            vm.th = th;
            vm.depth -= n_threads;
            (*inner).status = Status::Normal;
            ((*co).status, (*co).resumer) = (status, resumer);
            (*th).status = Status::Running;
            return Err(e);
        }
        let first = (*inner).top;
        value::copy_slots(first, Thread::slot(th, args), n_args);
        (*inner).top = first.add(n_args);
        if (*co).frame == (*co).frames {
            // Not started yet: its function is the only value on its stack.
            let func = Thread::slot(co, 1);
            return start_call(vm, func, n_args);
        }
        // It waits in a native that yielded: what was passed in are that native's results.
        Ok(Some(Outcome::results(n_args as u32)))
    }
}

/// How many threads lie above a suspended one: those through which the place was reached where it waits.
unsafe fn n_above(co: *mut Thread) -> u32 {
    // SAFETY: a live thread; a waiting one leads to itself again through the resumers.
    unsafe {
        let mut n = 0;
        if (*co).status == Status::Waiting {
            let mut th = (*co).resumer;
            while th != co {
                th = (*th).resumer;
                n += 1;
            }
        }
        n
    }
}

/// `coroutine.close` of the thread on top of the stack.
#[inline(never)]
pub(super) unsafe fn close_thread(vm: &mut Vm, state: u32) -> Result<Option<Outcome>, Thrown> {
    // SAFETY: the running frame is the native that closes; the value on top is a thread.
    unsafe {
        let th = vm.th;
        let slot = await_call(th, 0, state, frame_flag::RESUMING);
        if (*slot).tag != tag::THREAD {
            return Err(vm.error(&[b"cannot close a value that is not a coroutine"]));
        }
        let co = (*slot).as_thread();
        let failed = (*co).status == Status::Failed;
        let error = if failed {
            *(*co).top.sub(1)
        } else {
            Value::NIL
        };
        if (*co).n_tbc == 0 {
            let bottom = Thread::slot(co, 1);
            thread::close_upvals(&mut vm.heap, co, bottom);
            (*co).status = Status::Finished;
            (*co).frame = (*co).frames;
            (*co).n_waiting = 0;
            (*co).top = bottom;
            *slot = error;
            (*th).top = slot.add(1);
            return reenter(vm, failed).map(Some);
        }
        if vm.depth >= MAX_DEPTH {
            return Err(vm.error(&[b"C stack overflow"]));
        }
        vm.depth += 1;
        (*co).resumer = th;
        (*co).status = Status::Running;
        (*co).closing = if failed { 2 } else { 1 };
        (*th).status = Status::Normal;
        (*co).frame = (*co).frames;
        (*co).n_waiting = 0;
        vm.th = co;
        vm.error_value = error;
        vm.error_kind = crate::error::ErrorKind::Runtime;
        vm.error_handled = true;
        super::unwind::close_step(vm)
    }
}

/// The closing of the running thread is complete: tells the native that asked for it.
pub(crate) unsafe fn end_closing(vm: &mut Vm) -> Result<Outcome, Thrown> {
    // SAFETY: as `deliver`.
    unsafe {
        let th = vm.th;
        let failed = (*th).closing == 2;
        (*th).closing = 0;
        let bottom = Thread::slot(th, 1);
        thread::close_upvals(&mut vm.heap, th, bottom);
        (*th).status = Status::Finished;
        *bottom = if failed { vm.error_value } else { Value::NIL };
        deliver(vm, bottom, 1, failed)
    }
}

/// The running thread has died of the error in flight: tells the native that resumed it.
pub(crate) unsafe fn fail_thread(vm: &mut Vm) -> Result<Outcome, Thrown> {
    // SAFETY: as `deliver`; `EXTRA` slots lie above every frame.
    unsafe {
        let th = vm.th;
        const { assert!(EXTRA > 1) };
        (*th).status = Status::Failed;
        let top = (*th).top.min((*th).stack_end);
        *top = vm.error_value;
        (*th).top = top.add(1);
        deliver(vm, top, 1, true)
    }
}
