//! Hooks: a function called at calls, returns, new lines, and every so many instructions.
//!
//! Each thread has its own hook. Which function it is stands in the registry, in a table with weak keys that are the
//! threads ([`HOOK_TABLE`]); the thread itself knows only for which events to look. While a hook runs its
//! thread has no other events.
//!
//! `Thread::trap` says that events are wanted now. The loop of `interp.rs` does not look for them: wherever another
//! thread, or another answer of `debug.sethook`, may come up (`reload!`) it is left, and a thread with a hook goes
//! on by [`step`], one instruction at a time. Calls and returns are done here; for any other instruction the
//! loop is entered with the instructions that may come after it replaced by one that leaves (`Breaks`). A second loop
//! compiled for hooks would be a little faster and 25 KB larger (2026-11, module of 459 KB).
//!
//! A line event is due when the line differs from that of the last instruction seen, or when execution went back;
//! `Thread::old_pc` is that instruction. Whatever returns to a Lua function sets it to the instruction that called.

use super::call::Flow;
use super::{Exit, call, unwind};
use crate::Vm;
use crate::heap::object::*;
use crate::isa::{Instr, Kind, Op};
use crate::native::Thrown;
use crate::table;
use crate::thread::{self, frame_flag};
use crate::value::{Value, tag};

/// Field of the registry with the table of hook functions.
pub(crate) const HOOK_TABLE: &[u8] = b"_HOOKKEY";

/// Events that a hook may ask for.
pub(crate) mod event {
    pub const CALL: u8 = 1;
    pub const RETURN: u8 = 2;
    pub const LINE: u8 = 4;
    pub const COUNT: u8 = 8;
}

/// Sets `trap` after something that it depends on has changed.
pub(crate) unsafe fn update_trap(th: *mut Thread) {
    // SAFETY: a live thread.
    unsafe {
        (*th).trap = ((*th).hook_mask != 0 && !(*th).in_hook) as u8;
    }
}

/// Takes the hooks of the running thread and of the main thread away: what a stopped program has left there would run
/// in the host's next call, and stop that one as well.
pub(crate) fn forget(vm: &mut Vm) {
    for th in [vm.th, vm.main] {
        // SAFETY: live threads.
        unsafe {
            (*th).hook_mask = 0;
            update_trap(th);
        }
    }
}

/// Instructions of running code that have made room for one that leaves the loop: at most two.
#[derive(Clone, Copy)]
pub(crate) struct Breaks {
    n: usize,
    words: [(*mut u64, u64); 2],
}

impl Breaks {
    pub const NONE: Breaks = Breaks {
        n: 0,
        words: [(std::ptr::null_mut(), 0); 2],
    };

    /// A backward jump to itself: it spends the last fuel of the slice.
    const LEAVE: u64 = Op::LoopBack as u64 | 0xffff_ffff << 32;

    #[inline(always)]
    pub fn is_empty(&self) -> bool {
        self.n == 0
    }

    unsafe fn put(&mut self, at: *mut u64) {
        // SAFETY: a word of live code.
        unsafe {
            self.words[self.n] = (at, *at);
            self.n += 1;
            *at = Breaks::LEAVE;
        }
    }
}

/// Puts all instructions back: before other code runs, and after a step. What was there can be put back again.
#[inline]
pub(crate) unsafe fn lift(vm: &mut Vm) -> Breaks {
    let breaks = vm.breaks;
    if breaks.n != 0 {
        vm.breaks = Breaks::NONE;
        // SAFETY: the code belongs to a running function; the last one goes first, as two may be one word.
        unsafe {
            for (at, word) in breaks.words[..breaks.n].iter().rev() {
                **at = *word;
            }
        }
    }
    breaks
}

/// As [`lift`], where nobody wants to put them back.
#[inline(always)]
pub(crate) unsafe fn lift_any(vm: &mut Vm) {
    if !vm.breaks.is_empty() {
        // SAFETY: as `lift`.
        unsafe { lift(vm) };
    }
}

/// Undoes [`lift`].
#[inline]
pub(crate) unsafe fn put_back(vm: &mut Vm, breaks: Breaks) {
    // SAFETY: as `lift`.
    unsafe {
        for (at, _) in &breaks.words[..breaks.n] {
            vm.breaks.put(*at);
        }
    }
}

/// One instruction of a thread with a hook, and the events before it.
#[cold]
#[inline(never)]
pub(crate) unsafe fn step(vm: &mut Vm) -> Exit {
    // SAFETY: a Lua frame is running.
    unsafe {
        vm.slice -= 1;
        (*(*vm.th).frame).pc = (*(*vm.th).frame).pc.add(1);
        if trace(vm).is_err() {
            return Exit::Error;
        }
        let frame = (*vm.th).frame;
        if (*vm.th).trap == 0 {
            (*frame).pc = (*frame).pc.sub(1);
            return Exit::Slice;
        }
        let instr = Instr(*Frame::current(frame));
        let Some(op) = instr.op() else {
            return Exit::Slice;
        };
        let flow = match op {
            Op::Call | Op::TailCall => call_step(vm, instr, op),
            Op::Return | Op::Return0 | Op::Return1 => return_step(vm, instr, op),
            Op::TForCall => {
                // As in the loop, but every iterator is called.
                let at = Frame::register(frame, instr.a() as usize);
                at.add(4).copy_from(at, 3);
                (*vm.th).top = at.add(7);
                call::call_charged(vm, at.add(4), 2, instr.c() as i16, 0)
            }
            Op::VarargPrep => {
                let prepared = super::vararg_prep(vm, instr.b() as usize);
                prepared.and_then(|()| enter(vm, 1)).map(|()| Flow::Run)
            }
            Op::LoopBack => {
                (*frame).pc = (*frame).pc.offset(instr.sd() as isize);
                Ok(Flow::Run)
            }
            Op::ForLoop => {
                if for_loop(Frame::register(frame, instr.a() as usize)) {
                    (*frame).pc = (*frame).pc.offset(instr.sd() as isize);
                }
                Ok(Flow::Run)
            }
            _ => return loop_step(vm, instr, op),
        };
        match flow {
            Ok(Flow::Run) => Exit::Slice,
            Ok(Flow::Exit) => Exit::Return,
            Err(_) => Exit::Error,
        }
    }
}

/// A step by the loop itself.
unsafe fn loop_step(vm: &mut Vm, instr: Instr, op: Op) -> Exit {
    // SAFETY: the running frame stands behind the first word of this instruction; the verifier has checked its
    // jump, and that code does not end after an instruction that may go on.
    unsafe {
        let frame = (*vm.th).frame;
        let start = (*frame).pc.sub(1);
        let info = op.info();
        let next = start.add(1 + info.wide as usize + (op == Op::LoadFalseSkip) as usize);
        let distance = match (info.b, info.c) {
            (Kind::JumpD, _) => instr.sd() as isize,
            (_, Kind::Jump) => instr.c() as isize,
            _ => 0,
        };
        if op != Op::Jump {
            vm.breaks.put(next);
        }
        if distance != 0 || op == Op::Jump {
            vm.breaks.put(next.offset(distance));
        }
        (*frame).pc = start;
        let fuel = std::mem::replace(&mut vm.slice, 1);
        let exit = (vm.run)(vm);
        // What the instruction has charged beyond the one unit has been taken from the budget.
        vm.slice = fuel;
        lift(vm);
        exit
    }
}

/// The turn of a numerical loop: whether it goes on.
unsafe fn for_loop(at: *mut Value) -> bool {
    // SAFETY: the window of the instruction.
    unsafe {
        let (index, limit, step) = (*at, *at.add(1), *at.add(2));
        let next = match index.tag {
            tag::INTEGER if limit.is_int() && limit.payload > 0 => {
                (*at.add(1)).payload = limit.payload - 1;
                Value::new(tag::INTEGER, index.payload.wrapping_add(step.payload))
            }
            tag::FLOAT => {
                let (step, limit) = (step.as_float(), limit.as_float());
                let next = index.as_float() + step;
                let goes_on = if step > 0.0 {
                    next <= limit
                } else {
                    limit <= next
                };
                if !goes_on {
                    return false;
                }
                Value::float(next)
            }
            _ => return false,
        };
        *at = next;
        *at.add(3) = next;
        true
    }
}

unsafe fn call_step(vm: &mut Vm, instr: Instr, op: Op) -> Result<Flow, Thrown> {
    // SAFETY: the window of the instruction.
    unsafe {
        let th = vm.th;
        let frame = (*th).frame;
        let func = Frame::register(frame, instr.a() as usize);
        let n_args = match instr.b() {
            0 => (*th).top.offset_from(func) as usize - 1,
            b => b as usize - 1,
        };
        (*th).top = func.add(n_args + 1);
        if op == Op::Call {
            return call::call_value(vm, func, n_args, instr.c() as i16 - 1, 0);
        }
        if instr.f() != 0 {
            thread::close_upvals(&mut vm.heap, th, (*frame).base);
        }
        super::tail_call(vm, func, n_args)
    }
}

unsafe fn return_step(vm: &mut Vm, instr: Instr, op: Op) -> Result<Flow, Thrown> {
    // SAFETY: the window of the instruction.
    unsafe {
        let th = vm.th;
        let frame = (*th).frame;
        let at = Frame::register(frame, instr.a() as usize);
        let mut n = match (op, instr.b()) {
            (Op::Return0, _) => 0,
            (Op::Return1, _) => 1,
            (_, 0) => (*th).top.offset_from(at) as usize,
            (_, b) => b as usize - 1,
        };
        if op == Op::Return && instr.f() != 0 {
            if (*frame).flags & frame_flag::RETURNING != 0 {
                n = (*frame).aux as usize;
            }
            thread::close_upvals(&mut vm.heap, th, (*frame).base);
            if let Some(slot) = unwind::pop_tbc(th, (*frame).base) {
                (*frame).aux = n as u32;
                (*frame).flags |= frame_flag::RETURNING;
                (*th).top = at.add(n);
                return super::close_variable(vm, slot);
            }
        }
        let first = at.offset_from((*frame).base);
        leave(vm, first as usize, n)?;
        let frame = (*th).frame;
        let (from, popped) = ((*frame).base.offset(first), *frame);
        (*th).frame = frame.sub(1);
        call::move_results(th, from, n, popped.ret, popped.n_results);
        call::returned(vm, popped.flags)
    }
}

/// Before each instruction of a thread with a hook: call, count and line events that are due. The program counter of
/// the running frame stands behind the first word of the instruction.
unsafe fn trace(vm: &mut Vm) -> Result<(), Thrown> {
    // SAFETY: a Lua frame is running.
    unsafe {
        let th = vm.th;
        let frame = (*th).frame;
        let pc = (*frame).current_pc() as u32;
        if (*frame).flags & frame_flag::AGAIN != 0 {
            (*frame).flags &= !frame_flag::AGAIN;
            (*th).old_pc = pc;
            return Ok(());
        }
        if pc == 0 && (*frame).flags & frame_flag::ENTERED == 0 {
            if (*(*(*frame).closure).proto).is_vararg {
                // Its first instruction, not seen by hooks, ends with the call event.
                return Ok(());
            }
            enter(vm, 0)?;
        }
        let mask = (*th).hook_mask;
        if mask & event::COUNT != 0 {
            (*th).hook_left = (*th).hook_left.wrapping_sub(1);
            if (*th).hook_left == 0 {
                (*th).hook_left = (*th).hook_count;
                call_hook(vm, b"count", None, 0, 0)?;
            }
        }
        if mask & event::LINE != 0 {
            let p = (*(*(*th).frame).closure).proto;
            let old = if (*th).old_pc < (*p).n_code {
                (*th).old_pc
            } else {
                0
            };
            let lines = Proto::lines(p);
            let line = |pc: u32| lines.get(pc as usize).copied();
            if pc <= old || line(old) != line(pc) {
                call_hook(vm, b"line", line(pc), 0, 0)?;
            }
            (*th).old_pc = pc;
        }
        Ok(())
    }
}

/// The call event of the running frame, just pushed; a Lua function's first events concern word `old_pc` or later.
#[cold]
#[inline(never)]
pub(crate) unsafe fn enter(vm: &mut Vm, old_pc: u32) -> Result<(), Thrown> {
    // SAFETY: a thread is running.
    unsafe {
        let th = vm.th;
        let frame = (*th).frame;
        let n = if (*frame).closure.is_null() {
            (*frame).n_args
        } else {
            (*frame).flags |= frame_flag::ENTERED;
            (*(*(*frame).closure).proto).n_params as u32
        };
        if (*th).hook_mask & event::CALL != 0 {
            let tail = (*frame).flags & frame_flag::TAIL != 0;
            let name: &[u8] = if tail { b"tail call" } else { b"call" };
            call_hook(vm, name, None, 1, n)?;
        }
        (*vm.th).old_pc = old_pc;
        Ok(())
    }
}

/// The return event of the running frame, whose `n` results lie `first` slots above its base.
#[cold]
#[inline(never)]
pub(crate) unsafe fn leave(vm: &mut Vm, first: usize, n: usize) -> Result<(), Thrown> {
    // SAFETY: a thread is running.
    unsafe {
        if (*vm.th).hook_mask & event::RETURN != 0 {
            call_hook(vm, b"return", None, first as u32 + 1, n as u32)?;
        }
        let th = vm.th;
        let caller = (*th).frame.sub(1);
        if !(*caller).closure.is_null() {
            (*th).old_pc = (*caller).current_pc() as u32;
        }
        Ok(())
    }
}

/// Calls the hook of the running thread, if it has one, above everything that is in use.
unsafe fn call_hook(
    vm: &mut Vm,
    event: &[u8],
    line: Option<u32>,
    first_transfer: u32,
    n_transfer: u32,
) -> Result<(), Thrown> {
    // SAFETY: a thread is running.
    unsafe {
        let th = vm.th;
        if (*th).in_hook {
            return Ok(());
        }
        let function = hook_function(vm, th);
        if !function.is_function() {
            return Ok(());
        }
        let Ok(name) = vm.heap.intern(event) else {
            return Err(vm.out_of_memory());
        };
        let top = (*th).top.offset_from((*th).stack);
        let at = unwind::handler_top(th);
        let offset = at.offset_from((*th).stack);
        // The name first: from here on it is in use.
        *at = Value::string(name);
        (*th).top = at.add(1);
        let grown = call::ensure_stack(vm, at, 8);
        let at = Thread::slot(th, offset as usize);
        let result = grown.and_then(|()| {
            *at.add(1) = *at;
            *at = function;
            *at.add(2) = line.map_or(Value::NIL, |line| Value::int(line as i64));
            (*th).top = at.add(3);
            (*th).in_hook = true;
            (*th).trap = 0;
            (*th).hook_frame = (*th).frame.offset_from((*th).frames) as u32;
            (*th).first_transfer = first_transfer;
            (*th).n_transfer = n_transfer;
            // It is further to here than from a native to what it calls.
            vm.depth += 1;
            let result = vm.call_nested(2, 0);
            vm.depth -= 1;
            (*th).in_hook = false;
            update_trap(th);
            result
        });
        (*th).top = Thread::slot(th, top as usize);
        let frame = (*th).frame;
        if result.is_ok() && !(*frame).closure.is_null() {
            (*th).old_pc = (*frame).current_pc() as u32;
        }
        result
    }
}

/// The function that is the hook of a thread, or nil.
unsafe fn hook_function(vm: &mut Vm, th: *mut Thread) -> Value {
    // SAFETY: live tables; nothing here collects.
    unsafe {
        let Ok(key) = vm.heap.intern(HOOK_TABLE) else {
            return Value::NIL;
        };
        let hooks = table::get_name(vm.registry, key);
        if !hooks.is_table() {
            return Value::NIL;
        }
        table::get(&mut vm.heap, hooks.as_table(), Value::thread(th))
    }
}
