//! Marking: from the roots to everything reachable, weak tables and finalizers included.
//!
//! White objects have one of the two white bits, gray ones neither white nor black, black ones the black
//! bit. No black object refers to a white one, except through stacks (which are traversed again in the
//! atomic phase) and weak references. Work is counted in bytes traversed.

use std::ptr::null_mut;

use super::object::*;
use super::{Heap, Phase, scan};
use crate::value::{Value, tag};

/// Objects with finalizers that are unreachable all at once: what more than these refer to is marked in steps.
const MANY: usize = 256;

/// # Safety
/// `object` is live or about to be swept.
#[inline(always)]
pub(crate) unsafe fn is_white(object: *const Header) -> bool {
    // SAFETY: by contract.
    unsafe { (*object).mark & mark::WHITES != 0 }
}

impl Heap {
    /// Marks what a value refers to.
    ///
    /// # Safety
    /// The value is valid. So it is for all functions here.
    #[inline(always)]
    pub unsafe fn mark_value(&mut self, v: Value) {
        // SAFETY: a collectable value holds the address of a live object.
        unsafe {
            if v.is_collectable() && is_white(v.as_header()) {
                self.mark_white(v.as_header());
            }
        }
    }

    #[inline(always)]
    pub unsafe fn mark_object<T>(&mut self, object: *mut T) {
        let object = object.cast::<Header>();
        // SAFETY: null or the address of a live object.
        unsafe {
            if !object.is_null() && is_white(object) {
                self.mark_white(object);
            }
        }
    }

    pub(super) unsafe fn mark_white(&mut self, object: *mut Header) {
        // SAFETY: a live object; its kind says what it is.
        unsafe {
            let header = &mut *object;
            header.mark &= !mark::WHITES;
            match header.kind as u32 {
                tag::STRING => {
                    header.mark |= mark::BLACK;
                    self.work += 32;
                }
                tag::UPVAL => {
                    header.mark |= mark::BLACK;
                    self.work += size_of::<Upval>();
                    let upval = object.cast::<Upval>();
                    self.mark_object((*upval).thread);
                    // At most one level: strings and upvalues do not recurse, the others go to the gray list.
                    self.mark_value(*(*upval).v);
                }
                _ => {
                    let gray = object.cast::<Gray>();
                    if header.mark & mark::AWAITED != 0 {
                        self.key_is_marked(gray);
                    }
                    (*gray).next = self.gray;
                    self.gray = gray;
                }
            }
        }
    }

    /// Makes a black table gray again because something was stored in it.
    ///
    /// # Safety
    /// `object` is a live, black, traversed object.
    #[cold]
    #[inline(never)]
    pub unsafe fn barrier_back(&mut self, object: *mut Gray) {
        // SAFETY: by contract.
        unsafe {
            (*object).header.mark &= !mark::BLACK;
            (*object).next = self.gray_again;
            self.gray_again = object;
        }
    }

    /// Marks an entry of a table without weak references.
    #[inline(always)]
    pub(super) unsafe fn mark_node(&mut self, node: *mut Node) {
        // SAFETY: an entry of a live table.
        unsafe {
            if (*node).tag == tag::NIL {
                clear_key(node);
            } else {
                self.mark_value((*node).key());
                self.mark_value((*node).value());
            }
        }
    }

    /// A black object now refers to `v`: marks it at once.
    ///
    /// # Safety
    /// `owner` is live.
    #[inline(always)]
    pub unsafe fn barrier_forward(&mut self, owner: *mut Header, v: Value) {
        // SAFETY: by contract.
        unsafe {
            if (*owner).mark & mark::BLACK != 0 && v.is_collectable() && is_white(v.as_header()) {
                if self.phase == Phase::Propagate {
                    self.mark_white(v.as_header());
                } else {
                    // While sweeping the owner may simply turn white again.
                    (*owner).mark = (*owner).mark & !mark::BLACK | self.white;
                }
            }
        }
    }

    /// Traverses gray objects until none is left or `budget` bytes of work are done.
    pub unsafe fn propagate(&mut self, budget: usize) {
        // SAFETY: gray objects are live.
        unsafe {
            while self.work < budget {
                let object = self.gray;
                if !object.is_null() {
                    self.gray = (*object).next;
                    self.traverse(object);
                } else if !self.scanned.is_null() {
                    self.scan_on();
                } else {
                    return;
                }
            }
        }
    }

    unsafe fn traverse(&mut self, object: *mut Gray) {
        // SAFETY: a live object; its kind says what it is.
        unsafe {
            (*object).header.mark |= mark::BLACK;
            match (*object).header.kind as u32 {
                tag::TABLE => self.traverse_table(object.cast()),
                tag::CLOSURE => {
                    let c = object.cast::<Closure>();
                    let n = (*c).n_upvals as usize;
                    self.mark_object((*c).proto);
                    for i in 0..n {
                        self.mark_object(*Closure::upval(c, i));
                    }
                    self.work += Closure::size(n);
                }
                tag::NATIVE_CLOSURE => {
                    let c = object.cast::<NativeClosure>();
                    let n = (*c).n_upvals as usize;
                    for i in 0..n {
                        self.mark_value(*NativeClosure::upval(c, i));
                    }
                    self.work += NativeClosure::size(n);
                }
                tag::USERDATA => {
                    let u = object.cast::<Userdata>();
                    self.mark_object((*u).meta);
                    for i in 0..(*u).n_values as usize {
                        self.mark_value(*Userdata::user_value(u, i));
                    }
                    self.work += Userdata::size((*u).n_values as usize, 0);
                }
                tag::PROTO => {
                    let p = object.cast::<Proto>();
                    self.mark_object((*p).source);
                    for i in 0..(*p).n_k as usize {
                        self.mark_value(*(*p).k.add(i));
                    }
                    for &inner in Proto::protos(p) {
                        self.mark_object(inner);
                    }
                    for upval in Proto::upvals(p) {
                        self.mark_object(upval.name);
                    }
                    for local in Proto::locals(p) {
                        self.mark_object(local.name);
                    }
                    self.work += size_of::<Proto>() + (*p).n_k as usize * size_of::<Value>();
                }
                tag::THREAD => self.traverse_thread(object.cast()),
                _ => {}
            }
        }
    }

    unsafe fn traverse_thread(&mut self, t: *mut Thread) {
        // SAFETY: the slots from `stack` to `top` hold valid values, the rest of the allocation too.
        unsafe {
            if (*t).stack.is_null() {
                return;
            }
            let mut slot = (*t).stack;
            while slot < (*t).top {
                self.mark_value(*slot);
                slot = slot.add(1);
            }
            let mut upval = (*t).open;
            while !upval.is_null() {
                self.mark_object(upval);
                upval = (*upval).next;
            }
            self.mark_object((*t).resumer);
            self.work += (*t).top.offset_from((*t).stack) as usize * size_of::<Value>() + 64;
            if self.phase == Phase::Propagate {
                // The stack goes on changing without barriers: look again in the atomic phase.
                self.barrier_back(t.cast());
            } else {
                let end = (*t).stack.add((*t).stack_size as usize);
                while slot < end {
                    slot.write(Value::NIL);
                    slot = slot.add(1);
                }
                // Should marking go on in steps after all, this one is to be looked at again.
                (*t).gray.next = self.threads;
                self.threads = t.cast();
            }
        }
    }

    unsafe fn traverse_table(&mut self, t: *mut Table) {
        // SAFETY: the parts of a live table are as its fields say.
        unsafe {
            self.mark_object((*t).meta);
            if (*t).external != 0 {
                // What was read in an earlier epoch is not kept, and not looked at again.
                let cache = Table::cache(t, self.epoch);
                if cache.is_null() {
                    Table::set_cache(t, 0, cache);
                }
                self.mark_object(cache);
                self.work += size_of::<Table>();
                return;
            }
            let parts = (*t).len as usize * size_of::<Value>() + (*t).node_bytes as usize;
            let (weak_keys, weak_values) = self.weakness(t);
            let flags = &mut (*t).gray.header.flags;
            *flags &= !(table_flag::WEAK_KEYS | table_flag::WEAK_VALUES | table_flag::LARGE);
            self.work += size_of::<Table>();
            if parts > scan::LARGE
                && self.phase == Phase::Propagate
                && (weak_keys, weak_values) == (false, false)
            {
                self.begin_scan(t);
                return;
            }
            self.work += parts;
            match (weak_keys, weak_values) {
                (false, false) => {
                    for i in 0..(*t).len as usize {
                        self.mark_value(*(*t).array.add(i));
                    }
                    for node in nodes(t) {
                        self.mark_node(node);
                    }
                }
                (false, true) => {
                    *flags |= table_flag::WEAK_VALUES;
                    for node in nodes(t) {
                        if (*node).tag == tag::NIL {
                            clear_key(node);
                        } else {
                            self.mark_value((*node).key());
                        }
                    }
                    self.keep_weak(t);
                }
                (true, false) => {
                    *flags |= table_flag::WEAK_KEYS;
                    self.traverse_ephemeron(t);
                    self.keep_weak(t);
                }
                (true, true) => {
                    *flags |= table_flag::WEAK_KEYS | table_flag::WEAK_VALUES;
                    self.keep_weak(t);
                }
            }
        }
    }

    /// Links a weak table where the atomic phase will find it.
    unsafe fn keep_weak(&mut self, t: *mut Table) {
        // SAFETY: a live table.
        unsafe {
            if self.phase == Phase::Propagate {
                self.barrier_back(t.cast());
                return;
            }
            let flags = (*t).gray.header.flags;
            let list = match (
                flags & table_flag::WEAK_KEYS != 0,
                flags & table_flag::WEAK_VALUES != 0,
            ) {
                (true, true) => &mut self.all_weak,
                (true, false) => &mut self.ephemerons,
                _ => &mut self.weak_values,
            };
            (*t).gray.next = *list;
            *list = t.cast();
        }
    }

    /// Marks the values of an ephemeron table whose keys are marked; tells whether anything was marked.
    pub(super) unsafe fn traverse_ephemeron(&mut self, t: *mut Table) -> bool {
        let mut marked = false;
        // SAFETY: a live table.
        unsafe {
            for i in 0..(*t).len as usize {
                let v = *(*t).array.add(i);
                if v.is_collectable() && is_white(v.as_header()) {
                    marked = true;
                    self.mark_white(v.as_header());
                }
            }
            for node in nodes(t) {
                if (*node).tag == tag::NIL {
                    clear_key(node);
                    continue;
                }
                let (key, v) = ((*node).key(), (*node).value());
                if key.is_string() {
                    self.mark_value(key);
                }
                if key.is_collectable() && is_white(key.as_header()) {
                    self.wait_for(key, v);
                    continue;
                }
                if v.is_collectable() && is_white(v.as_header()) {
                    marked = true;
                    self.mark_white(v.as_header());
                }
            }
        }
        marked
    }

    unsafe fn weakness(&self, t: *mut Table) -> (bool, bool) {
        // SAFETY: a live table; its metatable is null or live.
        unsafe {
            if (*t).meta.is_null() {
                return (false, false);
            }
            let mode = crate::table::get_name((*t).meta, self.mode_name);
            if !mode.is_string() {
                return (false, false);
            }
            let mode = Str::bytes(mode.as_str());
            (mode.contains(&b'k'), mode.contains(&b'v'))
        }
    }

    /// Everything that must happen at once between marking and sweeping. The roots have been marked again.
    ///
    /// Tells whether marking has ended. Once in a cycle it may go on in steps: what is kept for many finalizers would hold
    /// the program up if it had to be marked here. Nobody else refers to it, so the program cannot tell.
    #[must_use]
    pub unsafe fn atomic(&mut self) -> bool {
        // SAFETY: all lists hold live objects.
        unsafe {
            // From here on weak tables and threads are not put aside again.
            self.phase = Phase::Pause;
            self.propagate(usize::MAX);
            let mut again = std::mem::replace(&mut self.gray_again, null_mut());
            while !again.is_null() {
                let next = (*again).next;
                self.traverse(again);
                again = next;
            }
            self.propagate(usize::MAX);
            self.converge();
            self.clear_values();
            let fresh = self.separate(false);
            if fresh > MANY && !self.is_separated && !self.waiting.is_active {
                self.is_separated = true;
                self.doomed = 0;
                self.mark_on();
                return false;
            }
            let before = self.work;
            self.propagate(usize::MAX);
            let kept = self.work.saturating_sub(before);
            self.doomed = if self.is_separated {
                self.doomed.saturating_add(kept)
            } else {
                kept
            };
            self.converge();
            self.clear_keys();
            self.clear_values();
            self.forget_cells();
            self.end_waiting();
            self.weak_values = null_mut();
            self.ephemerons = null_mut();
            self.all_weak = null_mut();
            self.threads = null_mut();
            self.is_separated = false;
            self.white ^= mark::WHITES;
            true
        }
    }

    /// From the atomic phase back to marking in steps: what goes on changing without barriers is put aside again.
    unsafe fn mark_on(&mut self) {
        self.phase = Phase::Propagate;
        let lists = [
            std::mem::replace(&mut self.weak_values, null_mut()),
            std::mem::replace(&mut self.ephemerons, null_mut()),
            std::mem::replace(&mut self.all_weak, null_mut()),
            std::mem::replace(&mut self.threads, null_mut()),
        ];
        for mut object in lists {
            while !object.is_null() {
                // SAFETY: the lists hold live objects that this phase has traversed, so they are black.
                unsafe {
                    let next = (*object).next;
                    self.barrier_back(object);
                    object = next;
                }
            }
        }
    }

    /// Marks what cells need: variables that the store does not know yet, and what they are compared with.
    pub unsafe fn mark_cells(&mut self) {
        // SAFETY: the variable of a listed cell is alive.
        unsafe {
            for i in 0..self.cells.len() {
                let (upval, stored) = (self.cells[i].upval, self.cells[i].stored);
                self.mark_value(stored);
                if self.cells[i].is_changed() {
                    self.mark_object(upval);
                }
            }
        }
    }

    /// Forgets the cells whose variables are about to be swept.
    unsafe fn forget_cells(&mut self) {
        let before = self.cells.len();
        // SAFETY: the variables have not been swept yet.
        self.cells
            .retain(|cell| unsafe { !is_white(cell.upval.cast()) });
        let forgotten = before - self.cells.len();
        self.uncount(forgotten * size_of::<crate::api::Cell>());
    }

    /// Moves unreachable objects with finalizers (all of them, when closing) to `pending` and marks them; tells how many.
    /// Outside a cycle, so when closing, nothing may be marked: the next one would take it for traversed.
    pub unsafe fn separate(&mut self, all: bool) -> usize {
        // SAFETY: the list holds live objects; `pending` has room for all of them.
        unsafe {
            let mut kept = 0;
            let before = self.pending.len();
            for i in 0..self.finalizable.len() {
                let object = self.finalizable[i];
                if all {
                    self.pending.push(object);
                } else if is_white(object) {
                    self.pending.push(object);
                    self.mark_white(object);
                } else {
                    self.finalizable[kept] = object;
                    kept += 1;
                }
            }
            self.finalizable.truncate(kept);
            // The last in `pending` is finalized first: those marked last go last. Older ones stay ahead of newer.
            let fresh = self.pending.len() - before;
            self.pending.rotate_right(fresh);
            fresh
        }
    }

    /// Whether a weak reference to `v` is to be cleared. Strings are values: they are kept.
    unsafe fn is_cleared(&mut self, v: Value) -> bool {
        // SAFETY: a valid value.
        unsafe {
            if !v.is_collectable() {
                return false;
            }
            if v.is_string() {
                self.mark_value(v);
                return false;
            }
            is_white(v.as_header())
        }
    }

    unsafe fn clear_values(&mut self) {
        // SAFETY: all lists hold live tables.
        unsafe {
            for list in [self.weak_values, self.all_weak] {
                let mut t = list.cast::<Table>();
                while !t.is_null() {
                    for i in 0..(*t).len as usize {
                        let slot = (*t).array.add(i);
                        if self.is_cleared(*slot) {
                            *slot = Value::NIL;
                        }
                    }
                    for node in nodes(t) {
                        if self.is_cleared((*node).value()) {
                            (*node).set_value(Value::NIL);
                        }
                        if (*node).tag == tag::NIL {
                            clear_key(node);
                        }
                    }
                    t = (*t).gray.next.cast();
                }
            }
        }
    }

    unsafe fn clear_keys(&mut self) {
        // SAFETY: all lists hold live tables.
        unsafe {
            for list in [self.ephemerons, self.all_weak] {
                let mut t = list.cast::<Table>();
                while !t.is_null() {
                    for node in nodes(t) {
                        if self.is_cleared((*node).key()) {
                            (*node).set_value(Value::NIL);
                        }
                        if (*node).tag == tag::NIL {
                            clear_key(node);
                        }
                    }
                    t = (*t).gray.next.cast();
                }
            }
        }
    }
}

/// The nodes of a table's hash part.
///
/// # Safety
/// `t` is live and keeps its hash part while the iterator is used.
pub(crate) unsafe fn nodes(t: *mut Table) -> impl Iterator<Item = *mut Node> {
    // SAFETY: by contract; `node_bytes` is the size of the hash part.
    let (first, n) = unsafe { ((*t).nodes, (*t).node_bytes as usize / size_of::<Node>()) };
    // SAFETY: i < n.
    (0..n).map(move |i| unsafe { first.add(i) })
}

/// The key of an entry without a value must not keep (or outlive) its object: it stays only as an address.
unsafe fn clear_key(node: *mut Node) {
    // SAFETY: a node of a live table.
    unsafe {
        if (*node).key_tag & tag::COLLECTABLE != 0 {
            (*node).key_tag = tag::DEAD;
            (*node).kstr = 0;
        }
    }
}
