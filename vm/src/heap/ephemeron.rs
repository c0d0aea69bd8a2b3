//! Ephemeron tables in the atomic phase: a value is marked if its key is, whatever marks the key.
//!
//! A few passes over all such tables settle what programs usually do with them. A chain, in which each value leads to
//! the key of the next one, would take a pass for each link, and a program can make a chain as long as memory
//! allows. So after these passes each value is put down once, to wait for its key, and the marker calls it up when it
//! comes to the key: linear time, whatever the tables refer to.
//!
//! Invariants:
//! - a white key with [`mark::AWAITED`] has the number of its first entry in its link, which nothing else uses while
//!   it is white;
//! - entries stay until the end of the atomic phase; a key that is white then is swept, and its mark with it;
//! - without memory for an entry the value is marked at once: it lives until the next collection at most.

use std::ptr::without_provenance_mut;

use super::Heap;
use super::mark::is_white;
use super::object::*;
use crate::value::Value;

/// Passes before values are put down: programs with short chains need no more.
const PASSES: usize = 4;
/// No entry.
const NONE: u32 = u32::MAX;

/// Values that wait for their keys.
pub(crate) struct Waiting {
    entries: Vec<Entry>,
    /// The first entry of the keys that were marked since the last look.
    due: u32,
    pub(super) is_active: bool,
}

/// A value that waits.
struct Entry {
    value: Value,
    /// The next one with the same key.
    next: u32,
    /// In the first one of a key: that of the next key that is due.
    next_due: u32,
}

impl Waiting {
    /// Nothing waits.
    pub const NONE: Waiting = Waiting {
        entries: Vec::new(),
        due: NONE,
        is_active: false,
    };
}

impl Heap {
    /// Marks what ephemeron tables keep alive, until nothing new is marked.
    pub(super) unsafe fn converge(&mut self) {
        // SAFETY: all lists hold live objects.
        unsafe {
            if !self.waiting.is_active {
                for _ in 0..PASSES {
                    if !self.pass() {
                        return;
                    }
                }
                self.waiting.is_active = true;
                self.pass();
            }
            loop {
                self.propagate(usize::MAX);
                let mut first = std::mem::replace(&mut self.waiting.due, NONE);
                if first == NONE {
                    return;
                }
                while let Some(entry) = self.waiting.entries.get(first as usize) {
                    let following = entry.next_due;
                    let mut at = first;
                    while let Some(entry) = self.waiting.entries.get(at as usize) {
                        at = entry.next;
                        let value = entry.value;
                        self.mark_value(value);
                    }
                    first = following;
                }
            }
        }
    }

    /// Traverses all ephemeron tables once; tells whether anything was marked.
    unsafe fn pass(&mut self) -> bool {
        let mut changed = false;
        // SAFETY: the list holds live tables.
        unsafe {
            let mut t = std::mem::replace(&mut self.ephemerons, std::ptr::null_mut());
            while !t.is_null() {
                let next = (*t).next;
                (*t).next = self.ephemerons;
                self.ephemerons = t;
                if self.traverse_ephemeron(t.cast()) {
                    self.propagate(usize::MAX);
                    changed = true;
                }
                t = next;
            }
        }
        changed
    }

    /// Puts a value down until its white key is marked, if it is time for that.
    pub(super) unsafe fn wait_for(&mut self, key: Value, value: Value) {
        // SAFETY: a white key and a valid value; a collectable key that is no string begins with `Gray`.
        unsafe {
            if !self.waiting.is_active || !value.is_collectable() || !is_white(value.as_header()) {
                return;
            }
            if self.room_for_entry().is_err() {
                self.mark_value(value);
                return;
            }
            let key = key.as_header().cast::<Gray>();
            let is_first = (*key).header.mark & mark::AWAITED == 0;
            let entry = Entry {
                value,
                next: if is_first {
                    NONE
                } else {
                    (*key).next.addr() as u32
                },
                next_due: NONE,
            };
            (*key).header.mark |= mark::AWAITED;
            (*key).next = without_provenance_mut(self.waiting.entries.len());
            self.waiting.entries.push(entry);
        }
    }

    fn room_for_entry(&mut self) -> Result<(), super::OutOfMemory> {
        const LEAST: usize = 64;
        let n = self.waiting.entries.len();
        if n < self.waiting.entries.capacity() {
            return Ok(());
        }
        if n >= NONE as usize / 2 {
            return Err(super::OutOfMemory);
        }
        let more = n.max(LEAST);
        self.count(more * size_of::<Entry>())?;
        if self.waiting.entries.try_reserve_exact(more).is_err() {
            self.uncount(more * size_of::<Entry>());
            return Err(super::OutOfMemory);
        }
        Ok(())
    }

    /// A key for which values wait is about to be marked: they are due.
    #[cold]
    pub(super) unsafe fn key_is_marked(&mut self, key: *mut Gray) {
        // SAFETY: a white object with an entry; its link is taken before it becomes that of a list.
        unsafe {
            (*key).header.mark &= !mark::AWAITED;
            let first = (*key).next.addr() as u32;
            if let Some(entry) = self.waiting.entries.get_mut(first as usize) {
                entry.next_due = std::mem::replace(&mut self.waiting.due, first);
            }
        }
    }

    /// The end of the atomic phase.
    pub(super) fn end_waiting(&mut self) {
        if self.waiting.is_active {
            let entries = std::mem::replace(&mut self.waiting, Waiting::NONE).entries;
            self.uncount(entries.capacity() * size_of::<Entry>());
        }
    }
}
