//! Values as byte strings, and back: a tag, then what it needs. Numbers are little-endian.
//!
//! | tag | what follows | value |
//! |---|---|---|
//! | 00 | | nil: as good as no entry |
//! | 01 | a byte | a boolean: false if it is zero |
//! | 02 | i64 | an integer |
//! | 03 | f64 | a float |
//! | 04 | u32 length, bytes | a string |
//! | 05 | u32 length, bytes | a Lua function: a binary chunk, and its upvalues (see `function.rs`) |
//! | 06 | u16 index | a library function, by its place in [`crate::registry`] |
//! | 07 | u32 number | an external table |
//! | 08 | u32 length, name | a library function, by its full name |
//! | 0A | u32 length, bytes | a large integer: its bytes are for whoever makes them |
//!
//! What follows a value is ignored. [`decode`] takes any bytes and allocates nothing.

use cu_vm::copy_slice;

/// Longest encoding that [`encode_short`] makes.
pub(crate) const SHORT: usize = 32;

/// A value, as far as a store knows it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value<'a> {
    /// Nothing.
    Nil,
    /// A boolean.
    Boolean(bool),
    /// An integer.
    Integer(i64),
    /// A float, bit by bit.
    Float(f64),
    /// A string.
    String(&'a [u8]),
    /// A Lua function: a chunk and perhaps more.
    Function(&'a [u8]),
    /// A library function, by its place in the registry.
    Native(u16),
    /// An external table.
    Table(u32),
    /// A library function, by its full name.
    NamedNative(&'a [u8]),
    /// A large integer; its bytes are for whoever makes them.
    BigInteger(&'a [u8]),
}

/// The tags.
mod tag {
    pub const NIL: u8 = 0;
    pub const BOOLEAN: u8 = 1;
    pub const INTEGER: u8 = 2;
    pub const FLOAT: u8 = 3;
    pub const STRING: u8 = 4;
    pub const FUNCTION: u8 = 5;
    pub const NATIVE: u8 = 6;
    pub const TABLE: u8 = 7;
    pub const NAMED_NATIVE: u8 = 8;
    pub const BIG_INTEGER: u8 = 0x0a;
}

/// Puts the encoding of a value at the end of `out`. Byte strings have less than 4 GiB.
pub fn encode(value: Value<'_>, out: &mut Vec<u8>) {
    match value {
        Value::Nil => out.push(tag::NIL),
        Value::Boolean(b) => out.extend_from_slice(&[tag::BOOLEAN, b.into()]),
        Value::Integer(i) => {
            out.push(tag::INTEGER);
            out.extend_from_slice(&i.to_le_bytes());
        }
        Value::Float(f) => {
            out.push(tag::FLOAT);
            out.extend_from_slice(&f.to_bits().to_le_bytes());
        }
        Value::Native(index) => {
            out.push(tag::NATIVE);
            out.extend_from_slice(&index.to_le_bytes());
        }
        Value::Table(id) => {
            out.push(tag::TABLE);
            out.extend_from_slice(&id.to_le_bytes());
        }
        Value::String(bytes) => with_length(tag::STRING, bytes, out),
        Value::Function(bytes) => with_length(tag::FUNCTION, bytes, out),
        Value::NamedNative(bytes) => with_length(tag::NAMED_NATIVE, bytes, out),
        Value::BigInteger(bytes) => with_length(tag::BIG_INTEGER, bytes, out),
    }
}

/// The encoding of a number, a boolean or a short string, in `room`; `None` for other values.
pub(crate) fn encode_short<'a>(value: Value<'_>, room: &'a mut [u8; SHORT]) -> Option<&'a [u8]> {
    let (tag, rest) = room.split_first_mut()?;
    let len = match value {
        Value::Boolean(b) => {
            *tag = tag::BOOLEAN;
            *rest.first_mut()? = b.into();
            1
        }
        Value::Integer(i) => {
            *tag = tag::INTEGER;
            *rest.first_chunk_mut()? = i.to_le_bytes();
            8
        }
        Value::Float(f) => {
            *tag = tag::FLOAT;
            *rest.first_chunk_mut()? = f.to_bits().to_le_bytes();
            8
        }
        Value::String(bytes) => {
            *tag = tag::STRING;
            let (len, rest) = rest.split_first_chunk_mut()?;
            *len = (bytes.len() as u32).to_le_bytes();
            copy_slice(rest.get_mut(..bytes.len())?, bytes);
            4 + bytes.len()
        }
        _ => return None,
    };
    room.get(..=len)
}

fn with_length(tag: u8, bytes: &[u8], out: &mut Vec<u8>) {
    out.push(tag);
    out.extend_from_slice(&(bytes.len() as u32).to_le_bytes());
    out.extend_from_slice(bytes);
}

/// The value that `bytes` begin with; `None` when the tag is unknown or something is missing.
pub fn decode(bytes: &[u8]) -> Option<Value<'_>> {
    let (&tag, rest) = bytes.split_first()?;
    Some(match tag {
        tag::NIL => Value::Nil,
        tag::BOOLEAN => Value::Boolean(*rest.first()? != 0),
        tag::INTEGER => Value::Integer(i64::from_le_bytes(*rest.first_chunk()?)),
        tag::FLOAT => Value::Float(f64::from_bits(u64::from_le_bytes(*rest.first_chunk()?))),
        tag::STRING => Value::String(counted(rest)?),
        tag::FUNCTION => Value::Function(counted(rest)?),
        tag::NATIVE => Value::Native(u16::from_le_bytes(*rest.first_chunk()?)),
        tag::TABLE => Value::Table(u32::from_le_bytes(*rest.first_chunk()?)),
        tag::NAMED_NATIVE => Value::NamedNative(counted(rest)?),
        tag::BIG_INTEGER => Value::BigInteger(counted(rest)?),
        _ => return None,
    })
}

fn counted(bytes: &[u8]) -> Option<&[u8]> {
    let (&len, rest) = bytes.split_first_chunk()?;
    rest.get(..usize::try_from(u32::from_le_bytes(len)).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::tests::rounds;
    use proptest::prelude::*;

    fn check_round_trip(value: Value<'_>) {
        let mut bytes = Vec::new();
        encode(value, &mut bytes);
        let back = decode(&bytes).unwrap();
        match (value, back) {
            (Value::Float(a), Value::Float(b)) => assert_eq!(a.to_bits(), b.to_bits()),
            (a, b) => assert_eq!(a, b),
        }
        // The short way gives the same bytes.
        if let Some(short) = encode_short(value, &mut [0; SHORT]) {
            assert_eq!(short, bytes);
        }
        // Nothing can be missing, and more does not matter.
        for n in 0..bytes.len() {
            assert_eq!(decode(&bytes[..n]), None, "{n} of {bytes:?}");
        }
        bytes.push(0xff);
        assert!(decode(&bytes).is_some());
    }

    #[test]
    fn known_encodings() {
        for (value, wanted) in [
            (Value::Nil, &b"\x00"[..]),
            (Value::Boolean(true), b"\x01\x01"),
            (Value::Integer(-2), b"\x02\xfe\xff\xff\xff\xff\xff\xff\xff"),
            (Value::Float(1.5), b"\x03\0\0\0\0\0\0\xf8\x3f"),
            (Value::String(b"hi"), b"\x04\x02\0\0\0hi"),
            (Value::Native(17), b"\x06\x11\0"),
            (Value::Table(3), b"\x07\x03\0\0\0"),
            (Value::NamedNative(b"f"), b"\x08\x01\0\0\0f"),
        ] {
            let mut bytes = Vec::new();
            encode(value, &mut bytes);
            assert_eq!(bytes, wanted);
        }
        assert_eq!(decode(&[1, 2]), Some(Value::Boolean(true)));
        assert_eq!(decode(&[9]), None);
        assert_eq!(decode(&[]), None);
    }

    proptest! {
        #![proptest_config(rounds())]

        #[test]
        fn values_round_trip(
            bytes in proptest::collection::vec(any::<u8>(), 0..20),
            i in any::<i64>(), bits in any::<u64>(), id in any::<u32>(), index in any::<u16>(), b in any::<bool>(),
        ) {
            for value in [
                Value::Nil, Value::Boolean(b), Value::Integer(i), Value::Float(f64::from_bits(bits)),
                Value::String(&bytes), Value::Function(&bytes), Value::Native(index), Value::Table(id),
                Value::NamedNative(&bytes), Value::BigInteger(&bytes),
            ] {
                check_round_trip(value);
            }
        }

        #[test]
        fn any_bytes_decode(bytes in proptest::collection::vec(any::<u8>(), 0..20)) {
            if let Some(value) = decode(&bytes) {
                let mut again = Vec::new();
                encode(value, &mut again);
                // Booleans are true for any byte but zero.
                if bytes[0] != 1 {
                    prop_assert_eq!(&bytes[..again.len()], &again[..]);
                }
            }
        }
    }
}
