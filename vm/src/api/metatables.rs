//! Metatables, globals and userdata, and the places that messages name.

use super::*;

impl Vm {
    // ---- metatables, globals, userdata ---------------------------------------------------------------

    /// Pushes the metatable of a value: true; or nothing: false.
    pub fn push_metatable(&mut self, slot: Slot) -> Result<bool, Thrown> {
        // SAFETY: a valid value.
        let meta = unsafe { self.meta_of(self.value_at(slot)) };
        if meta.is_null() {
            return Ok(false);
        }
        self.push(Value::table(meta)).map(|()| true)
    }

    /// Metatable of `slot` := table in `mt`, or none for nil. For types other than table and userdata it is the
    /// metatable of all values of the type.
    pub fn set_metatable(&mut self, slot: Slot, mt: Slot) -> Result<(), Thrown> {
        let v = self.value_at(slot);
        let meta = self.value_at(mt);
        let meta = if meta.is_table() {
            meta.as_table()
        } else {
            std::ptr::null_mut()
        };
        if self.external_id(slot) != 0 {
            return Err(self.error(&[b"cannot change the metatable of an external table"]));
        }
        // SAFETY: live objects.
        unsafe {
            match v.tag {
                tag::TABLE => (*v.as_table()).meta = meta,
                tag::USERDATA => (*v.as_userdata()).meta = meta,
                _ => {
                    self.type_meta[v.type_of() as usize] = meta;
                    return Ok(());
                }
            }
            if meta.is_null() {
                return Ok(());
            }
            self.heap.barrier_forward(v.as_header(), Value::table(meta));
            if (*v.as_header()).mark & mark::FINALIZABLE == 0
                && !self.heap.closing
                && !self.metamethod_of(meta, Event::Gc).is_nil()
            {
                let made = self.heap.add_finalizable(v.as_header());
                self.memory(made)?;
            }
        }
        Ok(())
    }

    /// Pushes field `name` of a value's metatable, if it has one and the field is not nil.
    pub fn push_metafield(&mut self, slot: Slot, name: &[u8]) -> Result<bool, Thrown> {
        // SAFETY: a valid value; the key needs to live only here.
        unsafe {
            let meta = self.meta_of(self.value_at(slot));
            if meta.is_null() {
                return Ok(false);
            }
            let key = self.heap.new_string(name);
            let key = Value::string(self.memory(key)?);
            let v = table::get(&mut self.heap, meta, key);
            if v.is_nil() {
                return Ok(false);
            }
            self.push(v).map(|()| true)
        }
    }

    /// Pushes the table of global variables.
    pub fn push_globals(&mut self) -> Result<(), Thrown> {
        self.push(Value::table(self.globals))
    }
    /// Pushes the registry, a table only natives see.
    pub fn push_registry(&mut self) -> Result<(), Thrown> {
        self.push(Value::table(self.registry))
    }

    /// Pushes a table of these natives; each field is named as the part of the full name after the last dot.
    pub fn push_library(&mut self, natives: &'static [Native]) -> Result<(), Thrown> {
        self.push_table(0, natives.len() as u32)?;
        let t = Slot(self.top().0 - 1);
        for native in natives {
            let name = native.short_name();
            self.push_native(native)?;
            let f = Slot(self.top().0 - 1);
            self.raw_set_name(t, name, f)?;
            self.pop(1);
        }
        Ok(())
    }

    /// Pushes a userdata of `size` zero bytes with `n` user values.
    pub fn push_userdata(&mut self, size: usize, n: u32) -> Result<(), Thrown> {
        let total = Userdata::size(n as usize, size);
        self.gc_check(total);
        if size > i32::MAX as usize {
            return Err(self.out_of_memory());
        }
        let cell = self.heap.alloc_cell(total);
        let u = self.memory(cell)?.cast::<Userdata>();
        // SAFETY: a fresh cell of that size.
        unsafe {
            u.write(Userdata {
                gray: Gray {
                    header: self.heap.header(tag::USERDATA),
                    next: std::ptr::null_mut(),
                },
                meta: std::ptr::null_mut(),
                size: size as u32,
                n_values: n,
            });
            for i in 0..n as usize {
                Userdata::user_value(u, i).write(Value::NIL);
            }
            Userdata::data(u).write_bytes(0, size);
        }
        self.push(Value::userdata(u))
    }

    /// Bytes of a userdata.
    pub fn userdata_bytes(&self, slot: Slot) -> Option<&[u8]> {
        let v = self.value_at(slot);
        // SAFETY: alive as long as its slot keeps it; no collection happens during the borrow.
        (v.tag == tag::USERDATA).then(|| unsafe {
            let u = v.as_userdata();
            std::slice::from_raw_parts(Userdata::data(u), (*u).size as usize)
        })
    }

    /// Bytes of a userdata, to be changed.
    pub fn userdata_bytes_mut(&mut self, slot: Slot) -> Option<&mut [u8]> {
        let v = self.value_at(slot);
        // SAFETY: as in `userdata_bytes`; the borrow is exclusive.
        (v.tag == tag::USERDATA).then(|| unsafe {
            let u = v.as_userdata();
            std::slice::from_raw_parts_mut(Userdata::data(u), (*u).size as usize)
        })
    }

    // ---- places ------------------------------------------------------------------------------------

    /// Pushes `chunk:line: ` of call level `level` (1 is the caller of the running native), or "" where there is no line.
    pub fn push_where(&mut self, level: u32) -> Result<(), Thrown> {
        let text = self.known_place(level);
        self.push_bytes(&text)
    }

    /// Pushes the traceback of the running thread, or of the coroutine in `thread`, as `debug.traceback` words it.
    pub fn push_traceback(
        &mut self,
        thread: Slot,
        message: Option<Slot>,
        level: u32,
    ) -> Result<(), Thrown> {
        let v = self.value_at(thread);
        let th = if v.tag == tag::THREAD {
            v.as_thread()
        } else {
            self.th
        };
        let message = message
            .and_then(|slot| self.bytes(slot))
            .map(<[u8]>::to_vec);
        // SAFETY: a live thread.
        let text = unsafe { self.traceback_text(th, message.as_deref(), level) };
        self.push_bytes(&text)
    }
}
