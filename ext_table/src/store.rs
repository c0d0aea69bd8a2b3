//! What external tables ask of the place where their entries are kept.
//!
//! What it is not: it knows no Lua values. Keys and values are byte strings, made by the codecs of this crate;
//! a table is a number. An implementation is the imports of the raw module, a map in memory, a database.
//!
//! Nothing an implementation answers may break the machine: lengths, key lists and values are checked by
//! whoever asks, and a store that lies gives wrong data or errors, never more.

use std::fmt;

use cu_vm::number_text::write_integer;

/// A place for the entries of tables: each table, named by a number above 0, maps byte strings to byte strings.
///
/// A table that nobody has written to is unknown: it has no entries, and need not be made before the first
/// [`Store::set`]. Implementations need not keep an order.
pub trait Store {
    /// Puts the value of an entry at the end of `value`, and tells whether there was one.
    fn get(&mut self, table: u32, key: &[u8], value: &mut Vec<u8>) -> StoreResult<bool>;

    /// Makes an entry or replaces its value.
    fn set(&mut self, table: u32, key: &[u8], value: &[u8]) -> StoreResult<()>;

    /// Removes an entry if it is there.
    fn delete(&mut self, table: u32, key: &[u8]) -> StoreResult<()>;

    /// How many entries a table has; 0 for an unknown one.
    fn size(&mut self, table: u32) -> StoreResult<u32>;

    /// Shows each key of a table to `each`, in any order, and tells whether the table is known.
    fn keys(&mut self, table: u32, each: &mut dyn FnMut(&[u8])) -> StoreResult<bool>;
}

/// What a method of [`Store`] answers.
pub type StoreResult<T> = Result<T, StoreError>;

/// Why a store could not do it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreError {
    /// The key or the value, of this many bytes, is more than the store takes or hands out.
    TooLarge(usize),
    /// The store said no.
    Refused,
    /// The answer makes no sense; the text says what was wrong with it.
    Broken(&'static str),
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = Vec::new();
        self.write(&mut text);
        f.write_str(&String::from_utf8_lossy(&text))
    }
}

impl StoreError {
    /// Appends what [`fmt::Display`] shows, without its machinery.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        match self {
            StoreError::TooLarge(bytes) => {
                out.extend_from_slice(b"too large for the store (");
                out.extend_from_slice(write_integer(&mut [0; 24], *bytes as i64));
                out.extend_from_slice(b" bytes)");
            }
            StoreError::Refused => out.extend_from_slice(b"refused by the store"),
            StoreError::Broken(what) => {
                out.extend_from_slice(b"the store gave a broken answer (");
                out.extend_from_slice(what.as_bytes());
                out.push(b')');
            }
        }
    }
}

impl std::error::Error for StoreError {}
