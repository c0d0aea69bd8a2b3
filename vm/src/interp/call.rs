//! Calls: frames, natives, results, and the settling of natives that asked for calls.
//!
//! Lua-to-Lua calls, metamethods and resumes use no native recursion. A native is called from Rust, but when
//! it asks for a call ([`Outcome`]) it has returned first; [`settle`] goes on from frame to frame in one
//! loop until a Lua frame is to run or the current run is over.

use super::{hook, meta_call, unwind};
use crate::Vm;
use crate::heap::object::*;
use crate::meta::Event;
use crate::native::{Action, Args, Native, Outcome, Thrown};
use crate::thread::{self, EXTRA, NATIVE_SLOTS, frame_flag};
use crate::value::{self, Value, tag};
use crate::vm::MAX_DEPTH;

/// What the loop does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flow {
    /// Run the Lua frame that is on top of the running thread.
    Run,
    /// Leave this run: its entry frame has returned.
    Exit,
}

/// Native function of a callable native value.
#[inline(always)]
pub(crate) unsafe fn native_of(f: Value) -> &'static Native {
    // SAFETY: the payload is the address of a static, or of a live native closure.
    unsafe {
        if f.tag == tag::NATIVE {
            &*f.as_ptr::<Native>()
        } else {
            (*f.as_native_closure()).native
        }
    }
}

/// Makes sure that `n` slots from `from` up exist; addresses into the stack may change.
#[inline(always)]
pub(crate) unsafe fn ensure_stack(vm: &mut Vm, from: *mut Value, n: usize) -> Result<(), Thrown> {
    // SAFETY: both addresses are in the running thread's stack block.
    unsafe {
        if (*vm.th).stack_end as usize >= from as usize + n * size_of::<Value>() {
            return Ok(());
        }
        grow_stack(vm, from, n)
    }
}

#[cold]
#[inline(never)]
unsafe fn grow_stack(vm: &mut Vm, from: *mut Value, n: usize) -> Result<(), Thrown> {
    // SAFETY: as in `ensure_stack`.
    unsafe {
        let th = vm.th;
        let used = from.offset_from((*th).stack) as usize;
        let needed = used + n;
        let size = (*th).stack_end.offset_from((*th).stack) as usize;
        if needed > vm.max_stack {
            // A little more for the message handler; beyond that the handler fails too.
            let allowed = vm.max_stack + 400;
            if size < allowed && needed <= allowed {
                if thread::resize_stack(&mut vm.heap, th, allowed).is_err() {
                    return Err(vm.out_of_memory());
                }
                if size <= vm.max_stack && needed <= vm.max_stack {
                    return Ok(());
                }
            }
            if size > vm.max_stack && needed <= size {
                return Ok(());
            }
            if vm.handling() && needed <= allowed {
                return Ok(());
            }
            return Err(if size > vm.max_stack && needed > allowed {
                vm.error_in_error()
            } else {
                vm.run_error(&[b"stack overflow"])
            });
        }
        let wanted = (size * 2).max(needed + 8).min(vm.max_stack);
        if thread::resize_stack(&mut vm.heap, th, wanted).is_err() {
            vm.collect_midway();
            if thread::resize_stack(&mut vm.heap, th, wanted).is_err() {
                return Err(vm.out_of_memory());
            }
        }
        Ok(())
    }
}

#[inline(always)]
unsafe fn ensure_frame(vm: &mut Vm) -> Result<(), Thrown> {
    // SAFETY: a live thread.
    unsafe {
        let th = vm.th;
        if (*th).frame.add(1) < (*th).frames_end {
            return Ok(());
        }
        thread::grow_frames(&mut vm.heap, th).map_err(|_| vm.out_of_memory())
    }
}

/// Where a frame's function is (its arguments follow it; a vararg function has a copy just below its base).
#[inline(always)]
pub(crate) unsafe fn function_slot(frame: *mut Frame) -> *mut Value {
    // SAFETY: a frame in use.
    unsafe {
        let func = (*frame).base.sub(1);
        if (*frame).closure.is_null() {
            return func;
        }
        let proto = (*(*frame).closure).proto;
        let extra = (*frame).n_args as usize;
        if (*proto).is_vararg && extra != 0 {
            func.sub((*proto).n_params as usize + extra + 1)
        } else {
            func
        }
    }
}

/// Pushes a frame for the Lua function in `func`, whose arguments follow it.
///
/// # Safety
/// `func` is in the running thread's stack, holds a closure, and is followed by `n_args` arguments.
pub(crate) unsafe fn push_lua(
    vm: &mut Vm,
    func: *mut Value,
    n_args: usize,
    n_results: i16,
    flags: u16,
) -> Result<(), Thrown> {
    // SAFETY: by contract; the verifier bounds `max_stack`.
    unsafe {
        let closure = (*func).as_closure();
        let proto = (*closure).proto;
        let offset = func.offset_from((*vm.th).stack);
        ensure_stack(vm, func, n_args + (*proto).max_stack as usize + 2)?;
        let func = Thread::slot(vm.th, offset as usize);
        ensure_frame(vm)?;
        let th = vm.th;
        let base = func.add(1);
        for i in n_args..(*proto).n_params as usize {
            *base.add(i) = Value::NIL;
        }
        let frame = (*th).frame.add(1);
        (*th).frame = frame;
        frame.write(Frame {
            closure,
            pc: (*proto).code,
            k: (*proto).k,
            base,
            ret: func,
            n_args: n_args as u32,
            aux: 0,
            n_results,
            flags,
        });
        Ok(())
    }
}

/// Calls the value in `func` with the `n_args` values after it. With [`Flow::Run`] a Lua frame is on top (the
/// callee's, or the caller's again when a native has already returned).
///
/// # Safety
/// `func` is in the running thread's stack, followed by `n_args` arguments.
pub(crate) unsafe fn call_value(
    vm: &mut Vm,
    func: *mut Value,
    n_args: usize,
    n_results: i16,
    flags: u16,
) -> Result<Flow, Thrown> {
    // SAFETY: by contract.
    unsafe {
        match (*func).tag {
            tag::CLOSURE => {
                push_lua(vm, func, n_args, n_results, flags)?;
                Ok(Flow::Run)
            }
            tag::NATIVE | tag::NATIVE_CLOSURE => {
                let outcome = call_native::<false>(vm, func, n_args, n_results, flags)?;
                settle(vm, outcome)
            }
            _ => {
                let (func, n_args) = insert_call_metamethods(vm, func, n_args)?;
                call_value(vm, func, n_args, n_results, flags)
            }
        }
    }
}

/// The same for calls that no call instruction has paid for. Without a price a metamethod that calls itself fills the
/// stack for nothing, again and again.
///
/// # Safety
/// As [`call_value`].
pub(crate) unsafe fn call_charged(
    vm: &mut Vm,
    func: *mut Value,
    n_args: usize,
    n_results: i16,
    flags: u16,
) -> Result<Flow, Thrown> {
    vm.charge(1)?;
    // SAFETY: by contract; a charge moves nothing.
    unsafe { call_value(vm, func, n_args, n_results, flags) }
}

/// Most `__call` metamethods in a row. PUC Lua goes on until its stack is full, which takes it minutes: every
/// step moves all arguments.
const MAX_CALL_CHAIN: usize = 10_000;

/// Puts `__call` metamethods in front of a value until it is a function.
#[inline(always)]
pub(super) unsafe fn insert_call_metamethods(
    vm: &mut Vm,
    func: *mut Value,
    n_args: usize,
) -> Result<(*mut Value, usize), Thrown> {
    // SAFETY: as `call_value`.
    unsafe {
        if (*func).is_function() {
            return Ok((func, n_args));
        }
        insert_them(vm, func, n_args)
    }
}

#[inline(never)]
unsafe fn insert_them(
    vm: &mut Vm,
    func: *mut Value,
    n_args: usize,
) -> Result<(*mut Value, usize), Thrown> {
    // SAFETY: as `call_value`.
    unsafe {
        let offset = func.offset_from((*vm.th).stack);
        let (mut func, mut n_args) = (func, n_args);
        for _ in 0..MAX_CALL_CHAIN {
            if (*func).is_function() {
                return Ok((func, n_args));
            }
            let method = vm.metamethod(*func, Event::Call);
            if method.is_nil() {
                return Err(vm.call_error(func));
            }
            vm.charge(n_args as u64 / 16)?;
            (*vm.th).top = func.add(n_args + 1);
            ensure_stack(vm, func, n_args + 2)?;
            func = Thread::slot(vm.th, offset as usize);
            // One by one, from the last: a bulk move is a call into the engine, and there are few.
            for i in (0..=n_args).rev() {
                value::assign(func.add(i + 1), func.add(i));
            }
            *func = method;
            n_args += 1;
            (*vm.th).top = func.add(n_args + 1);
        }
        Err(vm.run_error(&[b"stack overflow"]))
    }
}

/// Pushes a frame for the native in `func` and runs it once. `FROM_LOOP` says that the loop itself calls it: then the
/// thread has no hook.
#[inline(always)]
pub(crate) unsafe fn call_native<const FROM_LOOP: bool>(
    vm: &mut Vm,
    func: *mut Value,
    n_args: usize,
    n_results: i16,
    flags: u16,
) -> Result<Outcome, Thrown> {
    // SAFETY: as `call_value`, and `func` holds a native.
    unsafe {
        let native = native_of(*func);
        let flags = flags | if FROM_LOOP { 0 } else { frame_flag::INDIRECT };
        let offset = func.offset_from((*vm.th).stack);
        ensure_stack(vm, func, n_args + 1 + NATIVE_SLOTS)?;
        ensure_frame(vm)?;
        let th = vm.th;
        let func = Thread::slot(th, offset as usize);
        let base = func.add(1);
        let frame = (*th).frame.add(1);
        (*th).frame = frame;
        frame.write(Frame {
            closure: std::ptr::null_mut(),
            pc: std::ptr::null_mut(),
            k: std::ptr::null(),
            base,
            ret: func,
            n_args: n_args as u32,
            aux: 0,
            n_results,
            flags: flags | frame_flag::NATIVE,
        });
        (*th).top = base.add(n_args);
        if !FROM_LOOP && (*th).trap != 0 {
            hook::enter(vm, 0)?;
        }
        (native.call)(vm, Args::new(offset as u32 + 1, n_args as u32, 0))
    }
}

/// Enters the native of the running frame again, with the state it asked for.
pub(crate) unsafe fn reenter(vm: &mut Vm, failed: bool) -> Result<Outcome, Thrown> {
    // SAFETY: the running frame is a waiting native.
    unsafe {
        let th = vm.th;
        let frame = &mut *(*th).frame;
        let state = (frame.flags & frame_flag::STATE_MASK) >> frame_flag::STATE_SHIFT;
        frame.flags &= !(frame_flag::STATE_MASK
            | frame_flag::WAITING
            | frame_flag::PROTECTED
            | frame_flag::RESUMING
            | frame_flag::HOST_RESUME
            | frame_flag::FAILED);
        frame.flags |= frame_flag::INDIRECT;
        if failed {
            frame.flags |= frame_flag::FAILED;
        }
        let base = frame.base.offset_from((*th).stack) as u32;
        (*th).n_waiting -= 1;
        let n_args = frame.n_args;
        let native = native_of(*frame.base.sub(1));
        let top = (*th).top;
        ensure_stack(vm, top, NATIVE_SLOTS)?;
        (native.call)(vm, Args::new(base, n_args, state as u32))
    }
}

/// Moves `n` results that start at `from` to where the caller wants them.
#[inline(always)]
pub(crate) unsafe fn move_results(
    th: *mut Thread,
    from: *mut Value,
    n: usize,
    ret: *mut Value,
    wanted: i16,
) {
    // SAFETY: all slots are in the thread's stack; a caller's window has room for what it wants.
    unsafe {
        match wanted {
            1 => {
                if n == 0 {
                    *ret = Value::NIL;
                } else {
                    value::assign(ret, from);
                }
            }
            0 => {}
            _ => move_many(th, from, n, ret, wanted),
        }
    }
}

#[inline(never)]
unsafe fn move_many(th: *mut Thread, from: *mut Value, n: usize, ret: *mut Value, wanted: i16) {
    // SAFETY: as `move_results`; results never move up.
    unsafe {
        let open = wanted < 0;
        let wanted = if open { n } else { wanted as usize };
        for i in 0..n.min(wanted) {
            value::assign(ret.add(i), from.add(i));
        }
        for i in n..wanted {
            *ret.add(i) = Value::NIL;
        }
        if open {
            (*th).top = ret.add(n);
        }
    }
}

/// Goes on after a native returned: from frame to frame, until a Lua frame is to run or the run is over.
pub(crate) unsafe fn settle(vm: &mut Vm, outcome: Outcome) -> Result<Flow, Thrown> {
    let mut outcome = outcome;
    // SAFETY: the running frame is that of the native that returned `outcome`.
    unsafe {
        loop {
            let Action::Results(n) = outcome.action() else {
                match act(vm, outcome)? {
                    Some(next) => outcome = next,
                    None => return Ok(Flow::Run),
                }
                continue;
            };
            let th = vm.th;
            let n = (n as usize).min((*th).top.offset_from((*(*th).frame).base) as usize);
            if (*th).trap != 0 {
                let first = (*th).top.sub(n).offset_from((*(*th).frame).base) as usize;
                hook::leave(vm, first, n)?;
            }
            let frame = (*th).frame;
            let popped = *frame;
            (*th).frame = frame.sub(1);
            move_results(th, (*th).top.sub(n), n, popped.ret, popped.n_results);
            // A frame has been popped; its flags say who waits for its results.
            match after_return(vm, popped.flags)? {
                Next::Flow(flow) => return Ok(flow),
                Next::Native(next) => outcome = next,
            }
        }
    }
}

/// Does what a native asked for instead of returning: what the native that was called for that answered, or nothing
/// if a Lua frame is to run.
#[inline(never)]
unsafe fn act(vm: &mut Vm, outcome: Outcome) -> Result<Option<Outcome>, Thrown> {
    // SAFETY: as `settle`.
    unsafe {
        let th = vm.th;
        let frame = (*th).frame;
        let count = |n: u32| (n as usize).min((*th).top.offset_from((*frame).base) as usize);
        match outcome.action() {
            // `settle` does that itself.
            Action::Results(_) => Ok(Some(outcome)),
            Action::Call { n_args, state } => {
                let func = await_call(th, count(n_args), state, 0);
                start_call(vm, func, count(n_args))
            }
            Action::ProtectedCall { n_args, state } => {
                let func = await_call(th, count(n_args), state, frame_flag::PROTECTED);
                start_call(vm, func, count(n_args))
            }
            Action::TailCall { n_args } => tail_call(vm, count(n_args)),
            Action::Yield(n) => yield_values(vm, count(n)).map(Some),
            Action::Suspend(n) => suspend(vm, count(n)).map(Some),
            Action::Resume { n_args, state } => resume(vm, count(n_args), state, 0),
            Action::HostResume { n_args, state } => {
                resume(vm, count(n_args), state, frame_flag::HOST_RESUME)
            }
            Action::Close { state } => close_thread(vm, state),
        }
    }
}

/// Calls the function below the top `n` values in place of the native that asked for it.
#[inline(never)]
unsafe fn tail_call(vm: &mut Vm, n: usize) -> Result<Option<Outcome>, Thrown> {
    // SAFETY: as `settle`.
    unsafe {
        let th = vm.th;
        // The native is still there: what cannot be called is no variable of its caller.
        let (from, n) = insert_call_metamethods(vm, (*th).top.sub(n + 1), n)?;
        let frame = (*th).frame;
        let func = function_slot(frame);
        debug_assert!(func == (*frame).ret);
        let native = *func;
        func.copy_from(from, n + 1);
        let (n_results, flags) = ((*frame).n_results, (*frame).flags);
        (*th).top = func.add(n + 1);
        (*th).frame = frame.sub(1);
        let flags = flags & frame_flag::SLOW_RETURN | frame_flag::TAIL;
        let started = if (*func).tag == tag::CLOSURE {
            push_lua(vm, func, n, n_results, flags).map(|()| None)
        } else {
            call_native::<false>(vm, func, n, n_results, flags).map(Some)
        };
        // If no frame took its place the native stays: it may be the entry of this run. There is room for a frame, so
        // what failed is the growth of the stack, and the frame is as it was.
        if started.is_err() && (*th).frame == frame.sub(1) {
            *func = native;
            (*th).frame = frame;
        }
        started
    }
}

/// Goes on after a Lua frame with these flags (some of them slow) has returned.
#[inline(never)]
pub(crate) unsafe fn returned(vm: &mut Vm, flags: u16) -> Result<Flow, Thrown> {
    // SAFETY: as `after_return`.
    unsafe {
        if flags & frame_flag::SLOW_RETURN == frame_flag::FINISH {
            return meta_call::finish_op(vm);
        }
        if flags & frame_flag::ENTRY != 0 {
            return Ok(Flow::Exit);
        }
        match after_return(vm, flags)? {
            Next::Flow(flow) => Ok(flow),
            Next::Native(outcome) => settle(vm, outcome),
        }
    }
}

/// What follows a frame's return.
pub(crate) enum Next {
    Flow(Flow),
    Native(Outcome),
}

/// Goes on after a frame with these flags has been popped and its results moved.
pub(crate) unsafe fn after_return(vm: &mut Vm, flags: u16) -> Result<Next, Thrown> {
    // SAFETY: the running frame is the caller's.
    unsafe {
        if flags & frame_flag::SLOW_RETURN == 0 {
            return Ok(Next::Flow(Flow::Run));
        }
        if flags & frame_flag::ENTRY != 0 {
            return Ok(Next::Flow(Flow::Exit));
        }
        if flags & frame_flag::UNWIND != 0 {
            // A `__close` method has returned: the error it interrupted goes on.
            return Err(vm.resume_unwinding());
        }
        if flags & frame_flag::FINISH != 0 {
            return Ok(Next::Flow(meta_call::finish_op(vm)?));
        }
        let th = vm.th;
        if (*th).frame == (*th).frames && th != vm.main {
            let first = Thread::slot(th, 1);
            return end_thread(vm, first);
        }
        Ok(Next::Native(reenter(vm, false)?))
    }
}

/// Marks the running native as waiting for the call of the function below the top `n_args` values.
unsafe fn await_call(th: *mut Thread, n_args: usize, state: u32, flags: u16) -> *mut Value {
    // SAFETY: a live thread whose running frame is a native.
    unsafe {
        let frame = (*th).frame;
        let func = (*th).top.sub(n_args + 1).max((*frame).base);
        (*frame).aux = func.offset_from((*th).stack) as u32;
        (*frame).flags = (*frame).flags & !(frame_flag::STATE_MASK | frame_flag::FAILED)
            | flags
            | frame_flag::WAITING
            | (state as u16 & 15) << frame_flag::STATE_SHIFT;
        (*th).n_waiting += 1;
        func
    }
}

/// Starts a call whose results go to a waiting native: `Some` when it is a native's outcome that is to be settled.
unsafe fn start_call(
    vm: &mut Vm,
    func: *mut Value,
    n_args: usize,
) -> Result<Option<Outcome>, Thrown> {
    // SAFETY: as `call_value`.
    unsafe {
        if (*vm.th).n_waiting > MAX_DEPTH {
            return Err(vm.run_error(&[b"C stack overflow"]));
        }
        let (func, n_args) = insert_call_metamethods(vm, func, n_args)?;
        if (*func).tag == tag::CLOSURE {
            push_lua(vm, func, n_args, -1, frame_flag::TO_NATIVE)?;
            return Ok(None);
        }
        call_native::<false>(vm, func, n_args, -1, frame_flag::TO_NATIVE).map(Some)
    }
}

// ---- coroutines --------------------------------------------------------------------------------------

/// Whether nothing that waits inside a coroutine stands in the way of a yield.
pub(crate) unsafe fn can_yield(th: *const Thread) -> bool {
    // A coroutine that is being closed runs for `coroutine.close`, which returns only when it is done.
    // SAFETY: a live thread.
    unsafe { (*th).n_nested == 0 && (*th).closing == 0 }
}

#[inline(never)]
unsafe fn yield_values(vm: &mut Vm, n: usize) -> Result<Outcome, Thrown> {
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
unsafe fn suspend(vm: &mut Vm, n: usize) -> Result<Outcome, Thrown> {
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
unsafe fn deliver(
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
        hook::lift(vm);
        vm.th = resumer;
        vm.depth -= n_threads;
        (*resumer).status = Status::Running;
        let slot = (*(*resumer).frame).aux as usize;
        (*resumer).top = Thread::slot(resumer, slot);
        let top = (*resumer).top;
        ensure_stack(vm, top, n + NATIVE_SLOTS)?;
        let to = Thread::slot(resumer, slot);
        to.copy_from_nonoverlapping(from, n);
        (*resumer).top = to.add(n);
        Ok(())
    }
}

unsafe fn end_thread(vm: &mut Vm, first: *mut Value) -> Result<Next, Thrown> {
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
unsafe fn resume(
    vm: &mut Vm,
    n_args: usize,
    state: u32,
    host: u16,
) -> Result<Option<Outcome>, Thrown> {
    // SAFETY: the running frame is the native that resumes.
    unsafe {
        let th = vm.th;
        hook::lift(vm);
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
        first.copy_from_nonoverlapping(Thread::slot(th, args), n_args);
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
unsafe fn close_thread(vm: &mut Vm, state: u32) -> Result<Option<Outcome>, Thrown> {
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

// ---- nested runs ---------------------------------------------------------------------------------------

/// How many levels of [`MAX_DEPTH`] a nested run takes that begins in the running frame. A native that the loop itself
/// has called is one, with at most four functions on the native stack from loop to loop. One that was called by another
/// native, as a metamethod, or entered again takes up to twice as many, and is two, as mostly in PUC Lua.
/// So all of [`MAX_DEPTH`] fits in the thousand calls that the narrowest of the engines allows.
#[inline(always)]
unsafe fn levels_of(th: *const Thread) -> u32 {
    // SAFETY: a live thread.
    unsafe {
        let flags = (*(*th).frame).flags;
        let is_indirect = flags & frame_flag::NATIVE != 0 && flags & frame_flag::INDIRECT != 0;
        1 + is_indirect as u32
    }
}

impl Vm {
    /// Calls the function `n_args + 1` slots below the top from native code; its results replace it.
    pub(crate) unsafe fn call_nested(
        &mut self,
        n_args: usize,
        n_results: i16,
    ) -> Result<(), Thrown> {
        // SAFETY: by contract of `call_nested_inline`.
        unsafe { self.call_nested_inline(n_args, n_results) }
    }

    /// The same, for a native that calls over and over.
    #[inline(always)]
    pub(crate) unsafe fn call_nested_inline(
        &mut self,
        n_args: usize,
        n_results: i16,
    ) -> Result<(), Thrown> {
        // SAFETY: the caller has pushed a function and its arguments.
        unsafe {
            let th = self.th;
            let levels = levels_of(th);
            if self.depth + levels > MAX_DEPTH {
                return Err(self.too_deep());
            }
            let func = (*th).top.sub(n_args + 1);
            let offset = func.offset_from((*th).stack);
            self.depth += levels;
            (*th).n_nested += 1;
            let result = if self.breaks.is_empty() {
                self.run_nested(func, n_args, n_results)
            } else {
                let breaks = hook::lift(self);
                let result = self.run_nested(func, n_args, n_results);
                hook::put_back(self, breaks);
                result
            };
            (*th).n_nested -= 1;
            self.depth -= levels;
            debug_assert!(self.th == th);
            result?;
            if n_results >= 0 {
                (*th).top = Thread::slot(th, offset as usize).add(n_results as usize);
            }
            Ok(())
        }
    }

    #[inline(always)]
    unsafe fn run_nested(
        &mut self,
        func: *mut Value,
        n_args: usize,
        n_results: i16,
    ) -> Result<(), Thrown> {
        // SAFETY: a function with its arguments at the top of the running thread's stack.
        unsafe {
            let th = self.th;
            let level = (*th).frame.offset_from((*th).frames);
            let called = if (*func).tag == tag::CLOSURE {
                push_lua(self, func, n_args, n_results, frame_flag::ENTRY).map(|()| Flow::Run)
            } else {
                call_value(self, func, n_args, n_results, frame_flag::ENTRY)
            };
            let flow = match called {
                Ok(flow) => flow,
                // No frame was pushed: the error is that of the caller.
                Err(thrown) if (*th).frame.offset_from((*th).frames) <= level => {
                    return Err(thrown);
                }
                // A native that was called directly has failed: the loop has not been entered yet.
                Err(_) => unwind::unwind(self)?,
            };
            super::execute(self, flow)
        }
    }

    #[cold]
    fn too_deep(&mut self) -> Thrown {
        if self.depth >= MAX_DEPTH + 25 {
            self.error_in_error()
        } else {
            self.run_error(&[b"C stack overflow"])
        }
    }
}
