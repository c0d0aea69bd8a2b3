//! Tests of stacks that move while something points into them, small enough for Miri.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use super::*;

#[test]
fn open_upvalues_follow_their_slots() {
    let mut heap = Heap::new(1 << 20, 7).unwrap();
    let t = heap.new_thread().unwrap();
    // SAFETY: a live thread; slots below the size of its stack.
    unsafe {
        for i in 1..30 {
            *Thread::slot(t, i) = Value::int(i as i64);
        }
        (*t).top = Thread::slot(t, 30);
        let mut upvals = Vec::new();
        for i in [3, 20, 7, 20, 1] {
            let slot = Thread::slot(t, i);
            upvals.push((i, find_upval(&mut heap, t, slot).unwrap()));
        }
        assert_eq!(upvals[1].1, upvals[3].1);
        for size in [100, 48, 200] {
            resize_stack(&mut heap, t, size).unwrap();
            assert!(Thread::is_whole(t));
            for &(i, upval) in &upvals {
                assert_eq!((*upval).v, Thread::slot(t, i));
                assert_eq!((*(*upval).v).as_int(), i as i64);
            }
        }
        let level = Thread::slot(t, 7);
        close_upvals(&mut heap, t, level);
        *Thread::slot(t, 20) = Value::NIL;
        *Thread::slot(t, 3) = Value::int(33);
        let values: Vec<i64> = upvals.iter().map(|(_, u)| (*(**u).v).as_int()).collect();
        assert_eq!(values, [33, 20, 7, 20, 1]);
        assert_eq!((*t).open, upvals[0].1);
        let bottom = Thread::slot(t, 0);
        close_upvals(&mut heap, t, bottom);
        assert!((*t).open.is_null());
    }
}

#[test]
fn frames_grow_and_shrink() {
    let mut heap = Heap::new(1 << 20, 7).unwrap();
    let t = heap.new_thread().unwrap();
    let before = heap.used;
    // SAFETY: a live thread; a frame is written before it is the running one.
    unsafe {
        let first = *(*t).frame;
        for n in 1..40 {
            if (*t).frame.add(1) >= (*t).frames_end {
                grow_frames(&mut heap, t).unwrap();
            }
            let frame = (*t).frame.add(1);
            frame.write(Frame { n_args: n, ..first });
            (*t).frame = frame;
        }
        for n in 1..40 {
            assert_eq!((*(*t).frames.add(n)).n_args, n as u32);
        }
        resize_stack(&mut heap, t, 1000).unwrap();
        (*t).frame = (*t).frames;
        shrink(&mut heap, t);
        assert!(Thread::is_whole(t));
    }
    assert_eq!(heap.used, before);
}

#[test]
fn slots_to_be_closed_are_listed_in_order() {
    let mut heap = Heap::new(1 << 20, 7).unwrap();
    let t = heap.new_thread().unwrap();
    // SAFETY: a live thread.
    unsafe {
        for i in 1..20 {
            let slot = Thread::slot(t, i * 2);
            push_tbc(&mut heap, t, slot).unwrap();
        }
        let listed = std::slice::from_raw_parts((*t).tbc, (*t).n_tbc as usize);
        assert!(listed.iter().copied().eq((1..20).map(|i| i * 2)));
    }
}
