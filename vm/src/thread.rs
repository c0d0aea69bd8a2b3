//! Coroutines: Lua stacks with their frames, open upvalues and to-be-closed variables.
//!
//! A thread owns three blocks: slots, frames, and the list of to-be-closed slots. When the slots move,
//! every address into them is corrected: frames, open upvalues, the top. Nothing of a thread lives on
//! the native stack, so a suspended one is plain data.

use std::ptr::null_mut;

use crate::heap::object::*;
use crate::heap::{Heap, OutOfMemory};
use crate::value::{Value, tag};

/// Slots beyond `stack_end` that are always there: room for a metamethod call from any frame.
pub(crate) const EXTRA: usize = 16;
/// Free slots every native call finds.
pub(crate) const NATIVE_SLOTS: usize = 20;
const FIRST_STACK: usize = 48;
const FIRST_FRAMES: usize = 8;

/// Flags of a frame.
pub(crate) mod frame_flag {
    /// A native function.
    pub const NATIVE: u16 = 1;
    /// Returning from this frame leaves the current run.
    pub const ENTRY: u16 = 2;
    /// The caller is a Lua frame whose current instruction awaits the result of this metamethod.
    pub const FINISH: u16 = 4;
    /// A native that catches errors of the call it asked for.
    pub const PROTECTED: u16 = 8;
    /// A native waiting for a call it asked for; its state is in bits 8 to 11.
    pub const WAITING: u16 = 16;
    /// A Lua frame in the middle of a `return` that closes variables; `aux` is the number of results.
    pub const RETURNING: u16 = 32;
    /// A native that something else than the loop has called, or entered again with the results it asked for.
    pub const INDIRECT: u16 = 32;
    /// A `__close` method called while an error unwinds; the error value lies just below its function.
    pub const UNWIND: u16 = 64;
    /// Entered by a tail call.
    pub const TAIL: u16 = 128;
    /// A Lua frame whose call event is over.
    pub const ENTERED: u16 = 1 << 8;
    /// A Lua frame whose next instruction was interrupted and runs again: no new event.
    pub const AGAIN: u16 = 1 << 9;
    pub const STATE_SHIFT: u16 = 8;
    pub const STATE_MASK: u16 = 15 << STATE_SHIFT;
    /// The callee's failure (resume, close, protected call) was just delivered.
    pub const FAILED: u16 = 1 << 12;
    /// A native that resumed a coroutine for the host: suspensions end here, and it cannot yield.
    pub const HOST_RESUME: u16 = 1 << 13;
    /// A native that resumed a coroutine.
    pub const RESUMING: u16 = 1 << 14;
    /// The results go to a waiting native.
    pub const TO_NATIVE: u16 = 1 << 15;
    /// Flags that make a return take the slow way.
    pub const SLOW_RETURN: u16 = ENTRY | FINISH | UNWIND | TO_NATIVE;
}

impl Heap {
    /// A thread with an empty stack and a base frame.
    pub fn new_thread(&mut self) -> Result<*mut Thread, OutOfMemory> {
        let size = FIRST_STACK + EXTRA;
        let stack = self.alloc_block(size * size_of::<Value>())?.cast::<Value>();
        let frames = match self.alloc_block(FIRST_FRAMES * size_of::<Frame>()) {
            Ok(frames) => frames.cast::<Frame>(),
            Err(e) => {
                self.free_block(stack.cast(), size * size_of::<Value>());
                return Err(e);
            }
        };
        let cell = match self.alloc_cell(size_of::<Thread>()) {
            Ok(cell) => cell.cast::<Thread>(),
            Err(e) => {
                self.free_block(stack.cast(), size * size_of::<Value>());
                self.free_block(frames.cast(), FIRST_FRAMES * size_of::<Frame>());
                return Err(e);
            }
        };
        // SAFETY: three fresh blocks of the right sizes.
        unsafe {
            for i in 0..size {
                stack.add(i).write(Value::NIL);
            }
            cell.write(Thread {
                gray: Gray {
                    header: self.header(tag::THREAD),
                    next: null_mut(),
                },
                stack,
                stack_end: stack.add(FIRST_STACK),
                top: stack.add(1),
                frame: frames,
                frames,
                frames_end: frames.add(FIRST_FRAMES),
                open: null_mut(),
                resumer: null_mut(),
                tbc: null_mut(),
                n_tbc: 0,
                cap_tbc: 0,
                stack_size: size as u32,
                n_nested: 0,
                n_waiting: 0,
                status: Status::Suspended,
                closing: 0,
                hook_mask: 0,
                trap: 0,
                in_hook: false,
                hook_count: 0,
                hook_left: 0,
                old_pc: 0,
                hook_frame: 0,
                first_transfer: 0,
                n_transfer: 0,
            });
            frames.write(Frame {
                closure: null_mut(),
                pc: null_mut(),
                k: std::ptr::null(),
                base: stack.add(1),
                ret: stack,
                n_args: 0,
                aux: 0,
                n_results: -1,
                flags: frame_flag::NATIVE,
            });
        }
        Ok(cell)
    }
}

/// Frees the blocks of a dying thread.
pub(crate) unsafe fn free_parts(heap: &mut Heap, t: *mut Thread) {
    // SAFETY: a dying thread whose blocks are as its fields say.
    unsafe {
        heap.free_block(
            (*t).stack.cast(),
            (*t).stack_size as usize * size_of::<Value>(),
        );
        let n = (*t).frames_end.offset_from((*t).frames) as usize;
        heap.free_block((*t).frames.cast(), n * size_of::<Frame>());
        if (*t).cap_tbc != 0 {
            heap.free_block((*t).tbc.cast(), (*t).cap_tbc as usize * 4);
        }
    }
}

/// Moves the stack to a block of `size` slots plus `EXTRA`.
pub(crate) unsafe fn resize_stack(
    heap: &mut Heap,
    t: *mut Thread,
    size: usize,
) -> Result<(), OutOfMemory> {
    // SAFETY: a live thread; everything that points into the old block is corrected.
    unsafe {
        let old = (*t).stack;
        let old_size = (*t).stack_size as usize;
        let new_size = size + EXTRA;
        let new = heap
            .alloc_block(new_size * size_of::<Value>())?
            .cast::<Value>();
        new.copy_from_nonoverlapping(old, old_size.min(new_size));
        for i in old_size..new_size {
            new.add(i).write(Value::NIL);
        }
        let moved = |p: *mut Value| new.byte_add(p as usize - old as usize);
        (*t).top = moved((*t).top);
        let mut frame = (*t).frames;
        while frame <= (*t).frame {
            (*frame).base = moved((*frame).base);
            (*frame).ret = moved((*frame).ret);
            frame = frame.add(1);
        }
        let mut upval = (*t).open;
        while !upval.is_null() {
            (*upval).v = moved((*upval).v);
            upval = (*upval).next;
        }
        (*t).stack = new;
        (*t).stack_size = new_size as u32;
        (*t).stack_end = new.add(size);
        heap.free_block(old.cast(), old_size * size_of::<Value>());
    }
    Ok(())
}

/// Gives back what a deep recursion has left of the stack and the frames. There may not be memory for the smaller
/// blocks; then the large ones stay.
///
/// # Safety
/// A live thread with nothing but its base frame; nobody holds an address in its stack.
#[cold]
pub(crate) unsafe fn shrink(heap: &mut Heap, t: *mut Thread) {
    // SAFETY: as above.
    unsafe {
        let used = (*t).top.offset_from((*t).stack) as usize + 8;
        let wanted = used.max(FIRST_STACK);
        if (*t).stack_size as usize > wanted * 2 + EXTRA {
            let _ = resize_stack(heap, t, wanted);
        }
        let n = (*t).frames_end.offset_from((*t).frames) as usize;
        if n > FIRST_FRAMES
            && (*t).frame == (*t).frames
            && let Ok(block) = heap.alloc_block(FIRST_FRAMES * size_of::<Frame>())
        {
            let new = block.cast::<Frame>();
            new.copy_from_nonoverlapping((*t).frames, 1);
            heap.free_block((*t).frames.cast(), n * size_of::<Frame>());
            (*t).frames = new;
            (*t).frame = new;
            (*t).frames_end = new.add(FIRST_FRAMES);
        }
    }
}

/// Makes room for one more frame.
#[cold]
#[inline(never)]
pub(crate) unsafe fn grow_frames(heap: &mut Heap, t: *mut Thread) -> Result<(), OutOfMemory> {
    // SAFETY: a live thread; frames up to and including the running one are copied.
    unsafe {
        let old_n = (*t).frames_end.offset_from((*t).frames) as usize;
        let new_n = old_n * 2;
        let new = heap
            .alloc_block(new_n * size_of::<Frame>())?
            .cast::<Frame>();
        let used = (*t).frame.offset_from((*t).frames) as usize + 1;
        new.copy_from_nonoverlapping((*t).frames, used);
        heap.free_block((*t).frames.cast(), old_n * size_of::<Frame>());
        (*t).frames = new;
        (*t).frame = new.add(used - 1);
        (*t).frames_end = new.add(new_n);
    }
    Ok(())
}

/// The open upvalue for a slot, made if there is none. Allocates, never collects.
pub(crate) unsafe fn find_upval(
    heap: &mut Heap,
    t: *mut Thread,
    slot: *mut Value,
) -> Result<*mut Upval, OutOfMemory> {
    // SAFETY: a live thread; open upvalues are listed by decreasing slot.
    unsafe {
        let mut link: *mut *mut Upval = &raw mut (*t).open;
        while !(*link).is_null() && (**link).v >= slot {
            if (**link).v == slot {
                return Ok(*link);
            }
            link = &raw mut (**link).next;
        }
        let upval = heap.alloc_cell(size_of::<Upval>())?.cast::<Upval>();
        upval.write(Upval {
            header: heap.header(tag::UPVAL),
            v: slot,
            next: *link,
            thread: t,
            value: Value::NIL,
        });
        *link = upval;
        Ok(upval)
    }
}

/// Closes all upvalues of slots at or above `level`.
pub(crate) unsafe fn close_upvals(heap: &mut Heap, t: *mut Thread, level: *mut Value) {
    // SAFETY: a live thread; open upvalues point into its stack.
    unsafe {
        while !(*t).open.is_null() && (*(*t).open).v >= level {
            let upval = (*t).open;
            (*t).open = (*upval).next;
            (*upval).value = *(*upval).v;
            (*upval).v = &raw mut (*upval).value;
            (*upval).thread = null_mut();
            heap.barrier_forward(upval.cast(), (*upval).value);
        }
    }
}

/// The last slot that is to be closed, which is the highest.
pub(crate) unsafe fn last_tbc(t: *mut Thread) -> Option<*mut Value> {
    // SAFETY: a live thread; `tbc` has `n_tbc` entries, which are indices of its slots.
    unsafe {
        let last = ((*t).n_tbc as usize).checked_sub(1)?;
        Some((*t).stack.add(*(*t).tbc.add(last) as usize))
    }
}

/// Lists a slot above all that are listed as to be closed.
pub(crate) unsafe fn push_tbc(
    heap: &mut Heap,
    t: *mut Thread,
    slot: *mut Value,
) -> Result<(), OutOfMemory> {
    // SAFETY: a live thread; `tbc` has room for `cap_tbc` entries.
    unsafe {
        if (*t).n_tbc == (*t).cap_tbc {
            let new_cap = ((*t).cap_tbc * 2).max(4);
            let new = heap.alloc_block(new_cap as usize * 4)?.cast::<u32>();
            if (*t).cap_tbc != 0 {
                new.copy_from_nonoverlapping((*t).tbc, (*t).n_tbc as usize);
                heap.free_block((*t).tbc.cast(), (*t).cap_tbc as usize * 4);
            }
            (*t).tbc = new;
            (*t).cap_tbc = new_cap;
        }
        *(*t).tbc.add((*t).n_tbc as usize) = slot.offset_from((*t).stack) as u32;
        (*t).n_tbc += 1;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
