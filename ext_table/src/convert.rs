//! From a Lua value to entries of a store.
//!
//! A plain table becomes an external one, with everything that is reachable from it: first the whole graph is looked
//! at, then numbers are given out, then it is written, each table once. So cycles and shared tables are stored as
//! they are, nothing nests on the native stack, and what cannot be stored is found before anything is written. If
//! the store refuses half-way, what was written is taken back.

use cu_vm::{CellId, Slot, Thrown, Type, View, Vm};

use crate::function::{self, LIBRARIES, Variable};
use crate::key::{self, Key};
use crate::state::{self, Entry, NoKey};
use crate::value::{self, Value};
use crate::{access, registry};

/// Tables that lie in each other, at most.
const MOST_LEVELS: i64 = 32;

/// `table[key] = value`, not nil; perhaps as the value of a cell. Pushes what is in the store then, and tells whether that may be remembered.
pub(crate) fn store(
    vm: &mut Vm,
    table: u32,
    key: Slot,
    value: Slot,
    for_cell: bool,
) -> Result<bool, Thrown> {
    let mut name = vm.take_buffer();
    let mut bytes = vm.take_buffer();
    if let Ok(key) = state::key_in(vm, key) {
        key::encode(key, &mut name);
    }
    let entry = Entry { table, key: &name };
    let done = store_under(vm, entry, key, value, for_cell, &mut bytes);
    vm.drop_buffer(name);
    vm.drop_buffer(bytes);
    done
}

fn store_under(
    vm: &mut Vm,
    entry: Entry<'_>,
    key: Slot,
    value: Slot,
    for_cell: bool,
    bytes: &mut Vec<u8>,
) -> Result<bool, Thrown> {
    if encode_simple(vm, value, bytes)? {
        if let 1.. = vm.external_id(value) {
            state::make_known(vm, vm.external_id(value))?;
        }
        state::set(vm, entry, bytes)?;
        vm.push_slot(value)?;
        return Ok(true);
    }
    let root = if for_cell {
        Root::Variable
    } else {
        Root::Entry(entry.table, key)
    };
    let mut graph = Graph::new(vm, root)?;
    let done = (|| {
        graph.look(vm, value)?;
        graph.number(vm)?;
        graph.write(vm)?;
        bytes.clear();
        graph.encode(vm, value, bytes)?;
        state::set(vm, entry, bytes)?;
        Ok(())
    })();
    if let Err(thrown) = done {
        graph.take_back(vm);
        return Err(thrown);
    }
    let id = graph.id_of(vm, value)?;
    vm.set_top(graph.base)?;
    vm.push_external(id)?;
    // A function is read back, so that it is the stored one whose variables change.
    Ok(id != 0)
}

/// Stores a copy of a plain table as an external table of its own and tells its number; an external table has one.
pub(crate) fn export(vm: &mut Vm, slot: Slot) -> Result<u32, Thrown> {
    match vm.external_id(slot) {
        0 => {}
        id => {
            state::make_known(vm, id)?;
            return Ok(id);
        }
    }
    let mut graph = Graph::new(vm, Root::Result)?;
    let done = (|| {
        graph.look(vm, slot)?;
        graph.number(vm)?;
        graph.write(vm)
    })();
    if let Err(thrown) = done {
        graph.take_back(vm);
        return Err(thrown);
    }
    let id = graph.id_of(vm, slot)?;
    vm.set_top(graph.base)?;
    Ok(id)
}

/// Puts the encoding of a value that needs no conversion at the end of `out`; false for tables and Lua functions.
fn encode_simple(vm: &mut Vm, slot: Slot, out: &mut Vec<u8>) -> Result<bool, Thrown> {
    let value = match vm.view(slot) {
        View::None | View::Nil => Value::Nil,
        View::Boolean(b) => Value::Boolean(b),
        View::Integer(i) => Value::Integer(i),
        View::Float(f) => Value::Float(f),
        View::String(bytes) => {
            let len = bytes.len();
            vm.charge(len as u64 / 32)?;
            vm.reserve(out, len + 5)?;
            value::encode(Value::String(vm.bytes(slot).unwrap_or_default()), out);
            return Ok(true);
        }
        View::Table => match vm.external_id(slot) {
            0 => return Ok(false),
            id => Value::Table(id),
        },
        View::Function => match stable_name(vm, slot)? {
            Some(name) => match registry::index_of(name) {
                Some(index) => Value::Native(index),
                None => Value::NamedNative(name.as_bytes()),
            },
            None => return Ok(false),
        },
        View::Userdata => {
            let Some(big_integers) = state::with(vm, |state| state.options.big_integers)? else {
                return Ok(false);
            };
            let Some(len) = (big_integers.bytes)(vm, slot).map(<[u8]>::len) else {
                return Ok(false);
            };
            vm.charge(len as u64 / 32)?;
            vm.reserve(out, len.saturating_add(5))?;
            let bytes = (big_integers.bytes)(vm, slot).unwrap_or_default();
            value::encode(Value::BigInteger(bytes), out);
            return Ok(true);
        }
        View::LightUserdata | View::Thread => return Ok(false),
    };
    vm.reserve(out, 64)?;
    value::encode(value, out);
    Ok(true)
}

fn is_big_integer(vm: &mut Vm, slot: Slot) -> Result<bool, Thrown> {
    let big_integers = state::with(vm, |state| state.options.big_integers)?;
    Ok(big_integers.is_some_and(|big| (big.bytes)(vm, slot).is_some()))
}

/// The name by which a library function is found again.
fn stable_name(vm: &mut Vm, slot: Slot) -> Result<Option<&'static str>, Thrown> {
    let Some(name) = vm.native_name(slot) else {
        return Ok(None);
    };
    if access::find(name).is_some() {
        return Ok(Some(name));
    }
    let found = state::with(vm, |state| (state.options.find)(name).is_some())?;
    Ok(found.then_some(name))
}

/// "a coroutine" and the like.
pub(crate) fn what_it_is(vm: &Vm, slot: Slot) -> Vec<u8> {
    match vm.view(slot) {
        View::Thread => b"a coroutine".to_vec(),
        View::Function if vm.is_native(slot) => b"a native function".to_vec(),
        View::None
        | View::Nil
        | View::Boolean(_)
        | View::Integer(_)
        | View::Float(_)
        | View::String(_)
        | View::Table
        | View::Function
        | View::LightUserdata
        | View::Userdata => [b"a ", &vm.type_name(slot)[..]].concat(),
    }
}

/// Where a value goes, for messages.
#[derive(Clone, Copy)]
enum Root {
    Entry(u32, Slot),
    Result,
    Variable,
}

/// What a variable of a function is, as far as storing goes.
enum Capture {
    Globals,
    Library(&'static str),
    /// It is in the store already.
    Bound(CellId),
    Free,
}

/// A value with everything reachable from it. What it knows lies in Lua tables in stack slots, so that it is
/// counted, and kept from the collector.
struct Graph {
    /// The first of the slots.
    base: Slot,
    /// Table or function to its place in the list.
    places: Slot,
    /// The list of tables and functions.
    objects: Slot,
    /// For each the place of the object from which it was reached first, 64 times, and its level.
    parents: Slot,
    /// For each its key there.
    keys: Slot,
    /// For each table its number.
    ids: Slot,
    /// For each variable that functions have, by its identity and by its place times four: a function that has it,
    /// the number of the upvalue there, whether it must be a cell, and the index of that.
    variables: Slot,
    root: Root,
    n_objects: i64,
    n_variables: i64,
    /// The table of the cells, if there are any.
    cells: u32,
}

impl Graph {
    fn new(vm: &mut Vm, root: Root) -> Result<Graph, Thrown> {
        let base = vm.top();
        for _ in 0..6 {
            vm.push_table(0, 0)?;
        }
        Ok(Graph {
            base,
            places: base,
            objects: base.offset(1),
            parents: base.offset(2),
            keys: base.offset(3),
            ids: base.offset(4),
            variables: base.offset(5),
            root,
            n_objects: 0,
            n_variables: 0,
            cells: 0,
        })
    }

    /// Looks at everything reachable from the value in `slot`.
    fn look(&mut self, vm: &mut Vm, slot: Slot) -> Result<(), Thrown> {
        self.meet(vm, slot, Slot::NONE, 0)?;
        let mut place = 1;
        while place <= self.n_objects {
            let object = vm.top();
            vm.raw_get_int(self.objects, place)?;
            if matches!(vm.view(object), View::Table) {
                self.each_entry(vm, object, |graph, vm, key| {
                    if let Err(problem) = state::key_in(vm, key) {
                        return Err(graph.refuse_key(vm, place, key, problem));
                    }
                    graph.meet(vm, key.offset(1), key, place)
                })?;
            } else {
                self.look_at_function(vm, object, place)?;
            }
            vm.set_top(object)?;
            place += 1;
        }
        Ok(())
    }

    /// Calls `act` with the slot of each key, above which its value lies: first 1 to `#t`, then the others.
    fn each_entry(
        &mut self,
        vm: &mut Vm,
        t: Slot,
        mut act: impl FnMut(&mut Graph, &mut Vm, Slot) -> Result<(), Thrown>,
    ) -> Result<(), Thrown> {
        let key = vm.top();
        let n = vm.raw_len(t) as i64;
        for i in 1..=n {
            vm.charge(2)?;
            vm.push_int(i)?;
            vm.raw_get_int(t, i)?;
            if !vm.is_none_or_nil(key.offset(1)) {
                act(self, vm, key)?;
            }
            vm.set_top(key)?;
        }
        vm.push_nil()?;
        while vm.next(t, key)? {
            vm.charge(2)?;
            vm.copy(key.offset(1), key);
            vm.remove(key.offset(1));
            let is_done = matches!(vm.view(key), View::Integer(i) if (1..=n).contains(&i));
            if !is_done {
                act(self, vm, key)?;
            }
            vm.set_top(key.offset(1))?;
        }
        vm.set_top(key)
    }

    /// The value in `slot` is an entry of the object at place `parent`, or the whole (0).
    fn meet(&mut self, vm: &mut Vm, slot: Slot, key: Slot, parent: i64) -> Result<(), Thrown> {
        let start = vm.top();
        let is_big_integer = vm.type_of(slot) == Type::Userdata && is_big_integer(vm, slot)?;
        let is_object = match vm.view(slot) {
            View::Table => vm.external_id(slot) == 0,
            View::Function => stable_name(vm, slot)?.is_none(),
            View::Userdata if is_big_integer => false,
            View::LightUserdata | View::Userdata | View::Thread => {
                return Err(self.refuse(vm, slot, parent, key));
            }
            View::None
            | View::Nil
            | View::Boolean(_)
            | View::Integer(_)
            | View::Float(_)
            | View::String(_) => false,
        };
        if !is_object {
            return Ok(());
        }
        vm.raw_get(self.places, slot)?;
        if vm.is_none_or_nil(start) {
            let is_table = matches!(vm.view(slot), View::Table);
            if !is_table && vm.lua_upvalues(slot).is_none() {
                return Err(self.refuse(vm, slot, parent, key));
            }
            let level = self.level(vm, parent)? + i64::from(is_table);
            if level > MOST_LEVELS {
                let path = self.path(vm, parent, key)?;
                return Err(vm.error(&[
                    b"cannot store tables nested deeper than 32 levels (at ",
                    &path,
                    b")",
                ]));
            }
            self.n_objects += 1;
            let place = self.n_objects;
            vm.push_int(place)?;
            vm.raw_set(self.places, slot, start.offset(1))?;
            vm.raw_set_int(self.objects, place, slot)?;
            vm.push_int(parent * 64 + level)?;
            vm.raw_set_int(self.parents, place, start.offset(2))?;
            if !vm.is_none_or_nil(key) {
                vm.raw_set_int(self.keys, place, key)?;
            }
        }
        vm.set_top(start)
    }

    /// Looks at the variables of a function.
    fn look_at_function(&mut self, vm: &mut Vm, f: Slot, place: i64) -> Result<(), Thrown> {
        let value = vm.top();
        for n in 0..vm.lua_upvalues(f).unwrap_or(0) {
            vm.charge(4)?;
            let Some(name) = vm.push_upvalue_of(f, i64::from(n) + 1)? else {
                return Err(changed(vm));
            };
            if matches!(capture(vm, f, n, value)?, Capture::Free) {
                let assigned = vm.assigns_upvalue(f, n)?;
                let is_function =
                    matches!(vm.view(value), View::Function) && stable_name(vm, value)?.is_none();
                let at = match self.variable(vm, f, n)? {
                    0 => self.new_variable(vm, f, n)?,
                    at => at,
                };
                if assigned || is_function {
                    let flag = vm.top();
                    vm.push_bool(true)?;
                    vm.raw_set_int(self.variables, at + 2, flag)?;
                    vm.pop(1);
                }
                let key = vm.top();
                vm.push_bytes(&name)?;
                self.meet(vm, value, key, place)?;
            }
            vm.set_top(value)?;
        }
        Ok(())
    }

    /// Where in the list a variable is; 0 when it is new.
    fn variable(&self, vm: &mut Vm, f: Slot, n: u32) -> Result<i64, Thrown> {
        let id = vm.top();
        if !vm.push_upvalue_id(f, i64::from(n) + 1)? {
            return Err(changed(vm));
        }
        vm.raw_get(self.variables, id)?;
        let at = match vm.view(id.offset(1)) {
            View::Integer(at) => at,
            _ => 0,
        };
        vm.set_top(id)?;
        Ok(at)
    }

    fn new_variable(&mut self, vm: &mut Vm, f: Slot, n: u32) -> Result<i64, Thrown> {
        self.n_variables += 1;
        let at = self.n_variables * 4;
        let id = vm.top();
        if !vm.push_upvalue_id(f, i64::from(n) + 1)? {
            return Err(changed(vm));
        }
        vm.push_int(at)?;
        vm.raw_set(self.variables, id, id.offset(1))?;
        vm.raw_set_int(self.variables, at, f)?;
        vm.push_int(i64::from(n))?;
        vm.raw_set_int(self.variables, at + 1, id.offset(2))?;
        vm.set_top(id)?;
        Ok(at)
    }

    fn integer(&self, vm: &mut Vm, list: Slot, place: i64) -> Result<i64, Thrown> {
        let top = vm.top();
        vm.raw_get_int(list, place)?;
        let n = match vm.view(top) {
            View::Integer(n) => n,
            _ => 0,
        };
        vm.pop(1);
        Ok(n)
    }

    fn level(&self, vm: &mut Vm, place: i64) -> Result<i64, Thrown> {
        Ok(self.integer(vm, self.parents, place)? % 64)
    }

    /// Gives numbers to the tables and indices to the cells.
    fn number(&mut self, vm: &mut Vm) -> Result<(), Thrown> {
        let mut n_cells = 0;
        for variable in 1..=self.n_variables {
            vm.charge(1)?;
            let flag = vm.top();
            vm.raw_get_int(self.variables, variable * 4 + 2)?;
            if vm.truthy(flag) {
                n_cells += 1;
                vm.push_int(n_cells)?;
                vm.raw_set_int(self.variables, variable * 4 + 3, flag.offset(1))?;
            }
            vm.set_top(flag)?;
        }
        if n_cells > i64::from(u32::MAX) {
            return Err(vm.error(&[b"cannot store so many variables"]));
        }
        if n_cells > 0 {
            self.cells = state::new_id(vm)?;
        }
        let object = vm.top();
        for place in 1..=self.n_objects {
            vm.raw_get_int(self.objects, place)?;
            if matches!(vm.view(object), View::Table) {
                let id = state::new_id(vm)?;
                vm.push_int(i64::from(id))?;
                vm.raw_set_int(self.ids, place, object.offset(1))?;
            }
            vm.set_top(object)?;
        }
        Ok(())
    }

    /// Writes the entries of all tables, then the cells.
    fn write(&mut self, vm: &mut Vm) -> Result<(), Thrown> {
        let mut name = vm.take_buffer();
        let mut bytes = vm.take_buffer();
        let done = self.write_with(vm, &mut name, &mut bytes);
        vm.drop_buffer(name);
        vm.drop_buffer(bytes);
        done
    }

    fn write_with(
        &mut self,
        vm: &mut Vm,
        name: &mut Vec<u8>,
        bytes: &mut Vec<u8>,
    ) -> Result<(), Thrown> {
        let object = vm.top();
        for place in 1..=self.n_objects {
            vm.raw_get_int(self.objects, place)?;
            let table = self.integer(vm, self.ids, place)? as u32;
            if table != 0 {
                self.each_entry(vm, object, |graph, vm, key| {
                    name.clear();
                    bytes.clear();
                    let Ok(k) = state::key_in(vm, key) else {
                        return Err(changed(vm));
                    };
                    key::encode(k, name);
                    graph.encode(vm, key.offset(1), bytes)?;
                    state::set(vm, Entry { table, key: name }, bytes)
                })?;
                state::make_known(vm, table)?;
            }
            vm.set_top(object)?;
        }
        self.write_cells(vm, name, bytes)
    }

    fn write_cells(
        &mut self,
        vm: &mut Vm,
        name: &mut Vec<u8>,
        bytes: &mut Vec<u8>,
    ) -> Result<(), Thrown> {
        let f = vm.top();
        for variable in 1..=self.n_variables {
            vm.charge(1)?;
            let at = variable * 4;
            let index = self.integer(vm, self.variables, at + 3)?;
            if index == 0 {
                continue;
            }
            let n = self.integer(vm, self.variables, at + 1)?;
            vm.raw_get_int(self.variables, at)?;
            if vm.push_upvalue_of(f, n + 1)?.is_none() {
                return Err(changed(vm));
            }
            name.clear();
            bytes.clear();
            key::encode(Key::Integer(index), name);
            self.encode(vm, f.offset(1), bytes)?;
            let entry = Entry {
                table: self.cells,
                key: name,
            };
            state::set(vm, entry, bytes)?;
            vm.set_top(f)?;
        }
        Ok(())
    }

    /// Encodes a value that has been looked at.
    fn encode(&mut self, vm: &mut Vm, slot: Slot, out: &mut Vec<u8>) -> Result<(), Thrown> {
        if encode_simple(vm, slot, out)? {
            if let id @ 1.. = vm.external_id(slot) {
                state::make_known(vm, id)?;
            }
            return Ok(());
        }
        match self.id_of(vm, slot)? {
            0 => {}
            id => {
                value::encode(Value::Table(id), out);
                return Ok(());
            }
        }
        if vm.type_of(slot) != Type::Function {
            return Err(changed(vm));
        }
        let mut record = vm.take_buffer();
        let done = self.encode_function(vm, slot, &mut record).and_then(|()| {
            vm.reserve(out, record.len() + 5)?;
            value::encode(Value::Function(&record), out);
            Ok(())
        });
        vm.drop_buffer(record);
        done
    }

    /// The bytes of a function that has been looked at (see `function.rs`).
    fn encode_function(
        &mut self,
        vm: &mut Vm,
        f: Slot,
        record: &mut Vec<u8>,
    ) -> Result<(), Thrown> {
        let n_upvalues = vm.lua_upvalues(f).unwrap_or(0);
        if !vm.dump_named(f, record)? {
            return Err(changed(vm));
        }
        vm.reserve(record, 2)?;
        function::begin_variables(n_upvalues as u8, record);
        let value = vm.top();
        let mut bytes = vm.take_buffer();
        let done = (|| {
            for n in 0..n_upvalues {
                bytes.clear();
                if vm.push_upvalue_of(f, i64::from(n) + 1)?.is_none() {
                    return Err(changed(vm));
                }
                let variable = match capture(vm, f, n, value)? {
                    Capture::Globals => Variable::Globals,
                    Capture::Library(name) => Variable::Library(name.as_bytes()),
                    Capture::Bound(id) => Variable::Cell(id),
                    Capture::Free => {
                        let at = self.variable(vm, f, n)?;
                        match self.integer(vm, self.variables, at + 3)? {
                            _ if at == 0 => return Err(changed(vm)),
                            0 if self.is_lua_function(vm, value)? => return Err(changed(vm)),
                            0 => {
                                self.encode(vm, value, &mut bytes)?;
                                Variable::Value(&bytes)
                            }
                            index => Variable::Cell(CellId {
                                table: self.cells,
                                index: index as u32,
                            }),
                        }
                    }
                };
                vm.reserve(record, bytes.len() + 32)?;
                function::encode_variable(variable, record);
                vm.set_top(value)?;
            }
            Ok(())
        })();
        vm.drop_buffer(bytes);
        done
    }

    fn is_lua_function(&self, vm: &mut Vm, slot: Slot) -> Result<bool, Thrown> {
        Ok(vm.lua_upvalues(slot).is_some())
    }

    /// The number of a table that has been looked at; 0 for others.
    fn id_of(&self, vm: &mut Vm, slot: Slot) -> Result<u32, Thrown> {
        let top = vm.top();
        vm.raw_get(self.places, slot)?;
        let place = match vm.view(top) {
            View::Integer(place) => place,
            _ => 0,
        };
        vm.pop(1);
        Ok(self.integer(vm, self.ids, place)? as u32)
    }

    /// Removes what has been written and gives the numbers back. Another error is on its way, so what goes wrong
    /// here is not told; and no fuel is asked for, for that may be what has run out.
    fn take_back(&mut self, vm: &mut Vm) {
        let mut list = vm.take_buffer();
        let room = vm.memory_room();
        for place in 1..=self.n_objects {
            let Ok(table @ 1..) = self.integer(vm, self.ids, place) else {
                continue;
            };
            let _ = state::with(vm, |state| state.withdraw(table as u32, &mut list, room));
        }
        if self.cells != 0 {
            let _ = state::with(vm, |state| state.withdraw(self.cells, &mut list, room));
        }
        vm.drop_buffer(list);
        let _ = vm.set_top(self.base);
    }

    #[cold]
    fn refuse(&self, vm: &mut Vm, slot: Slot, parent: i64, key: Slot) -> Thrown {
        let what = what_it_is(vm, slot);
        match self.path(vm, parent, key) {
            Ok(path) => vm.error(&[b"cannot store ", &what, b" (at ", &path, b")"]),
            Err(thrown) => thrown,
        }
    }

    #[cold]
    fn refuse_key(&self, vm: &mut Vm, parent: i64, key: Slot, problem: NoKey) -> Thrown {
        let what = match problem {
            NoKey::Id => b"the field '__ext_table_id'".to_vec(),
            NoKey::Nil | NoKey::NaN | NoKey::Type => {
                [&what_it_is(vm, key)[..], b" as a key"].concat()
            }
        };
        match self.path(vm, parent, Slot::NONE) {
            Ok(path) => vm.error(&[b"cannot store ", &what, b" (in ", &path, b")"]),
            Err(thrown) => thrown,
        }
    }

    /// How a program gets to entry `key` of the object at `place`.
    fn path(&self, vm: &mut Vm, place: i64, key: Slot) -> Result<Vec<u8>, Thrown> {
        let mut steps = Vec::new();
        let mut place = place;
        while place != 0 && steps.len() < 128 {
            steps.push(place);
            place = self.integer(vm, self.parents, place)? / 64;
        }
        let mut path = match self.root {
            Root::Entry(table, key) => {
                let mut path = state::table_name(vm, table);
                state::append_key_in(vm, &mut path, key);
                path
            }
            Root::Result => b"the result".to_vec(),
            Root::Variable => b"a variable of a stored function".to_vec(),
        };
        let top = vm.top();
        // The objects from the root on; the key of each is that in the one before.
        let mut parent = 0;
        while let Some(step) = steps.pop() {
            vm.raw_get_int(self.keys, step)?;
            if !vm.is_none_or_nil(top) {
                self.append_step(vm, &mut path, parent, top)?;
            }
            vm.pop(1);
            parent = step;
        }
        if !vm.is_none(key) {
            self.append_step(vm, &mut path, parent, key)?;
        }
        Ok(path)
    }

    /// A key of a table, or the name of a function's variable.
    fn append_step(
        &self,
        vm: &mut Vm,
        path: &mut Vec<u8>,
        parent: i64,
        key: Slot,
    ) -> Result<(), Thrown> {
        let object = vm.top();
        vm.raw_get_int(self.objects, parent)?;
        let of_function = matches!(vm.view(object), View::Function);
        vm.pop(1);
        if of_function {
            path.extend_from_slice(b", variable '");
            path.extend_from_slice(vm.bytes(key).unwrap_or_default());
            path.push(b'\'');
        } else {
            state::append_key_in(vm, path, key);
        }
        Ok(())
    }
}

/// What upvalue `n` of a function is; its value is in `value`.
fn capture(vm: &mut Vm, f: Slot, n: u32, value: Slot) -> Result<Capture, Thrown> {
    if let Some(id) = vm.cell_of(f, n) {
        return Ok(Capture::Bound(id));
    }
    if !matches!(vm.view(value), View::Table) {
        return Ok(Capture::Free);
    }
    let top = vm.top();
    vm.push_globals()?;
    let is_globals = vm.raw_equal(value, top);
    vm.set_top(top)?;
    if is_globals {
        return Ok(Capture::Globals);
    }
    vm.push_registry()?;
    let loaded = top.offset(1);
    vm.raw_get_name(top, b"_LOADED")?;
    let mut found = Capture::Free;
    for name in LIBRARIES {
        vm.raw_get_name(loaded, name.as_bytes())?;
        if vm.raw_equal(value, loaded.offset(1)) {
            found = Capture::Library(name);
        }
        vm.pop(1);
    }
    vm.set_top(top)?;
    Ok(found)
}

/// A finalizer may run at any time, and change what is being stored.
#[cold]
fn changed(vm: &mut Vm) -> Thrown {
    vm.error(&[b"the table was changed while it was stored"])
}
