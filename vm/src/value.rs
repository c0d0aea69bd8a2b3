//! Values: sixteen bytes, a payload and a tag side by side.
//!
//! ```text
//!   0               8       12      16
//!   +---------------+-------+-------+
//!   | payload u64   | tag   | -     |
//!   +---------------+-------+-------+
//! ```
//!
//! The layout is the same on 32-bit and 64-bit machines. Integers and floats each own one tag bit, so
//! "both integers" is one `and` of two tags. Nil and false are the two smallest tags, so falsy is
//! `tag <= FALSE`. Collectable values own the bit [`tag::COLLECTABLE`], and their payload is an address.
//!
//! The last four bytes are padding, not a field: so values are copied, and passed to functions, as a payload and a tag,
//! each in the width in which it was written. A load of sixteen bytes, or of tag and padding together, right after
//! stores of the parts has to wait until they have left the processor's store buffer (twelve cycles and more,
//! instead of five).
//! Nil and booleans have the payload zero, so that equal values are equal in both parts.
//!
//! A `Value` never leaves this crate: the public face names stack slots instead.

use crate::checked::holds;
use crate::heap::access::is_kind;
use crate::heap::object::{Closure, Header, NativeClosure, Str, Table, Thread, Userdata};
use crate::native::Native;

/// The tags.
pub(crate) mod tag {
    pub const NIL: u32 = 0;
    pub const FALSE: u32 = 1;
    pub const TRUE: u32 = 2;
    pub const LIGHT: u32 = 3;
    /// A native function without upvalues: the payload is the address of its `Native`.
    pub const NATIVE: u32 = 4;
    /// Key of a table entry whose object was collected: compared by address only, never followed.
    pub const DEAD: u32 = 5;
    pub const COLLECTABLE: u32 = 0x20;
    pub const STRING: u32 = 0x21;
    pub const TABLE: u32 = 0x22;
    pub const CLOSURE: u32 = 0x23;
    pub const NATIVE_CLOSURE: u32 = 0x24;
    pub const USERDATA: u32 = 0x25;
    pub const THREAD: u32 = 0x26;
    /// Kinds of heap objects that are never values.
    pub const PROTO: u32 = 0x27;
    pub const UPVAL: u32 = 0x28;
    pub const INTEGER: u32 = 0x40;
    pub const FLOAT: u32 = 0x80;
    pub const NUMBER: u32 = INTEGER | FLOAT;
}

/// `*to := *from`
///
/// # Safety
/// Both are slots; the one at `from` has been written.
#[inline(always)]
pub(crate) unsafe fn assign(to: *mut Value, from: *const Value) {
    // SAFETY: by contract.
    unsafe {
        (*to).payload = (*from).payload;
        (*to).tag = (*from).tag;
    }
}

/// So many slots are copied one by one: a bulk copy is a call of the engine.
const FEW: usize = 8;

/// Copies `n` slots to others that do not overlap them.
///
/// # Safety
/// All of them are slots; those from `from` on have been written.
#[inline(always)]
pub(crate) unsafe fn copy_slots(to: *mut Value, from: *const Value, n: usize) {
    // SAFETY: by contract.
    unsafe {
        if n <= FEW {
            for i in 0..n {
                assign(to.add(i), from.add(i));
            }
        } else {
            to.copy_from_nonoverlapping(from, n);
        }
    }
}

/// Moves `n` slots up by one.
///
/// # Safety
/// They and the slot above them are slots; the `n` have been written.
#[inline(always)]
pub(crate) unsafe fn shift_up(first: *mut Value, n: usize) {
    // SAFETY: by contract.
    unsafe {
        if n <= FEW {
            for i in (0..n).rev() {
                assign(first.add(i + 1), first.add(i));
            }
        } else {
            first.copy_to(first.add(1), n);
        }
    }
}

/// The padding of a slot, which may carry a hint (`tfor_call` keeps its position there). Copying a value leaves it.
///
/// # Safety
/// A slot.
#[inline(always)]
pub(crate) unsafe fn padding(slot: *mut Value) -> *mut u32 {
    // SAFETY: the last four of a slot's sixteen bytes.
    unsafe { slot.cast::<u32>().add(3) }
}

/// A Lua value.
#[derive(Clone, Copy)]
#[repr(C, align(8))]
pub(crate) struct Value {
    pub payload: u64,
    pub tag: u32,
}

const _: () = assert!(size_of::<Value>() == 16);

impl Value {
    pub const NIL: Value = Value {
        payload: 0,
        tag: tag::NIL,
    };
    pub const TRUE: Value = Value {
        payload: 0,
        tag: tag::TRUE,
    };

    #[inline(always)]
    pub const fn new(tag: u32, payload: u64) -> Value {
        Value { payload, tag }
    }
    #[inline(always)]
    pub const fn int(i: i64) -> Value {
        Value::new(tag::INTEGER, i as u64)
    }
    #[inline(always)]
    pub const fn float(f: f64) -> Value {
        Value::new(tag::FLOAT, f.to_bits())
    }
    #[inline(always)]
    pub const fn bool(b: bool) -> Value {
        Value::new(if b { tag::TRUE } else { tag::FALSE }, 0)
    }
    #[inline(always)]
    pub fn native(f: &'static Native) -> Value {
        Value::new(tag::NATIVE, std::ptr::from_ref(f) as usize as u64)
    }
    #[inline(always)]
    fn object<T>(tag: u32, object: *mut T) -> Value {
        Value::new(tag, object as usize as u64)
    }
    #[inline(always)]
    pub fn string(s: *mut Str) -> Value {
        Value::object(tag::STRING, s)
    }
    #[inline(always)]
    pub fn table(t: *mut Table) -> Value {
        Value::object(tag::TABLE, t)
    }
    #[inline(always)]
    pub fn closure(c: *mut Closure) -> Value {
        Value::object(tag::CLOSURE, c)
    }
    #[inline(always)]
    pub fn native_closure(c: *mut NativeClosure) -> Value {
        Value::object(tag::NATIVE_CLOSURE, c)
    }
    #[inline(always)]
    pub fn userdata(u: *mut Userdata) -> Value {
        Value::object(tag::USERDATA, u)
    }
    #[inline(always)]
    pub fn thread(t: *mut Thread) -> Value {
        Value::object(tag::THREAD, t)
    }

    #[inline(always)]
    pub fn is_nil(self) -> bool {
        self.tag == tag::NIL
    }
    #[inline(always)]
    pub fn is_falsy(self) -> bool {
        self.tag <= tag::FALSE
    }
    #[inline(always)]
    pub fn is_int(self) -> bool {
        self.tag == tag::INTEGER
    }
    #[inline(always)]
    pub fn is_float(self) -> bool {
        self.tag == tag::FLOAT
    }
    #[inline(always)]
    pub fn is_number(self) -> bool {
        self.tag & tag::NUMBER != 0
    }
    #[inline(always)]
    pub fn is_string(self) -> bool {
        self.tag == tag::STRING
    }
    #[inline(always)]
    pub fn is_table(self) -> bool {
        self.tag == tag::TABLE
    }
    #[inline(always)]
    pub fn is_collectable(self) -> bool {
        self.tag & tag::COLLECTABLE != 0
    }
    #[inline(always)]
    pub fn is_function(self) -> bool {
        matches!(self.tag, tag::NATIVE | tag::CLOSURE | tag::NATIVE_CLOSURE)
    }

    // The accessors below reinterpret the payload; the caller has looked at the tag.
    #[inline(always)]
    pub fn as_int(self) -> i64 {
        self.payload as i64
    }
    #[inline(always)]
    pub fn as_float(self) -> f64 {
        f64::from_bits(self.payload)
    }
    #[inline(always)]
    pub fn as_ptr<T>(self) -> *mut T {
        self.payload as usize as *mut T
    }
    #[inline(always)]
    pub fn as_header(self) -> *mut Header {
        holds("an object", || self.is_collectable());
        self.as_ptr()
    }
    #[inline(always)]
    pub fn as_str(self) -> *mut Str {
        self.as_object(tag::STRING)
    }
    #[inline(always)]
    pub fn as_table(self) -> *mut Table {
        self.as_object(tag::TABLE)
    }
    #[inline(always)]
    pub fn as_closure(self) -> *mut Closure {
        self.as_object(tag::CLOSURE)
    }
    #[inline(always)]
    pub fn as_native_closure(self) -> *mut NativeClosure {
        self.as_object(tag::NATIVE_CLOSURE)
    }
    #[inline(always)]
    pub fn as_userdata(self) -> *mut Userdata {
        self.as_object(tag::USERDATA)
    }
    #[inline(always)]
    pub fn as_thread(self) -> *mut Thread {
        self.as_object(tag::THREAD)
    }
    /// The address of an object of this kind, which has not been freed.
    #[inline(always)]
    fn as_object<T>(self, kind: u32) -> *mut T {
        holds("an object of a kind", || {
            // SAFETY: a value with the tag of an object holds the address of one.
            self.tag == kind && unsafe { is_kind(self.as_ptr::<T>(), kind) }
        });
        self.as_ptr()
    }

    /// Numeric value as a float, for a value known to be a number.
    #[inline(always)]
    pub fn number_as_float(self) -> f64 {
        if self.tag == tag::INTEGER {
            self.as_int() as f64
        } else {
            self.as_float()
        }
    }

    /// Identity: same tag and same payload. For everything but floats and long strings this is raw equality
    /// of values of one subtype.
    #[inline(always)]
    pub fn same(self, other: Value) -> bool {
        self.tag == other.tag && self.payload == other.payload
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_is_a_payload_and_a_tag() {
        let from = Value::float(-0.0);
        let mut to = Value::int(7);
        // SAFETY: two slots; the padding of one is written before it is read.
        unsafe {
            *padding(&raw mut to) = 5;
            assign(&raw mut to, &raw const from);
            assert_eq!(*padding(&raw mut to), 5);
        }
        assert!(to.same(from) && to.is_float() && !to.is_int());
        assert_eq!(to.as_float().to_bits(), (-0.0_f64).to_bits());
    }

    #[test]
    fn tags_say_what_a_value_is() {
        let values = [Value::NIL, Value::bool(false), Value::TRUE, Value::int(0)];
        assert_eq!(values.map(Value::is_falsy), [true, true, false, false]);
        assert_eq!(Value::int(i64::MIN).as_int(), i64::MIN);
        assert_eq!(Value::int(3).number_as_float(), 3.0);
        assert!(Value::float(0.5).is_number() && !Value::TRUE.is_number());
        assert!(values.iter().all(|v| !v.is_collectable()));
    }
}
