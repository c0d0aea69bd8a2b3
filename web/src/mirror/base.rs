//! Entries as they were stored: a segment's bytes, and where each entry begins.
//!
//! What it is not: it takes nothing in but what was loaded. An entry that changes is marked as gone, and lives elsewhere.
//!
//! ```text
//!   bytes   u32 table  u32 n  key  u32 n, or GONE  value   ...
//!   index   ^                                              ^        in the order of (table, key), each only once
//! ```
//!
//! A state of many entries is opened in a moment, since nothing is made for each of them: 10,000 entries in a map of
//! their own take about 20 ms of a browser that has just begun.

use crate::wire::{Malformed, Reader};

/// The length of a value that says that the entry is gone.
pub const GONE: u32 = u32::MAX;

/// An entry of a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stored<'a> {
    pub table: u32,
    pub key: &'a [u8],
    /// Nothing if the entry is gone.
    pub value: Option<&'a [u8]>,
}

impl<'a> Stored<'a> {
    /// Reads the next entry.
    pub fn read(reader: &mut Reader<'a>) -> Result<Stored<'a>, Malformed> {
        let table = reader.word()?;
        if table == 0 {
            return Err(Malformed);
        }
        let n = reader.word()?;
        let key = reader.raw(n as usize)?;
        let value = match reader.word()? {
            GONE => None,
            n => Some(reader.raw(n as usize)?),
        };
        Ok(Stored { table, key, value })
    }

    fn name(&self) -> (u32, &'a [u8]) {
        (self.table, self.key)
    }

    fn size(&self) -> usize {
        12 + self.key.len() + self.value.map_or(0, <[u8]>::len)
    }
}

/// The entries of a segment.
#[derive(Debug, Default)]
pub struct Base {
    bytes: Vec<u8>,
    index: Vec<u32>,
    /// Bytes of entries that are gone.
    gone: usize,
}

impl Base {
    /// A segment's entries, if they are in order; nothing if they are not.
    pub fn new(segment: &[u8]) -> Result<Option<Base>, Malformed> {
        let mut reader = Reader::new(segment);
        let mut index = Vec::new();
        let mut last = None;
        let mut at = 0;
        while !reader.is_empty() {
            let entry = Stored::read(&mut reader)?;
            if last >= Some(entry.name()) {
                return Ok(None);
            }
            last = Some(entry.name());
            index.push(u32::try_from(at).map_err(|_| Malformed)?);
            at += entry.size();
        }
        Ok(Some(Base {
            bytes: segment.to_vec(),
            index,
            gone: 0,
        }))
    }

    /// How many entries there are, those that are gone included.
    pub fn len(&self) -> usize {
        self.index.len()
    }

    /// The entry of this number.
    pub fn entry(&self, i: usize) -> Option<Stored<'_>> {
        let at = *self.index.get(i)?;
        Stored::read(&mut Reader::new(self.bytes.get(at as usize..)?)).ok()
    }

    /// The number of the first entry that is not before this one.
    pub fn first(&self, table: u32, key: &[u8]) -> usize {
        let (mut from, mut to) = (0, self.len());
        while from < to {
            let middle = from.midpoint(to);
            match self.entry(middle) {
                Some(entry) if entry.name() < (table, key) => from = middle + 1,
                _ => to = middle,
            }
        }
        from
    }

    /// The number of an entry that is there.
    fn find(&self, table: u32, key: &[u8]) -> Option<usize> {
        let i = self.first(table, key);
        let entry = self.entry(i)?;
        (entry.name() == (table, key) && entry.value.is_some()).then_some(i)
    }

    /// The value of an entry that is there.
    pub fn get(&self, table: u32, key: &[u8]) -> Option<&[u8]> {
        self.entry(self.find(table, key)?)?.value
    }

    /// Marks an entry as gone: how long its value was, if it was there.
    pub fn remove(&mut self, table: u32, key: &[u8]) -> Option<usize> {
        let i = self.find(table, key)?;
        let n = self.entry(i)?.value?.len();
        let at = *self.index.get(i)? as usize + 8 + key.len();
        let length = self.bytes.get_mut(at..at + 4)?;
        length.copy_from_slice(&GONE.to_le_bytes());
        self.gone += 12 + key.len() + n;
        Some(n)
    }

    /// Whether most of it is gone, and the rest should live elsewhere.
    pub fn is_worn(&self) -> bool {
        self.gone > self.bytes.len() / 2
    }
}
