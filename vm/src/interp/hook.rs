//! Hooks: a function called at calls, returns, new lines, and every so many instructions.
//!
//! Each thread has its own hook. Which function it is stands in the registry, in a table with weak keys that are the
//! threads ([`HOOK_TABLE`]); the thread itself knows only for which events to look. While a hook runs its
//! thread has no other events.
//!
//! `Thread::trap` says that events are wanted now. The loop exists twice: a thread without a hook runs in the one that
//! never looks, and where another thread, or another answer of `debug.sethook`, may come up (`reload!` in
//! `interp.rs`), the loop is left for the other one.
//!
//! A line event is due when the line differs from that of the last instruction seen, or when execution went back;
//! `Thread::old_pc` is that instruction. Whatever returns to a Lua function sets it to the instruction that called.

use super::{call, unwind};
use crate::Vm;
use crate::heap::object::*;
use crate::native::Thrown;
use crate::table;
use crate::thread::frame_flag;
use crate::value::Value;

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

/// Before each instruction of a thread with a hook: call, count and line events that are due. The program counter of
/// the running frame stands behind the first word of the instruction.
#[cold]
#[inline(never)]
pub(crate) unsafe fn trace(vm: &mut Vm) -> Result<(), Thrown> {
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
            let old = if (*th).old_pc < (*p).n_code { (*th).old_pc } else { 0 };
            let line = |pc: u32| (&(*p).lines).get(pc as usize).copied();
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
        let Ok(name) = vm.heap.intern(event) else { return Err(vm.out_of_memory()) };
        let top = (*th).top.offset_from((*th).stack);
        let at = unwind::handler_top(th);
        let offset = at.offset_from((*th).stack);
        // The name first: from here on it is in use.
        *at = Value::string(name);
        (*th).top = at.add(1);
        let grown = call::ensure_stack(vm, at, 8);
        let at = (*th).stack.offset(offset);
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
            let result = vm.call_nested(2, 0);
            (*th).in_hook = false;
            update_trap(th);
            result
        });
        (*th).top = (*th).stack.offset(top);
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
        let Ok(key) = vm.heap.intern(HOOK_TABLE) else { return Value::NIL };
        let hooks = table::get_name(vm.registry, key);
        if !hooks.is_table() {
            return Value::NIL;
        }
        table::get(&mut vm.heap, hooks.as_table(), Value::thread(th))
    }
}
