//! Cells for objects, blocks for their parts, and the byte count.
//!
//! Object cells of up to 512 bytes live in pages of one size class, so that the sweeper finds them by
//! walking pages and no object needs a list link:
//!
//! ```text
//!   page (16 KiB, 16-aligned)
//!   +--------+------+------+------+-- - - --+
//!   | header | cell | cell | cell |         |
//!   +--------+------+------+------+-- - - --+
//! ```
//!
//! A free cell has kind 0 and a link at offset 8. Larger objects are allocated one by one and listed in
//! `large`. Parts of objects (array and hash parts, stacks) are blocks: same classes, free lists, but no
//! headers, carved from chunks.
//!
//! Invariant: every cell of every page is either free (kind 0) or a fully initialised object when a
//! collection may run.

use std::alloc::Layout;
use std::ptr::null_mut;

use super::object::{Closure, Gray, Header, Node, Proto, Str, Table, mark};
use super::strings::StringTable;
use super::{GcMode, OutOfMemory, Phase};
use crate::value::tag;

/// Largest cell or block that comes from a size class. Under Miri there is none: every object and every block is
/// allocated by itself, so that an access beyond its end, or after its death, is seen.
pub(crate) const MAX_SMALL: usize = if cfg!(miri) { 0 } else { 512 };
const CLASSES: usize = MAX_SMALL / 16 + 1;
/// Alignment of larger blocks: that of values and nodes. The module's allocator grows blocks in place only up to this.
const BLOCK_ALIGN: usize = align_of::<crate::value::Value>();
const PAGE: usize = 16 * 1024;
const CHUNK: usize = 32 * 1024;

/// Start of a page.
#[repr(C, align(16))]
pub(crate) struct Page {
    pub cell: u32,
    pub n_cells: u32,
}

/// Cells of one size.
pub(crate) struct Class {
    pub free: *mut u8,
    pub bump: *mut u8,
    pub bump_end: *mut u8,
    pub pages: Vec<*mut Page>,
    /// Pages before this one have been swept in this cycle.
    pub cursor: usize,
}

/// Everything allocated, and the state of the collector.
pub(crate) struct Heap {
    pub classes: [Class; CLASSES],
    blocks: [*mut u8; CLASSES],
    chunk: *mut u8,
    chunk_end: *mut u8,
    chunks: Vec<*mut u8>,
    pub large: Vec<*mut Header>,
    pub large_cursor: usize,
    /// Bytes in use.
    pub used: usize,
    /// A collector step is due when `used` reaches this.
    pub threshold: usize,
    /// Bytes allowed.
    pub limit: usize,
    pub phase: Phase,
    /// The white of objects created now.
    pub white: u8,
    pub gray: *mut Gray,
    pub gray_again: *mut Gray,
    /// Black tables that are looked at piece by piece, and how far the first of them has been.
    pub scanned: *mut Gray,
    pub scan_at: usize,
    pub weak_values: *mut Gray,
    pub ephemerons: *mut Gray,
    pub all_weak: *mut Gray,
    /// Coroutines that the atomic phase has traversed.
    pub threads: *mut Gray,
    /// Whether this cycle has found unreachable objects with finalizers, and goes on marking what they refer to.
    pub is_separated: bool,
    /// Values of ephemeron tables that wait for their keys.
    pub waiting: super::ephemeron::Waiting,
    /// Objects with finalizers, in the order in which they got them.
    pub finalizable: Vec<*mut Header>,
    /// Unreachable ones whose finalizers are due; the last is the next.
    pub pending: Vec<*mut Header>,
    /// About how many bytes the last cycle kept for finalizers alone.
    pub doomed: usize,
    /// In which what has been read of external tables holds (see `Table::cache`); not 0.
    pub epoch: u32,
    /// Variables that belong to cells of a store, in the order of these (see `api/cells.rs`).
    pub cells: Vec<crate::api::Cell>,
    pub strings: StringTable,
    pub seed: u64,
    /// Keys of the string hash, made from the seed.
    pub keys: [u64; 6],
    pub next_id: u32,
    /// Work done in the current step.
    pub work: usize,
    pub pause: u32,
    pub step_multiplier: u32,
    pub stopped: bool,
    pub mode: GcMode,
    pub in_finalizer: bool,
    pub closing: bool,
    /// The interned name `__mode`.
    pub mode_name: *mut Str,
    /// The hash part of all empty tables.
    pub dummy: *mut Node,
    /// When a build under stress collects.
    pub stress: crate::checked::Stress,
    /// Which allocations a test wants to fail.
    #[cfg(debug_assertions)]
    pub failing: Failing,
}

/// Counts allocations down to the one that is to fail, and all after it if so wanted.
#[cfg(debug_assertions)]
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Failing {
    /// How many may still be made; `None` if all may.
    pub left: Option<u64>,
    /// Whether those after it fail, too.
    pub for_ever: bool,
    /// How many were asked for.
    pub n_asked: u64,
}

#[cfg(debug_assertions)]
impl Failing {
    fn next(&mut self) -> bool {
        self.n_asked += 1;
        match self.left {
            None => false,
            Some(0) => {
                self.left = self.for_ever.then_some(0);
                true
            }
            Some(n) => {
                self.left = Some(n - 1);
                false
            }
        }
    }
}

fn class_of(size: usize) -> usize {
    size.div_ceil(16)
}

impl Heap {
    pub fn new(limit: usize, seed: u64) -> Result<Heap, OutOfMemory> {
        const NEW: Class = Class {
            free: null_mut(),
            bump: null_mut(),
            bump_end: null_mut(),
            pages: Vec::new(),
            cursor: 0,
        };
        let mut heap = Heap {
            classes: [NEW; CLASSES],
            blocks: [null_mut(); CLASSES],
            chunk: null_mut(),
            chunk_end: null_mut(),
            chunks: Vec::new(),
            large: Vec::new(),
            large_cursor: 0,
            used: 0,
            threshold: 128 * 1024,
            limit,
            phase: Phase::Pause,
            white: mark::WHITE0,
            gray: null_mut(),
            gray_again: null_mut(),
            scanned: null_mut(),
            scan_at: 0,
            weak_values: null_mut(),
            ephemerons: null_mut(),
            all_weak: null_mut(),
            threads: null_mut(),
            is_separated: false,
            waiting: super::ephemeron::Waiting::NONE,
            finalizable: Vec::new(),
            pending: Vec::new(),
            doomed: 0,
            epoch: 1,
            cells: Vec::new(),
            strings: StringTable::default(),
            seed,
            keys: super::strings::hash_keys(seed),
            next_id: 0,
            work: 0,
            pause: 200,
            step_multiplier: 100,
            stopped: false,
            mode: GcMode::Incremental,
            in_finalizer: false,
            closing: false,
            mode_name: null_mut(),
            dummy: null_mut(),
            stress: crate::checked::Stress::NEW,
            #[cfg(debug_assertions)]
            failing: Failing::default(),
        };
        let dummy = heap.alloc_block(size_of::<Node>())?.cast::<Node>();
        // SAFETY: a fresh block of the size of a node.
        unsafe {
            dummy.write(Node {
                payload: 0,
                tag: tag::NIL,
                kstr: 0,
                key_payload: 0,
                key_tag: tag::NIL,
                next: 0,
            });
        }
        heap.dummy = dummy;
        Ok(heap)
    }

    /// A new identity number (never 0).
    pub fn fresh_id(&mut self) -> u32 {
        self.next_id = self.next_id.wrapping_add(1).max(1);
        self.next_id
    }

    /// With debug assertions, whether this allocation is one of those that a test wants to fail.
    #[inline(always)]
    pub fn fails(&mut self) -> bool {
        #[cfg(debug_assertions)]
        return self.failing.next();
        #[cfg(not(debug_assertions))]
        false
    }

    /// Counts `bytes` as used, if the limit allows.
    #[inline(always)]
    pub fn count(&mut self, bytes: usize) -> Result<(), OutOfMemory> {
        if self.fails() {
            return Err(OutOfMemory);
        }
        let used = self.used + bytes;
        if used > self.limit || used < bytes {
            return Err(OutOfMemory);
        }
        self.used = used;
        Ok(())
    }

    /// Where the next step of the collector is due: never above the limit, so that garbage is looked for before an
    /// allocation fails.
    #[inline(always)]
    pub fn set_threshold(&mut self, bytes: usize) {
        self.threshold = bytes.min(self.limit);
    }

    #[inline(always)]
    pub fn uncount(&mut self, bytes: usize) {
        self.used = self.used.saturating_sub(bytes);
    }

    /// A cell for an object of `size` bytes. The caller initialises it at once.
    #[inline(always)]
    pub fn alloc_cell(&mut self, size: usize) -> Result<*mut u8, OutOfMemory> {
        if size <= MAX_SMALL {
            let class = class_of(size);
            // SAFETY: class <= CLASSES - 1 because size <= MAX_SMALL.
            let slot = unsafe { self.classes.get_unchecked_mut(class) };
            let cell = slot.free;
            if !cell.is_null() && self.used + class * 16 <= self.limit && !cfg!(debug_assertions) {
                // SAFETY: a free cell holds the link to the next one at offset 8.
                slot.free = unsafe { cell.add(8).cast::<*mut u8>().read() };
                self.used += class * 16;
                return Ok(cell);
            }
            self.alloc_cell_slow(class)
        } else {
            self.alloc_large(size)
        }
    }

    #[cold]
    #[inline(never)]
    fn alloc_cell_slow(&mut self, class: usize) -> Result<*mut u8, OutOfMemory> {
        let size = class * 16;
        if self.used + size > self.limit || self.fails() {
            return Err(OutOfMemory);
        }
        loop {
            let slot = &mut self.classes[class];
            if !slot.free.is_null() {
                let cell = slot.free;
                // SAFETY: as in `alloc_cell`.
                slot.free = unsafe { cell.add(8).cast::<*mut u8>().read() };
                self.used += size;
                return Ok(cell);
            }
            if slot.bump < slot.bump_end {
                let cell = slot.bump;
                // SAFETY: `bump` and `bump_end` delimit whole unused cells of one page.
                slot.bump = unsafe { cell.add(size) };
                self.used += size;
                return Ok(cell);
            }
            if self.phase == Phase::Sweep && slot.cursor < slot.pages.len() {
                let before = self.used;
                self.sweep_page(class);
                if self.doomed > 0 {
                    // With finalizers about, what is allocated in the place of garbage counts, too: otherwise
                    // each cycle would leave more objects to be finalized than the last.
                    let freed = before.saturating_sub(self.used);
                    self.threshold = self.threshold.saturating_sub(freed);
                }
                continue;
            }
            self.new_page(class)?;
        }
    }

    fn new_page(&mut self, class: usize) -> Result<(), OutOfMemory> {
        let cell = class * 16;
        let header = size_of::<Page>();
        let n_cells = (PAGE - header) / cell;
        let slot = &mut self.classes[class];
        slot.pages.try_reserve(1).map_err(|_| OutOfMemory)?;
        // SAFETY: the layout has a size; zeroed memory means kind 0 in every cell.
        let page = unsafe { std::alloc::alloc_zeroed(page_layout()) };
        if page.is_null() {
            return Err(OutOfMemory);
        }
        // SAFETY: the page has room for its header and `n_cells` cells.
        unsafe {
            page.cast::<Page>().write(Page {
                cell: cell as u32,
                n_cells: n_cells as u32,
            });
            slot.bump = page.add(header);
            slot.bump_end = page.add(header + n_cells * cell);
        }
        // A page made while sweeping holds only objects of the new white: it counts as swept.
        if slot.cursor == slot.pages.len() {
            slot.cursor += 1;
        }
        slot.pages.push(page.cast());
        Ok(())
    }

    fn alloc_large(&mut self, size: usize) -> Result<*mut u8, OutOfMemory> {
        let size = size.checked_next_multiple_of(16).ok_or(OutOfMemory)?;
        self.large.try_reserve(1).map_err(|_| OutOfMemory)?;
        self.count(size)?;
        let layout = Layout::from_size_align(size, 16).map_err(|_| OutOfMemory)?;
        // SAFETY: the size is not zero.
        let cell = unsafe { std::alloc::alloc(layout) };
        if cell.is_null() {
            self.uncount(size);
            return Err(OutOfMemory);
        }
        self.large.push(cell.cast());
        Ok(cell)
    }

    /// Frees a cell that came from `alloc_large`.
    pub fn free_large(&mut self, cell: *mut Header, size: usize) {
        let size = size.next_multiple_of(16);
        self.uncount(size);
        if let Ok(layout) = Layout::from_size_align(size, 16) {
            // SAFETY: allocated with this layout in `alloc_large`.
            unsafe { std::alloc::dealloc(cell.cast(), layout) };
        }
    }

    /// A block of `size` bytes for a part of an object. Not initialised.
    #[inline(always)]
    pub fn alloc_block(&mut self, size: usize) -> Result<*mut u8, OutOfMemory> {
        if size <= MAX_SMALL {
            let class = class_of(size);
            self.count(class * 16)?;
            let block = self.blocks[class];
            if !block.is_null() {
                // SAFETY: a free block holds the link to the next one.
                self.blocks[class] = unsafe { block.cast::<*mut u8>().read() };
                return Ok(block);
            }
            self.carve(class)
        } else {
            self.count(size)?;
            let layout = Layout::from_size_align(size, BLOCK_ALIGN).map_err(|_| OutOfMemory)?;
            // SAFETY: the size is not zero.
            let block = unsafe { std::alloc::alloc(layout) };
            if block.is_null() {
                self.uncount(size);
                return Err(OutOfMemory);
            }
            Ok(block)
        }
    }

    /// A larger block with the contents of this one, which is given up; in place if the allocator can. If there is no
    /// memory the old block stays.
    ///
    /// # Safety
    /// `block` has `old` bytes and comes from here; `new` is larger.
    pub unsafe fn grow_block(
        &mut self,
        block: *mut u8,
        old: usize,
        new: usize,
    ) -> Result<*mut u8, OutOfMemory> {
        if old > MAX_SMALL {
            self.count(new - old)?;
            let layout = Layout::from_size_align(old, BLOCK_ALIGN).map_err(|_| OutOfMemory)?;
            // SAFETY: allocated with this layout in `alloc_block`; the new size is not zero, and as an array of values
            // it was checked not to overflow.
            let moved = unsafe { std::alloc::realloc(block, layout, new) };
            if moved.is_null() {
                self.uncount(new - old);
                return Err(OutOfMemory);
            }
            return Ok(moved);
        }
        let moved = self.alloc_block(new)?;
        // SAFETY: two blocks of at least `old` bytes.
        unsafe { moved.copy_from_nonoverlapping(block, old) };
        self.free_block(block, old);
        Ok(moved)
    }

    #[cold]
    fn carve(&mut self, class: usize) -> Result<*mut u8, OutOfMemory> {
        let size = class * 16;
        if (self.chunk_end as usize) - (self.chunk as usize) < size {
            // What is left of the old chunk goes to the free lists.
            let left = (self.chunk_end as usize) - (self.chunk as usize);
            if left >= 16 {
                // SAFETY: the rest of a chunk is a whole number of 16-byte units, at most MAX_SMALL of them.
                unsafe { self.chunk.cast::<*mut u8>().write(self.blocks[left / 16]) };
                self.blocks[left / 16] = self.chunk;
            }
            self.chunk = null_mut();
            self.chunk_end = null_mut();
            let failed = self.chunks.try_reserve(1).is_err();
            let chunk = if failed {
                null_mut()
            } else {
                // SAFETY: the layout has a size.
                unsafe { std::alloc::alloc(chunk_layout()) }
            };
            if chunk.is_null() {
                self.uncount(size);
                return Err(OutOfMemory);
            }
            self.chunks.push(chunk);
            self.chunk = chunk;
            // SAFETY: one past the end of the chunk just allocated.
            self.chunk_end = unsafe { chunk.add(CHUNK) };
        }
        let block = self.chunk;
        // SAFETY: at least `size` bytes are left in the chunk.
        self.chunk = unsafe { block.add(size) };
        Ok(block)
    }

    /// Frees a block of `size` bytes that came from `alloc_block`.
    #[inline(always)]
    pub fn free_block(&mut self, block: *mut u8, size: usize) {
        if size <= MAX_SMALL {
            let class = class_of(size);
            self.uncount(class * 16);
            // SAFETY: the block is ours and at least 16 bytes large.
            unsafe { block.cast::<*mut u8>().write(self.blocks[class]) };
            self.blocks[class] = block;
        } else {
            self.uncount(size);
            if let Ok(layout) = Layout::from_size_align(size, BLOCK_ALIGN) {
                // SAFETY: allocated with this layout in `alloc_block`.
                unsafe { std::alloc::dealloc(block, layout) };
            }
        }
    }

    /// A header for an object created now.
    #[inline(always)]
    pub fn header(&self, kind: u32) -> Header {
        Header {
            kind: kind as u8,
            mark: self.white,
            flags: 0,
            extra: 0,
            id: 0,
        }
    }

    /// An empty table.
    #[inline(always)]
    pub fn new_table(&mut self) -> Result<*mut Table, OutOfMemory> {
        let t = self.alloc_cell(size_of::<Table>())?.cast::<Table>();
        // SAFETY: a fresh cell of the size of a table.
        unsafe {
            t.write(Table {
                gray: Gray {
                    header: self.header(tag::TABLE),
                    next: null_mut(),
                },
                array: null_mut(),
                len: 0,
                cap: 0,
                nodes: self.dummy,
                node_bytes: size_of::<Node>() as u32,
                last_free: 0,
                meta: null_mut(),
                absent: 0,
                external: 0,
            });
        }
        Ok(t)
    }

    /// A closure of a prototype, with upvalues that are yet to be set. It has all of them from the start, since the size
    /// of its cell is told from their number: there may be no memory for one of them.
    ///
    /// # Safety
    /// `proto` is live; nobody uses the closure before all of its upvalues are set.
    pub unsafe fn new_closure(&mut self, proto: *mut Proto) -> Result<*mut Closure, OutOfMemory> {
        // SAFETY: by contract; a fresh cell of that size.
        unsafe {
            let n = usize::from((*proto).n_upvals);
            let closure = self.alloc_cell(Closure::size(n))?.cast::<Closure>();
            closure.write(Closure {
                gray: Gray {
                    header: self.header(tag::CLOSURE),
                    next: null_mut(),
                },
                proto,
                n_upvals: n as u32,
            });
            for i in 0..n {
                Closure::upval(closure, i).write(null_mut());
            }
            Ok(closure)
        }
    }

    /// Counts one more cell, for which there is room then.
    pub fn count_cell(&mut self) -> Result<(), OutOfMemory> {
        let size = size_of::<crate::api::Cell>();
        self.count(size)?;
        if self.cells.try_reserve(1).is_err() {
            self.uncount(size);
            return Err(OutOfMemory);
        }
        Ok(())
    }

    /// Lists an object as having a finalizer.
    pub fn add_finalizable(&mut self, object: *mut Header) -> Result<(), OutOfMemory> {
        self.finalizable.try_reserve(1).map_err(|_| OutOfMemory)?;
        // Room in `pending` for all of them, so that a collection never allocates.
        let total = self.finalizable.len() + 1;
        self.pending.try_reserve(total).map_err(|_| OutOfMemory)?;
        self.finalizable.push(object);
        // SAFETY: the caller passes a live object.
        unsafe { (*object).mark |= mark::FINALIZABLE };
        Ok(())
    }
}

fn page_layout() -> Layout {
    // SAFETY: a power-of-two alignment and a size that does not overflow.
    unsafe { Layout::from_size_align_unchecked(PAGE, 16) }
}

fn chunk_layout() -> Layout {
    // SAFETY: a power-of-two alignment and a size that does not overflow.
    unsafe { Layout::from_size_align_unchecked(CHUNK, 16) }
}

impl Drop for Heap {
    fn drop(&mut self) {
        self.free_all_objects();
        if cfg!(miri) {
            // There it is in no chunk.
            self.free_block(self.dummy.cast(), size_of::<Node>());
        }
        for class in &self.classes {
            for &page in &class.pages {
                // SAFETY: allocated with this layout in `new_page`; nothing refers to it any more.
                unsafe { std::alloc::dealloc(page.cast(), page_layout()) };
            }
        }
        for &chunk in &self.chunks {
            // SAFETY: allocated with this layout in `carve`.
            unsafe { std::alloc::dealloc(chunk, chunk_layout()) };
        }
    }
}

impl Heap {
    /// Gives an empty page back.
    ///
    /// # Safety
    /// The page is no longer listed and none of its cells is in use or on a free list.
    pub unsafe fn free_page(&mut self, page: *mut Page) {
        // SAFETY: allocated with this layout in `new_page`.
        unsafe { std::alloc::dealloc(page.cast(), page_layout()) };
    }
}
