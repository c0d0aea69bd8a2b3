//! Operations with metamethods, and calls.

use super::*;

impl Vm {
    /// Calls `f` with `args` for one result, which is pushed. A part of its callers, as all that is `inline(always)` here:
    /// between a native and the loop that it enters there are to be two functions at most (`MAX_DEPTH`).
    #[inline(always)]
    pub(super) fn call_pushing(&mut self, f: Value, args: &[Value]) -> Result<(), Thrown> {
        self.push(f)?;
        for v in args {
            self.push(*v)?;
        }
        // SAFETY: function and arguments have just been pushed.
        unsafe { self.call_nested(args.len(), 1) }
    }

    #[inline(always)]
    pub(super) fn compared(
        &mut self,
        compared: Compared,
        a: Value,
        b: Value,
    ) -> Result<bool, Thrown> {
        match compared {
            Compared::Is(is) => Ok(is),
            Compared::Call(f) => {
                self.call_pushing(f, &[a, b])?;
                let is = self.truthy(Slot(self.top().0 - 1));
                self.pop(1);
                Ok(is)
            }
        }
    }

    /// `a == b`
    pub fn equal(&mut self, a: Slot, b: Slot) -> Result<bool, Thrown> {
        let (a, b) = (self.value_at(a), self.value_at(b));
        // SAFETY: valid values, kept alive by their slots.
        let compared = unsafe { meta_call::equal(self, a, b) };
        self.compared(compared, a, b)
    }

    /// `a < b`
    pub fn less_than(&mut self, a: Slot, b: Slot) -> Result<bool, Thrown> {
        let (a, b) = (self.value_at(a), self.value_at(b));
        // SAFETY: valid values, kept alive by their slots.
        let compared = unsafe { meta_call::ordered(self, Event::Lt, a, b)? };
        self.compared(compared, a, b)
    }

    #[inline(always)]
    pub(super) fn get_value(&mut self, object: Value, key: Value) -> Result<(), Thrown> {
        // SAFETY: valid values; nothing collects before they are pushed or dropped.
        match unsafe { meta_call::index(self, object, key)? } {
            Found::Value(v) => self.push(v),
            Found::Call(f, object) => self.call_pushing(f, &[object, key]),
            Found::External(t) => self.get_external(t, key),
        }
    }

    /// Pushes `object[key]`.
    pub fn get(&mut self, object: Slot, key: Slot) -> Result<(), Thrown> {
        let (object, key) = (self.value_at(object), self.value_at(key));
        self.get_value(object, key)
    }
    /// Slot of the array part for `object[i]`, when that is all there is to it: the element is not nil, or the table has
    /// no metatable.
    #[inline(always)]
    fn element(&self, object: Value, i: i64) -> Option<*mut Value> {
        if !object.is_table() {
            return None;
        }
        // SAFETY: a live table; the index is below `len`.
        unsafe {
            let t = object.as_table();
            let at = (i as u64).wrapping_sub(1);
            if at >= (*t).len as u64 {
                return None;
            }
            let slot = Table::slot(t, at as usize);
            ((*slot).tag != tag::NIL || (*t).meta.is_null()).then_some(slot)
        }
    }

    /// Pushes `object[i]`.
    pub fn get_int(&mut self, object: Slot, i: i64) -> Result<(), Thrown> {
        let object = self.value_at(object);
        if let Some(slot) = self.element(object, i) {
            // SAFETY: a slot of a live table.
            return self.push(unsafe { *slot });
        }
        self.get_value(object, Value::int(i))
    }
    /// Pushes `object[name]`.
    pub fn get_name(&mut self, object: Slot, name: &[u8]) -> Result<(), Thrown> {
        let key = self.top();
        self.push_bytes(name)?;
        self.depth += 1;
        let got = self.get(object, key);
        self.depth -= 1;
        got?;
        self.remove(key);
        Ok(())
    }

    /// The values need not be in slots: they are pushed first.
    #[inline(always)]
    pub(super) fn set_value(
        &mut self,
        object: Value,
        key: Value,
        value: Value,
    ) -> Result<(), Thrown> {
        self.push(object)?;
        self.push(key)?;
        self.push(value)?;
        // SAFETY: valid values in stack slots.
        let stored = unsafe { meta_call::set_index(self, object, key, value)? };
        match stored {
            Stored::Done => {}
            Stored::Call(f, object) => {
                self.call_pushing(f, &[object, key, value])?;
                self.pop(1);
            }
            Stored::External(t) => self.set_external(t, key, value)?,
        }
        self.growth_due = false;
        self.gc_check(0);
        self.pop(3);
        Ok(())
    }

    /// `object[key] := value`
    pub fn set(&mut self, object: Slot, key: Slot, value: Slot) -> Result<(), Thrown> {
        let (object, key, value) = (
            self.value_at(object),
            self.value_at(key),
            self.value_at(value),
        );
        self.set_value(object, key, value)
    }
    /// `object[i] := value`
    pub fn set_index(&mut self, object: Slot, i: i64, value: Slot) -> Result<(), Thrown> {
        let (object, value) = (self.value_at(object), self.value_at(value));
        if let Some(slot) = self.element(object, i) {
            // SAFETY: a slot of a live table, a valid value.
            unsafe {
                *slot = value;
                self.barrier_table(object.as_table(), value);
            }
            return Ok(());
        }
        self.set_value(object, Value::int(i), value)
    }
    /// `object[name] := value`
    pub fn set_name(&mut self, object: Slot, name: &[u8], value: Slot) -> Result<(), Thrown> {
        let key = self.top();
        self.push_bytes(name)?;
        self.depth += 1;
        let set = self.set(object, key, value);
        self.depth -= 1;
        set?;
        self.pop(1);
        Ok(())
    }

    /// `#object`; an error when `__len` gives something that is not an integer.
    pub fn len(&mut self, object: Slot) -> Result<i64, Thrown> {
        let v = self.value_at(object);
        // SAFETY: valid values.
        unsafe {
            if v.is_string() {
                return Ok((*v.as_str()).len as i64);
            }
            let method = if v.is_table() && (*v.as_table()).external != 0 {
                self.externals.len()
            } else {
                self.metamethod(v, Event::Len)
            };
            if !method.is_nil() {
                // Most natives get here by way of a function that they share: one more on the native stack.
                self.depth += 1;
                let called = self.call_pushing(method, &[v, v]);
                self.depth -= 1;
                called?;
                let n = self.to_integer(Slot(self.top().0 - 1));
                self.pop(1);
                return match n {
                    Some(n) => Ok(n),
                    None => Err(self.error(&[b"object length is not an integer"])),
                };
            }
            if v.is_table() {
                return Ok(table::border(v.as_table()) as i64);
            }
            Err(self.operand_error(Event::Len, v, v))
        }
    }

    /// Pushes the result of an arithmetic or bitwise operation (`Unm` and `BNot` use `a` only).
    pub fn arith(&mut self, op: Event, a: Slot, b: Slot) -> Result<(), Thrown> {
        let (a, b) = (self.value_at(a), self.value_at(b));
        match convert::arith_raw(op, a, b) {
            Some(Ok(v)) => self.push(v),
            // No place: the operation is the native's, not that of the function which called it.
            Some(Err(text)) => Err(self.error_plain(&[text])),
            None => {
                // SAFETY: valid values.
                let method = unsafe { meta_call::binary_method(self, op, a, b)? };
                self.call_pushing(method, &[a, b])
            }
        }
    }

    /// Pushes what `tostring` gives.
    pub fn tostring(&mut self, slot: Slot) -> Result<(), Thrown> {
        let v = self.value_at(slot);
        // SAFETY: a valid value.
        unsafe {
            if v.is_string() {
                return self.push(v);
            }
            let method = self.metamethod(v, Event::ToString);
            if !method.is_nil() {
                self.call_pushing(method, &[v])?;
                let top = Slot(self.top().0 - 1);
                if !self.coerce_to_string(top)? {
                    return Err(self.error(&[b"'__tostring' must return a string"]));
                }
                return Ok(());
            }
        }
        let mut space = [0; 32];
        match v.tag {
            tag::NIL => self.push_bytes(b"nil"),
            tag::FALSE => self.push_bytes(b"false"),
            tag::TRUE => self.push_bytes(b"true"),
            tag::INTEGER | tag::FLOAT => {
                self.debit_float_text(v);
                let text = convert::number_text(v, &mut space);
                self.push_bytes(text)
            }
            _ => {
                let mut text = if v.tag == tag::LIGHT {
                    b"userdata".to_vec()
                } else {
                    self.value_type_name(v)
                };
                text.extend_from_slice(b": ");
                let id = self.identity(v).unwrap_or(0);
                let mut digits = [0; 24];
                text.extend_from_slice(number_text::write_pointer(&mut digits, id));
                self.push_bytes(&text)
            }
        }
    }

    /// Calls the function below the top `n_args` values; its results replace it (all of them for `None`). Not
    /// yieldable. From outside any native, errors end here: see [`Vm::take_error`].
    pub fn call(&mut self, n_args: u32, n_results: Option<u32>) -> Result<(), Thrown> {
        let wanted = n_results.map_or(-1, |n| n.min(200) as i16);
        let n_args = n_args.min(self.top().distance_from(self.bottom()).saturating_sub(1));
        if self.at_base() {
            return self.call_from_host(n_args, wanted, None);
        }
        // SAFETY: function and arguments lie below the top.
        unsafe { self.call_nested(n_args as usize, wanted) }
    }

    /// Whether `f(a, b)` gives a true value: the call that a sort makes over and over. From inside a native.
    pub fn call_predicate(&mut self, f: Slot, a: Slot, b: Slot) -> Result<bool, Thrown> {
        let (f, a, b) = (self.value_at(f), self.value_at(a), self.value_at(b));
        // SAFETY: three slots are made sure of, written, and called.
        unsafe {
            let top = (*self.th).top;
            call::ensure_stack(self, top, 4)?;
            let func = (*self.th).top;
            *func = f;
            *func.add(1) = a;
            *func.add(2) = b;
            (*self.th).top = func.add(3);
            self.call_nested_inline(2, 1)?;
            let th = self.th;
            (*th).top = (*th).top.sub(1);
            Ok(!(*(*th).top).is_falsy())
        }
    }

    /// As [`Vm::call`] from outside any native; `handler` gets the error value at the point of the error, and its
    /// result becomes the error value.
    pub fn call_with_handler(
        &mut self,
        n_args: u32,
        n_results: Option<u32>,
        handler: &'static Native,
    ) -> Result<(), Thrown> {
        let wanted = n_results.map_or(-1, |n| n.min(200) as i16);
        self.call_from_host(n_args, wanted, Some(handler))
    }

    pub(crate) fn at_base(&self) -> bool {
        // SAFETY: the running thread.
        unsafe { self.th == self.main && (*self.th).frame == (*self.th).frames }
    }

    pub(super) fn call_from_host(
        &mut self,
        n_args: u32,
        wanted: i16,
        handler: Option<&'static Native>,
    ) -> Result<(), Thrown> {
        let func = Slot(self.top().0 - n_args - 1);
        match handler {
            Some(f) => self.push_native(f)?,
            None => self.push_nil()?,
        }
        self.insert(func);
        self.push_native(&HOST_CALL)?;
        self.insert(func);
        // SAFETY: the host call, its handler, the function and the arguments have just been put there.
        unsafe { self.call_nested(n_args as usize + 2, -1)? };
        self.raised = false;
        if self.truthy(func) {
            self.remove(func);
            if wanted >= 0 {
                self.set_top(func.offset(wanted as u32))?;
            }
            return Ok(());
        }
        // The error value is the only result; it stays on top for `take_error`.
        self.remove(func);
        Err(Thrown(()))
    }

    /// After a call from outside failed: its kind. The error value is on top of the stack, in place of the
    /// function and its arguments. An error of any other function of this face, raised outside of every call
    /// (no memory to load a chunk, say), is put on top of the stack here.
    pub fn take_error(&mut self) -> ErrorKind {
        if self.raised && self.at_base() {
            self.raised = false;
            self.last_failure = self.error_kind;
            // Without room for one value the stack stays as it is; the kind is known all the same.
            let _ = self.push(self.error_value);
            self.raised = false;
        }
        self.last_failure
    }

    /// For a native that deals with the failure of its [`Vm::call`] instead of passing it on: pushes the error value and
    /// says what kind of error it is. [`ErrorKind::Fuel`], [`ErrorKind::Interrupt`] and
    /// [`ErrorKind::Exit`] have to be passed on all the same,
    /// by [`Vm::stop`] or [`Vm::exit`].
    pub fn catch(&mut self, thrown: Thrown) -> Result<ErrorKind, Thrown> {
        let Thrown(()) = thrown;
        let kind = self.error_kind;
        let value = self.error_value;
        self.raised = false;
        self.push(value).map(|()| kind)
    }

    /// In a native that asked for a protected call, a resume or a close: whether it failed.
    pub fn call_failed(&self) -> bool {
        // SAFETY: the running frame.
        unsafe { (*(*self.th).frame).flags & frame_flag::FAILED != 0 }
    }
}

/// The call from outside: catches every error, out of fuel too.
static HOST_CALL: Native = Native {
    name: "(host call)",
    call: host_call,
};

/// Arguments: handler or nil, function, its arguments. Results: true and the results, or false and the error value.
fn host_call(vm: &mut Vm, args: Args) -> NativeResult {
    if args.state() == 0 {
        let n = args.len().saturating_sub(2);
        // The function lies above the handler already.
        return Ok(Outcome::protected_call(n, 1));
    }
    let ok = !vm.call_failed();
    let first = args.slot(1);
    let n = vm.top().distance_from(first);
    vm.push_bool(ok)?;
    vm.insert(first);
    Ok(Outcome::results(n + 1))
}
