//! Tables against a model: random histories of raw access, with traversals that delete as they go.

use std::collections::HashMap;

use cu::{Slot, View, Vm};
use proptest::collection::vec;
use proptest::prelude::*;

use super::config;
use crate::machine::Machine;

/// A key as a program writes it.
#[derive(Clone, Debug)]
enum Key {
    Integer(i64),
    Float(f64),
    String(String),
    Boolean(bool),
}

/// A key as tables compare it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Normal {
    Integer(i64),
    Float(u64),
    String(Vec<u8>),
    Boolean(bool),
}

/// One thing done to a table.
#[derive(Clone, Debug)]
enum Act {
    Set(Key, i64),
    SetInteger(i64, i64),
    Delete(Key),
    Get(Key),
    Append(i64),
    RemoveLast,
    /// Visits everything and deletes the entries whose value has this remainder modulo 3.
    Sweep(i64),
}

fn key() -> impl Strategy<Value = Key> {
    prop_oneof![
        4 => (-3i64..40).prop_map(Key::Integer),
        1 => any::<i64>().prop_map(Key::Integer),
        2 => (-3i64..40).prop_map(|i| Key::Float(i as f64)),
        1 => (-8i64..8).prop_map(|i| Key::Float(i as f64 / 4.0)),
        1 => any::<f64>().prop_filter("NaN is no key", |f| !f.is_nan()).prop_map(Key::Float),
        3 => "[a-d]{0,2}".prop_map(Key::String),
        1 => "[a-b]{38,44}".prop_map(Key::String),
        1 => any::<bool>().prop_map(Key::Boolean),
    ]
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        6 => (key(), any::<i64>()).prop_map(|(k, v)| Act::Set(k, v)),
        3 => (1i64..70, any::<i64>()).prop_map(|(k, v)| Act::SetInteger(k, v)),
        3 => key().prop_map(Act::Delete),
        2 => key().prop_map(Act::Get),
        4 => any::<i64>().prop_map(Act::Append),
        2 => Just(Act::RemoveLast),
        1 => (0i64..3).prop_map(Act::Sweep),
    ]
}

#[test]
fn tables_agree_with_the_model() {
    proptest!(config(300), |(acts in vec(act(), 1..120))| {
        let mut machine = Machine::new();
        let mut model = HashMap::new();
        let t = machine.vm.top();
        machine.vm.push_table(0, 0).unwrap_or_else(|e| panic!("{e:?}"));
        for act in &acts {
            perform(&mut machine.vm, t, &mut model, act).unwrap_or_else(|e| panic!("{e:?}"));
            prop_assert_eq!(machine.vm.top(), t.offset(1));
            let border = i64::try_from(machine.vm.raw_len(t)).unwrap_or(-1);
            prop_assert!(border == 0 || model.contains_key(&Normal::Integer(border)), "{border} is no border");
            prop_assert!(!model.contains_key(&Normal::Integer(border + 1)), "{border} is no border");
        }
        let mut seen = contents(&mut machine.vm, t).unwrap_or_else(|e| panic!("{e:?}"));
        prop_assert_eq!(seen.len(), model.len());
        for (key, value) in seen.drain(..) {
            prop_assert_eq!(model.get(&key), Some(&value), "{:?}", key);
        }
    });
}

fn perform(
    vm: &mut Vm,
    t: Slot,
    model: &mut HashMap<Normal, i64>,
    act: &Act,
) -> Result<(), cu::Thrown> {
    let scratch = t.offset(1);
    match act {
        Act::Set(key, value) => {
            push_key(vm, key)?;
            vm.push_int(*value)?;
            vm.raw_set(t, scratch, scratch.offset(1))?;
            model.insert(normal(key), *value);
        }
        Act::SetInteger(key, value) => {
            vm.push_int(*value)?;
            vm.raw_set_int(t, *key, scratch)?;
            model.insert(Normal::Integer(*key), *value);
        }
        Act::Delete(key) => {
            push_key(vm, key)?;
            vm.push_nil()?;
            vm.raw_set(t, scratch, scratch.offset(1))?;
            model.remove(&normal(key));
        }
        Act::Get(key) => {
            push_key(vm, key)?;
            vm.raw_get(t, scratch)?;
            let found = value_of(vm, scratch.offset(1));
            assert_eq!(found, model.get(&normal(key)).copied(), "{key:?}");
        }
        Act::Append(value) => {
            let n = vm.raw_len(t) as i64 + 1;
            vm.push_int(*value)?;
            vm.raw_set_int(t, n, scratch)?;
            model.insert(Normal::Integer(n), *value);
        }
        Act::RemoveLast => {
            let n = vm.raw_len(t) as i64;
            vm.push_nil()?;
            if n > 0 {
                vm.raw_set_int(t, n, scratch)?;
                model.remove(&Normal::Integer(n));
            }
        }
        Act::Sweep(remainder) => {
            let mut n_seen = 0;
            let n_before = model.len();
            vm.push_nil()?;
            while vm.next(t, scratch)? {
                n_seen += 1;
                let key = normal_at(vm, scratch.offset(1));
                let value = value_of(vm, scratch.offset(2)).unwrap_or_default();
                assert_eq!(model.get(&key), Some(&value), "{key:?}");
                if value.rem_euclid(3) == *remainder {
                    vm.push_nil()?;
                    vm.raw_set(t, scratch.offset(1), scratch.offset(3))?;
                    model.remove(&key);
                }
                vm.copy(scratch.offset(1), scratch);
                vm.set_top(scratch.offset(1))?;
            }
            assert_eq!(n_seen, n_before, "entries visited");
        }
    }
    vm.set_top(scratch)
}

fn contents(vm: &mut Vm, t: Slot) -> Result<Vec<(Normal, i64)>, cu::Thrown> {
    let key = t.offset(1);
    let mut all = Vec::new();
    vm.push_nil()?;
    while vm.next(t, key)? {
        all.push((
            normal_at(vm, key.offset(1)),
            value_of(vm, key.offset(2)).unwrap_or_default(),
        ));
        vm.copy(key.offset(1), key);
        vm.set_top(key.offset(1))?;
    }
    vm.set_top(key)?;
    Ok(all)
}

fn push_key(vm: &mut Vm, key: &Key) -> Result<(), cu::Thrown> {
    match key {
        Key::Integer(i) => vm.push_int(*i),
        Key::Float(f) => vm.push_float(*f),
        Key::String(s) => vm.push_bytes(s.as_bytes()),
        Key::Boolean(b) => vm.push_bool(*b),
    }
}

fn normal(key: &Key) -> Normal {
    match key {
        Key::Integer(i) => Normal::Integer(*i),
        Key::Float(f) => normal_float(*f),
        Key::String(s) => Normal::String(s.clone().into_bytes()),
        Key::Boolean(b) => Normal::Boolean(*b),
    }
}

/// Floats with the value of an integer are that integer.
fn normal_float(f: f64) -> Normal {
    const TWO_63: f64 = 9_223_372_036_854_775_808.0;
    if f.fract() == 0.0 && (-TWO_63..TWO_63).contains(&f) {
        Normal::Integer(f as i64)
    } else {
        Normal::Float(f.to_bits())
    }
}

fn normal_at(vm: &Vm, slot: Slot) -> Normal {
    match vm.view(slot) {
        View::Integer(i) => Normal::Integer(i),
        View::Float(f) => Normal::Float(f.to_bits()),
        View::String(s) => Normal::String(s.to_vec()),
        View::Boolean(b) => Normal::Boolean(b),
        other => panic!("a key that nobody put there: {other:?}"),
    }
}

fn value_of(vm: &Vm, slot: Slot) -> Option<i64> {
    match vm.view(slot) {
        View::Integer(i) => Some(i),
        _ => None,
    }
}
