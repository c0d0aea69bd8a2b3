//! External tables: tables of the language whose entries are somewhere else.
//!
//! Here is only what the machine must know of them: which table stands for which number, what has been read of it,
//! and which natives to call for the rest. Where the entries are, and how they look there, is for the crate that
//! gives the natives.
//!
//! A table is external when its header says so, and nothing that a program can do changes that: its number is no Lua
//! value, its metatable is fixed, and its raw parts stay empty. So every access misses, ends in a slow path, and
//! finds here what was read before (see [`Table::cache`]) or the native to call.

use super::*;

/// What does what is done with an external table.
///
/// Reading and writing are called without a frame of their own, because that would cost as much as they do: they get
/// slots, work above them, and never call Lua. The natives get what a metamethod would get.
#[derive(Clone, Copy, Debug)]
pub struct ExternalHooks {
    /// Pushes `t[k]`, for the table and the key in these slots, when it is not known yet.
    pub get: fn(&mut Vm, Slot, Slot) -> Result<(), Thrown>,
    /// `t[k] = v`, for the table, the key and the value in these slots.
    pub set: fn(&mut Vm, Slot, Slot, Slot) -> Result<(), Thrown>,
    /// `#t`
    pub len: &'static Native,
    /// `next(t, k)`: key and value, or nil.
    pub next: &'static Native,
}

/// The machine's knowledge of external tables.
pub(crate) struct Externals {
    hooks: Option<ExternalHooks>,
    /// The tables that are alive, by number: weak.
    pub known: *mut Table,
    /// The metatable of them all.
    pub meta: *mut Table,
    /// A table for the crate that gives the hooks: no program sees it.
    pub private: *mut Table,
    /// What has been put into caches in this epoch, roughly in bytes.
    cached: usize,
}

/// As much as caches may hold before everything is forgotten.
const MOST_CACHED: usize = 4 << 20;
/// What an entry of a cache takes beyond the string in it.
const ENTRY: usize = 48;
/// What a cache holds for an entry that is known not to exist. No store hands out light userdata.
const ABSENT: Value = Value::new(tag::LIGHT, 0);

impl Externals {
    pub const NONE: Externals = Externals {
        hooks: None,
        known: std::ptr::null_mut(),
        meta: std::ptr::null_mut(),
        private: std::ptr::null_mut(),
        cached: 0,
    };

    fn hook(&self, choose: impl Fn(&ExternalHooks) -> &'static Native) -> Value {
        // There is no external table before there are hooks.
        self.hooks
            .as_ref()
            .map_or(Value::NIL, |hooks| Value::native(choose(hooks)))
    }
    pub fn len(&self) -> Value {
        self.hook(|hooks| hooks.len)
    }
}

impl Vm {
    /// Pushes what the store has for `t[key]`: an external table that lies in a slot or is reachable otherwise.
    pub(crate) fn get_external(&mut self, t: Value, key: Value) -> Result<(), Thrown> {
        let Some(hooks) = self.externals.hooks else {
            return self.push(Value::NIL);
        };
        let slot = self.top();
        self.push_operands([t, key]);
        (hooks.get)(self, slot, slot.offset(1))?;
        // Whatever lies between is in nobody's way.
        let result = self.value_at(self.top().below(1));
        // SAFETY: two slots above `slot` are in use.
        unsafe {
            *self.address(slot) = result;
            (*self.th).top = self.address(slot.offset(1));
        }
        Ok(())
    }

    /// `t[key] = value` in the store; as [`Vm::get_external`].
    pub(crate) fn set_external(
        &mut self,
        t: Value,
        key: Value,
        value: Value,
    ) -> Result<(), Thrown> {
        let Some(hooks) = self.externals.hooks else {
            return Ok(());
        };
        let slot = self.top();
        self.push_operands([t, key, value]);
        (hooks.set)(self, slot, slot.offset(1), slot.offset(2))?;
        // SAFETY: the slots above `slot` are in use.
        unsafe { (*self.th).top = self.address(slot) };
        Ok(())
    }

    /// Pushes what a hook gets.
    #[inline(always)]
    fn push_operands<const N: usize>(&mut self, operands: [Value; N]) {
        const { assert!(N <= EXTRA) };
        // SAFETY: `EXTRA` slots lie beyond the end of the stack, which the top is not above.
        unsafe {
            let top = (*self.th).top;
            for (i, operand) in operands.iter().enumerate() {
                crate::value::assign(top.add(i), operand);
            }
            (*self.th).top = top.add(N);
        }
    }

    /// From now on there can be external tables: `hooks` reach them, and the table in `meta` is their metatable.
    pub fn set_external_hooks(&mut self, hooks: ExternalHooks, meta: Slot) -> Result<(), Thrown> {
        let Some(meta) = self.table_at(meta) else {
            return Err(self.error(&[b"external tables need a metatable"]));
        };
        // The weak table's own metatable is the only thing it needs beyond its entries.
        let start = self.top();
        self.push_table(0, 0)?;
        self.push_table(0, 1)?;
        self.push_bytes(b"v")?;
        self.raw_set_name(start.offset(1), b"__mode", start.offset(2))?;
        self.set_metatable(start, start.offset(1))?;
        self.push_table(0, 0)?;
        let private = self.table_at(start.offset(3));
        if let (Some(known), Some(private)) = (self.table_at(start), private) {
            // Roots are marked again at the end of every cycle, so there is no barrier here.
            self.externals.known = known;
            self.externals.private = private;
            self.externals.meta = meta;
            self.externals.hooks = Some(hooks);
        }
        self.set_top(start)
    }

    /// The number of the external table in `slot`; 0 when there is something else.
    #[inline]
    pub fn external_id(&self, slot: Slot) -> u32 {
        let v = self.value_at(slot);
        if v.is_table() {
            // SAFETY: a live table.
            unsafe { (*v.as_table()).external }
        } else {
            0
        }
    }

    /// Pushes the table that stands for external table `id`, the same one while it is alive; nil for 0.
    pub fn push_external(&mut self, id: u32) -> Result<(), Thrown> {
        if id == 0 || self.externals.hooks.is_none() {
            return self.push(Value::NIL);
        }
        let known = self.externals.known;
        let key = Value::int(i64::from(id));
        // SAFETY: the weak table is a root. What it holds is alive: entries are cleared before anything is swept.
        let found = unsafe { table::get_int(&self.heap, known, i64::from(id)) };
        if found.is_table() {
            return self.push(found);
        }
        self.push_table(0, 0)?;
        let slot = Slot(self.top().0 - 1);
        let v = self.value_at(slot);
        // SAFETY: the table just made, empty, and reachable from its slot.
        unsafe {
            (*v.as_table()).external = id;
            (*v.as_table()).meta = self.externals.meta;
            Table::set_cache(v.as_table(), 0, std::ptr::null_mut());
            self.heap
                .barrier_forward(v.as_header(), Value::table(self.externals.meta));
        }
        self.raw_set_value(known, key, v)
    }

    /// Pushes the table that only the natives of external tables see.
    pub fn push_external_private(&mut self) -> Result<(), Thrown> {
        let private = self.externals.private;
        if private.is_null() {
            return self.push(Value::NIL);
        }
        self.push(Value::table(private))
    }

    /// Whether nothing has ever been in that table.
    pub fn external_private_is_unused(&self) -> bool {
        let private = self.externals.private;
        // SAFETY: null or a live table.
        unsafe { private.is_null() || (*private).len == 0 && (*private).nodes == self.heap.dummy }
    }

    /// `t[key]` of the external table in `t` is the value in `value`: no need to ask again in this epoch.
    pub fn remember_external(&mut self, t: Slot, key: Slot, value: Slot) -> Result<(), Thrown> {
        if self.external_id(t) == 0 || self.value_at(key).is_nil() {
            return Ok(());
        }
        let (key, mut value) = (self.value_at(key), self.value_at(value));
        let mut cost = ENTRY;
        // SAFETY: valid values.
        unsafe {
            for v in [key, value] {
                if v.is_string() {
                    cost += (*v.as_str()).len as usize;
                }
            }
        }
        self.externals.cached = self.externals.cached.saturating_add(cost);
        if self.externals.cached > MOST_CACHED {
            self.new_external_epoch();
            self.externals.cached = cost;
        }
        if value.is_nil() {
            value = ABSENT;
        }
        let t = self.value_at(t).as_table();
        // SAFETY: the table is in a slot, and nothing is made: only the value of an entry changes.
        unsafe {
            let cache = Table::cache(t, self.heap.epoch);
            if !cache.is_null() {
                let place = match table::find(&mut self.heap, cache, key) {
                    table::Place::Array(slot) => Some(slot),
                    table::Place::Node(node) => {
                        (*node).set_value(value);
                        None
                    }
                    table::Place::Absent => return self.remember_new(t, key, value),
                };
                if let Some(slot) = place {
                    *slot = value;
                }
                self.barrier_table(cache, value);
                return Ok(());
            }
        }
        self.remember_new(t, key, value)
    }

    /// A new entry of the cache of an external table; all three are in slots.
    #[inline(never)]
    fn remember_new(&mut self, t: *mut Table, key: Value, value: Value) -> Result<(), Thrown> {
        // SAFETY: the table is in a slot. Its cache gets one, too: for want of memory a new epoch may begin at any
        // time, and then nothing else keeps it.
        unsafe {
            let mut cache = Table::cache(t, self.heap.epoch);
            if cache.is_null() {
                self.push_table(0, 0)?;
                cache = self.value_at(Slot(self.top().0 - 1)).as_table();
                Table::set_cache(t, self.heap.epoch, cache);
                self.barrier_table(t, Value::table(cache));
            } else {
                self.push(Value::table(cache))?;
            }
            self.debit_reading(key, COMPARED_BYTES);
            meta_call::new_entry(self, cache, key, value)?;
            self.pop(1);
        }
        self.grown();
        Ok(())
    }

    /// Forgets what has been read of one entry of the external table in `t`.
    pub fn forget_external(&mut self, t: Slot, key: Slot) -> Result<(), Thrown> {
        if self.external_id(t) == 0 {
            return Ok(());
        }
        let (t, key) = (self.value_at(t).as_table(), self.value_at(key));
        // SAFETY: a live external table, a valid key; only the value of an entry changes.
        unsafe {
            let cache = Table::cache(t, self.heap.epoch);
            if !cache.is_null() {
                match table::find(&mut self.heap, cache, key) {
                    table::Place::Array(slot) => *slot = Value::NIL,
                    table::Place::Node(node) => (*node).set_value(Value::NIL),
                    table::Place::Absent => {}
                }
            }
        }
        Ok(())
    }

    /// Forgets everything that has been read of external tables: somebody else may have changed them.
    pub fn new_external_epoch(&mut self) {
        self.externals.cached = 0;
        self.heap.epoch = self.heap.epoch.wrapping_add(1);
        if self.heap.epoch == 0 {
            // Nothing of the first round must be taken for something of the second one.
            self.collect_quietly();
            self.heap.epoch = 1;
        }
    }

    /// Puts the numbers of the external tables that are alive, and of those that hold cells, at the end of `out`; some of
    /// them more than once.
    pub fn held_tables(&mut self, out: &mut Vec<u32>) -> Result<(), Thrown> {
        let known = self.externals.known;
        let mut at = 0;
        let mut push = |vm: &mut Vm, id: u32| {
            if out.len().saturating_mul(8) > vm.memory_room() || out.try_reserve(1).is_err() {
                return Err(vm.out_of_memory());
            }
            out.push(id);
            vm.charge(1)
        };
        if !known.is_null() {
            // SAFETY: the weak table is a root; nothing here changes it.
            while let Some((key, _)) = unsafe { table::next_from(known, &mut at) } {
                push(self, key.as_int() as u32)?;
            }
        }
        for i in 0..self.heap.cells.len() {
            let id = self.heap.cells[i].id.table;
            push(self, id)?;
        }
        Ok(())
    }

    /// As [`Vm::next`] for an external table.
    pub(super) fn next_external(&mut self, t: Slot, key: Slot) -> Result<bool, Thrown> {
        let (t, key) = (self.value_at(t), self.value_at(key));
        let next = self.externals.hook(|hooks| hooks.next);
        let start = self.top();
        self.push(next)?;
        self.push(t)?;
        self.push(key)?;
        // SAFETY: function and arguments have just been pushed.
        unsafe { self.call_nested(2, 2)? };
        if self.is_none_or_nil(start) {
            self.set_top(start)?;
            return Ok(false);
        }
        Ok(true)
    }

    /// What the crate above keeps with the machine, if it is a `T`.
    pub fn extension<T: std::any::Any>(&mut self) -> Option<&mut T> {
        self.extension.as_mut()?.downcast_mut()
    }

    /// Keeps something with the machine for the crate above, in place of what was there.
    pub fn set_extension(&mut self, extension: Box<dyn std::any::Any>) {
        self.extension = Some(extension);
    }
}
