//! The strings of a tree, each kept once, side by side in one vector.
//!
//! The table beside them holds indices only; it is also how other parts of a compilation find numbered
//! things by a hash.

use crate::ast::StrId;
use cu_lexer::{Meter, OutOfMemory};
use hashbrown::HashTable;

/// Names and string constants by their [`StrId`].
#[derive(Debug, Default)]
pub struct Strings {
    bytes: Vec<u8>,
    places: Vec<Place>,
}

/// Where the bytes of a string are, and their hash.
#[derive(Clone, Copy, Debug)]
struct Place {
    start: u32,
    len: u32,
    hash: u64,
}

impl Strings {
    /// The bytes of a string.
    #[inline]
    pub fn get(&self, id: StrId) -> &[u8] {
        match self.places.get(id.0 as usize) {
            Some(place) => self.at(*place),
            None => &[],
        }
    }

    /// How many strings there are.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    fn at(&self, place: Place) -> &[u8] {
        let start = place.start as usize;
        self.bytes
            .get(start..start + place.len as usize)
            .unwrap_or_default()
    }
}

/// Finds strings by their bytes.
#[derive(Debug, Default)]
pub(crate) struct Interner {
    ids: Index,
}

impl Interner {
    /// The place of `bytes` in `strings`, where they are appended unless they are there.
    pub fn intern(
        &mut self,
        bytes: &[u8],
        strings: &mut Strings,
        meter: &mut Meter,
    ) -> Result<StrId, OutOfMemory> {
        let hash = hash(bytes);
        let found = self.ids.find(hash, |id| {
            let place = strings.places.get(id as usize);
            place.is_some_and(|&place| place.hash == hash && strings.at(place) == bytes)
        });
        if let Some(id) = found {
            return Ok(StrId(id));
        }
        let id = u32::try_from(strings.places.len()).map_err(|_| OutOfMemory)?;
        let place = Place {
            start: u32::try_from(strings.bytes.len()).map_err(|_| OutOfMemory)?,
            len: u32::try_from(bytes.len()).map_err(|_| OutOfMemory)?,
            hash,
        };
        meter.extend(&mut strings.bytes, bytes)?;
        meter.push(&mut strings.places, place)?;
        self.ids.insert(hash, id, meter, &|id| {
            strings
                .places
                .get(id as usize)
                .map_or(0, |place| place.hash)
        })?;
        Ok(StrId(id))
    }
}

/// A hash table of numbers, which stand for something that the caller keeps.
#[derive(Debug, Default)]
pub struct Index {
    table: HashTable<u32>,
}

impl Index {
    /// The number that was inserted with this hash and that `is_it`.
    #[inline]
    pub fn find(&self, hash: u64, mut is_it: impl FnMut(u32) -> bool) -> Option<u32> {
        self.table.find(hash, |&id| is_it(id)).copied()
    }

    /// Adds a number; `hasher` gives the hash of any number in the table.
    pub fn insert(
        &mut self,
        hash: u64,
        id: u32,
        meter: &mut Meter,
        hasher: &dyn Fn(u32) -> u64,
    ) -> Result<(), OutOfMemory> {
        // One closure for both uses: the table's code is made once for each.
        let hasher = |&id: &u32| hasher(id);
        let capacity = self.table.capacity();
        let len = self.table.len();
        if len == capacity {
            // The table doubles. It keeps an index and a control byte for each place, and at most seven
            // places in eight are used.
            let wanted = (capacity * 2).max(28);
            meter.take((wanted - capacity) * (size_of::<u32>() + 1) * 8 / 7)?;
            self.table
                .try_reserve(wanted - len, hasher)
                .map_err(|_| OutOfMemory)?;
        }
        self.table.insert_unique(hash, id, hasher);
        Ok(())
    }

    /// Whether it has no numbers.
    pub fn is_empty(&self) -> bool {
        self.table.is_empty()
    }

    /// Removes all numbers and keeps the memory.
    pub fn clear(&mut self) {
        self.table.clear();
    }
}

/// FNV-1a, with its best bits moved to where the table looks.
fn hash(bytes: &[u8]) -> u64 {
    let mut state: u64 = 0xCBF2_9CE4_8422_2325;
    for &byte in bytes {
        state = (state ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3);
    }
    state ^ state >> 32
}
