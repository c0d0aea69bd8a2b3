//! Looking at values: what a slot holds, as which Rust value.

use super::*;

impl Vm {
    /// What a slot holds.
    #[inline(always)]
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
    #[inline(always)]
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
    #[inline(always)]
    pub fn bytes(&self, slot: Slot) -> Option<&[u8]> {
        let v = self.value_at(slot);
        // SAFETY: as in `view`.
        v.is_string().then(|| unsafe { Str::bytes(v.as_str()) })
    }

    /// What work on strings takes that calls nothing of the machine: the bytes of the strings in three slots, none for
    /// other values; the host's say in how long the work goes on; and what the library keeps, if it is a `T`.
    #[inline(always)]
    pub fn bytes_and_watch<T: std::any::Any>(
        &mut self,
        [first, second, third]: [Slot; 3],
    ) -> ([&[u8]; 3], Watch<'_>, Option<&mut T>) {
        let bytes_of = |v: Value| -> &[u8] {
            // SAFETY: as in `view`; the host, which may be called during the borrow, has no way to the machine.
            let bytes: Option<&[u8]> = v.is_string().then(|| unsafe { Str::bytes(v.as_str()) });
            bytes.unwrap_or_default()
        };
        // One by one: mapping an array is a call at this level of optimisation.
        let bytes = [
            bytes_of(self.value_at(first)),
            bytes_of(self.value_at(second)),
            bytes_of(self.value_at(third)),
        ];
        let watch = Watch {
            host: &mut *self.host,
            memory_used: self.heap.used,
        };
        let kept = self.kept.as_mut().and_then(|kept| kept.downcast_mut());
        (bytes, watch, kept)
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
        self.debit_float_text(v);
        let mut space = [0; 32];
        let s = self.heap.new_string(convert::number_text(v, &mut space));
        let s = self.memory(s)?;
        self.put(slot, Value::string(s));
        Ok(true)
    }

    /// Integer value of an integer, of a float that has one, or of a numeral that has one.
    #[inline]
    pub fn to_integer(&mut self, slot: Slot) -> Option<i64> {
        let v = self.value_at(slot);
        if v.is_int() {
            Some(v.as_int())
        } else {
            self.debit_reading(v, NUMERAL_BYTES);
            convert::to_integer(v)
        }
    }
    /// Float value of a number or numeral.
    #[inline]
    pub fn to_float(&mut self, slot: Slot) -> Option<f64> {
        let v = self.value_at(slot);
        if v.is_float() {
            return Some(v.as_float());
        }
        self.debit_reading(v, NUMERAL_BYTES);
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

    /// The full name of a native function without upvalues: that of a [`Native`] that anybody can find again.
    pub fn native_name(&self, slot: Slot) -> Option<&'static str> {
        let v = self.value_at(slot);
        // SAFETY: the payload of a native is the address of a static.
        (v.tag == tag::NATIVE).then(|| unsafe { (*v.as_ptr::<Native>()).name })
    }

    /// Pushes the number in `slot`, or the number that the string there is a numeral of: true. Otherwise false.
    pub fn push_number(&mut self, slot: Slot) -> Result<bool, Thrown> {
        let v = self.value_at(slot);
        self.debit_reading(v, NUMERAL_BYTES);
        match convert::to_number(v) {
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
    pub fn raw_equal(&mut self, a: Slot, b: Slot) -> bool {
        let (a, b) = (self.value_at(a), self.value_at(b));
        if a.is_string() && b.is_string() {
            self.debit_reading(a, COMPARED_BYTES);
        }
        convert::raw_equal(a, b)
    }
}

/// Asks the host whether long work goes on.
pub struct Watch<'a> {
    host: &'a mut dyn Host,
    memory_used: usize,
}

impl Watch<'_> {
    /// Whether the work may go on. `fuel_left` is what there will be if it ends here, `u64::MAX` without a limit. After
    /// `false` the caller ends the run ([`Vm::interrupted`]).
    pub fn goes_on(&mut self, fuel_left: u64) -> bool {
        self.host.progress(fuel_left, self.memory_used);
        !self.host.interrupted()
    }
}

impl std::fmt::Debug for Watch<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Watch").finish_non_exhaustive()
    }
}
