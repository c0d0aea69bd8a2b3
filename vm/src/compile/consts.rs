//! The constants of a function, each kept once.
//!
//! Constants are told apart by kind and bits: `1` and `1.0` differ, and so do `0.0` and `-0.0`.

use std::hash::{BuildHasher, Hasher};

use cu_lexer::{Meter, OutOfMemory};
use cu_parser::ast::StrId;
use hashbrown::HashMap;

use super::{Compiler, Res};
use crate::proto::Const;

/// What makes two constants the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum ConstKey {
    /// `nil`
    Nil,
    /// `false` or `true`
    Boolean(bool),
    /// An integer.
    Int(i64),
    /// The bits of a float.
    Float(u64),
    /// A string of the tree.
    Str(StrId),
}

/// Longest string that the heap interns, and so the longest that can be a `ConstName`.
pub(super) const MAX_NAME: usize = 40;

impl Compiler<'_> {
    /// Index of a constant of the current function, which is added if it is new.
    pub(super) fn constant(&mut self, key: ConstKey) -> Res<u32> {
        if let Some(&idx) = self.func.const_idx.get(&key) {
            return Ok(idx);
        }
        let value = match key {
            ConstKey::Nil => Const::Nil,
            ConstKey::Boolean(b) => Const::Boolean(b),
            ConstKey::Int(i) => Const::Integer(i),
            ConstKey::Float(bits) => Const::Float(f64::from_bits(bits)),
            ConstKey::Str(name) => Const::String(self.owned_bytes(name)?),
        };
        let idx = self.func.consts.len() as u32;
        self.meter.push(&mut self.func.consts, value)?;
        insert(self.meter, &mut self.func.const_idx, key, idx)?;
        Ok(idx)
    }

    /// A copy of a name or string of the tree.
    pub(super) fn owned_bytes(&mut self, name: StrId) -> Res<Vec<u8>> {
        let mut copy = Vec::new();
        let bytes = self.bytes(name);
        self.meter.extend(&mut copy, bytes)?;
        Ok(copy)
    }
}

/// Adds an entry to a map, growing it if there is memory.
pub(super) fn insert<K: Eq + std::hash::Hash, V>(
    meter: &mut Meter,
    map: &mut HashMap<K, V, Seeded>,
    key: K,
    value: V,
) -> Result<(), OutOfMemory> {
    if map.len() == map.capacity() {
        let extra = map.len().max(4);
        // Capacity is a power of two less an eighth; each entry has a control byte.
        let bytes = (extra + extra / 4).saturating_mul(size_of::<(K, V)>() + 1);
        meter.take(bytes)?;
        map.try_reserve(extra).map_err(|_| OutOfMemory)?;
    }
    map.insert(key, value);
    Ok(())
}

/// Builds hashers that start from a seed taken from the source, so that a source cannot easily
/// be written in such a way that its own constants collide.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seeded(u64);

/// An odd number with irregular bits, the golden ratio's.
const STEP: u64 = 0x9E37_79B9_7F4A_7C15;

impl Seeded {
    /// Hashers for the maps of one compilation.
    pub(super) fn from_source(source: &[u8]) -> Seeded {
        let mut mixer = Mixer(source.len() as u64);
        mixer.write(source);
        Seeded(mixer.finish())
    }
}

impl BuildHasher for Seeded {
    type Hasher = Mixer;

    fn build_hasher(&self) -> Mixer {
        Mixer(self.0)
    }
}

/// A hasher for short keys.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mixer(u64);

impl Mixer {
    fn mix(&mut self, word: u64) {
        let product = u128::from(self.0 ^ word) * u128::from(STEP);
        self.0 = (product as u64) ^ ((product >> 64) as u64).rotate_left(29) ^ word.rotate_left(17);
    }
}

impl Hasher for Mixer {
    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let word = chunk
                .iter()
                .fold(0, |word, &byte| word << 8 | u64::from(byte));
            self.mix(word);
        }
    }

    fn write_u8(&mut self, value: u8) {
        self.mix(u64::from(value));
    }

    fn write_u32(&mut self, value: u32) {
        self.mix(u64::from(value));
    }

    fn write_u64(&mut self, value: u64) {
        self.mix(value);
    }

    fn write_i64(&mut self, value: i64) {
        self.mix(value as u64);
    }

    fn write_isize(&mut self, value: isize) {
        self.mix(value as u64);
    }

    fn finish(&self) -> u64 {
        let folded = (self.0 ^ self.0 >> 32).wrapping_mul(STEP);
        folded ^ folded >> 29
    }
}
