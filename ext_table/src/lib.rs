//! External tables: tables of the language whose entries are kept by the host, in a [`Store`].
//!
//! What it is not: it knows no store but the trait, and nothing of hosts or buffers. The formats of what it keeps
//! there are those of [`key`] and [`value`], and are written down byte by byte in the README of this crate.
//!
//! A host opens external tables once for a machine, and tells when it enters the machine and when it leaves:
//!
//! ```text
//! open(vm, store, options)            makes ext, _home, _io, Memory
//!     begin(vm)                       somebody else may have changed the store
//!         the program runs
//!     finish(vm)                      what stored functions have changed goes to the store
//! ```

#![forbid(unsafe_code)]

mod access;
mod collect;
mod convert;
mod function;
pub mod key;
pub mod memory;
mod read;
pub mod registry;
mod state;
pub mod store;
pub mod value;

#[cfg(test)]
mod tests;

pub use collect::collect;
pub use state::{BigIntegers, Options};
pub use store::{Store, StoreError, StoreResult};

use cu_vm::{CellId, Slot, Thrown, Vm};

use state::{Entry, State};

/// Opens external tables: makes the globals `ext`, `_home`, `_io` and, if wanted, `Memory`.
pub fn open(vm: &mut Vm, store: Box<dyn Store>, options: Options) -> Result<(), Thrown> {
    let start = vm.top();
    let home = options.next_id.max(1);
    let io = home.saturating_add(1);
    vm.push_table(0, 8)?;
    for (event, native) in access::METAMETHODS {
        vm.push_native(native)?;
        vm.raw_set_name(start, event.as_bytes(), start.offset(1))?;
        vm.pop(1);
    }
    vm.push_bytes(b"external table")?;
    vm.raw_set_name(start, b"__metatable", start.offset(1))?;
    vm.set_external_hooks(access::HOOKS, start)?;
    vm.set_extension(Box::new(State {
        store,
        options,
        next_id: io.saturating_add(1),
        home,
        io,
        released: Vec::new(),
        unknown: Vec::new(),
        answer: Vec::new(),
        tells_unknown: None,
    }));
    vm.set_top(start)?;
    vm.push_globals()?;
    let value = start.offset(1);
    vm.push_library(&access::LIBRARY)?;
    vm.raw_set_name(start, b"ext", value)?;
    vm.pop(1);
    vm.push_external(io)?;
    vm.raw_set_name(start, b"_io", value)?;
    vm.set_top(start)?;
    attach_home(vm, home)
}

/// The host enters the machine: what was read before does not count any more.
pub fn begin(vm: &mut Vm) {
    vm.new_external_epoch();
    let start = vm.top();
    // Traversals of before are over; if there is no room to say so, they go on with old keys.
    let _ = access::forget_traversals(vm);
    let _ = vm.set_top(start);
}

/// The host leaves the machine: what stored functions have made of their variables goes to the store. This takes no
/// fuel. When a value cannot be stored, the error says so once, and the store keeps the old value; all others are
/// written first.
pub fn finish(vm: &mut Vm) -> Result<(), Thrown> {
    let fuel = vm.fuel_left();
    vm.set_fuel(None);
    let done = write_cells(vm);
    vm.set_fuel((fuel != u64::MAX).then_some(fuel));
    done
}

fn write_cells(vm: &mut Vm) -> Result<(), Thrown> {
    let start = vm.top();
    let mut done = Ok(());
    let mut after = None;
    while let Some(id) = vm.push_changed_cell(after)? {
        if let Err(thrown) = write_cell(vm, id, start) {
            // What is refused now would be refused again.
            vm.fill_cell(id, start);
            done = Err(thrown);
        }
        vm.set_top(start)?;
        after = Some(id);
    }
    done
}

/// Writes the value of a cell, and lets the variable have what the store has then: of a table it is the external one.
#[inline(never)]
fn write_cell(vm: &mut Vm, id: CellId, value: Slot) -> Result<(), Thrown> {
    vm.push_int(i64::from(id.index))?;
    let key = value.offset(1);
    vm.push_external(id.table)?;
    let table = value.offset(2);
    vm.forget_external(table, key)?;
    let stored = vm.top();
    if vm.is_none_or_nil(value) {
        let mut name = Vec::new();
        key::encode(key::Key::Integer(id.index.into()), &mut name);
        let entry = Entry {
            table: id.table,
            key: &name,
        };
        state::delete(vm, entry)?;
        vm.push_nil()?;
    } else if !convert::store(vm, id.table, key, value, true)? {
        vm.set_top(stored)?;
        access::get(vm, id.table, table, key)?;
    }
    vm.fill_cell(id, stored);
    Ok(())
}

/// The number of `_home`; 0 when external tables are not open.
pub fn home_id(vm: &mut Vm) -> u32 {
    vm.extension::<State>().map_or(0, |state| state.home)
}

/// The number of `_io`; 0 when external tables are not open.
pub fn io_id(vm: &mut Vm) -> u32 {
    vm.extension::<State>().map_or(0, |state| state.io)
}

/// Makes external table `id` the global `_home` (and `Memory`). Nothing happens for 0.
pub fn attach_home(vm: &mut Vm, id: u32) -> Result<(), Thrown> {
    if id == 0 {
        return Ok(());
    }
    let alias = state::with(vm, |state| {
        state.home = id;
        state.options.memory_alias
    })?;
    state::seen_id(vm, id)?;
    let globals = vm.top();
    vm.push_globals()?;
    vm.push_external(id)?;
    vm.raw_set_name(globals, b"_home", globals.offset(1))?;
    if alias {
        vm.raw_set_name(globals, b"Memory", globals.offset(1))?;
    }
    vm.set_top(globals)
}

/// Numbers below `next` are in use: new tables get higher ones. Before [`open`] there are the options for that.
pub fn sync_counter(vm: &mut Vm, next: u32) {
    if let Some(state) = vm.extension::<State>() {
        state.next_id = state.next_id.max(next);
    }
}

/// The number that a new table would get; 0 when external tables are not open. A store that is opened again has to be
/// told ([`sync_counter`]): tables without entries are known by their numbers alone.
pub fn next_id(vm: &mut Vm) -> u32 {
    vm.extension::<State>().map_or(0, |state| state.next_id)
}

/// Whether [`attach_home`] from now on sets the global `Memory`, too.
pub fn set_memory_alias(vm: &mut Vm, enabled: bool) {
    if let Some(state) = vm.extension::<State>() {
        state.options.memory_alias = enabled;
    }
}

/// Removes the entries `input`, `output` and `meta` of `_io`.
pub fn clear_io(vm: &mut Vm) -> Result<(), Thrown> {
    let table = io_id(vm);
    if table == 0 {
        return Ok(());
    }
    for key in [&b"input"[..], b"output", b"meta"] {
        state::delete(vm, Entry { table, key })?;
    }
    vm.new_external_epoch();
    Ok(())
}

/// Stores a copy of the table in `slot` as an external table and tells its number; an external table has its own.
pub fn export(vm: &mut Vm, slot: Slot) -> Result<u32, Thrown> {
    convert::export(vm, slot)
}
