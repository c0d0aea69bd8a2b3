//! The strings of a tree, each kept once, side by side in one vector.
//!
//! The table beside them holds indices only; it is also how other parts of a compilation find numbered
//! things by a hash. Hashes start from the key of the [`Meter`], which sources do not know.

use crate::ast::StrId;
use cu_lexer::{Meter, OutOfMemory};

/// Names and string constants by their [`StrId`].
#[derive(Debug, Default)]
pub struct Strings {
    bytes: Vec<u8>,
    places: Vec<Place>,
}

/// Where the bytes of a string are.
#[derive(Clone, Copy, Debug)]
struct Place {
    start: u32,
    len: u32,
    /// All bytes of a string of up to eight, so that most are compared at once.
    word: u64,
}

impl Strings {
    /// The name `_ENV`, in the tables of trees.
    pub const ENV: StrId = first(0);
    /// The name of the hidden variables of loops, in the tables of trees.
    pub const FOR_STATE: StrId = first(1);

    fn add(&mut self, bytes: &[u8], word: u64, meter: &mut Meter) -> Result<StrId, OutOfMemory> {
        let index = u32::try_from(self.places.len()).map_err(|_| OutOfMemory)?;
        let id = StrId::new(index).ok_or(OutOfMemory)?;
        let place = Place {
            start: u32::try_from(self.bytes.len()).map_err(|_| OutOfMemory)?,
            len: u32::try_from(bytes.len()).map_err(|_| OutOfMemory)?,
            word,
        };
        meter.extend(&mut self.bytes, bytes)?;
        meter.push(&mut self.places, place)?;
        Ok(id)
    }

    /// The bytes of a string.
    #[inline(always)]
    pub fn get(&self, id: StrId) -> &[u8] {
        match self.places.get(id.index()) {
            Some(place) => self.at(*place),
            None => &[],
        }
    }

    /// Length of a string.
    #[inline(always)]
    pub fn len_of(&self, id: StrId) -> usize {
        self.places
            .get(id.index())
            .map_or(0, |place| place.len as usize)
    }

    /// How many strings there are.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// Removes all strings and keeps the memory.
    pub(crate) fn clear(&mut self) {
        self.bytes.clear();
        self.places.clear();
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
pub struct Interner {
    ids: Index,
}

impl Interner {
    /// The place of `bytes` in `strings`, where they are appended unless they are there.
    #[inline(always)]
    pub fn intern(
        &mut self,
        bytes: &[u8],
        strings: &mut Strings,
        meter: &mut Meter,
    ) -> Result<StrId, OutOfMemory> {
        let word = short_word(bytes);
        let hash = match bytes.len() {
            0..=WORD => hash_word(meter.key(), word),
            _ => hash_long(meter.key(), bytes),
        };
        let found = self.ids.find(hash, |id| {
            strings.places.get(id as usize).is_some_and(|&place| {
                place.word == word
                    && place.len as usize == bytes.len()
                    && (bytes.len() <= WORD || strings.at(place) == bytes)
            })
        });
        match found.and_then(StrId::new) {
            Some(id) => Ok(id),
            None => self.add(bytes, word, hash, strings, meter),
        }
    }

    #[inline(never)]
    fn add(
        &mut self,
        bytes: &[u8],
        word: u64,
        hash: u32,
        strings: &mut Strings,
        meter: &mut Meter,
    ) -> Result<StrId, OutOfMemory> {
        let id = strings.add(bytes, word, meter)?;
        self.ids.insert(hash, id.index() as u32, meter)?;
        Ok(id)
    }

    /// Forgets all strings and keeps the memory.
    pub(crate) fn clear(&mut self) {
        if !self.ids.is_empty() {
            self.ids.clear();
        }
    }

    /// Adds the names that every tree has, to an empty table.
    pub(crate) fn begin(
        &mut self,
        strings: &mut Strings,
        meter: &mut Meter,
    ) -> Result<(), OutOfMemory> {
        for name in FIRST {
            self.intern(name, strings, meter)?;
        }
        Ok(())
    }
}

/// The names that every tree has, from the first number on.
const FIRST: [&[u8]; 2] = [b"_ENV", b"(for state)"];

/// One of them.
const fn first(n: u32) -> StrId {
    match StrId::new(n) {
        Some(id) => id,
        // The highest number alone is no id.
        None => first(0),
    }
}

/// A hash table of numbers, which stand for something that the caller keeps.
///
/// A slot holds the hash above the number plus one; a free slot holds 0. The highest bits of the hash are
/// the place where a search begins, so a table grows without asking for hashes again.
#[derive(Debug, Default)]
pub struct Index {
    slots: Vec<u64>,
    len: usize,
}

/// Slots of the smallest table.
const FIRST_SLOTS: usize = 64;

impl Index {
    /// The number that was inserted with this hash and that `is_it`.
    #[inline(always)]
    pub fn find(&self, hash: u32, mut is_it: impl FnMut(u32) -> bool) -> Option<u32> {
        let mut at = self.first_slot(hash);
        // There is always a free slot to end at.
        while let Some(&slot) = self.slots.get(at)
            && slot != 0
        {
            let id = (slot as u32).wrapping_sub(1);
            if (slot >> 32) as u32 == hash && is_it(id) {
                return Some(id);
            }
            at = self.next_slot(at);
        }
        None
    }

    /// Adds a number below `u32::MAX`.
    pub fn insert(&mut self, hash: u32, id: u32, meter: &mut Meter) -> Result<(), OutOfMemory> {
        // At most three quarters are used.
        if self.len >= self.slots.len() / 4 * 3 {
            self.grow(meter)?;
        }
        self.put(u64::from(hash) << 32 | (u64::from(id) + 1));
        self.len += 1;
        Ok(())
    }

    fn put(&mut self, entry: u64) {
        let mut at = self.first_slot((entry >> 32) as u32);
        while let Some(slot) = self.slots.get_mut(at) {
            if *slot == 0 {
                *slot = entry;
                return;
            }
            at = self.next_slot(at);
        }
    }

    #[inline(always)]
    fn first_slot(&self, hash: u32) -> usize {
        ((u64::from(hash) * self.slots.len() as u64) >> 32) as usize
    }

    #[inline(always)]
    fn next_slot(&self, at: usize) -> usize {
        if at + 1 == self.slots.len() {
            0
        } else {
            at + 1
        }
    }

    #[inline(never)]
    fn grow(&mut self, meter: &mut Meter) -> Result<(), OutOfMemory> {
        let mut slots = Vec::new();
        let len = (self.slots.len() * 2).max(FIRST_SLOTS);
        meter.reserve(&mut slots, len)?;
        slots.resize(len, 0);
        for entry in std::mem::replace(&mut self.slots, slots) {
            if entry != 0 {
                self.put(entry);
            }
        }
        Ok(())
    }

    /// Whether it has no numbers.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Removes all numbers and keeps the memory.
    pub fn clear(&mut self) {
        self.slots.fill(0);
        self.len = 0;
    }
}

/// Bytes in a word.
const WORD: usize = 8;

/// An odd number with irregular bits, the golden ratio's.
const STEP: u64 = 0x9E37_79B9_7F4A_7C15;

/// A hash of a number. The multiplications carry every bit to the highest ones, which are given.
#[inline(always)]
pub fn hash_word(key: u64, word: u64) -> u32 {
    (step(key, word).wrapping_mul(STEP) >> 32) as u32
}

fn hash_long(key: u64, bytes: &[u8]) -> u32 {
    let (words, rest) = bytes.as_chunks::<WORD>();
    let state = words
        .iter()
        .fold(key, |state, word| step(state, u64::from_le_bytes(*word)));
    hash_word(state, short_word(rest) ^ bytes.len() as u64)
}

#[inline(always)]
fn step(state: u64, word: u64) -> u64 {
    let product = (state ^ word).wrapping_mul(STEP);
    product ^ product >> 32
}

/// The first bytes of a string, up to eight, as a number. Reads two overlapping halves where it can.
#[inline(always)]
fn short_word(bytes: &[u8]) -> u64 {
    if let Some(word) = bytes.first_chunk() {
        return u64::from_le_bytes(*word);
    }
    if let (Some(low), Some(high)) = (bytes.first_chunk(), bytes.last_chunk()) {
        let high = u64::from(u32::from_le_bytes(*high)) << (8 * (bytes.len() - 4));
        return u64::from(u32::from_le_bytes(*low)) | high;
    }
    let at = |at: usize| bytes.get(at).map_or(0, |&byte| u64::from(byte) << (8 * at));
    at(0) | at(1) | at(2)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

    use super::*;

    #[test]
    fn strings_are_kept_once_whatever_their_length() {
        let mut meter = Meter::new(usize::MAX);
        let (mut interner, mut strings) = (Interner::default(), Strings::default());
        // All prefixes of both texts, and a lot of names, so that the table grows.
        let texts = [b"abcdefghijklmnopqrstuvwxyz\0".as_slice(), &[0; 20]];
        let mut all: Vec<Vec<u8>> = Vec::new();
        for text in texts {
            all.extend((0..=text.len()).map(|len| text[..len].to_vec()));
        }
        all.extend((0..1000).map(|n| format!("name{n}").into_bytes()));
        all.remove(texts[0].len() + 1); // The empty string comes twice.
        for round in 0..2 {
            for (n, text) in all.iter().enumerate() {
                let id = interner.intern(text, &mut strings, &mut meter).unwrap();
                assert_eq!(id.index(), n, "round {round}");
                assert_eq!(strings.get(id), text);
                assert_eq!(strings.len_of(id), text.len());
            }
        }
        assert_eq!(strings.len(), all.len());
    }

    #[test]
    fn numbers_are_found_by_their_hash() {
        let mut meter = Meter::new(usize::MAX);
        let mut index = Index::default();
        for key in [0, u64::MAX] {
            for id in 0..500 {
                assert_eq!(index.find(hash_word(key, 7), |found| found == id), None);
                index.insert(hash_word(key, 7), id, &mut meter).unwrap();
            }
            for id in 0..500 {
                assert_eq!(index.find(hash_word(key, 7), |found| found == id), Some(id));
            }
            index.clear();
            assert!(index.is_empty());
        }
    }
}
