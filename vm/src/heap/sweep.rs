//! Sweeping: page by page, in steps and on demand, and the death of objects.
//!
//! At the start of a sweep all free lists are dropped; sweeping a page puts all its free cells on the list
//! of its class. So an allocation during the sweep takes a cell from a swept page or from untouched
//! memory, never from a page whose dead have not been found yet.

use std::ptr::null_mut;

use super::alloc::{MAX_SMALL, Page};
use super::object::*;
use super::{Heap, Phase};
use crate::value::{Value, tag};

/// Whether the running sweep will free this object.
///
/// # Safety
/// `object` has not been freed.
#[inline(always)]
pub(crate) unsafe fn is_dead(heap: &Heap, object: *const Header) -> bool {
    // SAFETY: by contract.
    unsafe {
        heap.phase == Phase::Sweep
            && (*object).mark & (heap.white ^ mark::WHITES) != 0
            && (*object).mark & mark::FIXED == 0
    }
}

impl Heap {
    /// Begins the sweep that follows the atomic phase.
    pub fn start_sweep(&mut self) {
        self.phase = Phase::Sweep;
        self.large_cursor = 0;
        self.strings.bytes.forget();
        for class in &mut self.classes {
            class.free = null_mut();
            class.cursor = 0;
        }
    }

    /// Sweeps until `budget` bytes of work are done; tells whether the sweep is complete.
    pub fn sweep_step(&mut self, budget: usize) -> bool {
        for class in 1..self.classes.len() {
            while self.classes[class].cursor < self.classes[class].pages.len() {
                if self.work >= budget {
                    return false;
                }
                self.sweep_page(class);
                self.work += 2048;
            }
        }
        while self.large_cursor < self.large.len() {
            if self.work >= budget {
                return false;
            }
            let object = self.large[self.large_cursor];
            // SAFETY: the list holds objects that have not been freed.
            unsafe {
                if is_dead(self, object) {
                    self.large.swap_remove(self.large_cursor);
                    let size = size_of_large(object);
                    self.free_parts(object);
                    self.free_large(object, size);
                } else {
                    self.whiten(object);
                    self.large_cursor += 1;
                }
            }
            self.work += 64;
        }
        self.phase = Phase::Pause;
        true
    }

    #[inline(always)]
    unsafe fn whiten(&self, object: *mut Header) {
        // SAFETY: a live object.
        unsafe {
            (*object).mark = (*object).mark & !(mark::WHITES | mark::BLACK) | self.white;
        }
    }

    /// Sweeps the next page of a class.
    pub fn sweep_page(&mut self, class: usize) {
        let slot = &self.classes[class];
        let page = slot.pages[slot.cursor];
        let (bump, bump_end) = (slot.bump, slot.bump_end);
        let mut free = slot.free;
        let before = free;
        let mut live = 0u32;
        let mut freed = 0usize;
        // SAFETY: a page holds `n_cells` cells after its header; each is free or an object that has not been freed.
        unsafe {
            let (size, n) = ((*page).cell as usize, (*page).n_cells as usize);
            let mut cell = page.cast::<u8>().add(size_of::<Page>());
            let holds_bump = bump >= cell && bump < cell.add(n * size) && bump < bump_end;
            for _ in 0..n {
                if holds_bump && cell == bump {
                    break;
                }
                let header = cell.cast::<Header>();
                if (*header).kind != 0 {
                    if is_dead(self, header) {
                        self.free_parts(header);
                        (*header).kind = 0;
                        freed += size;
                        cell.add(8).cast::<*mut u8>().write(free);
                        free = cell;
                    } else {
                        self.whiten(header);
                        live += 1;
                    }
                } else {
                    cell.add(8).cast::<*mut u8>().write(free);
                    free = cell;
                }
                cell = cell.add(size);
            }
            self.uncount(freed);
            let slot = &mut self.classes[class];
            if live == 0 && !holds_bump && slot.pages.len() > 1 {
                // Nothing on this page: give it back, and forget the cells just listed.
                slot.free = before;
                slot.pages.swap_remove(slot.cursor);
                self.free_page(page);
            } else {
                slot.free = free;
                slot.cursor += 1;
            }
        }
    }

    /// Frees what an object owns besides its cell.
    unsafe fn free_parts(&mut self, object: *mut Header) {
        // SAFETY: a dead object that has not been freed; its kind says what it is.
        unsafe {
            match (*object).kind as u32 {
                tag::STRING => {
                    let s = object.cast::<Str>();
                    if Str::is_short(s) {
                        self.unlink(s);
                    }
                }
                tag::TABLE => {
                    let t = object.cast::<Table>();
                    self.free_array(t);
                    self.free_nodes((*t).nodes, (*t).node_bytes);
                }
                tag::PROTO => {
                    let p = object.cast::<Proto>();
                    self.free_block((*p).code.cast(), Proto::block_size(p));
                }
                tag::THREAD => crate::thread::free_parts(self, object.cast()),
                _ => {}
            }
        }
    }

    /// Frees a table's array part.
    pub unsafe fn free_array(&mut self, t: *mut Table) {
        // SAFETY: a live or dying table.
        unsafe {
            if (*t).cap != 0 {
                self.free_block((*t).array.cast(), (*t).cap as usize * size_of::<Value>());
            }
        }
    }

    /// Frees a hash part, unless it is the shared empty one.
    pub unsafe fn free_nodes(&mut self, nodes: *mut Node, bytes: u32) {
        if nodes != self.dummy {
            self.free_block(nodes.cast(), bytes as usize);
        }
    }

    /// Frees every object: the end of the state.
    pub fn free_all_objects(&mut self) {
        for class in 1..self.classes.len() {
            for i in 0..self.classes[class].pages.len() {
                let page = self.classes[class].pages[i];
                // SAFETY: as in `sweep_page`; untouched cells have kind 0.
                unsafe {
                    let (size, n) = ((*page).cell as usize, (*page).n_cells as usize);
                    let first = page.cast::<u8>().add(size_of::<Page>());
                    for j in 0..n {
                        let header = first.add(j * size).cast::<Header>();
                        if (*header).kind != 0 && (*header).kind != tag::STRING as u8 {
                            self.free_parts(header);
                        }
                        (*header).kind = 0;
                    }
                }
            }
        }
        while let Some(object) = self.large.pop() {
            // SAFETY: the list holds objects that have not been freed.
            unsafe {
                let size = size_of_large(object);
                if (*object).kind != tag::STRING as u8 {
                    self.free_parts(object);
                }
                self.free_large(object, size);
            }
        }
    }
}

/// Size of an object allocated on its own.
unsafe fn size_of_large(object: *mut Header) -> usize {
    // SAFETY: a live object of a kind whose size varies; under Miri, of any kind.
    let size = unsafe {
        match (*object).kind as u32 {
            tag::STRING => Str::BYTES + (*object.cast::<Str>()).len as usize,
            tag::CLOSURE => Closure::size((*object.cast::<Closure>()).n_upvals as usize),
            tag::NATIVE_CLOSURE => {
                NativeClosure::size((*object.cast::<NativeClosure>()).n_upvals as usize)
            }
            tag::TABLE if cfg!(miri) => size_of::<Table>(),
            tag::UPVAL if cfg!(miri) => size_of::<Upval>(),
            tag::PROTO if cfg!(miri) => size_of::<Proto>(),
            tag::THREAD if cfg!(miri) => size_of::<Thread>(),
            _ => {
                let u = object.cast::<Userdata>();
                Userdata::size((*u).n_values as usize, (*u).size as usize)
            }
        }
    };
    debug_assert!(size > MAX_SMALL);
    size
}
