//! Conversions and raw operations on values: numbers, strings as numbers, equality and order.
//!
//! Manual, sections 3.4.1 to 3.4.4. Nothing here allocates, calls or raises.

use cu_lexer::{Number, parse_number};

use crate::heap::object::Str;
use crate::heap::strings;
use crate::meta::Event;
use crate::number::*;
use crate::number_text;
use crate::value::{Value, tag};

/// Numeric value of a number or of a string that holds a numeral.
pub(crate) fn to_number(v: Value) -> Option<Value> {
    if v.is_number() {
        return Some(v);
    }
    if v.is_string() {
        // SAFETY: a valid string value.
        let bytes = unsafe { Str::bytes(v.as_str()) };
        return match parse_number(bytes)? {
            Number::Integer(i) => Some(Value::int(i)),
            Number::Float(f) => Some(Value::float(f)),
        };
    }
    None
}

/// Integer value of an integer or of a float that has one.
#[inline(always)]
pub(crate) fn number_to_integer(v: Value) -> Option<i64> {
    if v.is_int() {
        Some(v.as_int())
    } else if v.is_float() {
        float_to_int_exact(v.as_float())
    } else {
        None
    }
}

/// Integer value of a number or numeral.
pub(crate) fn to_integer(v: Value) -> Option<i64> {
    number_to_integer(v).or_else(|| number_to_integer(to_number(v)?))
}

/// Text of a number, as `tostring` gives it.
pub(crate) fn number_text(v: Value, space: &mut [u8; 32]) -> &[u8] {
    if v.is_int() {
        // The digits are written into the first 24 of the 32 bytes.
        match space.first_chunk_mut::<24>() {
            Some(digits) => number_text::write_integer(digits, v.as_int()),
            None => b"",
        }
    } else {
        number_text::write_float_g14(space, v.as_float())
    }
}

/// Primitive equality (manual, section 3.4.4).
#[inline(always)]
pub(crate) fn raw_equal(a: Value, b: Value) -> bool {
    if a.tag != b.tag {
        return match (a.tag, b.tag) {
            (tag::INTEGER, tag::FLOAT) => int_eq_float(a.as_int(), b.as_float()),
            (tag::FLOAT, tag::INTEGER) => int_eq_float(b.as_int(), a.as_float()),
            _ => false,
        };
    }
    match a.tag {
        tag::FLOAT => a.as_float() == b.as_float(),
        // SAFETY: valid string values.
        tag::STRING => unsafe { strings::equal(a.as_str(), b.as_str()) },
        tag::NIL | tag::FALSE | tag::TRUE => true,
        _ => a.payload == b.payload,
    }
}

fn int_eq_float(i: i64, f: f64) -> bool {
    float_to_int_exact(f) == Some(i)
}

const TWO_63: f64 = 9_223_372_036_854_775_808.0;

/// `i < f`, exactly.
fn int_lt_float(i: i64, f: f64) -> bool {
    if f >= TWO_63 {
        true
    } else if f > -TWO_63 {
        // The ceiling of f fits an integer.
        i < f.ceil() as i64
    } else {
        false
    }
}

/// `i <= f`, exactly.
fn int_le_float(i: i64, f: f64) -> bool {
    if f >= TWO_63 {
        true
    } else if f >= -TWO_63 {
        i <= f.floor() as i64
    } else {
        false
    }
}

/// `f < i`, exactly.
fn float_lt_int(f: f64, i: i64) -> bool {
    if f >= TWO_63 {
        false
    } else if f >= -TWO_63 {
        (f.floor() as i64) < i
    } else {
        // Also NaN comes here: it is less than nothing.
        f < 0.0
    }
}

/// `f <= i`, exactly.
fn float_le_int(f: f64, i: i64) -> bool {
    if f >= TWO_63 {
        false
    } else if f > -TWO_63 {
        f.ceil() as i64 <= i
    } else {
        f < 0.0
    }
}

/// `a < b` for numbers.
#[inline(always)]
pub(crate) fn number_lt(a: Value, b: Value) -> bool {
    match (a.is_int(), b.is_int()) {
        (true, true) => a.as_int() < b.as_int(),
        (false, false) => a.as_float() < b.as_float(),
        (true, false) => int_lt_float(a.as_int(), b.as_float()),
        (false, true) => float_lt_int(a.as_float(), b.as_int()),
    }
}

/// `a <= b` for numbers.
#[inline(always)]
pub(crate) fn number_le(a: Value, b: Value) -> bool {
    match (a.is_int(), b.is_int()) {
        (true, true) => a.as_int() <= b.as_int(),
        (false, false) => a.as_float() <= b.as_float(),
        (true, false) => int_le_float(a.as_int(), b.as_float()),
        (false, true) => float_le_int(a.as_float(), b.as_int()),
    }
}

/// Result of an arithmetic or bitwise operation on numbers; `None` when an operand is not a number (or, for bitwise
/// operations, a float without integer value), `Err` for a division by zero.
pub(crate) fn arith_raw(event: Event, a: Value, b: Value) -> Option<Result<Value, &'static [u8]>> {
    if !a.is_number() || !b.is_number() {
        return None;
    }
    let ints = a.is_int() && b.is_int();
    let (x, y) = (a.as_int(), b.as_int());
    let (f, g) = (a.number_as_float(), b.number_as_float());
    let int = |i| Some(Ok(Value::int(i)));
    let float = |f| Some(Ok(Value::float(f)));
    match event {
        Event::Add if ints => int(x.wrapping_add(y)),
        Event::Add => float(f + g),
        Event::Sub if ints => int(x.wrapping_sub(y)),
        Event::Sub => float(f - g),
        Event::Mul if ints => int(x.wrapping_mul(y)),
        Event::Mul => float(f * g),
        Event::Mod if ints && y == 0 => Some(Err(b"attempt to perform 'n%0'".as_slice())),
        Event::Mod if ints => int(int_mod(x, y)),
        Event::Mod => float(float_mod(f, g)),
        Event::IDiv if ints && y == 0 => Some(Err(b"attempt to divide by zero".as_slice())),
        Event::IDiv if ints => int(int_floor_div(x, y)),
        Event::IDiv => float(float_floor_div(f, g)),
        Event::Div => float(f / g),
        Event::Pow => float(float_pow(f, g)),
        Event::Unm if ints => int(x.wrapping_neg()),
        Event::Unm => float(-f),
        _ => {
            let (x, y) = (number_to_integer(a)?, number_to_integer(b)?);
            match event {
                Event::BAnd => int(x & y),
                Event::BOr => int(x | y),
                Event::BXor => int(x ^ y),
                Event::Shl => int(shift_left(x, y)),
                Event::Shr => int(shift_right(x, y)),
                Event::BNot => int(!x),
                _ => None,
            }
        }
    }
}
