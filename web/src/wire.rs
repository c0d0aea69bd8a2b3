//! Messages between Lua and JavaScript: bytes in the instance's memory that one side writes and the other reads.
//!
//! What it is not: it knows no machine (`encode.rs`, `decode.rs`) and no JavaScript (`ts/engine/wire.ts` is the other
//! end, and reads [`tag`] out of this file when it is built).
//!
//! ```text
//!   value  := NIL | FALSE | TRUE | I32 i32 | I64 i64 | F64 f64 | FLOAT f64
//!           | STR n bytes | BYTES n bytes | (SHORT | n) bytes         n below 128
//!           | BIG n bytes
//!           | BACK index                                              a table that has been begun
//!           | ARRAY a 0 value*a | SPREAD a b value*a (key value)*b    keys 1..a+b
//!           | OBJECT 0 b (key value)*b | MAP a b value*a (key value)*b
//!           | FUNCTION id | THREAD id | USERDATA id | TABLE id        things that stay in Lua
//!           | HOST_FUNCTION id | HOST_OBJECT id                       things that stay in JavaScript
//! ```
//!
//! Numbers are little-endian, counts and ids are u32. Tables are numbered from 0 in the order in which they begin.
//! The buffer is always filled up to its length, so nothing of it is uninitialised, and its length never shrinks.

use std::cell::RefCell;

/// First bytes of values.
pub mod tag {
    /// `nil`
    pub const NIL: u8 = 0;
    /// `false`
    pub const FALSE: u8 = 1;
    /// `true`
    pub const TRUE: u8 = 2;
    /// An integer of 32 bits.
    pub const I32: u8 = 3;
    /// An integer of 64 bits.
    pub const I64: u8 = 4;
    /// A float.
    pub const F64: u8 = 5;
    /// A string in UTF-8.
    pub const STR: u8 = 6;
    /// A string that is not UTF-8.
    pub const BYTES: u8 = 7;
    /// A table that was begun before.
    pub const BACK: u8 = 8;
    /// A table with the keys 1 to a.
    pub const ARRAY: u8 = 9;
    /// A table whose keys are strings in UTF-8.
    pub const OBJECT: u8 = 10;
    /// Any other table.
    pub const MAP: u8 = 11;
    /// A table with the keys 1 to a+b, the last b of them out of order.
    pub const SPREAD: u8 = 12;
    /// A Lua function.
    pub const FUNCTION: u8 = 13;
    /// A coroutine.
    pub const THREAD: u8 = 14;
    /// A userdata that is not JavaScript's.
    pub const USERDATA: u8 = 15;
    /// A table that is not copied.
    pub const TABLE: u8 = 16;
    /// A JavaScript function.
    pub const HOST_FUNCTION: u8 = 17;
    /// A JavaScript object.
    pub const HOST_OBJECT: u8 = 18;
    /// A float with an integral value that is to be told from an integer.
    pub const FLOAT: u8 = 19;
    /// A big integer: a byte for its sign (1 for negative), and its magnitude, the lowest byte first.
    pub const BIG: u8 = 20;
    /// A string in UTF-8 whose length is in the other bits.
    pub const SHORT: u8 = 128;
}

/// What JavaScript is asked to do with BigInts: see `big.rs`.
pub mod work {
    /// The sum of two numbers.
    pub const ADD: u8 = 0;
    /// Their difference.
    pub const SUB: u8 = 1;
    /// Their product.
    pub const MUL: u8 = 2;
    /// The quotient, its fraction cut off.
    pub const DIV: u8 = 3;
    /// What such a division leaves.
    pub const MOD: u8 = 4;
    /// The quotient, rounded down.
    pub const IDIV: u8 = 5;
    /// The first number to the power of the second.
    pub const POW: u8 = 6;
    /// The number with the digits that come first; the second is their base.
    pub const READ: u8 = 7;
    /// The text of the first number; the second is its base.
    pub const WRITE: u8 = 8;
}

/// Length of the buffer at least, and what is kept of it after a large message.
pub const CAPACITY: usize = 64 << 10;
/// What is kept of a buffer after a large message.
const KEPT: usize = 1 << 20;

thread_local! {
    static WIRE: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Takes the buffer; until it is [put back](put), other messages get another one.
pub fn take() -> Vec<u8> {
    let mut wire = WIRE.with(|wire| wire.take());
    if wire.len() < CAPACITY {
        wire.resize(CAPACITY, 0);
    }
    wire
}

/// Makes `buffer` the one that JavaScript reads and writes.
pub fn put(buffer: Vec<u8>) {
    WIRE.with(|wire| wire.replace(buffer));
}

/// Puts back a buffer whose message has been read; after a large message it is made small again.
pub fn put_read(mut buffer: Vec<u8>) {
    if buffer.len() > KEPT {
        buffer.truncate(CAPACITY);
        buffer.shrink_to_fit();
    }
    put(buffer);
}

/// Address of the buffer, which is made at least `n` bytes long; 0 if there is no memory for it.
pub fn reserve(n: usize) -> *mut u8 {
    WIRE.with(|wire| {
        let Ok(mut wire) = wire.try_borrow_mut() else {
            return std::ptr::null_mut();
        };
        let n = n.max(CAPACITY);
        let more = n.saturating_sub(wire.len());
        if wire.try_reserve_exact(more).is_err() {
            return std::ptr::null_mut();
        }
        if more > 0 {
            wire.resize(n, 0);
        }
        wire.as_mut_ptr()
    })
}

/// The message does not fit the memory there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Full;

/// Writes a message into a buffer that grows.
#[derive(Debug)]
pub struct Writer {
    buffer: Vec<u8>,
    at: usize,
    limit: usize,
}

impl Writer {
    /// Begins a message of at most `limit` bytes.
    pub fn new(buffer: Vec<u8>, limit: usize) -> Writer {
        Writer {
            buffer,
            at: 0,
            limit: limit.max(CAPACITY),
        }
    }

    /// The buffer with the message.
    pub fn finish(self) -> Vec<u8> {
        self.buffer
    }

    /// Where the next byte goes.
    pub fn position(&self) -> usize {
        self.at
    }

    #[inline]
    fn room(&mut self, n: usize) -> Result<&mut [u8], Full> {
        let end = self.at + n;
        if end > self.buffer.len() {
            self.grow(end)?;
        }
        let start = std::mem::replace(&mut self.at, end);
        self.buffer.get_mut(start..end).ok_or(Full)
    }

    #[cold]
    fn grow(&mut self, end: usize) -> Result<(), Full> {
        if end > self.limit {
            return Err(Full);
        }
        let wanted = (self.buffer.len() * 2).clamp(end, self.limit);
        let more = wanted - self.buffer.len();
        self.buffer.try_reserve_exact(more).map_err(|_| Full)?;
        self.buffer.resize(wanted, 0);
        Ok(())
    }

    /// Writes one byte.
    #[inline]
    pub fn byte(&mut self, byte: u8) -> Result<(), Full> {
        self.room(1)?.fill(byte);
        Ok(())
    }

    /// Writes bytes.
    #[inline]
    pub fn raw(&mut self, bytes: &[u8]) -> Result<(), Full> {
        self.room(bytes.len())?.copy_from_slice(bytes);
        Ok(())
    }

    /// Writes a count or an id.
    #[inline]
    pub fn word(&mut self, word: u32) -> Result<(), Full> {
        self.raw(&word.to_le_bytes())
    }

    /// Writes an integer value.
    #[inline]
    pub fn integer(&mut self, i: i64) -> Result<(), Full> {
        if let Ok(i) = i32::try_from(i) {
            self.byte(tag::I32)?;
            return self.raw(&i.to_le_bytes());
        }
        self.byte(tag::I64)?;
        self.raw(&i.to_le_bytes())
    }

    /// Writes a float value; `marked` says that an integral one is to be told from an integer.
    #[inline]
    pub fn float(&mut self, f: f64, marked: bool) -> Result<(), Full> {
        let integral = marked && f.is_finite() && f.fract() == 0.0;
        self.byte(if integral { tag::FLOAT } else { tag::F64 })?;
        self.raw(&f.to_le_bytes())
    }

    /// Writes a string value and tells whether it is UTF-8.
    #[inline]
    pub fn string(&mut self, bytes: &[u8], as_bytes: bool) -> Result<bool, Full> {
        let n = u32::try_from(bytes.len()).map_err(|_| Full)?;
        let text = !as_bytes && (bytes.is_ascii() || std::str::from_utf8(bytes).is_ok());
        if text && n < 128 {
            self.byte(tag::SHORT | n as u8)?;
        } else {
            self.byte(if text { tag::STR } else { tag::BYTES })?;
            self.word(n)?;
        }
        self.raw(bytes)?;
        Ok(text)
    }

    /// Writes a big integer.
    pub fn big(&mut self, bytes: &[u8]) -> Result<(), Full> {
        self.tagged(tag::BIG, u32::try_from(bytes.len()).map_err(|_| Full)?)?;
        self.raw(bytes)
    }

    /// Writes a tag and an id.
    #[inline]
    pub fn tagged(&mut self, tag: u8, id: u32) -> Result<(), Full> {
        self.byte(tag)?;
        self.word(id)
    }

    /// Leaves room for the head of a table, to be [filled in](Writer::set_head) when its entries are known.
    #[inline]
    pub fn head(&mut self) -> Result<usize, Full> {
        let at = self.at;
        self.room(9)?;
        Ok(at)
    }

    /// Fills in the head of a table.
    pub fn set_head(&mut self, at: usize, tag: u8, a: u32, b: u32) {
        if let Some(head) = self.buffer.get_mut(at..at + 9) {
            let (first, rest) = head.split_at_mut(1);
            let (n_a, n_b) = rest.split_at_mut(4);
            first.fill(tag);
            n_a.copy_from_slice(&a.to_le_bytes());
            n_b.copy_from_slice(&b.to_le_bytes());
        }
    }
}

/// The message is not one that the other side writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed;

/// Reads a message.
#[derive(Debug)]
pub struct Reader<'a> {
    bytes: &'a [u8],
}

impl<'a> Reader<'a> {
    /// Begins to read.
    pub fn new(bytes: &'a [u8]) -> Reader<'a> {
        Reader { bytes }
    }

    /// Whether everything has been read.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// The next `n` bytes.
    #[inline]
    pub fn raw(&mut self, n: usize) -> Result<&'a [u8], Malformed> {
        let (head, rest) = self.bytes.split_at_checked(n).ok_or(Malformed)?;
        self.bytes = rest;
        Ok(head)
    }

    #[inline]
    fn array<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        let (head, rest) = self.bytes.split_first_chunk().ok_or(Malformed)?;
        self.bytes = rest;
        Ok(*head)
    }

    /// The next byte.
    #[inline]
    pub fn byte(&mut self) -> Result<u8, Malformed> {
        let [byte] = self.array()?;
        Ok(byte)
    }

    /// A count or an id.
    #[inline]
    pub fn word(&mut self) -> Result<u32, Malformed> {
        self.array().map(u32::from_le_bytes)
    }

    /// What follows [`tag::I32`].
    #[inline]
    pub fn i32(&mut self) -> Result<i32, Malformed> {
        self.array().map(i32::from_le_bytes)
    }

    /// What follows [`tag::I64`].
    #[inline]
    pub fn i64(&mut self) -> Result<i64, Malformed> {
        self.array().map(i64::from_le_bytes)
    }

    /// What follows [`tag::F64`].
    #[inline]
    pub fn f64(&mut self) -> Result<f64, Malformed> {
        self.array().map(f64::from_le_bytes)
    }

    /// A string value.
    pub fn string(&mut self) -> Result<&'a [u8], Malformed> {
        match self.byte()? {
            tag::STR | tag::BYTES => {
                let n = self.word()?;
                self.raw(n as usize)
            }
            short if short >= tag::SHORT => self.raw((short & !tag::SHORT) as usize),
            _ => Err(Malformed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read() {
        let mut w = Writer::new(Vec::new(), 1 << 20);
        w.integer(-7).unwrap();
        w.integer(1 << 40).unwrap();
        w.float(0.5, true).unwrap();
        assert!(w.string("é".as_bytes(), false).unwrap());
        assert!(!w.string(b"\xff", false).unwrap());
        let bytes = w.finish();
        let mut r = Reader::new(&bytes);
        assert_eq!((r.byte(), r.i32()), (Ok(tag::I32), Ok(-7)));
        assert_eq!((r.byte(), r.i64()), (Ok(tag::I64), Ok(1 << 40)));
        assert_eq!((r.byte(), r.f64()), (Ok(tag::F64), Ok(0.5)));
        assert_eq!(r.string(), Ok("é".as_bytes()));
        assert_eq!(r.string(), Ok(&b"\xff"[..]));
    }

    #[test]
    fn a_message_past_the_limit_is_refused() {
        let mut w = Writer::new(Vec::new(), 0);
        assert_eq!(w.raw(&vec![0; CAPACITY]), Ok(()));
        assert_eq!(w.byte(0), Err(Full));
    }

    #[test]
    fn a_cut_message_is_malformed() {
        assert_eq!(Reader::new(&[3, 0, 0]).i32(), Err(Malformed));
        assert_eq!(
            Reader::new(&[tag::SHORT | 2, b'a']).string(),
            Err(Malformed)
        );
    }
}
