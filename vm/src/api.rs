//! The machine's public face: what hosts and library functions may do.
//!
//! Everything names stack slots of the running thread; a slot at or above the top reads as no value. "Push"
//! puts a value on top. Every call that takes `&mut self` may collect garbage, so no bytes borrowed from the machine
//! can be held across one: the borrow checker sees to that. That makes this face safe: whatever a library
//! function does with it, it cannot reach memory that is not a live value.

// Long: one face, read section by section; each function is a few lines.

use crate::convert;
use crate::error::ErrorKind;
use crate::heap::object::*;
use crate::heap::{GcMode, OutOfMemory, Phase};
use crate::host::{FileId, Host, HostError, HostResult};
use crate::interp::call;
use crate::interp::meta_call::{self, Compared, Found, Stored};
use crate::meta::{Event, Type};
use crate::native::*;
use crate::sort::sort;
use crate::table;
use crate::thread::{self, EXTRA, frame_flag};
use crate::value::{Value, tag};
use crate::{Vm, number_text};

/// What a slot holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum View<'a> {
    /// Nothing: the slot is above the top.
    None,
    /// `nil`
    Nil,
    /// A boolean.
    Boolean(bool),
    /// An integer.
    Integer(i64),
    /// A float.
    Float(f64),
    /// A string.
    String(&'a [u8]),
    /// A table.
    Table,
    /// A function, Lua or native.
    Function,
    /// A light userdata.
    LightUserdata,
    /// A full userdata.
    Userdata,
    /// A coroutine.
    Thread,
}

/// What a coroutine is doing, as `coroutine.status` says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ThreadStatus {
    /// It is the one that asks.
    Running,
    /// It has not started, or has yielded.
    Suspended,
    /// It has resumed another one.
    Normal,
    /// It has returned, failed, or was closed.
    Dead,
}

impl Vm {
    // ---- inside -------------------------------------------------------------------------------

    #[inline(always)]
    pub(crate) fn address(&self, slot: Slot) -> *mut Value {
        // SAFETY: only an address; callers compare it with the top before use. Slots are bounded by the stack size.
        unsafe { (*self.th).stack.wrapping_add(slot.0 as usize) }
    }

    /// Value of a slot, nil above the top.
    #[inline(always)]
    pub(crate) fn value_at(&self, slot: Slot) -> Value {
        // SAFETY: below the top of the running thread's stack every slot holds a valid value.
        unsafe {
            let th = self.th;
            let n = (*th).top.offset_from((*th).stack) as usize;
            if (slot.0 as usize) < n {
                *(*th).stack.add(slot.0 as usize)
            } else {
                Value::NIL
            }
        }
    }

    #[inline(always)]
    fn exists(&self, slot: Slot) -> bool {
        // SAFETY: the running thread.
        unsafe {
            slot.0 as usize * size_of::<Value>()
                < (*self.th).top as usize - (*self.th).stack as usize
        }
    }

    /// First slot that the running native may change.
    fn bottom(&self) -> Slot {
        // SAFETY: the running thread.
        unsafe {
            let th = self.th;
            Slot((*(*th).frame).base.offset_from((*th).stack) as u32)
        }
    }

    fn writable(&self, slot: Slot) -> bool {
        self.exists(slot) && slot >= self.bottom()
    }

    #[inline(always)]
    pub(crate) fn push(&mut self, v: Value) -> Result<(), Thrown> {
        // SAFETY: the top is below the end of the stack's block, which has `EXTRA` more slots.
        unsafe {
            let th = self.th;
            if (*th).top >= (*th).stack_end {
                self.push_slow(v)
            } else {
                *(*th).top = v;
                (*th).top = (*th).top.add(1);
                Ok(())
            }
        }
    }

    #[cold]
    #[inline(never)]
    fn push_slow(&mut self, v: Value) -> Result<(), Thrown> {
        // SAFETY: the value goes to an extra slot first, where a collection sees it.
        unsafe {
            const { assert!(EXTRA > 8) };
            let th = self.th;
            let last = (*th).stack.add((*th).stack_size as usize - 8);
            if (*th).top < last {
                *(*th).top = v;
                (*th).top = (*th).top.add(1);
                let top = (*th).top;
                return match call::ensure_stack(self, top, 4) {
                    Ok(()) => Ok(()),
                    Err(e) => {
                        (*self.th).top = (*self.th).top.sub(1);
                        Err(e)
                    }
                };
            }
            Err(self.run_error(&[b"stack overflow"]))
        }
    }

    #[inline]
    fn table_at(&self, slot: Slot) -> Option<*mut Table> {
        let v = self.value_at(slot);
        v.is_table().then(|| v.as_table())
    }

    fn memory<T>(&mut self, made: Result<T, OutOfMemory>) -> Result<T, Thrown> {
        made.map_err(|_| self.out_of_memory())
    }

    // ---- the stack ----------------------------------------------------------------------------

    /// The slot above the last value.
    #[inline]
    pub fn top(&self) -> Slot {
        // SAFETY: the running thread.
        unsafe { Slot((*self.th).top.offset_from((*self.th).stack) as u32) }
    }

    /// Raises (with nils) or lowers the top; never below the running native's first slot.
    pub fn set_top(&mut self, slot: Slot) -> Result<(), Thrown> {
        while self.top() < slot {
            self.push(Value::NIL)?;
        }
        let slot = slot.max(self.bottom());
        if slot < self.top() {
            // SAFETY: between the frame's base and the old top.
            unsafe { (*self.th).top = (*self.th).stack.add(slot.0 as usize) };
        }
        Ok(())
    }

    /// Removes the top `n` values.
    #[inline]
    pub fn pop(&mut self, n: u32) {
        let slot = Slot(self.top().0.saturating_sub(n)).max(self.bottom());
        // SAFETY: between the frame's base and the old top.
        unsafe { (*self.th).top = (*self.th).stack.add(slot.0 as usize) };
    }

    /// Makes sure that `n` more values can be pushed; false when that would pass the stack's limit.
    pub fn try_reserve(&mut self, n: u32) -> Result<bool, Thrown> {
        // SAFETY: the running thread.
        unsafe {
            let used = (*self.th).top.offset_from((*self.th).stack) as usize;
            if used + n as usize + 64 > self.max_stack {
                return Ok(false);
            }
            let top = (*self.th).top;
            call::ensure_stack(self, top, n as usize + 2)?;
        }
        Ok(true)
    }

    /// Pushes nil.
    pub fn push_nil(&mut self) -> Result<(), Thrown> {
        self.push(Value::NIL)
    }
    /// Pushes a boolean.
    pub fn push_bool(&mut self, b: bool) -> Result<(), Thrown> {
        self.push(Value::bool(b))
    }
    /// Pushes an integer.
    #[inline]
    pub fn push_int(&mut self, i: i64) -> Result<(), Thrown> {
        self.push(Value::int(i))
    }
    /// Pushes a float.
    #[inline]
    pub fn push_float(&mut self, f: f64) -> Result<(), Thrown> {
        self.push(Value::float(f))
    }

    /// Pushes a string.
    pub fn push_bytes(&mut self, bytes: &[u8]) -> Result<(), Thrown> {
        self.gc_check(bytes.len() + 64);
        let s = self.heap.new_string(bytes);
        let s = self.memory(s)?;
        self.push(Value::string(s))
    }

    /// Pushes bytes `start..end` of the string in `slot` (cut to what there is).
    pub fn push_substring(&mut self, slot: Slot, start: usize, end: usize) -> Result<(), Thrown> {
        self.gc_check(end.saturating_sub(start).min(1 << 30) + 64);
        let v = self.value_at(slot);
        if !v.is_string() {
            return self.push(Value::NIL);
        }
        // SAFETY: the string is in a stack slot, so it is alive; making a new one does not collect.
        let bytes = unsafe { Str::bytes(v.as_str()) };
        let end = end.min(bytes.len());
        let start = start.min(end);
        if start == 0 && end == bytes.len() {
            return self.push(v);
        }
        let s = self.heap.new_string(&bytes[start..end]);
        let s = self.memory(s)?;
        self.push(Value::string(s))
    }

    /// Pushes a copy of a slot (nil when there is none).
    #[inline]
    pub fn push_slot(&mut self, slot: Slot) -> Result<(), Thrown> {
        let v = self.value_at(slot);
        self.push(v)
    }

    /// Pushes a native function.
    pub fn push_native(&mut self, f: &'static Native) -> Result<(), Thrown> {
        let v = Value::native(f);
        match f.name {
            "next" => self.next_payload = v.payload,
            "ipairs_iterator" => self.ipairs_payload = v.payload,
            name => self.fast.enter(v.payload, name),
        }
        self.push(v)
    }

    /// Pops `n` values and pushes a closure of `f` over them (n at most 255).
    pub fn push_native_closure(&mut self, f: &'static Native, n: u32) -> Result<(), Thrown> {
        let n = n.min(255) as usize;
        self.gc_check(NativeClosure::size(n));
        let cell = self.heap.alloc_cell(NativeClosure::size(n));
        let c = self.memory(cell)?.cast::<NativeClosure>();
        // SAFETY: a fresh cell of that size; `n` values lie below the top.
        unsafe {
            c.write(NativeClosure {
                gray: Gray {
                    header: self.heap.header(tag::NATIVE_CLOSURE),
                    next: std::ptr::null_mut(),
                },
                native: f,
                n_upvals: n as u32,
                pad: 0,
            });
            let first = Slot(self.top().0.saturating_sub(n as u32));
            for i in 0..n {
                let v = self.value_at(first.offset(i as u32));
                NativeClosure::upval(c, i).write(v);
            }
        }
        self.pop(n as u32);
        self.push(Value::native_closure(c))
    }

    /// The running native closure, if upvalue `i` exists.
    fn native_upval(&self, i: u32) -> Option<(*mut NativeClosure, *mut Value)> {
        // SAFETY: a native frame's function lies just below its base.
        unsafe {
            let frame = (*self.th).frame;
            if frame == (*self.th).frames || !(*frame).closure.is_null() {
                return None;
            }
            let f = *(*frame).base.sub(1);
            if f.tag != tag::NATIVE_CLOSURE {
                return None;
            }
            let c = f.as_ptr::<NativeClosure>();
            (i < (*c).n_upvals).then(|| (c, NativeClosure::upval(c, i as usize)))
        }
    }

    /// Pushes upvalue `i` (from 0) of the running native closure.
    pub fn push_upvalue(&mut self, _args: Args, i: u32) -> Result<(), Thrown> {
        // SAFETY: an upvalue of a live closure.
        let v = self
            .native_upval(i)
            .map_or(Value::NIL, |(_, v)| unsafe { *v });
        self.push(v)
    }

    /// Upvalue `i` := the value in `slot`.
    pub fn set_upvalue(&mut self, _args: Args, i: u32, slot: Slot) {
        let value = self.value_at(slot);
        if let Some((c, v)) = self.native_upval(i) {
            // SAFETY: an upvalue of a live closure.
            unsafe {
                *v = value;
                self.heap.barrier_forward(c.cast(), value);
            }
        }
    }

    /// Integer in upvalue `i`, if it is one.
    pub fn upvalue_int(&self, _args: Args, i: u32) -> Option<i64> {
        // SAFETY: an upvalue of a live closure.
        let v = self.native_upval(i).map(|(_, v)| unsafe { *v })?;
        v.is_int().then(|| v.as_int())
    }

    /// Upvalue `i` := an integer.
    pub fn set_upvalue_int(&mut self, _args: Args, i: u32, value: i64) {
        if let Some((_, v)) = self.native_upval(i) {
            // SAFETY: an upvalue of a live closure.
            unsafe { *v = Value::int(value) };
        }
    }

    fn put(&mut self, slot: Slot, v: Value) {
        if self.writable(slot) {
            // SAFETY: between the frame's base and the top.
            unsafe { *self.address(slot) = v };
        }
    }

    /// `to` := value of `from`.
    pub fn copy(&mut self, from: Slot, to: Slot) {
        let v = self.value_at(from);
        self.put(to, v);
    }
    /// Puts an integer into a slot.
    pub fn set_int(&mut self, slot: Slot, i: i64) {
        self.put(slot, Value::int(i));
    }
    /// Puts a float into a slot.
    pub fn set_float(&mut self, slot: Slot, f: f64) {
        self.put(slot, Value::float(f));
    }
    /// Puts nil into a slot.
    pub fn set_nil(&mut self, slot: Slot) {
        self.put(slot, Value::NIL);
    }
    /// Exchanges two slots.
    pub fn swap(&mut self, a: Slot, b: Slot) {
        let (x, y) = (self.value_at(a), self.value_at(b));
        self.put(a, y);
        self.put(b, x);
    }
    /// Moves the top value down to `slot`, shifting up what is there.
    pub fn insert(&mut self, slot: Slot) {
        self.rotate(slot, 1);
    }
    /// Removes the value at `slot`, shifting down what is above it.
    pub fn remove(&mut self, slot: Slot) {
        if self.writable(slot) {
            self.rotate(slot, -1);
            self.pop(1);
        }
    }
    /// Rotates the values from `slot` to the top by `n` towards the top.
    pub fn rotate(&mut self, slot: Slot, n: i32) {
        if !self.writable(slot) {
            return;
        }
        let len = self.top().distance_from(slot) as usize;
        // SAFETY: the slots between `slot` and the top belong to the running native.
        let values = unsafe { std::slice::from_raw_parts_mut(self.address(slot), len) };
        if n >= 0 {
            values.rotate_right(n as usize % len);
        } else {
            values.rotate_left(n.unsigned_abs() as usize % len);
        }
    }

    // ---- looking at values ----------------------------------------------------------------------

    /// What a slot holds.
    #[inline]
    pub fn view(&self, slot: Slot) -> View<'_> {
        if !self.exists(slot) {
            return View::None;
        }
        let v = self.value_at(slot);
        match v.tag {
            tag::NIL => View::Nil,
            tag::FALSE => View::Boolean(false),
            tag::TRUE => View::Boolean(true),
            tag::INTEGER => View::Integer(v.as_int()),
            tag::FLOAT => View::Float(v.as_float()),
            // SAFETY: alive as long as the slot keeps it, and no collection happens during the borrow.
            tag::STRING => View::String(unsafe { Str::bytes(v.as_str()) }),
            tag::TABLE => View::Table,
            tag::USERDATA => View::Userdata,
            tag::THREAD => View::Thread,
            tag::LIGHT => View::LightUserdata,
            _ => View::Function,
        }
    }

    /// Type of a slot's value.
    #[inline]
    pub fn type_of(&self, slot: Slot) -> Type {
        if self.exists(slot) {
            self.value_at(slot).type_of()
        } else {
            Type::None
        }
    }

    /// Type name for error messages: `__name`, "light userdata", or the basic type.
    pub fn type_name(&self, slot: Slot) -> Vec<u8> {
        if self.exists(slot) {
            self.value_type_name(self.value_at(slot))
        } else {
            b"no value".to_vec()
        }
    }

    /// Whether the slot is above the top.
    pub fn is_none(&self, slot: Slot) -> bool {
        !self.exists(slot)
    }
    /// Whether there is no value or nil.
    pub fn is_none_or_nil(&self, slot: Slot) -> bool {
        self.value_at(slot).is_nil()
    }
    /// Whether the value counts as true.
    pub fn truthy(&self, slot: Slot) -> bool {
        !self.value_at(slot).is_falsy()
    }

    /// The bytes, only if it is a string.
    #[inline]
    pub fn bytes(&self, slot: Slot) -> Option<&[u8]> {
        let v = self.value_at(slot);
        // SAFETY: as in `view`.
        v.is_string().then(|| unsafe { Str::bytes(v.as_str()) })
    }

    /// Converts a number in `slot` to a string in place; whether there is a string then.
    pub fn coerce_to_string(&mut self, slot: Slot) -> Result<bool, Thrown> {
        let v = self.value_at(slot);
        if v.is_string() {
            return Ok(true);
        }
        if !v.is_number() {
            return Ok(false);
        }
        self.gc_check(64);
        let mut space = [0; 32];
        let s = self.heap.new_string(convert::number_text(v, &mut space));
        let s = self.memory(s)?;
        self.put(slot, Value::string(s));
        Ok(true)
    }

    /// Integer value of an integer, of a float that has one, or of a numeral that has one.
    #[inline]
    pub fn to_integer(&self, slot: Slot) -> Option<i64> {
        let v = self.value_at(slot);
        if v.is_int() {
            Some(v.as_int())
        } else {
            convert::to_integer(v)
        }
    }
    /// Float value of a number or numeral.
    #[inline]
    pub fn to_float(&self, slot: Slot) -> Option<f64> {
        let v = self.value_at(slot);
        if v.is_float() {
            return Some(v.as_float());
        }
        convert::to_number(v).map(Value::number_as_float)
    }
    /// Whether it is a number of the integer subtype.
    pub fn is_integer(&self, slot: Slot) -> bool {
        self.value_at(slot).is_int()
    }
    /// Whether it is a native function.
    pub fn is_native(&self, slot: Slot) -> bool {
        matches!(self.value_at(slot).tag, tag::NATIVE | tag::NATIVE_CLOSURE)
    }

    /// Pushes the number in `slot`, or the number that the string there is a numeral of: true. Otherwise false.
    pub fn push_number(&mut self, slot: Slot) -> Result<bool, Thrown> {
        match convert::to_number(self.value_at(slot)) {
            Some(v) => self.push(v).map(|()| true),
            None => Ok(false),
        }
    }

    /// Identity of a collectable or light value, as `%p` prints it; `None` for others.
    pub fn pointer(&mut self, slot: Slot) -> Option<u64> {
        let v = self.value_at(slot);
        self.identity(v)
    }

    pub(crate) fn identity(&mut self, v: Value) -> Option<u64> {
        if v.is_string() {
            // Two strings are the same object exactly when their addresses are.
            return Some(v.payload);
        }
        if v.is_collectable() {
            // SAFETY: a live object.
            unsafe {
                let header = v.as_header();
                if (*header).id == 0 {
                    (*header).id = self.heap.fresh_id();
                }
                return Some(0x1000_0000 + (*header).id as u64 * 16);
            }
        }
        match v.tag {
            tag::NATIVE => {
                // SAFETY: the payload of a native is the address of a static.
                let name = unsafe { (*v.as_ptr::<Native>()).name };
                let hash = crate::heap::strings::hash_bytes(
                    name.as_bytes(),
                    &crate::heap::strings::hash_keys(0),
                );
                Some(0x2_0000_0000 + hash as u64)
            }
            tag::LIGHT => Some(v.payload),
            _ => None,
        }
    }

    /// Primitive equality.
    pub fn raw_equal(&self, a: Slot, b: Slot) -> bool {
        convert::raw_equal(self.value_at(a), self.value_at(b))
    }

    // ---- with metamethods -----------------------------------------------------------------------

    /// Calls `f` with `args` for one result, which is pushed.
    fn call_pushing(&mut self, f: Value, args: &[Value]) -> Result<(), Thrown> {
        self.push(f)?;
        for v in args {
            self.push(*v)?;
        }
        // SAFETY: function and arguments have just been pushed.
        unsafe { self.call_nested(args.len(), 1) }
    }

    fn compared(&mut self, compared: Compared, a: Value, b: Value) -> Result<bool, Thrown> {
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

    fn get_value(&mut self, object: Value, key: Value) -> Result<(), Thrown> {
        // SAFETY: valid values; nothing collects before they are pushed or dropped.
        match unsafe { meta_call::index(self, object, key)? } {
            Found::Value(v) => self.push(v),
            Found::Call(f, object) => self.call_pushing(f, &[object, key]),
        }
    }

    /// Pushes `object[key]`.
    pub fn get(&mut self, object: Slot, key: Slot) -> Result<(), Thrown> {
        let (object, key) = (self.value_at(object), self.value_at(key));
        self.get_value(object, key)
    }
    /// Pushes `object[i]`.
    pub fn get_int(&mut self, object: Slot, i: i64) -> Result<(), Thrown> {
        let object = self.value_at(object);
        self.get_value(object, Value::int(i))
    }
    /// Pushes `object[name]`.
    pub fn get_name(&mut self, object: Slot, name: &[u8]) -> Result<(), Thrown> {
        let object = self.value_at(object);
        let key = self.heap.new_string(name);
        let key = Value::string(self.memory(key)?);
        self.get_value(object, key)
    }

    /// The values need not be in slots: they are pushed first.
    fn set_value(&mut self, object: Value, key: Value, value: Value) -> Result<(), Thrown> {
        self.push(object)?;
        self.push(key)?;
        self.push(value)?;
        // SAFETY: valid values in stack slots.
        let stored = unsafe { meta_call::set_index(self, object, key, value)? };
        if let Stored::Call(f, object) = stored {
            self.call_pushing(f, &[object, key, value])?;
            self.pop(1);
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
        self.set_value(object, Value::int(i), value)
    }
    /// `object[name] := value`
    pub fn set_name(&mut self, object: Slot, name: &[u8], value: Slot) -> Result<(), Thrown> {
        let (object, value) = (self.value_at(object), self.value_at(value));
        let key = self.heap.new_string(name);
        let key = Value::string(self.memory(key)?);
        self.set_value(object, key, value)
    }

    /// `#object`; an error when `__len` gives something that is not an integer.
    pub fn len(&mut self, object: Slot) -> Result<i64, Thrown> {
        let v = self.value_at(object);
        // SAFETY: valid values.
        unsafe {
            if v.is_string() {
                return Ok((*v.as_str()).len as i64);
            }
            let method = self.metamethod(v, Event::Len);
            if !method.is_nil() {
                self.call_pushing(method, &[v, v])?;
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
            Some(Err(text)) => Err(self.error(&[text])),
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
            self.call_nested(2, 1)?;
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

    fn at_base(&self) -> bool {
        // SAFETY: the running thread.
        unsafe { self.th == self.main && (*self.th).frame == (*self.th).frames }
    }

    fn call_from_host(
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
    /// says what kind of error it is. [`ErrorKind::Fuel`] and [`ErrorKind::Exit`] have to be passed on all the same,
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

    // ---- raw tables --------------------------------------------------------------------------------

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

    /// Pushes `t[key]`, raw (nil when `t` is no table).
    pub fn raw_get(&mut self, t: Slot, key: Slot) -> Result<(), Thrown> {
        let key = self.value_at(key);
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
        let v = match self.table_at(t) {
            // SAFETY: a live table.
            Some(t) => unsafe { table::get_int(&self.heap, t, i) },
            None => Value::NIL,
        };
        self.push(v)
    }
    /// Pushes `t[name]`, raw.
    pub fn raw_get_name(&mut self, t: Slot, name: &[u8]) -> Result<(), Thrown> {
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
    fn raw_set_value(&mut self, t: *mut Table, key: Value, value: Value) -> Result<(), Thrown> {
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
        if self.growth_due {
            self.growth_due = false;
            self.gc_check(0);
        }
        Ok(())
    }

    /// `t[key] := value`, raw. Errors: "table index is nil", "table index is NaN".
    pub fn raw_set(&mut self, t: Slot, key: Slot, value: Slot) -> Result<(), Thrown> {
        let (key, value) = (self.value_at(key), self.value_at(value));
        match self.table_at(t) {
            Some(t) => self.raw_set_value(t, key, value),
            None => Ok(()),
        }
    }
    /// `t[i] := value`, raw.
    pub fn raw_set_int(&mut self, t: Slot, i: i64, value: Slot) -> Result<(), Thrown> {
        let value = self.value_at(value);
        match self.table_at(t) {
            Some(t) => self.raw_set_value(t, Value::int(i), value),
            None => Ok(()),
        }
    }
    /// `t[name] := value`, raw.
    pub fn raw_set_name(&mut self, t: Slot, name: &[u8], value: Slot) -> Result<(), Thrown> {
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

    /// Border of a table, length of a string or userdata, else 0.
    pub fn raw_len(&self, slot: Slot) -> u64 {
        let v = self.value_at(slot);
        // SAFETY: live objects.
        unsafe {
            match v.tag {
                tag::TABLE => table::border(v.as_table()),
                tag::STRING => (*v.as_str()).len as u64,
                tag::USERDATA => (*v.as_ptr::<Userdata>()).size as u64,
                _ => 0,
            }
        }
    }

    /// Pushes the entry after `key` (nil at the start) as key and value: true; or nothing: false.
    pub fn next(&mut self, t: Slot, key: Slot) -> Result<bool, Thrown> {
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
            Err(_) => Err(self.error(&[b"invalid key to 'next'"])),
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
        self.charge(n / 4)?;
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
                let source = (*a).array.add(from as usize - 1);
                (*b).array
                    .add(to as usize - 1)
                    .copy_from(source, n as usize);
                if (*b).gray.header.mark & mark::BLACK != 0 {
                    self.heap.barrier_back(b.cast());
                }
                return Ok(());
            }
            let forward = to > last || to <= from || a != b;
            for step in 0..n {
                let i = if forward { step } else { n - 1 - step } as i64;
                let v = table::get_int(&self.heap, a, from.wrapping_add(i));
                self.raw_set_value(b, Value::int(to.wrapping_add(i)), v)?;
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
            let levels = 64 - (n as u64).leading_zeros() as u64;
            if values.iter().all(|v| v.is_int()) {
                self.charge(n as u64 * levels / 4)?;
                sort(values, |a, b| a.as_int() < b.as_int());
                return Ok(true);
            }
            if values.iter().all(|v| v.is_string()) {
                self.charge(n as u64 * levels / 2)?;
                sort(values, |a, b| {
                    Str::bytes(a.as_str()) < Str::bytes(b.as_str())
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
        let meta = self.table_at(mt).unwrap_or(std::ptr::null_mut());
        // SAFETY: live objects.
        unsafe {
            match v.tag {
                tag::TABLE => (*v.as_table()).meta = meta,
                tag::USERDATA => (*v.as_ptr::<Userdata>()).meta = meta,
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
            let name = native.name.rsplit('.').next().unwrap_or(native.name);
            self.push_native(native)?;
            let f = Slot(self.top().0 - 1);
            self.raw_set_name(t, name.as_bytes(), f)?;
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
            let u = v.as_ptr::<Userdata>();
            std::slice::from_raw_parts(Userdata::data(u), (*u).size as usize)
        })
    }

    /// Bytes of a userdata, to be changed.
    pub fn userdata_bytes_mut(&mut self, slot: Slot) -> Option<&mut [u8]> {
        let v = self.value_at(slot);
        // SAFETY: as in `userdata_bytes`; the borrow is exclusive.
        (v.tag == tag::USERDATA).then(|| unsafe {
            let u = v.as_ptr::<Userdata>();
            std::slice::from_raw_parts_mut(Userdata::data(u), (*u).size as usize)
        })
    }

    // ---- places ------------------------------------------------------------------------------------

    /// Pushes `chunk:line: ` of call level `level` (1 is the caller of the running native), or "".
    pub fn push_where(&mut self, level: u32) -> Result<(), Thrown> {
        let text = self.where_text(level);
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
            v.as_ptr()
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

    // ---- buffers -----------------------------------------------------------------------------------

    /// An empty byte buffer, reused between calls.
    pub fn take_buffer(&mut self) -> Vec<u8> {
        self.buffers.pop().unwrap_or_default()
    }

    /// Makes room for `extra` more bytes, checked against the memory limit.
    pub fn reserve(&mut self, buffer: &mut Vec<u8>, extra: usize) -> Result<(), Thrown> {
        if buffer.capacity() - buffer.len() >= extra {
            return Ok(());
        }
        let Some(needed) = buffer.len().checked_add(extra) else {
            return Err(self.out_of_memory());
        };
        let wanted = needed.max(buffer.capacity() * 2).max(64);
        let mut wanted = wanted;
        if self.heap.used.saturating_add(wanted) > self.heap.limit {
            wanted = needed;
            self.gc_check(wanted);
            if self.heap.used.saturating_add(wanted) > self.heap.limit {
                return Err(self.out_of_memory());
            }
        }
        if buffer.try_reserve_exact(wanted - buffer.len()).is_err() {
            return Err(self.out_of_memory());
        }
        Ok(())
    }

    /// Pushes the buffer's bytes as a string and takes the buffer back.
    pub fn push_buffer(&mut self, buffer: Vec<u8>) -> Result<(), Thrown> {
        let result = self.push_bytes(&buffer);
        self.drop_buffer(buffer);
        result
    }

    /// Takes back a buffer without using it.
    pub fn drop_buffer(&mut self, mut buffer: Vec<u8>) {
        if buffer.capacity() <= 64 * 1024
            && self.buffers.len() < 4
            && self.buffers.try_reserve(1).is_ok()
        {
            buffer.clear();
            self.buffers.push(buffer);
        }
    }

    // ---- the collector ---------------------------------------------------------------------------------

    /// A full collection, with the finalizers that are due.
    pub fn gc_collect(&mut self) -> Result<(), Thrown> {
        self.collect_quietly();
        self.run_finalizers(usize::MAX);
        if self.at_base() {
            // SAFETY: nothing runs, so nothing holds an address in the stack or the frames.
            unsafe { thread::shrink(&mut self.heap, self.main) };
        }
        Ok(())
    }
    /// Bytes in use.
    pub fn gc_bytes(&self) -> usize {
        self.heap.used
    }
    /// A step as after `kilobytes` of allocation (0: one basic step); whether a cycle ended.
    pub fn gc_step(&mut self, kilobytes: usize) -> Result<bool, Thrown> {
        if self.heap.mode == GcMode::Generational {
            self.gc_collect()?;
            return Ok(true);
        }
        let bytes = if kilobytes == 0 {
            16 * 1024
        } else {
            kilobytes.saturating_mul(1024)
        };
        let ended = self.collector_step(bytes.saturating_mul(4));
        self.run_finalizers(usize::MAX);
        Ok(ended)
    }
    /// Stops the collector.
    pub fn gc_stop(&mut self) {
        self.heap.stopped = true;
    }
    /// Restarts the collector.
    pub fn gc_restart(&mut self) {
        self.heap.stopped = false;
        self.heap.set_threshold(self.heap.used + 16 * 1024);
    }
    /// Whether the collector is running (not stopped).
    pub fn gc_is_running(&self) -> bool {
        !self.heap.stopped
    }
    /// Whether a finalizer is running.
    pub fn gc_in_finalizer(&self) -> bool {
        self.heap.in_finalizer
    }
    /// Sets the pause in percent; the old one.
    pub fn gc_set_pause(&mut self, percent: u32) -> u32 {
        std::mem::replace(&mut self.heap.pause, percent)
    }
    /// Sets the step multiplier; the old one.
    pub fn gc_set_step_multiplier(&mut self, percent: u32) -> u32 {
        std::mem::replace(&mut self.heap.step_multiplier, percent)
    }
    /// Sets the mode; the old one.
    pub fn gc_set_mode(&mut self, mode: GcMode) -> GcMode {
        std::mem::replace(&mut self.heap.mode, mode)
    }

    /// Runs one finalizer that is due; false when there is no room for it now.
    pub(crate) fn run_one_finalizer(&mut self) -> bool {
        if self.depth + 2 >= crate::vm::MAX_DEPTH {
            return false;
        }
        let Some(object) = self.heap.pending.pop() else {
            return false;
        };
        // SAFETY: pending objects are alive; the finalizer runs above everything in use.
        unsafe {
            (*object).mark &= !mark::FINALIZABLE;
            let v = Value::new((*object).kind as u32, object as usize as u64);
            let method = self.metamethod(v, Event::Gc);
            if !method.is_function() {
                return true;
            }
            let saved = (
                self.error_value,
                self.error_kind,
                self.error_handled,
                self.last_failure,
                self.raised,
            );
            let th = self.th;
            let top = (*th).top.offset_from((*th).stack);
            let level = (*th).frame.offset_from((*th).frames);
            self.heap.in_finalizer = true;
            let in_hook = std::mem::replace(&mut (*th).in_hook, true);
            let hook_frame = std::mem::replace(&mut (*th).hook_frame, 0);
            crate::interp::hook::update_trap(th);
            let here = (*th).top;
            let mut failed = false;
            if call::ensure_stack(self, here, 8).is_ok() {
                let here = (*self.th).top;
                *here = Value::native(&HOST_FINALIZER);
                *here.add(1) = method;
                *here.add(2) = v;
                (*self.th).top = here.add(3);
                failed = self.call_nested(2, 1).is_err();
            }
            self.heap.in_finalizer = false;
            ((*th).in_hook, (*th).hook_frame) = (in_hook, hook_frame);
            crate::interp::hook::update_trap(th);
            debug_assert!((*self.th).frame.offset_from((*self.th).frames) == level);
            if failed {
                // Only running out of fuel gets here; it is found again at the next charge.
                self.budget = if self.budget == u64::MAX { u64::MAX } else { 0 };
            } else {
                let result = *(*self.th).top.sub(1);
                if !result.is_nil() {
                    self.finalizer_warning(result);
                }
            }
            (*self.th).top = (*self.th).stack.offset(top);
            (
                self.error_value,
                self.error_kind,
                self.error_handled,
                self.last_failure,
                self.raised,
            ) = saved;
        }
        true
    }

    unsafe fn finalizer_warning(&mut self, error: Value) {
        if !self.warnings {
            return;
        }
        let text: Vec<u8> = if error.is_string() {
            // SAFETY: a valid string value.
            unsafe { Str::bytes(error.as_str()).to_vec() }
        } else {
            b"error object is not a string".to_vec()
        };
        let message = [b"Lua warning: error in __gc (" as &[u8], &text, b")\n"].concat();
        // A host that cannot write a warning has nobody to tell.
        let _ = self.host.write(crate::FileId::STDERR, &message);
    }

    /// Runs the finalizers of all objects: the end of the state.
    pub fn close(&mut self) {
        self.heap.stopped = true;
        // SAFETY: the lists hold live objects; marks are settled by finishing the cycle.
        unsafe {
            if self.heap.phase != Phase::Pause {
                self.collect_quietly();
            }
            for _ in 0..10 {
                self.heap.separate(true);
                if self.heap.pending.is_empty() {
                    break;
                }
                self.heap.closing = true;
                while !self.heap.pending.is_empty() && self.run_one_finalizer() {}
            }
        }
        self.heap.closing = true;
    }

    // ---- state of the libraries, the host ----------------------------------------------------------------

    /// The world outside.
    pub fn host(&mut self) -> &mut (dyn Host + 'static) {
        &mut *self.host
    }

    /// Lets `act` do something to the host's files that may change how much memory they take: they get no more than
    /// the memory limit leaves, and what they take is taken off it.
    pub fn with_files<T>(&mut self, act: impl FnOnce(&mut dyn Host) -> T) -> T {
        let room = self.heap.limit.saturating_sub(self.heap.used);
        self.host.set_memory_room(room);
        let result = act(&mut *self.host);
        let used = self.host.memory_used();
        self.heap.limit = self
            .heap
            .limit
            .saturating_add(self.file_bytes)
            .saturating_sub(used);
        self.file_bytes = used;
        result
    }

    /// Writes the string or number in `slot` to a file. Floats are written as C's `%.14g` does, so without the `.0`
    /// that `tostring` adds.
    pub fn write_to_file(&mut self, file: FileId, slot: Slot) -> HostResult<()> {
        let v = self.value_at(slot);
        let mut space = [0; 32];
        let text: &[u8] = if v.is_string() {
            // SAFETY: its slot keeps the string alive; a host has no way to the machine, so nothing collects.
            unsafe { Str::bytes(v.as_str()) }
        } else if v.is_number() {
            let text = convert::number_text(v, &mut space);
            if v.is_float() {
                text.strip_suffix(b".0").unwrap_or(text)
            } else {
                text
            }
        } else {
            return Err(HostError::new(22, "Invalid argument"));
        };
        if self.file_bytes != 0
            && self.heap.limit.saturating_sub(self.heap.used) < text.len().saturating_mul(2)
        {
            self.collect_quietly();
        }
        self.with_files(|host| host.write(file, text))
    }

    // ---- the end of the run ----------------------------------------------------------------------------

    /// Ends the run: nothing that Lua has catches this, and no pending variable is closed.
    #[cold]
    pub fn exit(&mut self, status: i32) -> Thrown {
        self.exit_closes = false;
        self.exit_status = Some(status);
        self.error_value = Value::NIL;
        self.error_kind = ErrorKind::Exit;
        self.error_handled = true;
        self.reraised = false;
        Thrown(())
    }

    /// As [`Vm::exit`], but on its way the pending variables of the main thread are closed; those of coroutines are
    /// not, as in the reference implementation.
    #[cold]
    pub fn exit_closing(&mut self, status: i32) -> Thrown {
        let thrown = self.exit(status);
        self.exit_closes = true;
        thrown
    }

    /// The status given to [`Vm::exit`], which is forgotten: afterwards the state can be used again.
    pub fn take_exit_status(&mut self) -> Option<i32> {
        self.exit_status.take()
    }

    /// Whether the run is being ended.
    pub fn is_exiting(&self) -> bool {
        self.exit_status.is_some()
    }
    /// State of `math.random`.
    pub fn random_state(&mut self) -> &mut [u64; 4] {
        &mut self.random
    }
    /// Whether warnings are written.
    pub fn warnings_on(&mut self) -> &mut bool {
        &mut self.warnings
    }

    // ---- coroutines ----------------------------------------------------------------------------------------

    /// Whether the running coroutine can yield here.
    pub fn is_yieldable(&self) -> bool {
        // SAFETY: the running thread.
        unsafe {
            self.th != self.main && (*self.th).n_nested == 0 && !call::is_host_entry(self.th)
        }
    }

    /// Whether [`Outcome::suspend`] can suspend the running coroutine and all that lead to it.
    pub fn can_suspend(&self) -> bool {
        // SAFETY: the running thread.
        unsafe { call::host_entry(self).is_some() }
    }

    /// Pushes a new suspended coroutine whose body is the function in `f`.
    pub fn push_new_thread(&mut self, f: Slot) -> Result<(), Thrown> {
        self.gc_check(2048);
        let body = self.value_at(f);
        let th = self.heap.new_thread();
        let th = self.memory(th)?;
        // SAFETY: a thread just made, with room on its stack.
        unsafe {
            *(*th).stack.add(1) = body;
            (*th).top = (*th).stack.add(2);
            // The events of its creator, though a hook has to be set to see them.
            (*th).hook_mask = (*self.th).hook_mask;
            (*th).hook_count = (*self.th).hook_count;
            (*th).hook_left = (*self.th).hook_count;
            crate::interp::hook::update_trap(th);
        }
        self.push(Value::thread(th))
    }

    /// Status of the coroutine in `slot` as seen from the running one (`Dead` when it is no thread).
    pub fn thread_status(&self, slot: Slot) -> ThreadStatus {
        let v = self.value_at(slot);
        if v.tag != tag::THREAD {
            return ThreadStatus::Dead;
        }
        let th = v.as_ptr::<Thread>();
        // SAFETY: a live thread.
        match unsafe { (*th).status } {
            _ if th == self.th => ThreadStatus::Running,
            Status::Suspended => ThreadStatus::Suspended,
            Status::Running | Status::Normal | Status::Waiting => ThreadStatus::Normal,
            Status::Finished | Status::Failed => ThreadStatus::Dead,
        }
    }

    /// Pushes the running coroutine; true when it is the main thread.
    pub fn push_running_thread(&mut self) -> Result<bool, Thrown> {
        self.push(Value::thread(self.th))?;
        // SAFETY: the running thread.
        Ok(self.th == self.main || unsafe { call::is_host_entry(self.th) })
    }

    /// Whether the coroutine in `slot` could yield where it stands.
    pub fn thread_is_yieldable(&self, slot: Slot) -> bool {
        let v = self.value_at(slot);
        // SAFETY: a live thread.
        v.tag == tag::THREAD
            && v.as_ptr::<Thread>() != self.main
            && unsafe { (*v.as_ptr::<Thread>()).n_nested == 0 }
    }
}

/// The call from outside: catches every error, out of fuel too.
static HOST_CALL: Native = Native {
    name: "(host call)",
    call: host_call,
};
/// The call of a finalizer: as the call from outside.
static HOST_FINALIZER: Native = Native {
    name: "(host finalizer)",
    call: finalizer_call,
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

/// Arguments: finalizer, object. Result: nil, or the error value.
fn finalizer_call(vm: &mut Vm, args: Args) -> NativeResult {
    if args.state() == 0 {
        return Ok(Outcome::protected_call(1, 1));
    }
    if !vm.call_failed() {
        vm.push_nil()?;
    }
    Ok(Outcome::results(1))
}
