//! The heap walker of checked builds: after a collection, every reference must lead to a live object.
//!
//! It knows the same layouts as the marker but trusts nothing else: a cell that was freed has kind 0, so a
//! reference that the marker missed is found here, at the collection that broke it, not at its next use.

use super::Heap;
use super::alloc::Page;
use super::mark::nodes;
use super::object::*;
use crate::value::{Value, tag};

impl Heap {
    /// Walks all objects; panics (checked builds only) at the first reference that leads nowhere.
    pub fn check(&self) {
        // SAFETY: between collections every cell is free or a whole object.
        unsafe {
            for class in &self.classes {
                for &page in &class.pages {
                    let (size, n) = ((*page).cell as usize, (*page).n_cells as usize);
                    let first = page.cast::<u8>().add(size_of::<Page>());
                    for i in 0..n {
                        let object = first.add(i * size).cast::<Header>();
                        if (*object).kind != 0 {
                            check_object(object, self.epoch);
                        }
                    }
                }
            }
            for &object in &self.large {
                check_object(object, self.epoch);
            }
        }
    }
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

unsafe fn check_object(object: *mut Header, epoch: u32) {
    // SAFETY: a whole object; its kind says what it is.
    unsafe {
        match (*object).kind as u32 {
            tag::STRING => {}
            tag::TABLE => {
                let t = object.cast::<Table>();
                check_kind((*t).meta, tag::TABLE, "a table's metatable");
                assert!((*t).len <= (*t).cap, "array part longer than its block");
                if (*t).external != 0 {
                    assert!((*t).cap == 0 && !(*t).meta.is_null(), "an external table");
                    check_kind(Table::cache(t, epoch), tag::TABLE, "a cache");
                }
                for i in 0..(*t).len as usize {
                    check_value(*(*t).array.add(i), "an array slot");
                }
                for node in nodes(t) {
                    if (*node).tag != tag::NIL {
                        check_value((*node).key(), "a table's key");
                        check_value((*node).value(), "a table's value");
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
                    check_value(*(*p).k.add(i), "a constant");
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
            tag::THREAD => {
                let t = object.cast::<Thread>();
                check_kind((*t).resumer, tag::THREAD, "a coroutine");
                for i in 0..(*t).stack_size as usize {
                    check_value(*(*t).stack.add(i), "a stack slot");
                }
            }
            kind => panic!("an object of unknown kind {kind}"),
        }
    }
}
