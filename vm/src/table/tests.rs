//! Tests of tables against a list of pairs, small enough for Miri.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use super::*;

fn heap() -> Heap {
    Heap::new(1 << 22, 7).unwrap()
}

/// Numbers that look random (xorshift, Marsaglia).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % n
    }
}

fn some_key(heap: &mut Heap, numbers: &mut Numbers) -> Value {
    match numbers.below(8) {
        0..4 => Value::int(numbers.below(24) as i64 - 2),
        4 => Value::float(numbers.below(12) as f64 / 2.0),
        5 => Value::bool(numbers.below(2) == 0),
        6 => {
            let text = vec![b'k'; 38 + numbers.below(6) as usize];
            Value::string(heap.new_string(&text).unwrap())
        }
        _ => {
            let text = format!("name {}", numbers.below(12));
            Value::string(heap.new_string(text.as_bytes()).unwrap())
        }
    }
}

/// Whether two keys are the same to Lua.
fn is_same(a: Value, b: Value) -> bool {
    let (a, b) = (normal_key(a), normal_key(b));
    // SAFETY: live strings.
    a.same(b) || a.is_string() && b.is_string() && unsafe { strings::equal(a.as_str(), b.as_str()) }
}

/// Checks the border, every entry, and that a traversal finds each of them once.
fn check(heap: &mut Heap, t: *mut Table, model: &[(Value, i64)]) {
    // SAFETY: a live table, and keys that it gave.
    unsafe {
        for &(key, value) in model {
            assert!(get(heap, t, key).same(Value::int(value)));
        }
        let n = border(t) as i64;
        assert!(n == 0 || !get(heap, t, Value::int(n)).is_nil());
        assert!(get(heap, t, Value::int(n + 1)).is_nil());
        let mut found = Vec::new();
        let mut key = Value::NIL;
        while let (Some((k, v)), _) = next(heap, t, key).unwrap() {
            assert!(!found.iter().any(|&f| is_same(f, k)));
            assert!(
                model
                    .iter()
                    .any(|&(key, value)| is_same(key, k) && v.as_int() == value)
            );
            found.push(k);
            key = k;
        }
        assert_eq!(found.len(), model.len());
    }
}

#[test]
fn a_table_is_a_list_of_pairs() {
    let mut heap = heap();
    for seed in 1..=3 {
        let mut numbers = Numbers(seed * 0x9e37_79b9);
        let t = heap.new_table().unwrap();
        let mut model: Vec<(Value, i64)> = Vec::new();
        for round in 0..120 {
            let key = some_key(&mut heap, &mut numbers);
            let at = model.iter().position(|&(k, _)| is_same(k, key));
            if numbers.below(3) == 0 {
                // SAFETY: a live table, a valid key.
                unsafe { set(&mut heap, t, key, Value::NIL).unwrap() };
                if let Some(at) = at {
                    model.swap_remove(at);
                }
            } else {
                // SAFETY: as above.
                unsafe { set(&mut heap, t, key, Value::int(round)).unwrap() };
                match at {
                    Some(at) => model[at].1 = round,
                    None => model.push((key, round)),
                }
            }
            if round % 20 == 19 {
                check(&mut heap, t, &model);
            }
        }
    }
}

#[test]
fn a_queue_does_not_grow_for_ever() {
    let mut heap = heap();
    let t = heap.new_table().unwrap();
    for i in 1..=200 {
        // SAFETY: a live table.
        unsafe {
            set(&mut heap, t, Value::int(i), Value::int(i)).unwrap();
            if i > 5 {
                set(&mut heap, t, Value::int(i - 5), Value::NIL).unwrap();
            }
            assert!((*t).cap <= 64 && (*t).node_bytes <= 64 * NODE as u32);
        }
    }
    let left: Vec<(Value, i64)> = (196..=200).map(|i| (Value::int(i), i)).collect();
    check(&mut heap, t, &left);
}

#[test]
fn what_was_filled_from_the_end_moves_into_the_array_part() {
    let mut heap = heap();
    let t = heap.new_table().unwrap();
    // SAFETY: a live table.
    unsafe {
        for i in (1..=40).rev() {
            set(&mut heap, t, Value::int(i), Value::int(-i)).unwrap();
        }
        assert_eq!(border(t), 40);
        reserve(&mut heap, t, 100, 0).unwrap();
        assert_eq!((border(t), (*t).cap), (40, 100));
    }
    let all: Vec<(Value, i64)> = (1..=40).map(|i| (Value::int(i), -i)).collect();
    check(&mut heap, t, &all);
}

#[test]
fn entries_may_be_cleared_during_a_traversal() {
    let mut heap = heap();
    let t = heap.new_table().unwrap();
    // SAFETY: a live table, and keys that it gave.
    unsafe {
        for i in 1..=30 {
            let name = heap.new_string(format!("n{i}").as_bytes()).unwrap();
            set(&mut heap, t, Value::string(name), Value::int(i)).unwrap();
            set(&mut heap, t, Value::int(i), Value::int(i)).unwrap();
        }
        let (mut key, mut n) = (Value::NIL, 0);
        while let (Some((k, _)), _) = next(&mut heap, t, key).unwrap() {
            set(&mut heap, t, k, Value::NIL).unwrap();
            (key, n) = (k, n + 1);
        }
        assert_eq!(n, 60);
    }
    check(&mut heap, t, &[]);
}

#[test]
fn some_keys_are_refused() {
    let mut heap = heap();
    let t = heap.new_table().unwrap();
    let one = Value::int(1);
    // SAFETY: a live table.
    unsafe {
        assert_eq!(set(&mut heap, t, Value::NIL, one), Err(SetError::Nil));
        let nan = Value::float(f64::NAN);
        assert_eq!(set(&mut heap, t, nan, one), Err(SetError::NaN));
        set(&mut heap, t, Value::float(-0.0), one).unwrap();
        assert!(get(&mut heap, t, Value::int(0)).same(one));
        assert!(next(&mut heap, t, Value::int(77)).is_err());
    }
}

#[test]
fn a_table_survives_that_it_cannot_grow() {
    let mut heap = heap();
    let t = heap.new_table().unwrap();
    heap.limit = heap.used + 1500;
    let mut model = Vec::new();
    // SAFETY: a live table.
    unsafe {
        for i in 0.. {
            let key = Value::int(if i % 2 == 0 { i } else { -i });
            if set(&mut heap, t, key, Value::int(i)) == Err(SetError::Memory) {
                break;
            }
            model.push((key, i));
        }
    }
    assert!(model.len() > 10);
    check(&mut heap, t, &model);
}

#[test]
fn a_name_is_found_by_its_hint_and_without() {
    let mut heap = heap();
    let t = heap.new_table().unwrap();
    // SAFETY: a live table, live names.
    unsafe {
        let mut names = Vec::new();
        for i in 0..20 {
            let name = heap.new_string(format!("field {i}").as_bytes()).unwrap();
            let (value, mut hint) = (Value::int(i), 0);
            if !set_name(&mut heap, t, name, &raw const value, &raw mut hint) {
                set(&mut heap, t, Value::string(name), value).unwrap();
            }
            names.push(name);
        }
        for (i, &name) in names.iter().enumerate() {
            let mut hint = u32::MAX;
            let node = find_name_hint(t, name, &raw mut hint);
            assert_eq!(Table::hinted(t, hint), node);
            assert_eq!((*node).value().as_int(), i as i64);
            assert_eq!(find_name_first(t, name), node);
            assert_eq!(find_short(t, name), node);
        }
        let other = heap.new_string(b"no field").unwrap();
        assert!(find_name(t, other).is_null() && find_short(t, other).is_null());
    }
}
