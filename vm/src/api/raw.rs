//! Tables without metamethods.

use super::*;

impl Vm {
    /// Pushes a new table with room for that many entries.
    pub fn push_table(&mut self, n_array: u32, n_hash: u32) -> Result<(), Thrown> {
        self.gc_check(size_of::<Table>() + n_array as usize * 16 + n_hash as usize * 32);
        let t = self.heap.new_table();
        let t = self.memory(t)?;
        self.push(Value::table(t))?;
        if n_array | n_hash != 0 {
            // SAFETY: a live table.
            let made = unsafe { table::reserve(&mut self.heap, t, n_array, n_hash) };
            self.memory(made)?;
        }
        Ok(())
    }

    /// Whether it is a table without a metatable.
    #[inline]
    pub fn is_plain_table(&self, slot: Slot) -> bool {
        // SAFETY: a live table.
        self.table_at(slot)
            .is_some_and(|t| unsafe { (*t).meta.is_null() })
    }

    /// Pushes `t[key]`, raw (nil when `t` is no table). Of an external table, what the store has.
    pub fn raw_get(&mut self, t: Slot, key: Slot) -> Result<(), Thrown> {
        if self.external_id(t) != 0 {
            return self.get(t, key);
        }
        let key = self.value_at(key);
        self.debit_reading(key, COMPARED_BYTES);
        let v = match self.table_at(t) {
            // SAFETY: a live table, a valid key.
            Some(t) => unsafe { table::get(&mut self.heap, t, key) },
            None => Value::NIL,
        };
        self.push(v)
    }
    /// Pushes `t[i]`, raw.
    #[inline]
    pub fn raw_get_int(&mut self, t: Slot, i: i64) -> Result<(), Thrown> {
        if self.external_id(t) != 0 {
            return self.get_int(t, i);
        }
        let v = match self.table_at(t) {
            // SAFETY: a live table.
            Some(t) => unsafe { table::get_int(&self.heap, t, i) },
            None => Value::NIL,
        };
        self.push(v)
    }
    /// Pushes the `n` elements from `first` up, for which room has been reserved, if they lie in the array part of a
    /// table without a metatable: true.
    pub fn push_elements(&mut self, t: Slot, first: i64, n: u32) -> bool {
        let Some(t) = self.table_at(t) else {
            return false;
        };
        // SAFETY: a live table; the top is within the stack's block.
        unsafe {
            let start = first.wrapping_sub(1) as u64;
            let end = start.checked_add(u64::from(n));
            let is_inside = end.is_some_and(|end| end <= (*t).len as u64);
            let top = (*self.th).top;
            let room = (*self.th).stack_end.offset_from(top);
            if !is_inside || !(*t).meta.is_null() || (room as i64) < i64::from(n) {
                return false;
            }
            top.copy_from_nonoverlapping(Table::slot(t, start as usize), n as usize);
            (*self.th).top = top.add(n as usize);
        }
        true
    }
    /// Pushes `t[name]`, raw.
    pub fn raw_get_name(&mut self, t: Slot, name: &[u8]) -> Result<(), Thrown> {
        if self.external_id(t) != 0 {
            return self.get_name(t, name);
        }
        let key = self.heap.new_string(name);
        let key = Value::string(self.memory(key)?);
        let v = match self.table_at(t) {
            // SAFETY: a live table; the key needs to live only here, and nothing collects.
            Some(t) => unsafe { table::get(&mut self.heap, t, key) },
            None => Value::NIL,
        };
        self.push(v)
    }

    /// `t[key] := value`; all three are rooted by the caller.
    pub(super) fn raw_set_value(
        &mut self,
        t: *mut Table,
        key: Value,
        value: Value,
    ) -> Result<(), Thrown> {
        self.debit_reading(key, COMPARED_BYTES);
        // SAFETY: a live table, valid values.
        unsafe {
            match table::find(&mut self.heap, t, key) {
                table::Place::Array(slot) => *slot = value,
                table::Place::Node(node) => (*node).set_value(value),
                table::Place::Absent => meta_call::new_entry(self, t, key, value)?,
            }
            (*t).absent = 0;
            self.barrier_table(t, value);
        }
        self.grown();
        Ok(())
    }

    /// Behind an entry that may have made a table grow: the collector's turn, if it is due.
    #[inline]
    pub(super) fn grown(&mut self) {
        if self.growth_due {
            self.growth_due = false;
            self.gc_check(0);
        }
    }

    /// `t[key] := value`, raw. Errors: "table index is nil", "table index is NaN".
    pub fn raw_set(&mut self, t: Slot, key: Slot, value: Slot) -> Result<(), Thrown> {
        if self.external_id(t) != 0 {
            return self.set(t, key, value);
        }
        let (key, value) = (self.value_at(key), self.value_at(value));
        match self.table_at(t) {
            Some(t) => self.raw_set_value(t, key, value),
            None => Ok(()),
        }
    }
    /// `t[i] := value`, raw.
    pub fn raw_set_int(&mut self, t: Slot, i: i64, value: Slot) -> Result<(), Thrown> {
        if self.external_id(t) != 0 {
            return self.set_index(t, i, value);
        }
        let value = self.value_at(value);
        match self.table_at(t) {
            Some(t) => self.raw_set_value(t, Value::int(i), value),
            None => Ok(()),
        }
    }
    /// `t[name] := value`, raw.
    pub fn raw_set_name(&mut self, t: Slot, name: &[u8], value: Slot) -> Result<(), Thrown> {
        if self.external_id(t) != 0 {
            return self.set_name(t, name, value);
        }
        let value = self.value_at(value);
        let Some(t) = self.table_at(t) else {
            return Ok(());
        };
        let key = self.heap.new_string(name);
        let key = Value::string(self.memory(key)?);
        self.push(key)?;
        self.raw_set_value(t, key, value)?;
        self.pop(1);
        Ok(())
    }

    /// Border of a table (0 of an external one), length of a string or userdata, else 0.
    pub fn raw_len(&self, slot: Slot) -> u64 {
        let v = self.value_at(slot);
        // SAFETY: live objects.
        unsafe {
            match v.tag {
                tag::TABLE => table::border(v.as_table()),
                tag::STRING => (*v.as_str()).len as u64,
                tag::USERDATA => (*v.as_userdata()).size as u64,
                _ => 0,
            }
        }
    }

    /// Pushes the entry after `key` (nil at the start) as key and value: true; or nothing: false.
    pub fn next(&mut self, t: Slot, key: Slot) -> Result<bool, Thrown> {
        if self.external_id(t) != 0 {
            return self.next_external(t, key);
        }
        let key = self.value_at(key);
        let Some(t) = self.table_at(t) else {
            return Ok(false);
        };
        // SAFETY: a live table, a valid key.
        match unsafe { table::next(&mut self.heap, t, key) } {
            Ok((entry, n_places)) => {
                // Empty places are work, too.
                self.charge(n_places as u64 / 16)?;
                let Some((k, v)) = entry else {
                    return Ok(false);
                };
                self.push(k)?;
                self.push(v)?;
                Ok(true)
            }
            Err(_) => Err(self.error_plain(&[b"invalid key to 'next'"])),
        }
    }

    /// Bytes at integer index `i` of a table when that is a string.
    #[inline]
    pub fn raw_bytes_at(&self, t: Slot, i: i64) -> Option<&[u8]> {
        let t = self.table_at(t)?;
        // SAFETY: a live table; the string lives as long as the table keeps it, and no collection happens
        // during the borrow.
        unsafe {
            let v = table::get_int(&self.heap, t, i);
            v.is_string().then(|| Str::bytes(v.as_str()))
        }
    }

    /// `t2[to..] := t1[from..=last]`, raw, in the order that suits an overlap.
    pub fn raw_move(
        &mut self,
        t1: Slot,
        from: i64,
        last: i64,
        t2: Slot,
        to: i64,
    ) -> Result<(), Thrown> {
        let (Some(a), Some(b)) = (self.table_at(t1), self.table_at(t2)) else {
            return Ok(());
        };
        if last < from {
            return Ok(());
        }
        let n = last.wrapping_sub(from) as u64 + 1;
        // Short moves cost nothing here, as in the calls that the machine does by itself.
        if n > crate::FREE_MOVE as u64 {
            self.charge(n / 4)?;
        }
        // SAFETY: live tables kept by their slots.
        unsafe {
            // Both stretches inside array parts: one move of memory.
            let inside = |t: *mut Table, start: i64| {
                start >= 1
                    && (start as u64 - 1)
                        .checked_add(n)
                        .is_some_and(|end| end <= (*t).len as u64)
            };
            if inside(a, from) && inside(b, to) {
                let source = Table::slot(a, from as usize - 1);
                (*b).array
                    .add(to as usize - 1)
                    .copy_from(source, n as usize);
                let moved = std::slice::from_raw_parts((*b).array.add(to as usize - 1), n as usize);
                self.heap.barrier_all(b, moved);
                return Ok(());
            }
            let forward = to > last || to <= from || a != b;
            for step in 0..n {
                let i = if forward { step } else { n - 1 - step } as i64;
                let v = table::get_int(&self.heap, a, from.wrapping_add(i));
                let key = Value::int(to.wrapping_add(i));
                if key.payload == (*b).len as u64 + 1
                    && (*b).gray.header.flags & table_flag::INT_KEYS == 0
                {
                    // Nowhere yet.
                    meta_call::new_entry(self, b, key, v)?;
                    self.grown();
                } else {
                    self.raw_set_value(b, key, v)?;
                }
            }
        }
        Ok(())
    }

    /// Sorts `t[1..=n]` of a plain table in place if these are all numbers without a NaN, or all strings: true.
    pub fn raw_sort_plain(&mut self, t: Slot, n: i64) -> Result<bool, Thrown> {
        let Some(t) = self.table_at(t) else {
            return Ok(false);
        };
        // SAFETY: a live table; the slice covers array slots in use, and nothing else runs meanwhile.
        unsafe {
            if n < 0 || n as u64 > (*t).len as u64 || !(*t).meta.is_null() {
                return Ok(false);
            }
            let values = std::slice::from_raw_parts_mut((*t).array, n as usize);
            self.heap.barrier_all(t, values);
            let levels = 64 - (n as u64).leading_zeros() as u64;
            if values.iter().all(|v| v.is_int()) {
                self.charge(n as u64 * levels / 4)?;
                sort(values, |a, b| a.as_int() < b.as_int());
                return Ok(true);
            }
            if values.iter().all(|v| v.is_string()) {
                self.charge(n as u64 * levels / 2)?;
                sort(values, |a, b| {
                    order_bytes(Str::bytes(a.as_str()), Str::bytes(b.as_str())).is_lt()
                });
                return Ok(true);
            }
            if values
                .iter()
                .all(|v| v.is_number() && !(v.is_float() && v.as_float().is_nan()))
            {
                self.charge(n as u64 * levels / 2)?;
                sort(values, |a, b| convert::number_lt(*a, *b));
                return Ok(true);
            }
        }
        Ok(false)
    }
}
