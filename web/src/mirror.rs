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
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use cu_ext_table::{Store, StoreError, StoreResult};

/// The table that no program has: its one entry is the number of the next new table. A table without entries is known
/// by its number alone, so a number must not be given out again when the state is opened again.
const NUMBERS: u32 = u32::MAX;
const NEXT: &[u8] = b"next";

/// What an entry is counted as, beyond its bytes.
const OVERHEAD: usize = 64;

type Entries = BTreeMap<Vec<u8>, Vec<u8>>;

/// A table's number and an entry's key.
pub type Name = (u32, Vec<u8>);

/// All tables; clones share them.
#[derive(Clone, Debug, Default)]
pub struct Mirror(Rc<RefCell<Tables>>);

#[derive(Debug, Default)]
struct Tables {
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

    /// Puts in what is stored already; false if there is no room for it.
    pub fn load(&self, table: u32, key: &[u8], value: &[u8]) -> bool {
        let mut tables = self.0.borrow_mut();
        if table == NUMBERS {
            if key == NEXT && value.len() == 4 {
                tables.set_next(value);
            }
            return true;
        }
        tables.set(table, key, value).is_ok()
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
        self.0.borrow().entries.values().map(BTreeMap::len).sum()
    }

    /// Shows each entry of each table.
    pub fn each<E>(
        &self,
        mut each: impl FnMut(u32, &[u8], &[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        for (table, entries) in &self.0.borrow().entries {
            for (key, value) in entries {
                each(*table, key, value)?;
            }
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
            let entries = tables.entries.get(table);
            each(
                *table,
                key,
                entries.and_then(|e| e.get(key)).map(Vec::as_slice),
            )?;
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
        let stored = self.entries.get(&NUMBERS).and_then(|e| e.get(NEXT));
        let bytes = stored.and_then(|bytes| <[u8; 4]>::try_from(&bytes[..]).ok());
        bytes.map_or(0, u32::from_le_bytes)
    }

    /// These few bytes are not counted: a state that is full can still be saved and opened.
    fn set_next(&mut self, bytes: &[u8]) {
        let entries = self.entries.entry(NUMBERS).or_default();
        entries.insert(NEXT.to_vec(), bytes.to_vec());
    }

    /// The entries of a table, as programs see it.
    fn of(&self, table: u32) -> Option<&Entries> {
        self.entries.get(&table).filter(|_| table != NUMBERS)
    }

    fn set(&mut self, table: u32, key: &[u8], value: &[u8]) -> StoreResult<()> {
        let size = key.len() + value.len() + OVERHEAD;
        let entries = self.entries.entry(table).or_default();
        let before = entries
            .get(key)
            .map_or(0, |old| key.len() + old.len() + OVERHEAD);
        let used = self.used - before + size;
        if used > self.limit {
            return Err(StoreError::TooLarge(size));
        }
        self.used = used;
        entries.insert(key.to_vec(), value.to_vec());
        Ok(())
    }
}

impl Store for Mirror {
    fn get(&mut self, table: u32, key: &[u8], value: &mut Vec<u8>) -> StoreResult<bool> {
        let tables = self.0.borrow();
        let found = tables.of(table).and_then(|entries| entries.get(key));
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
        let tables = &mut *tables;
        let removed = tables
            .entries
            .get_mut(&table)
            .and_then(|entries| entries.remove(key));
        if let Some(value) = removed {
            tables.used -= key.len() + value.len() + OVERHEAD;
            tables.dirty.insert((table, key.to_vec()));
        }
        Ok(())
    }

    fn size(&mut self, table: u32) -> StoreResult<u32> {
        let tables = self.0.borrow();
        let n = tables.of(table).map_or(0, BTreeMap::len);
        Ok(u32::try_from(n).unwrap_or(u32::MAX))
    }

    fn keys(&mut self, table: u32, each: &mut dyn FnMut(&[u8])) -> StoreResult<bool> {
        let tables = self.0.borrow();
        let Some(entries) = tables.of(table) else {
            return Ok(false);
        };
        for key in entries.keys() {
            each(key);
        }
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
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

    #[test]
    fn changes_are_changes_until_they_are_kept() {
        let mut mirror = Mirror::new(1 << 20);
        assert!(mirror.load(1, b"old", b"x"));
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
        let mut all = Vec::new();
        let shown: Result<(), ()> = mirror.each(|table, key, value| {
            all.push((table, key.to_vec(), value.to_vec()));
            Ok(())
        });
        assert_eq!(shown, Ok(()));
        assert_eq!(all, [(1, b"a".to_vec(), b"2".to_vec())]);
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
        assert!(other.load(NUMBERS, NEXT, b"odd") && other.load(NUMBERS, b"odd", b"1234"));
        assert_eq!(other.next_table(), 0);
        assert!(other.load(NUMBERS, NEXT, &[9, 0, 0, 0]));
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
