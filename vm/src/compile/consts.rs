//! The constants of a function, each kept once.
//!
//! Constants are told apart by kind and bits: `1` and `1.0` differ, and so do `0.0` and `-0.0`. Most
//! functions have a handful, which are looked through; from [`MANY`] on a table of hashes finds them.

use cu_parser::{Index, hash_word};

use super::{Compiler, Res};
use crate::proto::Constant;

/// Longest string that the heap interns, and so the longest that can be a `ConstName`.
pub(super) const MAX_NAME: usize = 40;
/// From this number on constants are in a hash table.
const MANY: usize = 16;

/// The constants of a function.
#[derive(Debug, Default)]
pub(super) struct Consts {
    pub keys: Vec<Constant>,
    /// All of `keys` by their hash, if there are many.
    index: Index,
}

impl Consts {
    /// Removes all constants and keeps the memory.
    pub(super) fn clear(&mut self) {
        if self.keys.len() > MANY {
            self.index.clear();
        }
        self.keys.clear();
    }
}

impl Compiler<'_> {
    /// Index of a constant of the current function, which is added if it is new.
    pub(super) fn constant(&mut self, key: Constant) -> Res<u32> {
        let keys = &mut self.func.consts.keys;
        let len = keys.len();
        if len <= MANY {
            if let Some(idx) = keys.iter().position(|&known| known == key) {
                return Ok(idx as u32);
            }
            self.meter.push(keys, key)?;
            if len < MANY {
                return Ok(len as u32);
            }
        }
        self.constant_of_many(key)
    }

    /// The same where the constants are, or from now on have to be, in the table.
    fn constant_of_many(&mut self, key: Constant) -> Res<u32> {
        let seed = self.meter.key();
        let Consts { keys, index } = &mut self.func.consts;
        let first = if keys.len() == MANY + 1 && index.is_empty() {
            0
        } else {
            let known = |idx: u32| keys.get(idx as usize) == Some(&key);
            if let Some(idx) = index.find(hash(key, seed), known) {
                return Ok(idx);
            }
            self.meter.push(keys, key)?;
            keys.len() - 1
        };
        for idx in first..keys.len() {
            let hash = keys.get(idx).map_or(0, |&key| hash(key, seed));
            index.insert(hash, idx as u32, self.meter)?;
        }
        Ok(keys.len() as u32 - 1)
    }
}

fn hash(key: Constant, seed: u64) -> u32 {
    let (kind, bits) = match key {
        Constant::Nil => (0, 0),
        Constant::Boolean(b) => (1, u64::from(b)),
        Constant::Int(i) => (2, i as u64),
        Constant::Float(bits) => (3, bits),
        Constant::Str(name) => (4, name.index() as u64),
    };
    hash_word(seed ^ kind, bits)
}
