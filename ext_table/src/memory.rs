//! A store in memory: for tests, for tools, and as an example of what a store does.

use std::collections::BTreeMap;

use crate::store::{Store, StoreResult};

/// Tables in memory, shared by its clones: what one machine wrote, another one finds.
#[derive(Clone, Debug, Default)]
pub struct MapStore {
    tables: std::rc::Rc<std::cell::RefCell<Tables>>,
}

/// All tables, by their numbers; entries by the bytes of their keys.
pub type Tables = BTreeMap<u32, BTreeMap<Vec<u8>, Vec<u8>>>;

impl MapStore {
    /// An empty store.
    #[must_use]
    pub fn new() -> MapStore {
        MapStore::default()
    }

    /// A copy of everything in it.
    #[must_use]
    pub fn tables(&self) -> Tables {
        self.tables.borrow().clone()
    }

    /// Puts an entry in from outside.
    pub fn put(&self, table: u32, key: &[u8], value: &[u8]) {
        let mut tables = self.tables.borrow_mut();
        let entries = tables.entry(table).or_default();
        entries.insert(key.to_vec(), value.to_vec());
    }
}

impl Store for MapStore {
    fn get(&mut self, table: u32, key: &[u8], value: &mut Vec<u8>) -> StoreResult<bool> {
        let tables = self.tables.borrow();
        let found = tables.get(&table).and_then(|entries| entries.get(key));
        if let Some(bytes) = found {
            value.extend_from_slice(bytes);
        }
        Ok(found.is_some())
    }

    fn set(&mut self, table: u32, key: &[u8], value: &[u8]) -> StoreResult<()> {
        self.put(table, key, value);
        Ok(())
    }

    fn delete(&mut self, table: u32, key: &[u8]) -> StoreResult<()> {
        if let Some(entries) = self.tables.borrow_mut().get_mut(&table) {
            entries.remove(key);
        }
        Ok(())
    }

    fn size(&mut self, table: u32) -> StoreResult<u32> {
        let tables = self.tables.borrow();
        Ok(tables.get(&table).map_or(0, |entries| entries.len() as u32))
    }

    fn keys(&mut self, table: u32, each: &mut dyn FnMut(&[u8])) -> StoreResult<bool> {
        let tables = self.tables.borrow();
        let Some(entries) = tables.get(&table) else {
            return Ok(false);
        };
        for key in entries.keys() {
            each(key);
        }
        Ok(true)
    }
}
