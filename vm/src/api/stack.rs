//! The stack: pushing, popping, moving values, and the upvalues of natives.

use super::*;
use crate::value;

impl Vm {
    /// The slot above the last value.
    #[inline(always)]
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
            unsafe { (*self.th).top = Thread::slot(self.th, slot.0 as usize) };
        }
        Ok(())
    }

    /// Removes the top `n` values.
    #[inline(always)]
    pub fn pop(&mut self, n: u32) {
        let slot = Slot(self.top().0.saturating_sub(n)).max(self.bottom());
        // SAFETY: between the frame's base and the old top.
        unsafe { (*self.th).top = Thread::slot(self.th, slot.0 as usize) };
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
    #[inline(always)]
    pub fn push_int(&mut self, i: i64) -> Result<(), Thrown> {
        self.push(Value::int(i))
    }
    /// Pushes a float.
    #[inline(always)]
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
    #[inline(always)]
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
    #[inline(always)]
    pub(super) fn native_upval(&self, i: u32) -> Option<(*mut NativeClosure, *mut Value)> {
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
            let c = f.as_native_closure();
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

    /// Pushes copies of the first `N` upvalues of the running native, nil where there is none.
    pub fn push_upvalues<const N: usize>(&mut self, _args: Args) -> Result<(), Thrown> {
        let first = self.native_upval(N as u32 - 1);
        for i in 0..N {
            let value = first.map_or(Value::NIL, |(closure, _)| {
                // SAFETY: the last of them is an upvalue of a live closure.
                unsafe { *NativeClosure::upval(closure, i) }
            });
            self.push(value)?;
        }
        Ok(())
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
    #[inline(always)]
    pub fn upvalue_int(&self, _args: Args, i: u32) -> Option<i64> {
        // SAFETY: an upvalue of a live closure.
        let v = self.native_upval(i).map(|(_, v)| unsafe { *v })?;
        v.is_int().then(|| v.as_int())
    }

    /// Upvalue `i` := an integer.
    #[inline(always)]
    pub fn set_upvalue_int(&mut self, _args: Args, i: u32, value: i64) {
        if let Some((_, v)) = self.native_upval(i) {
            // SAFETY: an upvalue of a live closure.
            unsafe { *v = Value::int(value) };
        }
    }

    pub(super) fn put(&mut self, slot: Slot, v: Value) {
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
        if !self.writable(slot) {
            return;
        }
        let n = self.top().distance_from(slot) as usize - 1;
        // SAFETY: `n` slots from `slot` on, and the top value above them, belong to the running native.
        unsafe {
            let first = self.address(slot);
            let moved = *first.add(n);
            value::shift_up(first, n);
            *first = moved;
        }
    }
    /// Removes the value at `slot`, shifting down what is above it.
    pub fn remove(&mut self, slot: Slot) {
        if self.writable(slot) {
            let n = self.top().distance_from(slot) as usize - 1;
            // SAFETY: `n` slots above `slot` belong to the running native.
            unsafe {
                let first = self.address(slot);
                first.add(1).copy_to(first, n);
            }
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
}
