//! The module's allocator: dlmalloc over the memory that is already there.
//!
//! The default allocator of the target asks for new pages with `memory.grow`, which a host that took
//! its view of the memory before `init` does not survive. This one hands out the pages between
//! `__heap_base` and the end of the initial memory first, and grows only up to the limit that
//! the host has set.
//!
//! ```text
//!   __heap_base          initial end             limit
//!   |  handed out whole   |  grown on demand      |
//!   |  at first request   |  (contiguous)         |
//! ```
//!
//! Invariants:
//! - memory grows only while its size stays within the limit, which at first is its initial size;
//! - regions are never given back, and neighbouring ones become one for dlmalloc.

use std::alloc::{GlobalAlloc, Layout};
use std::arch::wasm32::{memory_grow, memory_size};
use std::cell::UnsafeCell;
use std::ptr::{null_mut, with_exposed_provenance_mut};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};

use dlmalloc::Dlmalloc;

use crate::module::Room;

/// Size of a WebAssembly page.
const PAGE: usize = 65_536;

/// Memory that Lua is not told about: the copy of the source, captured output, the text of
/// messages, and what the host side of the machine needs around its heap.
const RESERVE: usize = 256 * 1024 + 2 * PAGE;

#[global_allocator]
static ALLOCATOR: ModuleAllocator =
    ModuleAllocator(UnsafeCell::new(Dlmalloc::new_with_allocator(Pages)));

/// Size in bytes up to which the memory may grow; 0 stands for its present size.
static LIMIT: AtomicUsize = AtomicUsize::new(0);

/// Bytes in blocks, as they were asked for.
static IN_USE: AtomicUsize = AtomicUsize::new(0);

/// Whether the initial pages were handed out.
static STARTED: AtomicBool = AtomicBool::new(false);

/// Sets the size in bytes up to which the linear memory may grow.
pub(crate) fn set_limit(bytes: usize) {
    LIMIT.store(bytes.max(1), Relaxed);
}

/// How many bytes Lua may count: what the allocator can give, less the reserve and one part in
/// sixteen for block headers and gaps. So Lua's own error comes before the allocator's.
pub(crate) fn lua_limit() -> usize {
    let available = end().saturating_sub(heap_base());
    (available - available / 16).saturating_sub(RESERVE)
}

/// How large the linear memory may become, in bytes.
fn end() -> usize {
    match LIMIT.load(Relaxed) {
        0 => memory_bytes(),
        limit => limit,
    }
}

/// What there is for Lua.
pub(crate) fn room() -> Room {
    Room {
        lua: lua_limit(),
        whole: end(),
    }
}

/// How much more can be taken before Lua's limit is reached by all blocks together.
pub(crate) fn free_bytes() -> usize {
    lua_limit().saturating_sub(IN_USE.load(Relaxed))
}

/// Size of the linear memory in pages.
pub(crate) fn pages() -> usize {
    memory_size(0)
}

/// Size of the linear memory in bytes; saturating because 65,536 pages do not fit.
fn memory_bytes() -> usize {
    memory_size(0).saturating_mul(PAGE)
}

/// First byte after stack and static data, rounded up to the alignment of every block.
fn heap_base() -> usize {
    unsafe extern "C" {
        // SAFETY: the linker defines this symbol; only its address is meaningful.
        safe static __heap_base: u8;
    }
    (&raw const __heap_base)
        .expose_provenance()
        .next_multiple_of(16)
}

/// dlmalloc's source of memory.
struct Pages;

impl Pages {
    /// Grows the memory by at least `size` bytes (rounded up to pages): where the new pages begin, and
    /// how many bytes they are.
    fn grow(size: usize) -> Option<(usize, usize)> {
        let now = memory_bytes();
        let left = LIMIT.load(Relaxed).checked_sub(now)? / PAGE;
        let wanted = size.div_ceil(PAGE).max(1);
        if wanted > left {
            return None;
        }
        // An eighth more each time: growing is a call to the engine and detaches the host's views.
        let generous = wanted.max(now / PAGE / 8).min(left);
        [generous, wanted].into_iter().find_map(|n_pages| {
            if memory_grow(0, n_pages) == usize::MAX {
                return None;
            }
            // The last 16 bytes of a full address space stay unused: no block may end at 2^32.
            let end = now.checked_add(n_pages * PAGE).unwrap_or(usize::MAX - 15);
            Some((now, end - now))
        })
    }
}

// SAFETY: `alloc` gives memory that nothing else uses: the initial pages after `__heap_base` once
// (guarded by STARTED), and pages that `memory.grow` has just made. Both are zero at that time.
// Nothing is ever remapped or freed, as the other answers say.
unsafe impl dlmalloc::Allocator for Pages {
    fn alloc(&self, size: usize) -> (*mut u8, usize, u32) {
        let region = if STARTED.load(Relaxed) {
            Pages::grow(size)
        } else {
            let (base, end) = (heap_base(), memory_bytes());
            let initial = end.saturating_sub(base);
            // A first request larger than the initial pages gets these and new ones behind them.
            let grown = if initial < size {
                Pages::grow(size - initial)
            } else {
                Some((end, 0))
            };
            grown.map(|(_, more)| (base, initial + more))
        };
        match region {
            Some((base, len)) => {
                STARTED.store(true, Relaxed);
                (with_exposed_provenance_mut(base), len, 0)
            }
            None => (null_mut(), 0, 0),
        }
    }

    fn remap(&self, _ptr: *mut u8, _old: usize, _new: usize, _can_move: bool) -> *mut u8 {
        null_mut()
    }

    fn free_part(&self, _ptr: *mut u8, _old: usize, _new: usize) -> bool {
        false
    }

    fn free(&self, _ptr: *mut u8, _size: usize) -> bool {
        false
    }

    fn can_release_part(&self, _flags: u32) -> bool {
        false
    }

    fn allocates_zeros(&self) -> bool {
        true
    }

    fn page_size(&self) -> usize {
        PAGE
    }
}

/// dlmalloc as the global allocator.
struct ModuleAllocator(UnsafeCell<Dlmalloc<Pages>>);

// SAFETY: wasm32-unknown-unknown has no threads, so the cell is never shared between any.
unsafe impl Sync for ModuleAllocator {}

// SAFETY: each method passes its caller's promises on to dlmalloc, which keeps the contract of a
// global allocator. The reference made from the cell is unique: there is one thread, and dlmalloc
// calls back only into `Pages`, which does not allocate.
unsafe impl GlobalAlloc for ModuleAllocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: see the impl.
        counted(layout, unsafe {
            (*self.0.get()).malloc(layout.size(), layout.align())
        })
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: see the impl.
        counted(layout, unsafe {
            (*self.0.get()).calloc(layout.size(), layout.align())
        })
    }

    unsafe fn dealloc(&self, ptr: *mut u8, layout: Layout) {
        IN_USE.store(IN_USE.load(Relaxed).wrapping_sub(layout.size()), Relaxed);
        // SAFETY: see the impl; `ptr` and `layout` belong together by the caller's promise.
        unsafe { (*self.0.get()).free(ptr, layout.size(), layout.align()) }
    }

    unsafe fn realloc(&self, ptr: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        // SAFETY: see the impl; `ptr` and `layout` belong together by the caller's promise.
        let new = unsafe { (*self.0.get()).realloc(ptr, layout.size(), layout.align(), new_size) };
        if !new.is_null() {
            let others = IN_USE.load(Relaxed).wrapping_sub(layout.size());
            IN_USE.store(others.wrapping_add(new_size), Relaxed);
        }
        new
    }
}

/// Counts a block that was asked for, if it was given.
fn counted(layout: Layout, block: *mut u8) -> *mut u8 {
    if !block.is_null() {
        IN_USE.store(IN_USE.load(Relaxed).wrapping_add(layout.size()), Relaxed);
    }
    block
}
