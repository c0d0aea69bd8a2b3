//! Nested runs: calls that native code makes and waits for on the native stack.

use super::call::{Flow, call_value, push_lua};
use super::{hook, unwind};
use crate::Vm;
use crate::heap::object::*;
use crate::native::Thrown;
use crate::thread::frame_flag;
use crate::value::{Value, tag};
use crate::vm::MAX_DEPTH;

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
