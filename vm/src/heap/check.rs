//! The heap walker of checked builds: after a collection, everything must be where it says it is.
//!
//! It knows the same layouts as the marker but trusts nothing else. A cell that was freed has kind 0, so a reference that
//! the marker missed is found here, at the collection that broke it, not at its next use. What it looks at: every
//! reference, the chains of tables, the strings by their buckets, the frames, open upvalues and to-be-closed variables of
//! threads, the free lists.

use super::Heap;
use super::access::is_kind;
use super::alloc::Page;
use super::mark::{is_white, nodes};
use super::object::*;
use crate::value::{Value, tag};

impl Heap {
    /// Walks all objects; panics at the first thing that is not as it should be, and is true otherwise.
    #[cold]
    pub fn is_whole(&self) -> bool {
        let mut n_short = 0;
        // SAFETY: between collections every cell is free or a whole object.
        unsafe {
            for (class, of_class) in self.classes.iter().enumerate() {
                for &page in &of_class.pages {
                    let (size, n) = ((*page).cell as usize, (*page).n_cells as usize);
                    assert!(size == class * 16, "a page of another class");
                    let first = page.cast::<u8>().add(size_of::<Page>());
                    for i in 0..n {
                        let object = first.add(i * size).cast::<Header>();
                        if (*object).kind != 0 {
                            check_object(self, object);
                            n_short += usize::from(is_short(object));
                        }
                    }
                }
                check_free_list(of_class.free);
            }
            for &object in &self.large {
                check_object(self, object);
                n_short += usize::from(is_short(object));
            }
            for &object in self.finalizable.iter().chain(&self.pending) {
                assert!((*object).kind != 0, "a freed object has a finalizer");
            }
        }
        // SAFETY: the buckets list live strings.
        unsafe { check_strings(self, n_short) };
        true
    }
}

unsafe fn is_short(object: *const Header) -> bool {
    // SAFETY: a live object.
    unsafe { is_kind(object, tag::STRING) && Str::is_short(object.cast()) }
}

unsafe fn check_free_list(mut cell: *mut u8) {
    // SAFETY: a free cell holds the link to the next one at offset 8.
    unsafe {
        while !cell.is_null() {
            assert!((*cell.cast::<Header>()).kind == 0, "a free cell is in use");
            cell = cell.add(8).cast::<*mut u8>().read();
        }
    }
}

unsafe fn check_strings(heap: &Heap, n_short: usize) {
    let mut n_listed = 0;
    for (i, &first) in heap.strings.buckets.iter().enumerate() {
        let mut s = first;
        while !s.is_null() {
            // SAFETY: the buckets list live strings.
            unsafe {
                assert!(is_short(s.cast()), "a bucket lists what is no short string");
                let bucket = (*s).header.id as usize & (heap.strings.buckets.len() - 1);
                assert!(bucket == i, "a string is in the wrong bucket");
                s = (*s).next;
            }
            n_listed += 1;
        }
    }
    assert!(n_listed == n_short, "a short string is in no bucket");
    assert!(n_listed == heap.strings.count, "strings are miscounted");
}

unsafe fn check_kind<T>(object: *mut T, kind: u32, whose: &str) {
    // SAFETY: null, or an address that was valid when it was stored.
    unsafe {
        let found = if object.is_null() {
            kind
        } else {
            (*object.cast::<Header>()).kind as u32
        };
        assert!(
            found == kind,
            "{whose} refers to an object of kind {found}, not {kind}"
        );
    }
}

unsafe fn check_value(v: Value, whose: &str) {
    // SAFETY: as `check_kind`.
    unsafe {
        if v.is_collectable() {
            check_kind(v.as_header(), v.tag, whose);
        }
    }
}

unsafe fn check_object(heap: &Heap, object: *mut Header) {
    // SAFETY: a whole object; its kind says what it is.
    unsafe {
        let is_marked = !is_white(object) || (*object).mark & heap.white != 0;
        assert!(is_marked, "an object of the old white survived");
        match (*object).kind as u32 {
            tag::TABLE => {
                let t = object.cast::<Table>();
                check_kind((*t).meta, tag::TABLE, "a table's metatable");
                assert!((*t).len <= (*t).cap, "array part longer than its block");
                if (*t).external != 0 {
                    assert!((*t).cap == 0 && !(*t).meta.is_null(), "an external table");
                    check_kind(Table::cache(t, heap.epoch), tag::TABLE, "a cache");
                }
                for i in 0..(*t).len as usize {
                    check_value(*Table::slot(t, i), "an array slot");
                }
                let n = (*t).node_bytes as usize / size_of::<Node>();
                assert!(
                    (*t).last_free as usize <= n || (*t).external != 0,
                    "last_free"
                );
                for node in nodes(t) {
                    if (*node).next != 0 {
                        Table::follow(t, node, (*node).next);
                    }
                    if (*node).tag != tag::NIL {
                        let key = (*node).key();
                        check_value(key, "a table's key");
                        check_value((*node).value(), "a table's value");
                        let is_name = key.is_string() && Str::is_short(key.as_str());
                        let kstr = if is_name { key.payload as u32 } else { 0 };
                        assert!((*node).kstr == kstr, "the name beside a key");
                    }
                }
            }
            tag::CLOSURE => {
                let c = object.cast::<Closure>();
                check_kind((*c).proto, tag::PROTO, "a closure");
                for i in 0..(*c).n_upvals as usize {
                    check_kind(*Closure::upval(c, i), tag::UPVAL, "a closure");
                }
            }
            tag::NATIVE_CLOSURE => {
                let c = object.cast::<NativeClosure>();
                for i in 0..(*c).n_upvals as usize {
                    check_value(*NativeClosure::upval(c, i), "a native closure");
                }
            }
            tag::UPVAL => {
                let u = object.cast::<Upval>();
                check_kind((*u).thread, tag::THREAD, "an open upvalue");
                check_value(*(*u).v, "an upvalue");
            }
            tag::USERDATA => {
                let u = object.cast::<Userdata>();
                check_kind((*u).meta, tag::TABLE, "a userdata's metatable");
                for i in 0..(*u).n_values as usize {
                    check_value(*Userdata::user_value(u, i), "a user value");
                }
            }
            tag::PROTO => {
                let p = object.cast::<Proto>();
                check_kind((*p).source, tag::STRING, "a prototype's source");
                for i in 0..(*p).n_k as usize {
                    check_value(*Proto::constant(p, i), "a constant");
                }
                for &inner in Proto::protos(p) {
                    check_kind(inner, tag::PROTO, "a prototype");
                }
                for upval in Proto::upvals(p) {
                    check_kind(upval.name, tag::STRING, "the name of an upvalue");
                }
                for local in Proto::locals(p) {
                    check_kind(local.name, tag::STRING, "the name of a local variable");
                }
            }
            tag::THREAD => check_thread(object.cast()),
            kind => assert!(kind == tag::STRING, "an object of unknown kind {kind}"),
        }
    }
}

unsafe fn check_thread(t: *mut Thread) {
    // SAFETY: a whole thread.
    unsafe {
        assert!(Thread::is_whole(t), "the stack of a thread");
        check_kind((*t).resumer, tag::THREAD, "a coroutine");
        for i in 0..(*t).stack_size as usize {
            check_value(*Thread::slot(t, i), "a stack slot");
        }
        let slots = (*t).stack..(*t).stack.add((*t).stack_size as usize);
        let mut frame = (*t).frames;
        while frame <= (*t).frame {
            assert!(slots.contains(&(*frame).base), "the base of a frame");
            assert!(slots.contains(&(*frame).ret), "the results of a frame");
            check_kind((*frame).closure, tag::CLOSURE, "a frame");
            if !(*frame).closure.is_null() {
                let proto = (*(*frame).closure).proto;
                let words = (*proto).code..=(*proto).code.add((*proto).n_code as usize);
                assert!(words.contains(&(*frame).pc), "the place of a frame");
                assert!(
                    (*frame).k == (*proto).k.cast_const(),
                    "the constants of a frame"
                );
            }
            frame = frame.add(1);
        }
        let mut above = slots.end;
        let mut upval = (*t).open;
        while !upval.is_null() {
            check_kind(upval, tag::UPVAL, "the open upvalues of a thread");
            assert!((*upval).thread == t, "an open upvalue of another thread");
            assert!(
                slots.contains(&(*upval).v) && (*upval).v < above,
                "open upvalues out of order"
            );
            above = (*upval).v;
            upval = (*upval).next;
        }
        let mut below = None;
        for i in 0..(*t).n_tbc as usize {
            let slot = *(*t).tbc.add(i);
            assert!(
                slot < (*t).stack_size && below < Some(slot),
                "to-be-closed slots out of order"
            );
            below = Some(slot);
        }
    }
}
