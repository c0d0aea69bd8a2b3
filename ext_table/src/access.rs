//! What programs do with external tables: the natives that the machine calls, and `ext.table`.
//!
//! Reading remembers what it has read, so that the machine need not ask again in this epoch; writing goes to the
//! store at once, and an error belongs to the assignment.

use cu_vm::{Args, ExternalHooks, Native, NativeResult, Outcome, Slot, Thrown, View, Vm};

use crate::convert;
use crate::key::{self, Key};
use crate::read;
use crate::state::{self, Entry, Found, NoKey};
use crate::value::{self, Value};

/// What the machine calls.
pub(crate) static HOOKS: ExternalHooks = ExternalHooks {
    get: get_hook,
    set: set_hook,
    len: &LEN,
    next: &NEXT,
};

static INDEX: Native = Native {
    name: "ext.index",
    call: index,
};
static NEW_INDEX: Native = Native {
    name: "ext.new_index",
    call: new_index,
};
static LEN: Native = Native {
    name: "ext.len",
    call: len,
};
static NEXT: Native = Native {
    name: "ext.next",
    call: next,
};
/// The metamethods of all external tables.
pub(crate) static METAMETHODS: [(&str, &Native); 4] = [
    ("__index", &INDEX),
    ("__newindex", &NEW_INDEX),
    ("__len", &LEN),
    ("__pairs", &PAIRS),
];
static PAIRS: Native = Native {
    name: "ext.pairs",
    call: pairs,
};
static PAIRS_ITERATOR: Native = Native {
    name: "ext.pairs_iterator",
    call: pairs_iterator,
};
/// The library `ext`.
pub(crate) static LIBRARY: [Native; 2] = [
    Native {
        name: "ext.table",
        call: table,
    },
    Native {
        name: "ext.collect",
        call: crate::collect::native,
    },
];

/// The native of this name, if it is one of this crate that a program can hold.
pub(crate) fn find(name: &str) -> Option<&'static Native> {
    LIBRARY.iter().find(|native| native.name == name)
}

fn table(vm: &mut Vm, _args: Args) -> NativeResult {
    let id = state::new_id(vm)?;
    vm.push_external(id)?;
    Ok(Outcome::results(1))
}

/// The number of the external table that is the first argument.
fn external(vm: &mut Vm, args: Args) -> Result<u32, Thrown> {
    match vm.external_id(args.slot(0)) {
        0 => Err(vm.type_error(args, 0, "external table")),
        id => Ok(id),
    }
}

fn index(vm: &mut Vm, args: Args) -> NativeResult {
    let table = external(vm, args)?;
    get(vm, table, args.slot(0), args.slot(1))?;
    Ok(Outcome::results(1))
}

fn get_hook(vm: &mut Vm, t: Slot, key: Slot) -> Result<(), Thrown> {
    let table = vm.external_id(t);
    get(vm, table, t, key)
}

/// Pushes `t[key]`; `id` is the number of `t`.
pub(crate) fn get(vm: &mut Vm, id: u32, t: Slot, key: Slot) -> Result<(), Thrown> {
    vm.charge(4)?;
    let result = vm.top();
    if get_short(vm, id, key)? {
        return vm.remember_external(t, key, result);
    }
    let mut name = vm.take_buffer();
    let mut value = vm.take_buffer();
    let done = get_with(vm, id, key, &mut name, &mut value);
    vm.drop_buffer(name);
    vm.drop_buffer(value);
    if done? {
        vm.remember_external(t, key, result)?;
    }
    Ok(())
}

/// Pushes the value of an entry whose key is short; `false` where [`get_with`] has to do it.
fn get_short(vm: &mut Vm, table: u32, slot: Slot) -> Result<bool, Thrown> {
    let mut room = [0; key::SHORT];
    let key = state::key_in(vm, slot).ok();
    let Some(key) = key.and_then(|key| key::encode_short(key, &mut room)) else {
        return Ok(false);
    };
    let entry = Entry { table, key };
    match state::get_short(vm, entry)? {
        Found::Nothing => vm.push_nil()?,
        Found::Boolean(b) => vm.push_bool(b)?,
        Found::Integer(i) => vm.push_int(i)?,
        Found::Float(f) => vm.push_float(f)?,
        Found::Other(value) => {
            let pushed = read::push_value(vm, entry, &value);
            state::keep_answer(vm, value)?;
            pushed?;
        }
    }
    Ok(true)
}

/// Pushes the value, and tells whether to remember it.
fn get_with(
    vm: &mut Vm,
    table: u32,
    slot: Slot,
    name: &mut Vec<u8>,
    value: &mut Vec<u8>,
) -> Result<bool, Thrown> {
    let key = match state::key_in(vm, slot) {
        Ok(key) => key,
        Err(NoKey::Id) => {
            vm.push_int(i64::from(table))?;
            return Ok(true);
        }
        // As in any table: there is nothing under such a key.
        Err(NoKey::Nil | NoKey::NaN | NoKey::Type) => {
            vm.push_nil()?;
            return Ok(false);
        }
    };
    let has_old_text = key::encode_noting(key, name);
    let mut found = state::get(vm, Entry { table, key: name }, value)?;
    if !found && has_old_text {
        name.clear();
        value.clear();
        let has_text = state::key_in(vm, slot).is_ok_and(|key| key::old_text(key, name));
        found = has_text && state::get(vm, Entry { table, key: name }, value)?;
    }
    if !found {
        vm.push_nil()?;
        return Ok(true);
    }
    read::push_value(vm, Entry { table, key: name }, value)?;
    Ok(true)
}

fn new_index(vm: &mut Vm, args: Args) -> NativeResult {
    external(vm, args)?;
    // A value that was not given is nil, and has no slot that could be named.
    let first = vm.top();
    for i in 0..3 {
        vm.push_slot(args.slot(i))?;
    }
    set_hook(vm, first, first.offset(1), first.offset(2))?;
    Ok(Outcome::results(0))
}

/// `t[key] = value`
fn set_hook(vm: &mut Vm, t: Slot, key: Slot, value: Slot) -> Result<(), Thrown> {
    let table = vm.external_id(t);
    vm.charge(4)?;
    let done = if let Some(done) = set_short(vm, table, key, value) {
        done.map(|()| Some(value))
    } else if let Err(problem) = state::key_in(vm, key) {
        return Err(refuse_key(vm, table, key, problem));
    } else if vm.is_none_or_nil(value) {
        delete(vm, table, key).map(|()| Some(value))
    } else {
        let stored = vm.top();
        let done = convert::store(vm, table, key, value, false);
        done.map(|may_remember| may_remember.then_some(stored))
    };
    match done {
        Ok(Some(stored)) => vm.remember_external(t, key, stored),
        // The entry is not what it was, or nobody knows what it is.
        Ok(None) => vm.forget_external(t, key),
        Err(thrown) => {
            vm.forget_external(t, key)?;
            Err(thrown)
        }
    }
}

/// Writes an entry whose key and value are short; `None` where it has to be done in another way.
fn set_short(vm: &mut Vm, table: u32, key: Slot, value: Slot) -> Option<Result<(), Thrown>> {
    let mut name = [0; key::SHORT];
    let mut bytes = [0; value::SHORT];
    let value = match vm.view(value) {
        View::Boolean(b) => Value::Boolean(b),
        View::Integer(i) => Value::Integer(i),
        View::Float(f) => Value::Float(f),
        View::String(bytes) => Value::String(bytes),
        _ => return None,
    };
    let key = key::encode_short(state::key_in(vm, key).ok()?, &mut name)?;
    let value = value::encode_short(value, &mut bytes)?;
    Some(state::set(vm, Entry { table, key }, value))
}

#[cold]
fn refuse_key(vm: &mut Vm, table: u32, key: Slot, problem: NoKey) -> Thrown {
    match problem {
        NoKey::Nil => vm.error(&[b"table index is nil"]),
        NoKey::NaN => vm.error(&[b"table index is NaN"]),
        NoKey::Id => vm.error(&[
            b"cannot change '",
            state::ID_FIELD,
            b"' of an external table",
        ]),
        NoKey::Type => {
            let what = convert::what_it_is(vm, key);
            let name = state::table_name(vm, table);
            vm.error(&[
                b"cannot store under ",
                &what,
                b" as a key (in ",
                &name,
                b")",
            ])
        }
    }
}

/// `t[key] = nil`
fn delete(vm: &mut Vm, table: u32, slot: Slot) -> Result<(), Thrown> {
    let mut name = vm.take_buffer();
    let mut old = vm.take_buffer();
    let mut value = vm.take_buffer();
    let done = (|| {
        if let Ok(key) = state::key_in(vm, slot) {
            key::encode(key, &mut name);
            key::old_text(key, &mut old);
        }
        let entry = Entry { table, key: &name };
        let old_entry = Entry { table, key: &old };
        if !old.is_empty() && state::get(vm, old_entry, &mut value)? {
            // The old entry may be that of another key, so it stays; this key says for itself that it has none.
            return state::set(vm, entry, &[0]);
        }
        state::delete(vm, entry)
    })();
    vm.drop_buffer(name);
    vm.drop_buffer(old);
    vm.drop_buffer(value);
    done
}

/// `#t`: the number of entries, as long as this can be the length of a sequence or there is no sequence.
fn len(vm: &mut Vm, args: Args) -> NativeResult {
    let id = external(vm, args)?;
    let t = args.slot(0);
    let size = i64::from(state::size(vm, id)?);
    let n = if size == 0 || exists(vm, t, size)? || !exists(vm, t, 1)? {
        size
    } else {
        // Entry 1 is there and entry `size` is not: a border lies between them.
        let (mut low, mut high) = (1, size);
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            if exists(vm, t, middle)? {
                low = middle;
            } else {
                high = middle;
            }
        }
        low
    };
    vm.push_int(n)?;
    Ok(Outcome::results(1))
}

fn exists(vm: &mut Vm, t: Slot, i: i64) -> Result<bool, Thrown> {
    let value = vm.top();
    vm.get_int(t, i)?;
    let exists = !vm.is_none_or_nil(value);
    vm.pop(1);
    Ok(exists)
}

/// Pushes a list of the keys that the table has now.
fn push_keys(vm: &mut Vm, id: u32) -> Result<(), Thrown> {
    let mut list = vm.take_buffer();
    let mut room = vm.take_buffer();
    let done = push_keys_with(vm, id, &mut list, &mut room);
    vm.drop_buffer(list);
    vm.drop_buffer(room);
    done
}

fn push_keys_with(
    vm: &mut Vm,
    id: u32,
    list: &mut Vec<u8>,
    room: &mut Vec<u8>,
) -> Result<(), Thrown> {
    state::keys(vm, id, list)?;
    let table = vm.top();
    vm.push_table(0, 0)?;
    let n_listed = state::each_key(list).count();
    if n_listed as u64 > u64::from(state::size(vm, id)?) {
        return push_joined_keys(vm, id, table, list, room);
    }
    let mut n = 0;
    for text in state::each_key(list) {
        append_to_list(vm, table, &mut n, key::decode(text, room))?;
    }
    Ok(())
}

/// Puts a key at the end of the list in `table`, which has `n`.
fn append_to_list(vm: &mut Vm, table: Slot, n: &mut i64, key: Key<'_>) -> Result<(), Thrown> {
    vm.charge(1)?;
    if key != Key::String(state::ID_FIELD) {
        let slot = vm.top();
        push_key(vm, key)?;
        *n += 1;
        vm.raw_set_int(table, *n, slot)?;
        vm.pop(1);
    }
    Ok(())
}

/// More keys were listed than there are entries. Some stores list keys as lines of a text, so a key with a line feed
/// comes in pieces: what has no entry by itself is put together with what follows it.
fn push_joined_keys(
    vm: &mut Vm,
    id: u32,
    table: Slot,
    list: &[u8],
    room: &mut Vec<u8>,
) -> Result<(), Thrown> {
    const MOST_PIECES: usize = 8;
    let done = vm.top();
    vm.push_table(0, 0)?;
    vm.push_bool(true)?;
    let mut joined = vm.take_buffer();
    let mut value = vm.take_buffer();
    let result = (|| {
        let mut n = 0;
        let mut rest = list;
        while !rest.is_empty() {
            let mut used = 1;
            for pieces in (1..=MOST_PIECES).rev() {
                joined.clear();
                let mut given = 0;
                for piece in state::each_key(rest).take(pieces) {
                    if given > 0 {
                        joined.push(b'\n');
                    }
                    joined.extend_from_slice(piece);
                    given += 1;
                }
                if given < pieces {
                    continue;
                }
                // A key is listed once.
                let text = done.offset(2);
                vm.push_bytes(&joined)?;
                vm.raw_get(done, text)?;
                let is_new = vm.is_none_or_nil(text.offset(1));
                let entry = Entry {
                    table: id,
                    key: &joined,
                };
                value.clear();
                if is_new && state::get(vm, entry, &mut value)? {
                    vm.raw_set(done, text, done.offset(1))?;
                    append_to_list(vm, table, &mut n, key::decode(&joined, room))?;
                    used = pieces;
                    vm.set_top(text)?;
                    break;
                }
                vm.set_top(text)?;
            }
            rest = state::after_keys(rest, used);
        }
        Ok(())
    })();
    vm.drop_buffer(joined);
    vm.drop_buffer(value);
    result?;
    vm.set_top(done)
}

fn push_key(vm: &mut Vm, key: Key<'_>) -> Result<(), Thrown> {
    match key {
        Key::Integer(i) => vm.push_int(i),
        Key::Float(f) => vm.push_float(f),
        Key::Boolean(b) => vm.push_bool(b),
        Key::String(bytes) => vm.push_bytes(bytes),
    }
}

/// Pushes the first entry of `t` that is there from place `from` of the list of keys on, and tells its place; or
/// pushes nothing.
fn push_entry(vm: &mut Vm, t: Slot, list: Slot, from: i64) -> Result<Option<i64>, Thrown> {
    let n = vm.raw_len(list) as i64;
    let key = vm.top();
    for place in from..=n {
        vm.charge(1)?;
        vm.raw_get_int(list, place)?;
        vm.get(t, key)?;
        if !vm.is_none_or_nil(key.offset(1)) {
            return Ok(Some(place));
        }
        vm.set_top(key)?;
    }
    Ok(None)
}

/// `pairs(t)`: an iterator over the keys that there are now.
fn pairs(vm: &mut Vm, args: Args) -> NativeResult {
    let id = external(vm, args)?;
    let iterator = vm.top();
    push_keys(vm, id)?;
    vm.push_int(1)?;
    vm.push_native_closure(&PAIRS_ITERATOR, 2)?;
    debug_assert!(vm.top() == iterator.offset(1));
    vm.push_slot(args.slot(0))?;
    vm.push_nil()?;
    Ok(Outcome::results(3))
}

/// Upvalues: the list of keys, and the place in it where to go on.
fn pairs_iterator(vm: &mut Vm, args: Args) -> NativeResult {
    external(vm, args)?;
    let place = vm.upvalue_int(args, 1).unwrap_or(1);
    let list = vm.top();
    vm.push_upvalue(args, 0)?;
    match push_entry(vm, args.slot(0), list, place)? {
        Some(place) => {
            vm.set_upvalue_int(args, 1, place.saturating_add(1));
            Ok(Outcome::results(2))
        }
        None => {
            vm.set_upvalue_int(args, 1, i64::MAX);
            vm.push_nil()?;
            Ok(Outcome::results(1))
        }
    }
}

/// `next(t, k)`. The list of keys is made at the start of a traversal and kept until another one starts, with the
/// place of the last key that was given out at index 0.
fn next(vm: &mut Vm, args: Args) -> NativeResult {
    let id = external(vm, args)?;
    let (t, key) = (args.slot(0), args.slot(1));
    let private = vm.top();
    vm.push_external_private()?;
    let list = vm.top();
    vm.raw_get_int(private, i64::from(id))?;
    let starts = vm.is_none_or_nil(key);
    if starts || vm.is_none_or_nil(list) {
        vm.pop(1);
        push_keys(vm, id)?;
        vm.raw_set_int(private, i64::from(id), list)?;
    }
    let from = if starts {
        1
    } else {
        match place_of(vm, list, key)? {
            Some(place) => place + 1,
            None => return Err(vm.error(&[b"invalid key to 'next'"])),
        }
    };
    match push_entry(vm, t, list, from)? {
        Some(place) => {
            let at = vm.top();
            vm.push_int(place)?;
            vm.raw_set_int(list, 0, at)?;
            vm.pop(1);
            Ok(Outcome::results(2))
        }
        None => {
            vm.push_nil()?;
            Ok(Outcome::results(1))
        }
    }
}

/// Where a key is in the list: mostly where the traversal stands.
fn place_of(vm: &mut Vm, list: Slot, key: Slot) -> Result<Option<i64>, Thrown> {
    let at = vm.top();
    vm.raw_get_int(list, 0)?;
    let hint = match vm.view(at) {
        View::Integer(place) => place,
        _ => 1,
    };
    vm.pop(1);
    let n = vm.raw_len(list) as i64;
    for place in std::iter::once(hint).chain(1..=n) {
        vm.charge(1)?;
        vm.raw_get_int(list, place)?;
        let same = vm.raw_equal(at, key);
        vm.pop(1);
        if same && place >= 1 {
            return Ok(Some(place));
        }
    }
    Ok(None)
}

/// Throws away the lists of keys of traversals with `next`.
pub(crate) fn forget_traversals(vm: &mut Vm) -> Result<(), Thrown> {
    if vm.external_private_is_unused() {
        return Ok(());
    }
    let private = vm.top();
    vm.push_external_private()?;
    vm.push_nil()?;
    let key = private.offset(1);
    while vm.next(private, key)? {
        vm.copy(key.offset(1), key);
        vm.set_top(key.offset(1))?;
        vm.push_nil()?;
        vm.raw_set(private, key, key.offset(1))?;
        vm.pop(1);
    }
    vm.set_top(private)
}
