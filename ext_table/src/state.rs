//! What this crate keeps with the machine, and every call of the store.
//!
//! A call of the store borrows the machine's extension and nothing else, and no call of the machine happens
//! meanwhile: a finalizer, which may run whenever the machine collects, finds everything in its place.

use cu_vm::number_text::{write_float_g14, write_integer};
use cu_vm::{Native, Slot, Thrown, View, Vm};

use crate::key::{self, Key};
use crate::store::{Store, StoreError, StoreResult};
use crate::value::{self, Value};

/// The number in a field of this name is that of the table itself.
pub(crate) const ID_FIELD: &[u8] = b"__ext_table_id";

/// What external tables are opened with.
pub struct Options {
    /// The library function of a full name.
    pub find: fn(&str) -> Option<&'static Native>,
    /// The first number for a table; `_home` gets it. Numbers begin at 1.
    pub next_id: u32,
    /// Whether the global `Memory` is another name of `_home`.
    pub memory_alias: bool,
    /// How large integers are made and told from other userdata; `None` if there are none.
    pub big_integers: Option<BigIntegers>,
}

/// See [`Options::big_integers`].
#[derive(Clone, Copy, Debug)]
pub struct BigIntegers {
    /// The bytes that a large integer is stored as; `None` for any other value.
    pub bytes: fn(&Vm, Slot) -> Option<&[u8]>,
    /// Pushes the large integer stored as these bytes; pushes nothing and tells `false` if they are no such thing.
    pub push: fn(&mut Vm, &[u8]) -> Result<bool, Thrown>,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            find: |_| None,
            next_id: 1,
            memory_alias: true,
            big_integers: None,
        }
    }
}

/// What is kept with the machine.
pub(crate) struct State {
    pub store: Box<dyn Store>,
    pub options: Options,
    pub next_id: u32,
    pub home: u32,
    pub io: u32,
    /// Numbers that were given out and came back unused.
    pub released: Vec<u32>,
    /// Tables that were made here, and that the store does not know yet.
    pub unknown: Vec<u32>,
    /// The last answer to [`get_short`].
    pub answer: Vec<u8>,
    /// Whether the store tells tables that it does not know from those without entries; `None` before it was asked.
    pub tells_unknown: Option<bool>,
}

impl State {
    /// Takes back a table that was made here and that nothing refers to. `list` is for its keys, which may take `room`
    /// bytes.
    pub fn withdraw(&mut self, table: u32, list: &mut Vec<u8>, room: usize) {
        list.clear();
        let listed = self.store.keys(table, &mut |key| {
            // Buffers grow to the double.
            if (list.len() + key.len() + 4).saturating_mul(2) <= room {
                // A key that is left out stays, as what cannot be removed does.
                append_counted(list, key);
            }
        });
        if matches!(listed, Ok(true)) {
            for key in each_key(list) {
                // What cannot be removed stays as garbage: the number is not used again then.
                let _ = self.store.delete(table, key);
            }
        }
        self.unknown.retain(|&id| id != table);
        if self.released.try_reserve(1).is_ok() {
            self.released.push(table);
        }
    }
}

/// Puts a key and its length at the end of a list; `false` when there is no memory for it.
fn append_counted(list: &mut Vec<u8>, key: &[u8]) -> bool {
    if list.try_reserve(4 + key.len()).is_err() {
        return false;
    }
    list.extend_from_slice(&(key.len() as u32).to_le_bytes());
    list.extend_from_slice(key);
    true
}

/// So many bytes of a value are one unit of work.
const BYTES_PER_UNIT: usize = 64;

/// The numbers of tables that were made and never written to are remembered only up to here.
const MOST_UNKNOWN: usize = 4096;

/// Lets `act` see the state, if external tables have been opened.
pub(crate) fn with<R>(vm: &mut Vm, act: impl FnOnce(&mut State) -> R) -> Result<R, Thrown> {
    if let Some(state) = vm.extension::<State>() {
        return Ok(act(state));
    }
    Err(vm.error(&[b"external tables are not open"]))
}

/// What was to be done with an entry, for messages.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Access {
    Read,
    Write,
    Delete,
    Count,
    List,
}

impl Access {
    fn verb(self) -> &'static str {
        match self {
            Access::Read => "read",
            Access::Write => "write",
            Access::Delete => "delete",
            Access::Count => "count the entries of",
            Access::List => "list the keys of",
        }
    }
}

/// An entry of an external table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry<'a> {
    pub table: u32,
    /// Its key as the store knows it.
    pub key: &'a [u8],
}

/// Reads an entry to the end of `value`, and tells whether it is there.
pub(crate) fn get(vm: &mut Vm, entry: Entry<'_>, value: &mut Vec<u8>) -> Result<bool, Thrown> {
    let found = with(vm, |state| state.store.get(entry.table, entry.key, value))?;
    let found = checked(vm, found, Access::Read, entry)?;
    vm.charge((value.len() / BYTES_PER_UNIT) as u64)?;
    Ok(found)
}

/// What [`get_short`] has found.
pub(crate) enum Found {
    Nothing,
    Boolean(bool),
    Integer(i64),
    Float(f64),
    /// The bytes of another value; they are to be given back to [`keep_answer`].
    Other(Vec<u8>),
}

/// Reads an entry that is most likely a number.
pub(crate) fn get_short(vm: &mut Vm, entry: Entry<'_>) -> Result<Found, Thrown> {
    let found = with(vm, |state| {
        let value = &mut state.answer;
        value.clear();
        if !state.store.get(entry.table, entry.key, value)? {
            return Ok(Found::Nothing);
        }
        Ok(match value::decode(value) {
            // What follows a value costs fuel, too.
            _ if value.len() >= BYTES_PER_UNIT => Found::Other(std::mem::take(value)),
            Some(Value::Boolean(b)) => Found::Boolean(b),
            Some(Value::Integer(i)) => Found::Integer(i),
            Some(Value::Float(f)) => Found::Float(f),
            _ => Found::Other(std::mem::take(value)),
        })
    })?;
    let found = checked(vm, found, Access::Read, entry)?;
    if let Found::Other(value) = &found {
        vm.charge((value.len() / BYTES_PER_UNIT) as u64)?;
    }
    Ok(found)
}

/// Takes back what [`Found::Other`] has given.
pub(crate) fn keep_answer(vm: &mut Vm, value: Vec<u8>) -> Result<(), Thrown> {
    const MOST_KEPT: usize = 4096;
    if value.capacity() > MOST_KEPT {
        return Ok(());
    }
    with(vm, |state| state.answer = value)
}

/// Writes an entry.
pub(crate) fn set(vm: &mut Vm, entry: Entry<'_>, value: &[u8]) -> Result<(), Thrown> {
    vm.charge((value.len() / BYTES_PER_UNIT) as u64)?;
    let done = with(vm, |state| {
        let done = state.store.set(entry.table, entry.key, value);
        if done.is_ok() && !state.unknown.is_empty() {
            state.unknown.retain(|&id| id != entry.table);
        }
        done
    })?;
    checked(vm, done, Access::Write, entry)
}

/// Removes an entry.
pub(crate) fn delete(vm: &mut Vm, entry: Entry<'_>) -> Result<(), Thrown> {
    let done = with(vm, |state| state.store.delete(entry.table, entry.key))?;
    checked(vm, done, Access::Delete, entry)
}

/// How many entries the store has of a table.
pub(crate) fn size(vm: &mut Vm, table: u32) -> Result<u32, Thrown> {
    let size = with(vm, |state| state.store.size(table))?;
    checked(vm, size, Access::Count, Entry { table, key: b"" })
}

/// The keys of a table, one after the other, each behind its length (u32); and whether the table is known.
pub(crate) fn keys(vm: &mut Vm, table: u32, out: &mut Vec<u8>) -> Result<bool, Thrown> {
    let start = out.len();
    let room = vm.memory_room();
    let mut is_full = false;
    let known = with(vm, |state| {
        state.store.keys(table, &mut |key| {
            // Buffers grow to the double.
            is_full |= (out.len() + key.len() + 4).saturating_mul(2) > room;
            is_full = is_full || !append_counted(out, key);
        })
    })?;
    if is_full {
        return Err(vm.out_of_memory());
    }
    let known = checked(vm, known, Access::List, Entry { table, key: b"" })?;
    vm.charge((out.len() - start) as u64 / 32)?;
    Ok(known)
}

/// The keys that [`keys`] has put together.
pub(crate) fn each_key(list: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = list;
    std::iter::from_fn(move || {
        let (&len, after) = rest.split_first_chunk()?;
        let (key, after) = after.split_at_checked(u32::from_le_bytes(len) as usize)?;
        rest = after;
        Some(key)
    })
}

/// The list of keys without its first `n`.
pub(crate) fn after_keys(list: &[u8], n: usize) -> &[u8] {
    let bytes = each_key(list).take(n).map(|key| key.len() + 4).sum();
    list.get(bytes..).unwrap_or_default()
}

fn checked<T>(
    vm: &mut Vm,
    result: StoreResult<T>,
    access: Access,
    entry: Entry<'_>,
) -> Result<T, Thrown> {
    match result {
        Ok(value) => Ok(value),
        Err(error) => Err(store_error(vm, access, entry, &error)),
    }
}

#[cold]
fn store_error(vm: &mut Vm, access: Access, entry: Entry<'_>, error: &StoreError) -> Thrown {
    let mut text = b"cannot ".to_vec();
    text.extend_from_slice(access.verb().as_bytes());
    text.push(b' ');
    text.extend_from_slice(&table_name(vm, entry.table));
    match access {
        Access::Read | Access::Write | Access::Delete => {
            let mut room = Vec::new();
            append_key(&mut text, key::decode(entry.key, &mut room));
        }
        Access::Count | Access::List => {}
    }
    text.extend_from_slice(b": ");
    error.write(&mut text);
    vm.error(&[&text])
}

/// A number that no table has, here or in the store.
pub(crate) fn new_id(vm: &mut Vm) -> Result<u32, Thrown> {
    let released = with(vm, |state| state.released.pop())?;
    if let Some(id) = released
        && size(vm, id)? == 0
    {
        remember_unknown(vm, id)?;
        return Ok(id);
    }
    loop {
        vm.charge(1)?;
        let id = with(vm, |state| {
            let id = state.next_id;
            if id != u32::MAX {
                state.next_id += 1;
            }
            id
        })?;
        if id == u32::MAX {
            return Err(vm.error(&[b"no number is left for another external table"]));
        }
        if size(vm, id)? == 0 && !(is_known(vm, id)? && tells_unknown(vm)?) {
            remember_unknown(vm, id)?;
            return Ok(id);
        }
    }
}

fn is_known(vm: &mut Vm, table: u32) -> Result<bool, Thrown> {
    let known = with(vm, |state| state.store.keys(table, &mut |_| {}))?;
    checked(vm, known, Access::List, Entry { table, key: b"" })
}

/// Some hosts know every table, even the one that is never made. What they say about numbers means nothing.
fn tells_unknown(vm: &mut Vm) -> Result<bool, Thrown> {
    if let Some(tells) = with(vm, |state| state.tells_unknown)? {
        return Ok(tells);
    }
    let tells = !is_known(vm, u32::MAX)?;
    with(vm, |state| state.tells_unknown = Some(tells))?;
    Ok(tells)
}

fn remember_unknown(vm: &mut Vm, id: u32) -> Result<(), Thrown> {
    with(vm, |state| {
        if state.unknown.len() < MOST_UNKNOWN && state.unknown.try_reserve(1).is_ok() {
            state.unknown.push(id);
        }
    })
}

/// Makes the store know a table without entries, so that its number is given to no other one after a restart.
pub(crate) fn make_known(vm: &mut Vm, id: u32) -> Result<(), Thrown> {
    let is_unknown = with(vm, |state| state.unknown.contains(&id))?;
    if is_unknown {
        let entry = Entry {
            table: id,
            key: b"\x01",
        };
        set(vm, entry, &[0])?;
        delete(vm, entry)?;
    }
    Ok(())
}

/// A table of this number exists: new ones get higher numbers.
pub(crate) fn seen_id(vm: &mut Vm, id: u32) -> Result<(), Thrown> {
    with(vm, |state| {
        state.next_id = state.next_id.max(id.saturating_add(1));
    })
}

/// The key in a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoKey {
    Nil,
    NaN,
    Type,
    /// The field that shows the table's number.
    Id,
}

/// The key in a slot, if an external table can have it.
pub(crate) fn key_in(vm: &Vm, slot: Slot) -> Result<Key<'_>, NoKey> {
    match vm.view(slot) {
        View::String(ID_FIELD) => Err(NoKey::Id),
        View::String(bytes) => Ok(Key::String(bytes)),
        View::Integer(i) => Ok(Key::Integer(i)),
        View::Float(f) if f.is_nan() => Err(NoKey::NaN),
        View::Float(f) => Ok(Key::Float(f)),
        View::Boolean(b) => Ok(Key::Boolean(b)),
        View::None | View::Nil => Err(NoKey::Nil),
        View::Table | View::Function | View::LightUserdata | View::Userdata | View::Thread => {
            Err(NoKey::Type)
        }
    }
}

/// What programs call a table, for messages.
pub(crate) fn table_name(vm: &mut Vm, id: u32) -> Vec<u8> {
    match vm.extension::<State>() {
        Some(state) if state.home == id => b"_home".to_vec(),
        Some(state) if state.io == id => b"_io".to_vec(),
        _ => {
            let mut digits = [0; 24];
            [b"external table ", write_integer(&mut digits, id.into())].concat()
        }
    }
}

/// Puts a key at the end of a path, as a program would write it: `.name`, `[3]`, `["a b"]`.
pub(crate) fn append_key(path: &mut Vec<u8>, key: Key<'_>) {
    const MOST_SHOWN: usize = 40;
    match key {
        Key::Integer(i) => in_brackets(path, write_integer(&mut [0; 24], i)),
        Key::Float(f) => in_brackets(path, write_float_g14(&mut [0; 32], f)),
        Key::Boolean(b) => in_brackets(path, if b { b"true" } else { b"false" }),
        Key::String(bytes) => {
            let is_name = bytes.first().is_some_and(|b| !b.is_ascii_digit())
                && bytes.len() <= MOST_SHOWN
                && bytes
                    .iter()
                    .all(|&b| b.is_ascii_alphanumeric() || b == b'_');
            if is_name {
                path.push(b'.');
                path.extend_from_slice(bytes);
                return;
            }
            path.extend_from_slice(b"[\"");
            for &byte in bytes.iter().take(MOST_SHOWN) {
                let shown = byte >= 0x80 || (0x20..0x7f).contains(&byte);
                path.push(if shown { byte } else { b'?' });
            }
            let end: &[u8] = if bytes.len() > MOST_SHOWN {
                b"...\"]"
            } else {
                b"\"]"
            };
            path.extend_from_slice(end);
        }
    }
}

/// As [`append_key`], for the key in a slot, whatever it is.
pub(crate) fn append_key_in(vm: &Vm, path: &mut Vec<u8>, slot: Slot) {
    match key_in(vm, slot) {
        Ok(key) => append_key(path, key),
        Err(NoKey::Id) => append_key(path, Key::String(ID_FIELD)),
        Err(NoKey::NaN) => in_brackets(path, b"nan"),
        Err(NoKey::Nil | NoKey::Type) => in_brackets(path, &vm.type_name(slot)),
    }
}

fn in_brackets(path: &mut Vec<u8>, text: &[u8]) {
    path.push(b'[');
    path.extend_from_slice(text);
    path.push(b']');
}
