//! Large tables, which the collector looks at piece by piece.
//!
//! A table of many entries is black from the first piece on. So that no piece has to be looked at twice, what is stored
//! in it until the end of the marking is marked at once, where a small table would become gray again; and so
//! is what changes its place in it.

use std::ptr::null_mut;

use super::mark::nodes;
use super::object::*;
use super::{Heap, Phase};
use crate::value::Value;

/// Bytes of its parts from which on a table is looked at piece by piece: to do it in one step, or to do it again in the
/// atomic phase because it has changed, would hold a program up for as long as it is large.
pub(super) const LARGE: usize = 32 * 1024;

/// Entries in a piece.
const PIECE: usize = 128;

impl Heap {
    /// A black table now refers to `v`, as a key or a value. A large one is not looked at once more for that, which would
    /// have to be done in the atomic phase.
    ///
    /// # Safety
    /// `t` is live and black.
    #[cold]
    #[inline(never)]
    pub unsafe fn barrier_store(&mut self, t: *mut Table, v: Value) {
        // SAFETY: by contract.
        unsafe {
            if self.marks_stores(t) {
                self.mark_value(v);
            } else {
                self.barrier_back(t.cast());
            }
        }
    }

    /// The same for an entry whose key is a string.
    ///
    /// # Safety
    /// `t` is live and black.
    #[cold]
    #[inline(never)]
    pub unsafe fn barrier_entry(&mut self, t: *mut Table, key: *mut Str, v: Value) {
        // SAFETY: by contract.
        unsafe {
            if self.marks_stores(t) {
                self.mark_object(key);
            }
            self.barrier_store(t, v);
        }
    }

    /// Any of `values`, which lie in the array part of a table, may have come from elsewhere or have changed places.
    ///
    /// # Safety
    /// `t` is live.
    pub unsafe fn barrier_all(&mut self, t: *mut Table, values: &[Value]) {
        // SAFETY: by contract.
        unsafe {
            if (*t).gray.header.mark & mark::BLACK == 0 {
                return;
            }
            if self.marks_stores(t) {
                for v in values {
                    self.mark_value(*v);
                }
            } else {
                self.barrier_back(t.cast());
            }
        }
    }

    /// An entry is about to move within the hash part, perhaps to where the collector has been already.
    ///
    /// # Safety
    /// `t` is live, and `node` one of its entries.
    #[inline(always)]
    pub unsafe fn entry_moves(&mut self, t: *mut Table, node: *mut Node) {
        // SAFETY: by contract.
        unsafe {
            if (*t).gray.header.flags & table_flag::LARGE != 0 && self.marks_stores(t) {
                self.mark_node(node);
            }
        }
    }

    /// Any entry of the table is about to move.
    ///
    /// # Safety
    /// `t` is live.
    pub unsafe fn table_moves(&mut self, t: *mut Table) {
        // SAFETY: by contract.
        unsafe {
            if (*t).gray.header.flags & table_flag::LARGE != 0 && self.marks_stores(t) {
                for i in 0..(*t).len as usize {
                    self.mark_value(*(*t).array.add(i));
                }
                for node in nodes(t) {
                    self.mark_node(node);
                }
            }
        }
    }

    /// Whether what is stored in the table is to be marked at once.
    #[inline(always)]
    unsafe fn marks_stores(&self, t: *mut Table) -> bool {
        // SAFETY: a live table.
        unsafe {
            self.phase == Phase::Propagate
                && (*t).gray.header.mark & mark::BLACK != 0
                && (*t).gray.header.flags & table_flag::LARGE != 0
        }
    }

    /// Takes a table that is to be looked at piece by piece. What is stored in it from now on is marked at once, so no
    /// piece has to be looked at twice.
    pub(super) unsafe fn begin_scan(&mut self, t: *mut Table) {
        // SAFETY: a live table that is in no list of gray objects.
        unsafe {
            (*t).gray.header.flags |= table_flag::LARGE;
            let first = self.scanned;
            if first.is_null() {
                (*t).gray.next = null_mut();
                self.scanned = t.cast();
                self.scan_at = 0;
            } else {
                (*t).gray.next = (*first).next;
                (*first).next = t.cast();
            }
        }
    }

    /// Looks at the next piece of a large table: entries of the hash part first, then of the array part. So entries that
    /// go from one to the other move ahead of the collector; and the array part may change its length.
    pub(super) unsafe fn scan_on(&mut self) {
        // SAFETY: tables in the list are live, since they have been marked.
        unsafe {
            let t = self.scanned.cast::<Table>();
            let n_nodes = (*t).node_bytes as usize / size_of::<Node>();
            let n = n_nodes + (*t).len as usize;
            let end = (self.scan_at + PIECE).min(n);
            for at in self.scan_at..end {
                match at.checked_sub(n_nodes) {
                    None => self.mark_node((*t).nodes.add(at)),
                    Some(at) => self.mark_value(*(*t).array.add(at)),
                }
            }
            self.work += PIECE * size_of::<Value>();
            self.scan_at = end;
            if end == n {
                self.scanned = (*t).gray.next;
                self.scan_at = 0;
            }
        }
    }
}
