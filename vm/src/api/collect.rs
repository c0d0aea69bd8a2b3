//! Byte buffers, and the collector as a library sees it.

use super::*;

impl Vm {
    // ---- buffers -----------------------------------------------------------------------------------

    /// An empty byte buffer, reused between calls.
    pub fn take_buffer(&mut self) -> Vec<u8> {
        self.buffers.pop().unwrap_or_default()
    }

    /// Makes room for `extra` more bytes, checked against the memory limit.
    pub fn reserve(&mut self, buffer: &mut Vec<u8>, extra: usize) -> Result<(), Thrown> {
        if buffer.capacity() - buffer.len() >= extra {
            return Ok(());
        }
        let Some(needed) = buffer.len().checked_add(extra) else {
            return Err(self.out_of_memory());
        };
        let wanted = needed.max(buffer.capacity() * 2).max(64);
        let mut wanted = wanted;
        if self.heap.used.saturating_add(wanted) > self.heap.limit {
            wanted = needed;
            self.gc_check(wanted);
            if self.heap.used.saturating_add(wanted) > self.heap.limit {
                return Err(self.out_of_memory());
            }
        }
        if self.heap.fails() || buffer.try_reserve_exact(wanted - buffer.len()).is_err() {
            return Err(self.out_of_memory());
        }
        Ok(())
    }

    /// Pushes the buffer's bytes as a string and takes the buffer back.
    pub fn push_buffer(&mut self, buffer: Vec<u8>) -> Result<(), Thrown> {
        let result = self.push_bytes(&buffer);
        self.drop_buffer(buffer);
        result
    }

    /// Takes back a buffer without using it.
    pub fn drop_buffer(&mut self, mut buffer: Vec<u8>) {
        if buffer.capacity() <= 64 * 1024
            && self.buffers.len() < 4
            && self.buffers.try_reserve(1).is_ok()
        {
            buffer.clear();
            self.buffers.push(buffer);
        }
    }

    // ---- the collector ---------------------------------------------------------------------------------

    /// A full collection, with the finalizers that are due.
    pub fn gc_collect(&mut self) -> Result<(), Thrown> {
        if !self.collect_in_pieces() {
            return Err(self.interrupted());
        }
        self.run_finalizers(usize::MAX);
        if self.at_base() {
            // SAFETY: nothing runs, so nothing holds an address in the stack or the frames.
            unsafe { thread::shrink(&mut self.heap, self.main) };
        }
        Ok(())
    }
    /// Bytes in use.
    pub fn gc_bytes(&self) -> usize {
        self.heap.used
    }
    /// A step as after `kilobytes` of allocation (0: one basic step); whether a cycle ended.
    pub fn gc_step(&mut self, kilobytes: usize) -> Result<bool, Thrown> {
        if self.heap.mode == GcMode::Generational {
            self.gc_collect()?;
            return Ok(true);
        }
        let bytes = if kilobytes == 0 {
            16 * 1024
        } else {
            kilobytes.saturating_mul(1024)
        };
        let ended = self.collector_step(bytes.saturating_mul(4));
        self.run_finalizers(usize::MAX);
        Ok(ended)
    }
    /// Stops the collector.
    pub fn gc_stop(&mut self) {
        self.heap.stopped = true;
    }
    /// Restarts the collector.
    pub fn gc_restart(&mut self) {
        self.heap.stopped = false;
        self.heap.set_threshold(self.heap.used + 16 * 1024);
    }
    /// Whether the collector is running (not stopped).
    pub fn gc_is_running(&self) -> bool {
        !self.heap.stopped
    }
    /// Whether a finalizer is running.
    pub fn gc_in_finalizer(&self) -> bool {
        self.heap.in_finalizer
    }
    /// Sets the pause in percent; the old one.
    pub fn gc_set_pause(&mut self, percent: u32) -> u32 {
        std::mem::replace(&mut self.heap.pause, percent)
    }
    /// Sets the step multiplier; the old one.
    pub fn gc_set_step_multiplier(&mut self, percent: u32) -> u32 {
        std::mem::replace(&mut self.heap.step_multiplier, percent)
    }
    /// Sets the mode; the old one.
    pub fn gc_set_mode(&mut self, mode: GcMode) -> GcMode {
        std::mem::replace(&mut self.heap.mode, mode)
    }

    /// Runs one finalizer that is due; false when there is no room for it now, or the run has to end.
    pub(crate) fn run_one_finalizer(&mut self) -> bool {
        if self.depth + 4 >= crate::vm::MAX_DEPTH {
            return false;
        }
        let Some(object) = self.heap.pending.pop() else {
            return false;
        };
        let mut is_ended = false;
        // SAFETY: pending objects are alive; the finalizer runs above everything in use.
        unsafe {
            (*object).mark &= !mark::FINALIZABLE;
            let v = Value::new((*object).kind as u32, object as usize as u64);
            let method = self.metamethod(v, Event::Gc);
            if !method.is_function() {
                return true;
            }
            let saved = (
                self.error_value,
                self.error_kind,
                self.error_handled,
                self.last_failure,
                self.raised,
            );
            let th = self.th;
            let top = (*th).top.offset_from((*th).stack);
            let level = (*th).frame.offset_from((*th).frames);
            self.heap.in_finalizer = true;
            let in_hook = std::mem::replace(&mut (*th).in_hook, true);
            let hook_frame = std::mem::replace(&mut (*th).hook_frame, 0);
            crate::interp::hook::update_trap(th);
            let here = (*th).top;
            let mut failed = false;
            if call::ensure_stack(self, here, 8).is_ok() {
                let here = (*self.th).top;
                *here = Value::native(&HOST_FINALIZER);
                *here.add(1) = method;
                *here.add(2) = v;
                (*self.th).top = here.add(3);
                // From an allocation to a finalizer it is further than from a native to what it calls.
                self.depth += 1;
                failed = self.call_nested(2, 1).is_err();
                self.depth -= 1;
            }
            self.heap.in_finalizer = false;
            ((*th).in_hook, (*th).hook_frame) = (in_hook, hook_frame);
            crate::interp::hook::update_trap(th);
            debug_assert!((*self.th).frame.offset_from((*self.th).frames) == level);
            if failed {
                // Running out of fuel is found again at the next charge. Without memory for the call there is none to
                // say so, either.
                if self.error_kind == ErrorKind::Fuel && self.budget != u64::MAX {
                    self.budget = 0;
                }
                is_ended = matches!(self.error_kind, ErrorKind::Fuel | ErrorKind::Interrupt);
            } else {
                let result = *(*self.th).top.sub(1);
                if !result.is_nil() {
                    self.finalizer_warning(result);
                }
            }
            (*self.th).top = Thread::slot(self.th, top as usize);
            (
                self.error_value,
                self.error_kind,
                self.error_handled,
                self.last_failure,
                self.raised,
            ) = saved;
        }
        if is_ended {
            // The others wait, and the end is found as soon as the program goes on.
            self.end_slice();
        }
        !is_ended
    }

    pub(super) unsafe fn finalizer_warning(&mut self, error: Value) {
        if !self.warnings {
            return;
        }
        let text: Vec<u8> = if error.is_string() {
            // SAFETY: a valid string value.
            unsafe { Str::bytes(error.as_str()).to_vec() }
        } else {
            b"error object is not a string".to_vec()
        };
        let message = [b"Lua warning: error in __gc (" as &[u8], &text, b")\n"].concat();
        // A host that cannot write a warning has nobody to tell.
        let _ = self.host.write(crate::FileId::STDERR, &message);
    }

    /// Runs the finalizers of all objects: the end of the state.
    pub fn close(&mut self) {
        self.heap.stopped = true;
        // SAFETY: the lists hold live objects; marks are settled by finishing the cycle.
        unsafe {
            if self.heap.phase != Phase::Pause {
                self.collect_quietly();
            }
            for _ in 0..10 {
                self.heap.separate(true);
                if self.heap.pending.is_empty() {
                    break;
                }
                self.heap.closing = true;
                while !self.heap.pending.is_empty() && self.run_one_finalizer() {}
            }
        }
        self.heap.closing = true;
    }
}

/// The call of a finalizer: as the call from outside.
static HOST_FINALIZER: Native = Native {
    name: "(host finalizer)",
    call: finalizer_call,
};

/// Arguments: finalizer, object. Result: nil, or the error value.
fn finalizer_call(vm: &mut Vm, args: Args) -> NativeResult {
    if args.state() == 0 {
        return Ok(Outcome::protected_call(1, 1));
    }
    if !vm.call_failed() {
        vm.push_nil()?;
    }
    Ok(Outcome::results(1))
}
