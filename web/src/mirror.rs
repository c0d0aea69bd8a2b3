//! The store of a machine's external tables: all of it in memory, with a list of what has changed.
//!
//! What it is not: it keeps nothing. JavaScript takes the changes, stores them, and says whether that was done; until then
//! they are changes still.
//!
//! ```text
//!   dirty --take--> under way --kept--> (gone)
//!     ^                 |
//!     +------lost-------+
//! ```

use std::cell::RefCell;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use cu_ext_table::{Store, StoreError, StoreResult};

use self::base::{Base, Stored};
use crate::wire::{Malformed, Reader};

mod base;

/// The table that no program has: its one entry is the number of the next new table. A table without entries is known
/// by its number alone, so a number must not be given out again when the state is opened again.
const NUMBERS: u32 = u32::MAX;
const NEXT: &[u8] = b"next";

/// What an entry is counted as, beyond its bytes.
const OVERHEAD: usize = 64;

/// Why what is stored cannot be loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoadError {
    /// It is not what this package writes.
    Malformed,
    /// It takes more room than there may be.
    Full,
}

impl From<Malformed> for LoadError {
    fn from(_: Malformed) -> LoadError {
        LoadError::Malformed
    }
}

/// A table: what has been set since it was loaded, and how many entries are where they were loaded.
#[derive(Debug, Default)]
struct Entries {
    own: BTreeMap<Vec<u8>, Vec<u8>>,
    n_base: usize,
}

impl Entries {
    fn len(&self) -> usize {
        self.own.len() + self.n_base
    }
}

/// A table's number and an entry's key.
pub type Name = (u32, Vec<u8>);

/// All tables; clones share them.
#[derive(Clone, Debug, Default)]
pub struct Mirror(Rc<RefCell<Tables>>);

#[derive(Debug, Default)]
struct Tables {
    base: Base,
    entries: BTreeMap<u32, Entries>,
    dirty: BTreeSet<Name>,
    under_way: BTreeSet<Name>,
    used: usize,
    limit: usize,
}

impl Mirror {
    /// An empty mirror that takes at most `limit` bytes.
    pub fn new(limit: usize) -> Mirror {
        let mirror = Mirror::default();
        mirror.0.borrow_mut().limit = limit;
        mirror
    }

    /// Bytes that everything takes.
    pub fn used(&self) -> usize {
        self.0.borrow().used
    }

    /// Puts in what is stored already: segments as `web/ts/storage/records.ts` writes them, the newest first. What counts
    /// of an entry is what is said of it first.
    pub fn load<'a>(&self, segments: impl Iterator<Item = &'a [u8]>) -> Result<(), LoadError> {
        let mut tables = self.0.borrow_mut();
        let mut gone = BTreeSet::new();
        let mut segments = segments.peekable();
        while let Some(segment) = segments.next() {
            if segments.peek().is_none()
                && let Some(base) = Base::new(segment)?
            {
                return tables.set_base(base, &gone);
            }
            let mut reader = Reader::new(segment);
            while !reader.is_empty() {
                let Stored { table, key, value } = Stored::read(&mut reader)?;
                let name = (table, key.to_vec());
                match value {
                    None if tables.get(table, key).is_none() => {
                        gone.insert(name);
                    }
                    Some(value) if !gone.contains(&name) => tables.load(table, name.1, value)?,
                    _ => {}
                }
            }
        }
        Ok(())
    }

    /// A number that no table has, nor had when this was stored.
    pub fn next_table(&self) -> u32 {
        let tables = self.0.borrow();
        let last = tables.entries.range(..NUMBERS).next_back();
        let beyond = last.map_or(0, |(id, _)| id.saturating_add(1));
        beyond.max(tables.next())
    }

    /// The next new table would get this number.
    pub fn note_next(&self, next: u32) {
        let mut tables = self.0.borrow_mut();
        if tables.next() < next {
            tables.set_next(&next.to_le_bytes());
            tables.dirty.insert((NUMBERS, NEXT.to_vec()));
        }
    }

    /// How many entries there are in all tables.
    pub fn n_entries(&self) -> usize {
        self.0.borrow().entries.values().map(Entries::len).sum()
    }

    /// Shows each entry of each table.
    pub fn each<E>(
        &self,
        mut each: impl FnMut(u32, &[u8], &[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        let tables = self.0.borrow();
        for (table, entries) in &tables.entries {
            tables.walk(*table, entries, |key, value| each(*table, key, value))?;
        }
        Ok(())
    }

    /// Whether something has changed that is not stored.
    pub fn is_dirty(&self) -> bool {
        let tables = self.0.borrow();
        !tables.dirty.is_empty() || !tables.under_way.is_empty()
    }

    /// Shows each change, with its value or nothing when the entry is gone, and notes them as under way.
    pub fn take<E>(
        &self,
        mut each: impl FnMut(u32, &[u8], Option<&[u8]>) -> Result<(), E>,
    ) -> Result<usize, E> {
        let mut tables = self.0.borrow_mut();
        let tables = &mut *tables;
        for (table, key) in &tables.dirty {
            each(*table, key, tables.get(*table, key))?;
        }
        let n = tables.dirty.len();
        tables.under_way.append(&mut tables.dirty);
        Ok(n)
    }

    /// How many changes [`Mirror::take`] would show.
    pub fn n_dirty(&self) -> usize {
        self.0.borrow().dirty.len()
    }

    /// What was taken is stored (`kept`), or has to be taken again.
    pub fn settle(&self, kept: bool) {
        let mut tables = self.0.borrow_mut();
        let tables = &mut *tables;
        if kept {
            tables.under_way.clear();
        } else {
            tables.dirty.append(&mut tables.under_way);
        }
    }
}

impl Tables {
    /// The number that is stored for the next table; 0 if there is none.
    fn next(&self) -> u32 {
        let bytes = self.get(NUMBERS, NEXT);
        let bytes = bytes.and_then(|bytes| <[u8; 4]>::try_from(bytes).ok());
        bytes.map_or(0, u32::from_le_bytes)
    }

    /// These few bytes are not counted: a state that is full can still be saved and opened.
    fn set_next(&mut self, bytes: &[u8]) {
        let entries = self.entries.entry(NUMBERS).or_default();
        entries.own.insert(NEXT.to_vec(), bytes.to_vec());
    }

    /// The entries of a table, as programs see it.
    fn of(&self, table: u32) -> Option<&Entries> {
        self.entries.get(&table).filter(|_| table != NUMBERS)
    }

    fn get(&self, table: u32, key: &[u8]) -> Option<&[u8]> {
        let entries = self.entries.get(&table)?;
        let own = entries.own.get(key).map(Vec::as_slice);
        own.or_else(|| self.base.get(table, key).filter(|_| entries.n_base > 0))
    }

    /// Counts an entry that is loaded.
    fn count(&mut self, key: &[u8], value: &[u8]) -> Result<(), LoadError> {
        self.used += key.len() + value.len() + OVERHEAD;
        if self.used > self.limit {
            return Err(LoadError::Full);
        }
        Ok(())
    }

    /// Puts in an entry that was stored, unless it is there.
    fn load(&mut self, table: u32, key: Vec<u8>, value: &[u8]) -> Result<(), LoadError> {
        if table == NUMBERS {
            if key == NEXT && value.len() == 4 && self.next() == 0 {
                self.set_next(value);
            }
            return Ok(());
        }
        if self.get(table, &key).is_none() {
            self.count(&key, value)?;
            let entries = self.entries.entry(table).or_default();
            entries.own.insert(key, value.to_vec());
        }
        Ok(())
    }

    /// Takes the oldest segment as it is; of its entries, those count that are neither there nor gone.
    fn set_base(&mut self, mut base: Base, gone: &BTreeSet<Name>) -> Result<(), LoadError> {
        let is_alone = self.entries.is_empty() && gone.is_empty();
        let mut superseded = Vec::new();
        for i in 0..base.len() {
            let Some(Stored { table, key, value }) = base.entry(i) else {
                continue;
            };
            let Some(value) = value else { continue };
            if table == NUMBERS {
                self.load(table, key.to_vec(), value)?;
            } else if !is_alone
                && (gone.contains(&(table, key.to_vec())) || self.get(table, key).is_some())
            {
                superseded.push((table, key.to_vec()));
            } else {
                self.count(key, value)?;
                match self.entries.entry(table) {
                    Entry::Occupied(mut entries) => entries.get_mut().n_base += 1,
                    Entry::Vacant(place) => place.insert(Entries::default()).n_base = 1,
                }
            }
        }
        for (table, key) in superseded {
            base.remove(table, &key);
        }
        self.base = base;
        Ok(())
    }

    /// Shows the entries of a table in the order of their keys.
    fn walk<E>(
        &self,
        table: u32,
        entries: &Entries,
        mut each: impl FnMut(&[u8], &[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut own = entries.own.iter().peekable();
        let mut i = self.base.first(table, b"");
        let mut left = entries.n_base;
        while left > 0
            && let Some(entry) = self.base.entry(i)
        {
            i += 1;
            let Some(value) = entry.value else { continue };
            while let Some((key, value)) = own.next_if(|(key, _)| &key[..] < entry.key) {
                each(key, value)?;
            }
            each(entry.key, value)?;
            left -= 1;
        }
        own.try_for_each(|(key, value)| each(key, value))
    }

    /// Takes an entry out of where it was loaded: how much it was counted as.
    fn take_from_base(&mut self, table: u32, key: &[u8]) -> Option<usize> {
        let entries = self.entries.get_mut(&table).filter(|e| e.n_base > 0)?;
        let n = self.base.remove(table, key)?;
        entries.n_base -= 1;
        if self.base.is_worn() {
            self.leave_base();
        }
        Some(key.len() + n + OVERHEAD)
    }

    /// Everything that was loaded lives in maps from now on: most of it has changed.
    #[cold]
    fn leave_base(&mut self) {
        let base = std::mem::take(&mut self.base);
        for entry in (0..base.len()).filter_map(|i| base.entry(i)) {
            if let (Some(value), Some(entries)) = (entry.value, self.entries.get_mut(&entry.table))
                && entries.n_base > 0
            {
                entries.own.insert(entry.key.to_vec(), value.to_vec());
                entries.n_base -= 1;
            }
        }
    }

    /// How much an entry is counted as; 0 if there is none.
    fn counted(&self, table: u32, key: &[u8]) -> usize {
        let old = self.get(table, key);
        old.map_or(0, |old| key.len() + old.len() + OVERHEAD)
    }

    fn set(&mut self, table: u32, key: &[u8], value: &[u8]) -> StoreResult<()> {
        let size = key.len() + value.len() + OVERHEAD;
        let used = self.used - self.counted(table, key) + size;
        if used > self.limit {
            return Err(StoreError::TooLarge(size));
        }
        self.used = used;
        self.take_from_base(table, key);
        let entries = self.entries.entry(table).or_default();
        entries.own.insert(key.to_vec(), value.to_vec());
        Ok(())
    }

    /// Whether there was such an entry.
    fn delete(&mut self, table: u32, key: &[u8]) -> bool {
        let own = self.entries.get_mut(&table).and_then(|e| e.own.remove(key));
        let counted = match own {
            Some(value) => Some(key.len() + value.len() + OVERHEAD),
            None => self.take_from_base(table, key),
        };
        self.used -= counted.unwrap_or_default();
        counted.is_some()
    }
}

impl Store for Mirror {
    fn get(&mut self, table: u32, key: &[u8], value: &mut Vec<u8>) -> StoreResult<bool> {
        let tables = self.0.borrow();
        let found = tables.of(table).and_then(|_| tables.get(table, key));
        if let Some(bytes) = found {
            value.extend_from_slice(bytes);
        }
        Ok(found.is_some())
    }

    fn set(&mut self, table: u32, key: &[u8], value: &[u8]) -> StoreResult<()> {
        if table == NUMBERS {
            return Err(StoreError::Refused);
        }
        let mut tables = self.0.borrow_mut();
        tables.set(table, key, value)?;
        tables.dirty.insert((table, key.to_vec()));
        Ok(())
    }

    fn delete(&mut self, table: u32, key: &[u8]) -> StoreResult<()> {
        if table == NUMBERS {
            return Ok(());
        }
        let mut tables = self.0.borrow_mut();
        if tables.delete(table, key) {
            tables.dirty.insert((table, key.to_vec()));
        }
        Ok(())
    }

    fn size(&mut self, table: u32) -> StoreResult<u32> {
        let tables = self.0.borrow();
        let n = tables.of(table).map_or(0, Entries::len);
        Ok(u32::try_from(n).unwrap_or(u32::MAX))
    }

    fn keys(&mut self, table: u32, each: &mut dyn FnMut(&[u8])) -> StoreResult<bool> {
        let tables = self.0.borrow();
        let Some(entries) = tables.of(table) else {
            return Ok(false);
        };
        let all = |key: &[u8], _: &[u8]| {
            each(key);
            Ok(())
        };
        tables.walk(table, entries, all).map(|()| true)
    }
}

#[cfg(test)]
mod tests {
    use super::base::GONE;
    use super::*;

    fn taken(mirror: &Mirror) -> Vec<(u32, Vec<u8>, Option<Vec<u8>>)> {
        let mut all = Vec::new();
        let done: Result<usize, ()> = mirror.take(|table, key, value| {
            all.push((table, key.to_vec(), value.map(<[u8]>::to_vec)));
            Ok(())
        });
        assert_eq!(done, Ok(all.len()));
        all
    }

    /// An entry of a segment.
    type Change<'a> = (u32, &'a [u8], Option<&'a [u8]>);

    /// A segment with these entries.
    fn segment(entries: &[Change<'_>]) -> Vec<u8> {
        let mut bytes = Vec::new();
        for (table, key, value) in entries {
            bytes.extend(table.to_le_bytes());
            bytes.extend((key.len() as u32).to_le_bytes());
            bytes.extend(*key);
            bytes.extend(value.map_or(GONE, |value| value.len() as u32).to_le_bytes());
            bytes.extend(value.unwrap_or_default());
        }
        bytes
    }

    fn load(mirror: &Mirror, entries: &[Change<'_>]) -> Result<(), LoadError> {
        mirror.load([&segment(entries)[..]].into_iter())
    }

    fn all(mirror: &Mirror) -> Vec<(u32, Vec<u8>, Vec<u8>)> {
        let mut all = Vec::new();
        let shown: Result<(), ()> = mirror.each(|table, key, value| {
            all.push((table, key.to_vec(), value.to_vec()));
            Ok(())
        });
        assert_eq!(shown, Ok(()));
        all
    }

    #[test]
    fn of_an_entry_in_several_segments_the_newest_counts() {
        let newest = segment(&[
            (1, b"a", Some(b"new")),
            (1, b"gone", None),
            (2, b"", Some(b"")),
        ]);
        let middle = segment(&[(1, b"a", None), (1, b"back", Some(b"yes"))]);
        let oldest = segment(&[
            (1, b"a", Some(b"old")),
            (1, b"back", None),
            (1, b"gone", Some(b"old")),
            (1, b"kept", Some(b"k")),
        ]);
        let mirror = Mirror::new(1 << 20);
        let segments = [&newest[..], &middle[..], &oldest[..]];
        assert_eq!(mirror.load(segments.into_iter()), Ok(()));
        let expected: [(u32, &[u8], &[u8]); 4] = [
            (1, b"a", b"new"),
            (1, b"back", b"yes"),
            (1, b"kept", b"k"),
            (2, b"", b""),
        ];
        let expected = expected.map(|(table, key, value)| (table, key.to_vec(), value.to_vec()));
        assert_eq!(all(&mirror), expected);
        assert!(!mirror.is_dirty());
        let used: usize = expected
            .iter()
            .map(|(_, k, v)| k.len() + v.len() + OVERHEAD)
            .sum();
        assert_eq!(mirror.used(), used);
    }

    /// A machine's mirror against a plain map, whatever was loaded as it was stored.
    #[test]
    fn what_was_loaded_changes_like_anything_else() {
        let names: Vec<Vec<u8>> = (0..40).map(|i| format!("k{i:02}").into_bytes()).collect();
        let mut seed = 7_u32;
        let mut random = |n: u32| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (seed >> 8) % n
        };
        for _ in 0..200 {
            let mut mirror = Mirror::new(1 << 20);
            let mut expected = BTreeMap::new();
            let is_in_order = random(4) > 0;
            let mut stored: Vec<Change<'_>> = Vec::new();
            for table in 1..4 {
                for name in &names {
                    if random(2) == 0 {
                        stored.push((table, name, Some(b"stored")));
                        expected.insert((table, name.clone()), b"stored".to_vec());
                    }
                }
            }
            if !is_in_order {
                stored.reverse();
            }
            let newer = [
                (2, &names[3][..], None),
                (2, &names[5][..], Some(&b"newer"[..])),
            ];
            let segments = [segment(&newer), segment(&stored)];
            assert_eq!(mirror.load(segments.iter().map(Vec::as_slice)), Ok(()));
            expected.remove(&(2, names[3].clone()));
            expected.insert((2, names[5].clone()), b"newer".to_vec());
            for _ in 0..random(300) {
                let (table, name) = (1 + random(4), &names[random(40) as usize]);
                if random(3) == 0 {
                    let value = vec![b'x'; random(20) as usize];
                    mirror.set(table, name, &value).unwrap();
                    expected.insert((table, name.clone()), value);
                } else if random(2) == 0 {
                    mirror.delete(table, name).unwrap();
                    expected.remove(&(table, name.clone()));
                } else {
                    let mut value = Vec::new();
                    let found = mirror.get(table, name, &mut value).unwrap();
                    let known = expected.get(&(table, name.clone()));
                    assert_eq!(found.then_some(&value), known);
                }
            }
            let plain = expected
                .iter()
                .map(|((table, k), v)| (*table, k.clone(), v.clone()));
            assert_eq!(all(&mirror), plain.collect::<Vec<_>>());
            assert_eq!(mirror.n_entries(), expected.len());
            let sizes = expected
                .iter()
                .map(|((_, k), v)| k.len() + v.len() + OVERHEAD);
            assert_eq!(mirror.used(), sizes.sum());
            for table in 1..5 {
                let mut keys = Vec::new();
                let is_known = mirror
                    .keys(table, &mut |key| keys.push(key.to_vec()))
                    .unwrap();
                let known = expected.keys().filter(|(t, _)| *t == table);
                let known: Vec<_> = known.map(|(_, key)| key.clone()).collect();
                assert_eq!(keys, known);
                assert!(is_known || known.is_empty());
                assert_eq!(mirror.size(table).unwrap() as usize, known.len());
            }
        }
    }

    #[test]
    fn a_segment_that_is_cut_or_too_large_is_refused() {
        let whole = segment(&[(1, b"a", Some(b"x")), (1, b"b", Some(b"y"))]);
        for n in 0..whole.len() {
            let loaded = Mirror::new(1 << 20).load([&whole[..n]].into_iter());
            let is_whole = n == 0 || n == whole.len() / 2;
            assert_eq!(loaded.is_ok(), is_whole, "{n} bytes");
        }
        assert_eq!(
            load(&Mirror::new(OVERHEAD), &[(1, b"a", Some(b"x"))]),
            Err(LoadError::Full)
        );
    }

    #[test]
    fn changes_are_changes_until_they_are_kept() {
        let mut mirror = Mirror::new(1 << 20);
        assert_eq!(load(&mirror, &[(1, b"old", Some(b"x"))]), Ok(()));
        assert!(!mirror.is_dirty());
        mirror.set(1, b"a", b"1").unwrap();
        mirror.delete(1, b"old").unwrap();
        mirror.delete(1, b"never").unwrap();
        let changes = [
            (1, b"a".to_vec(), Some(b"1".to_vec())),
            (1, b"old".to_vec(), None),
        ];
        assert_eq!(taken(&mirror), changes);
        assert!(mirror.is_dirty());
        mirror.settle(false);
        assert_eq!(taken(&mirror), changes);
        mirror.set(1, b"a", b"2").unwrap();
        mirror.settle(true);
        assert_eq!(all(&mirror), [(1, b"a".to_vec(), b"2".to_vec())]);
        assert_eq!(mirror.n_entries(), 1);
        assert_eq!(taken(&mirror), [(1, b"a".to_vec(), Some(b"2".to_vec()))]);
        mirror.settle(true);
        assert!(!mirror.is_dirty());
    }

    #[test]
    fn the_next_number_is_kept_and_is_no_table() {
        let mut mirror = Mirror::new(1 << 20);
        mirror.set(1, b"a", b"1").unwrap();
        assert_eq!(mirror.next_table(), 2);
        mirror.note_next(7);
        mirror.note_next(5);
        assert_eq!(mirror.next_table(), 7);
        let next = (NUMBERS, NEXT.to_vec(), Some(vec![7, 0, 0, 0]));
        assert!(taken(&mirror).contains(&next));
        mirror.settle(true);
        mirror.note_next(7);
        assert!(!mirror.is_dirty());
        assert_eq!(mirror.keys(NUMBERS, &mut |_| ()).ok(), Some(false));
        assert_eq!(mirror.size(NUMBERS).ok(), Some(0));
        assert!(mirror.set(NUMBERS, NEXT, b"").is_err());
        mirror.delete(NUMBERS, NEXT).unwrap();
        assert_eq!(mirror.next_table(), 7);
        let other = Mirror::new(0);
        let odd: [Change<'_>; 2] = [
            (NUMBERS, NEXT, Some(b"odd")),
            (NUMBERS, b"odd", Some(b"1234")),
        ];
        assert_eq!(load(&other, &odd), Ok(()));
        assert_eq!(other.next_table(), 0);
        assert_eq!(
            load(&other, &[(NUMBERS, NEXT, Some(&[9, 0, 0, 0]))]),
            Ok(())
        );
        assert_eq!(other.next_table(), 9);
    }

    #[test]
    fn room_is_limited_and_given_back() {
        let mut mirror = Mirror::new(1000);
        assert!(matches!(
            mirror.set(1, b"k", &[0; 1000]),
            Err(StoreError::TooLarge(_))
        ));
        for _ in 0..100 {
            mirror.set(1, b"k", &[0; 900]).unwrap();
        }
        mirror.delete(1, b"k").unwrap();
        assert_eq!(mirror.used(), 0);
    }
}
