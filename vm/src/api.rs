//! The machine's public face: what hosts and library functions may do.
//!
//! Everything names stack slots of the running thread; a slot at or above the top reads as no value. "Push"
//! puts a value on top. Every call that takes `&mut self` may collect garbage, so no bytes borrowed from the machine
//! can be held across one: the borrow checker sees to that. That makes this face safe: whatever a library
//! function does with it, it cannot reach memory that is not a live value.
//!
//! The face is one `impl Vm` in parts: a file for each section, and here what all of them stand on.

mod cells;
mod collect;
mod coroutine;
mod external;
mod look;
mod metatables;
mod operate;
mod raw;
mod stack;
mod world;

use crate::convert;
use crate::error::ErrorKind;
use crate::heap::object::*;
use crate::heap::strings::order_bytes;
use crate::heap::{GcMode, OutOfMemory, Phase};
use crate::host::{FileId, Host, HostError, HostResult};
use crate::interp::call;
use crate::interp::meta_call::{self, Compared, Found, Stored};
use crate::meta::{Event, Type};
use crate::native::*;
use crate::sort::sort;
use crate::table;
use crate::thread::{self, EXTRA, frame_flag};
use crate::value::{Value, tag};
use crate::{Vm, number_text};

pub(crate) use cells::Cell;
pub use cells::CellId;
pub use external::ExternalHooks;
pub(crate) use external::Externals;
pub use look::Watch;

/// Bytes of a long numeral that are read for one unit of fuel.
pub(crate) const NUMERAL_BYTES: usize = 16;
/// Bytes of long strings that are compared for one unit of fuel.
pub(crate) const COMPARED_BYTES: usize = 64;

/// What a slot holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum View<'a> {
    /// Nothing: the slot is above the top.
    None,
    /// `nil`
    Nil,
    /// A boolean.
    Boolean(bool),
    /// An integer.
    Integer(i64),
    /// A float.
    Float(f64),
    /// A string.
    String(&'a [u8]),
    /// A table.
    Table,
    /// A function, Lua or native.
    Function,
    /// A light userdata.
    LightUserdata,
    /// A full userdata.
    Userdata,
    /// A coroutine.
    Thread,
}

/// What a coroutine is doing, as `coroutine.status` says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ThreadStatus {
    /// It is the one that asks.
    Running,
    /// It has not started, or has yielded.
    Suspended,
    /// It has resumed another one.
    Normal,
    /// It has returned, failed, or was closed.
    Dead,
}

impl Vm {
    #[inline(always)]
    pub(crate) fn address(&self, slot: Slot) -> *mut Value {
        // SAFETY: only an address; callers compare it with the top before use. Slots are bounded by the stack size.
        unsafe { (*self.th).stack.wrapping_add(slot.0 as usize) }
    }

    /// Value of a slot, nil above the top.
    #[inline(always)]
    pub(crate) fn value_at(&self, slot: Slot) -> Value {
        // SAFETY: below the top of the running thread's stack every slot holds a valid value.
        unsafe {
            let th = self.th;
            let n = (*th).top.offset_from((*th).stack) as usize;
            if (slot.0 as usize) < n {
                *Thread::slot(th, slot.0 as usize)
            } else {
                Value::NIL
            }
        }
    }

    #[inline(always)]
    fn exists(&self, slot: Slot) -> bool {
        // SAFETY: the running thread.
        unsafe {
            let th = self.th;
            (slot.0 as usize) < (*th).top.offset_from((*th).stack) as usize
        }
    }

    /// First slot that the running native may change.
    fn bottom(&self) -> Slot {
        // SAFETY: the running thread.
        unsafe {
            let th = self.th;
            Slot((*(*th).frame).base.offset_from((*th).stack) as u32)
        }
    }

    /// Whether the running frame is that of a Lua function.
    pub(crate) fn runs_lua(&self) -> bool {
        // SAFETY: the running thread; its first frame belongs to nobody.
        unsafe { (*self.th).frame != (*self.th).frames && !(*(*self.th).frame).closure.is_null() }
    }

    fn writable(&self, slot: Slot) -> bool {
        self.exists(slot) && slot >= self.bottom()
    }

    #[inline(always)]
    pub(crate) fn push(&mut self, v: Value) -> Result<(), Thrown> {
        // SAFETY: the top is below the end of the stack's block, which has `EXTRA` more slots.
        unsafe {
            let th = self.th;
            if (*th).top >= (*th).stack_end {
                self.push_slow(v)
            } else {
                *(*th).top = v;
                (*th).top = (*th).top.add(1);
                Ok(())
            }
        }
    }

    #[cold]
    #[inline(never)]
    fn push_slow(&mut self, v: Value) -> Result<(), Thrown> {
        // SAFETY: the value goes to an extra slot first, where a collection sees it.
        unsafe {
            const { assert!(EXTRA > 8) };
            let th = self.th;
            let last = Thread::slot(th, (*th).stack_size as usize - 8);
            if (*th).top < last {
                *(*th).top = v;
                (*th).top = (*th).top.add(1);
                let top = (*th).top;
                return match call::ensure_stack(self, top, 4) {
                    Ok(()) => Ok(()),
                    Err(e) => {
                        (*self.th).top = (*self.th).top.sub(1);
                        Err(e)
                    }
                };
            }
            Err(self.run_error(&[b"stack overflow"]))
        }
    }

    /// The table in `slot`, unless it is external: its raw parts are nobody's business.
    #[inline]
    fn table_at(&self, slot: Slot) -> Option<*mut Table> {
        let v = self.value_at(slot);
        // SAFETY: a live table.
        (v.is_table() && unsafe { (*v.as_table()).external == 0 }).then(|| v.as_table())
    }

    fn memory<T>(&mut self, made: Result<T, OutOfMemory>) -> Result<T, Thrown> {
        made.map_err(|_| self.out_of_memory())
    }
}
