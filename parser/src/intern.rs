//! The strings of a tree, each kept once.
//!
//! It is a table of indices beside the list itself; the strings live in the list only.

use crate::ast::StrId;
use cu_lexer::{Meter, OutOfMemory};
use hashbrown::HashTable;

/// Finds strings of a list by their bytes.
#[derive(Debug, Default)]
pub(crate) struct Interner {
    ids: HashTable<StrId>,
}

impl Interner {
    /// The place of `bytes` in `strings`, where they are appended unless they are there.
    pub fn intern(
        &mut self,
        bytes: &[u8],
        strings: &mut Vec<Vec<u8>>,
        meter: &mut Meter,
    ) -> Result<StrId, OutOfMemory> {
        let hash = hash(bytes);
        if let Some(&id) = self.ids.find(hash, |&id| get(strings, id) == bytes) {
            return Ok(id);
        }
        self.reserve_one(strings, meter)?;
        let id = StrId(u32::try_from(strings.len()).map_err(|_| OutOfMemory)?);
        let mut copy = Vec::new();
        meter.extend(&mut copy, bytes)?;
        meter.push(strings, copy)?;
        self.ids
            .insert_unique(hash, id, |&id| self::hash(get(strings, id)));
        Ok(id)
    }

    fn reserve_one(&mut self, strings: &[Vec<u8>], meter: &mut Meter) -> Result<(), OutOfMemory> {
        let capacity = self.ids.capacity();
        if self.ids.len() < capacity {
            return Ok(());
        }
        // The table doubles. It keeps an index and a control byte for each place, and at most seven
        // places in eight are used.
        let wanted = (capacity * 2).max(4);
        meter.take((wanted - capacity) * (size_of::<StrId>() + 1) * 8 / 7)?;
        self.ids
            .try_reserve(wanted - self.ids.len(), |&id| hash(get(strings, id)))
            .map_err(|_| OutOfMemory)
    }
}

fn get(strings: &[Vec<u8>], id: StrId) -> &[u8] {
    strings
        .get(id.0 as usize)
        .map(Vec::as_slice)
        .unwrap_or_default()
}

/// FNV-1a, with its best bits moved to where the table looks.
fn hash(bytes: &[u8]) -> u64 {
    let mut state: u64 = 0xCBF2_9CE4_8422_2325;
    for &byte in bytes {
        state = (state ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3);
    }
    state ^ state >> 32
}
