//! Tests of the heap without a machine, small enough for Miri: what stays, what goes, and that all memory comes back.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use super::object::*;
use super::{Heap, Phase, sweep};
use crate::table;
use crate::value::{Value, tag};

fn heap() -> Heap {
    let mut heap = Heap::new(1 << 22, 7).unwrap();
    let name = heap.intern(b"__mode").unwrap();
    // SAFETY: a string just made.
    unsafe { (*name).header.mark |= mark::FIXED };
    heap.mode_name = name;
    heap
}

/// Marks all that these lead to, in one go.
fn mark_all(heap: &mut Heap, roots: &[Value]) {
    heap.phase = Phase::Propagate;
    // SAFETY: live objects.
    unsafe {
        for &root in roots {
            heap.mark_value(root);
        }
        heap.propagate(usize::MAX);
        assert!(heap.atomic());
    }
    heap.start_sweep();
    heap.work = 0;
}

/// A whole cycle in which these are the only roots.
fn collect(heap: &mut Heap, roots: &[Value]) {
    mark_all(heap, roots);
    assert!(heap.sweep_step(usize::MAX));
    assert!(heap.is_whole());
}

fn set(heap: &mut Heap, t: *mut Table, key: Value, value: Value) {
    // SAFETY: a live table, valid values.
    unsafe { table::set(heap, t, key, value).unwrap() };
}

fn get(heap: &mut Heap, t: *mut Table, key: Value) -> Value {
    // SAFETY: as `set`.
    unsafe { table::get(heap, t, key) }
}

fn string(heap: &mut Heap, bytes: &[u8]) -> Value {
    Value::string(heap.new_string(bytes).unwrap())
}

/// A table with a metatable that has this mode.
fn weak(heap: &mut Heap, mode: &[u8]) -> *mut Table {
    let (t, meta) = (heap.new_table().unwrap(), heap.new_table().unwrap());
    let (key, mode) = (Value::string(heap.mode_name), string(heap, mode));
    set(heap, meta, key, mode);
    // SAFETY: a live table.
    unsafe { (*t).meta = meta };
    t
}

#[test]
fn what_is_reachable_stays_and_the_rest_is_given_back() {
    let mut heap = heap();
    collect(&mut heap, &[]);
    let before = heap.used;
    let root = heap.new_table().unwrap();
    let mut inner = root;
    for i in 1..20 {
        let (next, lost) = (heap.new_table().unwrap(), heap.new_table().unwrap());
        set(&mut heap, inner, Value::int(1), Value::table(next));
        let (short, long) = (string(&mut heap, b"short"), string(&mut heap, &[b'x'; 700]));
        set(&mut heap, next, short, long);
        set(&mut heap, lost, long, Value::table(next));
        set(&mut heap, lost, Value::int(i), Value::table(lost));
        heap.new_thread().unwrap();
        inner = next;
    }
    let most = heap.used;
    collect(&mut heap, &[Value::table(root)]);
    assert!(heap.used < most);
    let mut v = get(&mut heap, root, Value::int(1));
    let short = string(&mut heap, b"short");
    for i in 1..20 {
        let t = v.as_table();
        let long = get(&mut heap, t, short).as_str();
        // SAFETY: a live string.
        assert_eq!(unsafe { Str::bytes(long) }, [b'x'; 700]);
        v = get(&mut heap, t, Value::int(1));
        assert_eq!(v.is_nil(), i == 19);
    }
    collect(&mut heap, &[]);
    assert_eq!(heap.used, before);
}

#[test]
fn a_short_string_is_there_once() {
    let mut heap = heap();
    let a = heap.new_string(b"name").unwrap();
    assert_eq!(heap.new_string(b"name").unwrap(), a);
    let long = [b'y'; 41];
    let (b, c) = (
        heap.new_string(&long).unwrap(),
        heap.new_string(&long).unwrap(),
    );
    assert_ne!(b, c);
    // SAFETY: live strings.
    assert!(unsafe { super::strings::equal(b, c) });
    let texts: Vec<String> = (0..300).map(|n| format!("text {n}")).collect();
    for text in &texts {
        let s = heap.new_string(text.as_bytes()).unwrap();
        // SAFETY: a live string.
        assert_eq!(unsafe { Str::bytes(s) }, text.as_bytes());
    }
    collect(&mut heap, &[]);
    // The name of weakness is fixed; all others are gone.
    assert_eq!(heap.strings.count, 1);
    for n in 0..=40 {
        let bytes = &b"0123456789012345678901234567890123456789"[..n];
        let s = heap.new_string(bytes).unwrap();
        // SAFETY: a live string.
        assert_eq!(unsafe { Str::bytes(s) }, bytes);
    }
}

#[test]
fn a_string_that_is_wanted_again_is_not_swept() {
    let mut heap = heap();
    let s = heap.new_string(b"again").unwrap();
    mark_all(&mut heap, &[]);
    // SAFETY: not swept yet.
    assert!(unsafe { sweep::is_dead(&heap, s.cast()) });
    assert_eq!(heap.new_string(b"again").unwrap(), s);
    let fresh = heap.new_table().unwrap();
    assert!(heap.sweep_step(usize::MAX));
    assert!(heap.is_whole());
    // SAFETY: both have survived.
    unsafe {
        assert_eq!(Str::bytes(s), b"again");
        assert_eq!((*fresh).len, 0);
    }
}

#[test]
fn weak_tables_lose_what_nobody_else_has() {
    let mut heap = heap();
    let kept = Value::table(heap.new_table().unwrap());
    let text = string(&mut heap, b"strings are values");
    let (values, keys) = (weak(&mut heap, b"v"), weak(&mut heap, b"k"));
    let both = weak(&mut heap, b"kv");
    for t in [values, keys, both] {
        let lost = Value::table(heap.new_table().unwrap());
        for (n, v) in [kept, lost, text].into_iter().enumerate() {
            set(&mut heap, t, Value::int(n as i64 + 1), v);
        }
        let lost = Value::table(heap.new_table().unwrap());
        for key in [kept, lost, text] {
            set(&mut heap, t, key, Value::int(5));
        }
    }
    // Only reachable from itself: as a key it goes.
    let circle = heap.new_table().unwrap();
    set(&mut heap, keys, Value::table(circle), Value::table(circle));
    let roots = [
        kept,
        text,
        Value::table(values),
        Value::table(keys),
        Value::table(both),
    ];
    collect(&mut heap, &roots);
    for (t, keeps_values, n_tables) in [(values, false, 2), (keys, true, 1), (both, false, 1)] {
        let has = |heap: &mut Heap, n| !get(heap, t, Value::int(n)).is_nil();
        assert!(has(&mut heap, 1) && has(&mut heap, 3));
        assert_eq!(has(&mut heap, 2), keeps_values);
        assert!(!get(&mut heap, t, kept).is_nil() && !get(&mut heap, t, text).is_nil());
        let (mut key, mut n) = (Value::NIL, 0);
        // SAFETY: a live table, and keys that it gave.
        while let (Some((k, _)), _) = unsafe { table::next(&mut heap, t, key).unwrap() } {
            n += usize::from(k.is_table());
            key = k;
        }
        assert_eq!(n, n_tables);
    }
}

#[test]
fn an_object_with_a_finalizer_lives_until_it_has_had_it() {
    let mut heap = heap();
    let (object, part) = (heap.new_table().unwrap(), heap.new_table().unwrap());
    set(&mut heap, object, Value::int(1), Value::table(part));
    heap.add_finalizable(object.cast()).unwrap();
    collect(&mut heap, &[Value::table(object)]);
    assert!(heap.pending.is_empty());
    collect(&mut heap, &[]);
    assert_eq!(heap.pending, [object.cast::<Header>()]);
    assert_eq!(get(&mut heap, object, Value::int(1)).as_table(), part);
    heap.pending.clear();
    let used = heap.used;
    collect(&mut heap, &[]);
    assert_eq!(
        heap.used,
        used - 2 * cell(size_of::<Table>()) - 4 * size_of::<Value>()
    );
}

/// How much a cell of this size counts for.
fn cell(size: usize) -> usize {
    size.next_multiple_of(16)
}

#[test]
fn a_black_table_is_looked_at_again_when_something_is_stored_in_it() {
    let mut heap = heap();
    let (t, other) = (heap.new_table().unwrap(), heap.new_table().unwrap());
    heap.phase = Phase::Propagate;
    // SAFETY: live objects.
    unsafe {
        heap.mark_value(Value::table(t));
        heap.propagate(usize::MAX);
        assert!((*t).gray.header.mark & mark::BLACK != 0);
        set(&mut heap, t, Value::int(1), Value::table(other));
        heap.barrier_back(t.cast());
        assert!(heap.atomic());
    }
    heap.start_sweep();
    heap.work = 0;
    assert!(heap.sweep_step(usize::MAX));
    assert!(heap.is_whole());
    assert_eq!(get(&mut heap, t, Value::int(1)).as_table(), other);
}

#[test]
fn blocks_keep_their_bytes_and_come_back() {
    let mut heap = heap();
    let before = heap.used;
    let mut blocks = Vec::new();
    for size in [16, 24, 64, 500, 512, 513, 3000] {
        let block = heap.alloc_block(size).unwrap();
        // SAFETY: a block of that size.
        unsafe { block.write_bytes(size as u8, size) };
        blocks.push((block, size));
    }
    for (block, size) in blocks {
        let new = size * 2 + 16;
        // SAFETY: a block of that size, and then a larger one.
        unsafe {
            let block = heap.grow_block(block, size, new).unwrap();
            let bytes = std::slice::from_raw_parts(block, size);
            assert!(bytes.iter().all(|&byte| byte == size as u8));
            heap.free_block(block, new);
        }
    }
    assert_eq!(heap.used, before);
}

#[test]
fn the_limit_is_kept() {
    let mut heap = heap();
    heap.limit = heap.used + 2000;
    assert!(heap.alloc_block(3000).is_err());
    assert!(heap.new_string(&[b'z'; 3000]).is_err());
    let mut n = 0;
    while heap.new_table().is_ok() {
        n += 1;
    }
    assert!((10..=2000 / cell(size_of::<Table>())).contains(&n));
    assert!(heap.used <= heap.limit);
    collect(&mut heap, &[]);
    assert!(heap.new_table().is_ok());
}

#[test]
fn threads_give_their_blocks_back() {
    let mut heap = heap();
    let before = heap.used;
    let t = heap.new_thread().unwrap();
    // SAFETY: a live thread.
    unsafe {
        assert_eq!((*t).gray.header.kind as u32, tag::THREAD);
        crate::thread::resize_stack(&mut heap, t, 200).unwrap();
        crate::thread::grow_frames(&mut heap, t).unwrap();
        let slot = (*t).top;
        crate::thread::push_tbc(&mut heap, t, slot).unwrap();
    }
    collect(&mut heap, &[Value::thread(t)]);
    collect(&mut heap, &[]);
    assert_eq!(heap.used, before);
}

#[test]
fn what_many_finalizers_keep_is_marked_in_steps() {
    let mut heap = heap();
    let (weak, meta) = (heap.new_table().unwrap(), heap.new_table().unwrap());
    let mode = heap.mode_name;
    let weak_values = heap.intern(b"v").unwrap();
    set(
        &mut heap,
        meta,
        Value::string(mode),
        Value::string(weak_values),
    );
    // SAFETY: live tables.
    unsafe { (*weak).meta = meta };
    let mut parts = Vec::new();
    for i in 1..=1000 {
        let (object, part) = (heap.new_table().unwrap(), heap.new_table().unwrap());
        set(&mut heap, object, Value::int(1), Value::table(part));
        set(&mut heap, weak, Value::int(i), Value::table(object));
        heap.add_finalizable(object.cast()).unwrap();
        parts.push(part);
    }
    heap.phase = Phase::Propagate;
    // SAFETY: live objects.
    unsafe {
        heap.mark_value(Value::table(weak));
        heap.propagate(usize::MAX);
        assert!(!heap.atomic());
        assert_eq!(heap.phase, Phase::Propagate);
        assert_eq!(heap.pending.len(), 1000);
        assert!(parts.iter().all(|part| super::mark::is_white(part.cast())));
        // What is due is not in weak tables any more; what comes now is.
        assert!(get(&mut heap, weak, Value::int(1000)).is_nil());
        let late = heap.new_table().unwrap();
        set(&mut heap, weak, Value::int(1), Value::table(late));
        heap.propagate(usize::MAX);
        assert!(!parts.iter().any(|part| super::mark::is_white(part.cast())));
        assert!(heap.atomic());
    }
    heap.start_sweep();
    heap.work = 0;
    assert!(heap.sweep_step(usize::MAX));
    assert!(heap.is_whole());
    assert!(get(&mut heap, weak, Value::int(1)).is_nil());
}
