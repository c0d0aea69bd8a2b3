//! Calls: frames, natives, results, and the settling of natives that asked for calls.
//!
//! Lua-to-Lua calls, metamethods and resumes use no native recursion. A native is called from Rust, but when
//! it asks for a call ([`Outcome`]) it has returned first; [`settle`] goes on from frame to frame in one
//! loop until a Lua frame is to run or the current run is over.

use super::{coroutine, hook, meta_call};
use crate::Vm;
use crate::heap::object::*;
use crate::meta::Event;
use crate::native::{Action, Args, Native, Outcome, Thrown};
use crate::thread::{self, NATIVE_SLOTS, frame_flag};
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

/// Pushes a frame for the Lua function in `func`, whose arguments follow it, if stack and frames have room for it.
/// The results go to `ret`.
///
/// # Safety
/// As [`push_lua`]; `ret` is a slot of the running thread's stack.
#[inline(always)]
pub(crate) unsafe fn push_in_place(
    th: *mut Thread,
    func: *mut Value,
    n_args: usize,
    ret: *mut Value,
    n_results: i16,
    flags: u16,
) -> bool {
    // SAFETY: by contract; what is written lies below the ends of stack and frames, which are looked at first.
    unsafe {
        let closure = (*func).as_closure();
        let proto = (*closure).proto;
        let base = func.add(1);
        let frame = (*th).frame.add(1);
        if base.wrapping_add(n_args + (*proto).max_stack as usize + 1) > (*th).stack_end
            || frame >= (*th).frames_end
        {
            return false;
        }
        for i in n_args..(*proto).n_params as usize {
            *base.add(i) = Value::NIL;
        }
        (*frame).closure = closure;
        (*frame).pc = (*proto).code;
        (*frame).k = (*proto).k;
        (*frame).base = base;
        (*frame).ret = ret;
        (*frame).n_args = n_args as u32;
        (*frame).aux = 0;
        (*frame).n_results = n_results;
        (*frame).flags = flags;
        (*th).frame = frame;
        true
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
    // SAFETY: by contract.
    unsafe {
        if push_in_place(vm.th, func, n_args, func, n_results, flags) {
            return Ok(());
        }
        let offset = func.offset_from((*vm.th).stack);
        let max_stack = (*(*(*func).as_closure()).proto).max_stack as usize;
        ensure_stack(vm, func, n_args + max_stack + 2)?;
        ensure_frame(vm)?;
        let func = Thread::slot(vm.th, offset as usize);
        if push_in_place(vm.th, func, n_args, func, n_results, flags) {
            return Ok(());
        }
        // Not reached: there is room now.
        Err(vm.run_error(&[b"stack overflow"]))
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

/// Arguments up to which a value is called by its metamethod for the price of the call.
const FREE_ARGS: usize = 15;

/// Calls a value that is no function, mostly by way of a metamethod that is a Lua function.
///
/// # Safety
/// As [`call_value`].
#[inline(never)]
pub(super) unsafe fn call_object(
    vm: &mut Vm,
    func: *mut Value,
    n_args: usize,
    n_results: i16,
) -> Result<Flow, Thrown> {
    // SAFETY: by contract; a value more lies above the arguments, where `EXTRA` slots are.
    unsafe {
        let method = vm.metamethod(*func, Event::Call);
        if method.tag == tag::CLOSURE && n_args <= FREE_ARGS {
            // One by one, from the last: a bulk move is a call into the engine, and there are few.
            for i in (0..=n_args).rev() {
                value::assign(func.add(i + 1), func.add(i));
            }
            value::assign(func, &raw const method);
            if push_in_place(vm.th, func, n_args + 1, func, n_results, 0) {
                return Ok(Flow::Run);
            }
            (*vm.th).top = func.add(n_args + 2);
            push_lua(vm, func, n_args + 1, n_results, 0)?;
            return Ok(Flow::Run);
        }
        call_value(vm, func, n_args, n_results, 0)
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
            (*th).frame = frame.sub(1);
            let flags = (*frame).flags;
            move_results(th, (*th).top.sub(n), n, (*frame).ret, (*frame).n_results);
            // A frame has been popped; its flags say who waits for its results.
            if flags & frame_flag::SLOW_RETURN == 0 {
                return Ok(Flow::Run);
            }
            match after_return(vm, flags)? {
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
            Action::Yield(n) => coroutine::yield_values(vm, count(n)).map(Some),
            Action::Suspend(n) => coroutine::suspend(vm, count(n)).map(Some),
            Action::Resume { n_args, state } => coroutine::resume(vm, count(n_args), state, 0),
            Action::HostResume { n_args, state } => {
                coroutine::resume(vm, count(n_args), state, frame_flag::HOST_RESUME)
            }
            Action::Close { state } => coroutine::close_thread(vm, state),
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
            return coroutine::end_thread(vm, first);
        }
        Ok(Next::Native(reenter(vm, false)?))
    }
}

/// Marks the running native as waiting for the call of the function below the top `n_args` values.
pub(super) unsafe fn await_call(
    th: *mut Thread,
    n_args: usize,
    state: u32,
    flags: u16,
) -> *mut Value {
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
pub(super) unsafe fn start_call(
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
