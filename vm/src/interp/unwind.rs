//! Errors on their way: message handlers, catching frames, closing of variables.
//!
//! An error first meets the message handler of the nearest `xpcall`, while the stack is as it was. Then
//! frames are given up until one is found that catches: a native that asked for a protected call, the native
//! that resumed the running coroutine, or the entry of a nested run, which hands the error to its caller.
//! Variables to be closed are closed one call at a time; each call is an ordinary frame, so it may yield.
//! Running out of fuel, or being interrupted, is caught by nobody but the host and closes nothing; the end of the run (`os.exit`) is caught
//! by nobody but the host, too, and closes the variables of the main thread if it was asked to.

use super::call::{self, Flow};
use super::coroutine;
use crate::Vm;
use crate::error::ErrorKind;
use crate::heap::object::*;
use crate::meta::Event;
use crate::native::{Outcome, Thrown};
use crate::thread::{self, frame_flag};
use crate::value::Value;
use crate::vm::MAX_DEPTH;

/// Unwinds the error in flight. `Ok` means that the loop goes on (or, with [`Flow::Exit`], that this run is over).
pub(crate) unsafe fn unwind(vm: &mut Vm) -> Result<Flow, Thrown> {
    // SAFETY: a thread is running, its frames are intact.
    unsafe {
        loop {
            if !vm.error_handled {
                call_handler(vm);
            }
            match step(vm) {
                Ok(Some(outcome)) => match call::settle(vm, outcome) {
                    Ok(flow) => return Ok(flow),
                    Err(_) => continue,
                },
                Ok(None) => return Ok(Flow::Run),
                Err(Stop::Again) => continue,
                Err(Stop::Uncaught) => return Err(Thrown(())),
            }
        }
    }
}

enum Stop {
    /// Another error took the place of this one.
    Again,
    /// The entry frame of this run has been reached.
    Uncaught,
}

/// Finds who catches in the running thread and does one thing: deliver, close one variable, or give up a thread.
unsafe fn step(vm: &mut Vm) -> Result<Option<Outcome>, Stop> {
    // SAFETY: as `unwind`.
    unsafe {
        let th = vm.th;
        let mut last = vm.error_kind.ends_run();
        let mut frame = (*th).frame;
        loop {
            let flags = (*frame).flags;
            if closes_at_exit(vm, frame) {
                // A `__close` method failed at the end of the run: the run ends all the same.
                vm.error_kind = ErrorKind::Exit;
                last = true;
            }
            if flags & frame_flag::PROTECTED != 0 && (!last || is_host_call(frame)) {
                (*th).frame = frame;
                let slot = Thread::slot(th, (*frame).aux as usize);
                if last && !(vm.error_kind == ErrorKind::Exit && vm.exit_closes) {
                    forget_tbc(th, slot);
                }
                thread::close_upvals(&mut vm.heap, th, slot);
                return close_variables(vm, slot);
            }
            if flags & frame_flag::WAITING != 0 {
                // This native will not be entered again.
                (*th).n_waiting -= 1;
                (*frame).flags &= !frame_flag::WAITING;
            }
            if flags & frame_flag::ENTRY != 0 {
                (*th).frame = frame.sub(1);
                return Err(Stop::Uncaught);
            }
            if frame == (*th).frames {
                break;
            }
            frame = frame.sub(1);
        }
        if th == vm.main {
            return Err(Stop::Uncaught);
        }
        if (*th).closing != 0 && vm.error_kind != ErrorKind::Exit {
            // An error inside `coroutine.close`: it replaces the one before; closing goes on.
            if !vm.reraised {
                (*th).closing = 2;
            }
            (*th).frame = (*th).frames;
            (*th).n_waiting = 0;
            if last {
                forget_tbc(th, (*th).stack);
            }
            return match close_step(vm) {
                Ok(outcome) => Ok(outcome),
                Err(_) => Err(Stop::Again),
            };
        }
        if last {
            // The coroutine is dead, and so is whoever resumed it.
            let resumer = (*th).resumer;
            (*th).closing = 0;
            (*th).status = Status::Failed;
            (*th).resumer = std::ptr::null_mut();
            *Thread::slot(th, 1) = Value::NIL;
            // Nothing above is marked any more, so the functions of the frames there may be freed.
            (*th).frame = (*th).frames;
            (*th).n_waiting = 0;
            (*th).top = Thread::slot(th, 2);
            forget_tbc(th, (*th).stack);
            let bottom = (*th).stack;
            thread::close_upvals(&mut vm.heap, th, bottom);
            (*resumer).status = Status::Running;
            vm.th = resumer;
            vm.depth -= 1;
            return Err(Stop::Again);
        }
        match coroutine::fail_thread(vm) {
            Ok(outcome) => Ok(Some(outcome)),
            Err(_) => Err(Stop::Again),
        }
    }
}

unsafe fn is_host_call(frame: *mut Frame) -> bool {
    // SAFETY: a native's function is just below its base.
    unsafe {
        call::native_of(*(*frame).base.sub(1))
            .name
            .starts_with("(host")
    }
}

/// Whether the frame is that of a `__close` method called because the run ends: the error it was given is nil.
unsafe fn closes_at_exit(vm: &Vm, frame: *mut Frame) -> bool {
    // SAFETY: a frame with this flag has the error just below its function (`close_one`).
    unsafe {
        vm.exit_status.is_some()
            && (*frame).flags & frame_flag::UNWIND != 0
            && (*(*frame).ret.sub(1)).is_nil()
    }
}

unsafe fn forget_tbc(th: *mut Thread, level: *mut Value) {
    // SAFETY: a live thread.
    unsafe {
        let level = level.offset_from((*th).stack) as u32;
        while (*th).n_tbc > 0 && *(*th).tbc.add((*th).n_tbc as usize - 1) >= level {
            (*th).n_tbc -= 1;
        }
    }
}

/// Takes the last to-be-closed slot at or above `level` off the list.
pub(crate) unsafe fn pop_tbc(th: *mut Thread, level: *mut Value) -> Option<*mut Value> {
    // SAFETY: a live thread.
    unsafe {
        if (*th).n_tbc == 0 {
            return None;
        }
        let slot = (*th)
            .stack
            .add(*(*th).tbc.add((*th).n_tbc as usize - 1) as usize);
        if slot < level {
            return None;
        }
        (*th).n_tbc -= 1;
        Some(slot)
    }
}

/// Calls the `__close` method of the value in `slot` with the error in flight, which is kept in the slot above.
unsafe fn close_one(vm: &mut Vm, slot: *mut Value) -> Result<Flow, Thrown> {
    // SAFETY: `slot` is in the running thread's stack; what lies above it is given up.
    unsafe {
        let error = vm.error_value;
        let value = *slot;
        let offset = slot.offset_from((*vm.th).stack);
        (*vm.th).top = slot.add(1);
        call::ensure_stack(vm, slot, 8)?;
        let slot = Thread::slot(vm.th, offset as usize);
        let method = vm.metamethod(value, Event::Close);
        *slot.add(1) = error;
        *slot.add(2) = if method.is_nil() { value } else { method };
        *slot.add(3) = value;
        *slot.add(4) = error;
        (*vm.th).top = slot.add(5);
        call::call_charged(vm, slot.add(2), 2, 0, frame_flag::UNWIND)
    }
}

/// Closes variables from `level` up, then hands the error to the native of the running frame.
unsafe fn close_variables(vm: &mut Vm, level: *mut Value) -> Result<Option<Outcome>, Stop> {
    // SAFETY: as `step`.
    unsafe {
        let th = vm.th;
        if let Some(slot) = pop_tbc(th, level) {
            return match close_one(vm, slot) {
                Ok(_) => Ok(None),
                Err(_) => Err(Stop::Again),
            };
        }
        *level = vm.error_value;
        (*th).top = level.add(1);
        let error_kind = vm.error_kind;
        vm.error_value = Value::NIL;
        vm.last_failure = error_kind;
        shrink_stack(vm);
        match call::reenter(vm, true) {
            Ok(outcome) => Ok(Some(outcome)),
            Err(_) => Err(Stop::Again),
        }
    }
}

/// After a stack overflow the stack goes back below its limit.
unsafe fn shrink_stack(vm: &mut Vm) {
    // SAFETY: only slots above the top are given up.
    unsafe {
        let th = vm.th;
        let size = (*th).stack_end.offset_from((*th).stack) as usize;
        let used = (*th).top.offset_from((*th).stack) as usize;
        if size > vm.max_stack && used + 64 < vm.max_stack {
            // When there is no memory for the move the large stack stays.
            let _ = thread::resize_stack(&mut vm.heap, th, vm.max_stack);
        }
    }
}

/// Goes on with `coroutine.close` in the running thread: the next variable, or the end.
pub(crate) unsafe fn close_step(vm: &mut Vm) -> Result<Option<Outcome>, Thrown> {
    // SAFETY: the running thread is being closed and stands on its base frame.
    unsafe {
        let th = vm.th;
        let bottom = Thread::slot(th, 1);
        thread::close_upvals(&mut vm.heap, th, bottom);
        if let Some(slot) = pop_tbc(th, bottom) {
            return close_one(vm, slot).map(|_| None);
        }
        coroutine::end_closing(vm).map(Some)
    }
}

/// Calls the message handler that is in force, if any; its result becomes the error value.
unsafe fn call_handler(vm: &mut Vm) {
    // SAFETY: as `unwind`.
    unsafe {
        let th = vm.th;
        let mut frame = (*th).frame;
        let handler = loop {
            if (*frame).flags & frame_flag::PROTECTED != 0 {
                match call::native_of(*(*frame).base.sub(1)).name {
                    "xpcall" if (*frame).n_args >= 2 => break *(*frame).base.add(1),
                    "(host call)" if (*frame).n_args >= 1 && !(*(*frame).base).is_nil() => {
                        break *(*frame).base;
                    }
                    _ => {
                        vm.error_handled = true;
                        return;
                    }
                }
            }
            // The end of the run is closed without the handlers of what it ends.
            if frame == (*th).frames || closes_at_exit(vm, frame) {
                vm.error_handled = true;
                return;
            }
            frame = frame.sub(1);
        };
        // An error in the handler is an error like any other: it meets the handler again, in a deeper nested run.
        if vm.in_handler >= MAX_HANDLERS || vm.depth >= MAX_DEPTH + 20 {
            let _ = vm.error_in_error();
            return;
        }
        vm.in_handler += 1;
        let value = vm.error_value;
        let depth = (*th).frame.offset_from((*th).frames);
        let saved = (*th).top.offset_from((*th).stack);
        let top = handler_top(th);
        let offset = top.offset_from((*th).stack);
        (*th).top = top;
        let result = call::ensure_stack(vm, top, 8).and_then(|()| {
            let top = Thread::slot(vm.th, offset as usize);
            *top = handler;
            *top.add(1) = value;
            (*vm.th).top = top.add(2);
            vm.call_nested(1, 1)
        });
        if result.is_ok() {
            vm.error_value = *(*th).top.sub(1);
            vm.error_kind = ErrorKind::Runtime;
        }
        (*th).frame = (*th).frames.offset(depth);
        (*th).top = Thread::slot(th, saved as usize);
        vm.in_handler -= 1;
        vm.error_handled = true;
    }
}

/// Most message handlers inside one another.
const MAX_HANDLERS: u32 = 60;

/// First slot above everything the running frame may be using.
pub(crate) unsafe fn handler_top(th: *mut Thread) -> *mut Value {
    // SAFETY: a live thread.
    unsafe {
        let frame = (*th).frame;
        if (*frame).closure.is_null() {
            return (*th).top;
        }
        let limit = (*frame)
            .base
            .add((*(*(*frame).closure).proto).max_stack as usize);
        if (*th).top > limit && (*th).top <= (*th).stack_end {
            (*th).top
        } else {
            limit
        }
    }
}

impl Vm {
    /// A whole collection in the middle of an instruction, where the top may lie below registers in use.
    pub(crate) unsafe fn collect_midway(&mut self) {
        // SAFETY: everything up to the raised top holds valid values; a collection does not move the stack.
        unsafe {
            let th = self.th;
            let top = (*th).top;
            (*th).top = handler_top(th);
            self.collect_quietly();
            (*th).top = top;
        }
    }

    /// Takes up the error that a `__close` method interrupted: it lies just below where the method was.
    pub(crate) unsafe fn resume_unwinding(&mut self) -> Thrown {
        // SAFETY: the method's frame has just been popped; its record is still there.
        unsafe {
            let th = self.th;
            let popped = (*th).frame.add(1);
            self.error_value = *(*popped).ret.sub(1);
            // Only the end of the run closes variables with nil for an error.
            self.error_kind = if self.exit_status.is_some() && self.error_value.is_nil() {
                ErrorKind::Exit
            } else {
                ErrorKind::Runtime
            };
            self.error_handled = true;
            self.reraised = true;
        }
        Thrown(())
    }

    /// Raises the error that stands for an error in error handling.
    #[cold]
    pub(crate) fn error_in_error(&mut self) -> Thrown {
        let text: &[u8] = b"error in error handling";
        self.error_value = match self.heap.new_string(text) {
            Ok(s) => Value::string(s),
            Err(_) => Value::string(self.memory_message),
        };
        self.error_kind = ErrorKind::Handler;
        self.error_handled = true;
        Thrown(())
    }

    /// Whether a message handler is running.
    pub(crate) fn handling(&self) -> bool {
        self.in_handler != 0
    }
}
