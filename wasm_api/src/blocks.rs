//! Memory that the host asked for with `alloc`: sources and results that are larger than the buffer.
//!
//! What it is not: it is not Lua's memory; the module takes it off Lua's limit. A place that the host names is
//! compared with the list of blocks before it is looked at.

use std::ops::Range;

/// The blocks, in the order in which they were made.
#[derive(Debug, Default)]
pub struct Blocks {
    blocks: Vec<Box<[u8]>>,
}

/// A part of a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    block: usize,
    range: Range<usize>,
}

/// Where a place that the host names lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// Inside one block.
    Inside(Part),
    /// It begins in a block and goes past its end.
    Overlong,
    /// In no block.
    Outside,
}

impl Blocks {
    /// No blocks.
    pub const fn new() -> Blocks {
        Blocks { blocks: Vec::new() }
    }

    /// Makes a block of zeros: its address, `None` when there is no memory for it.
    pub fn add(&mut self, len: usize) -> Option<usize> {
        let mut bytes = Vec::new();
        self.blocks.try_reserve(1).ok()?;
        bytes.try_reserve_exact(len).ok()?;
        bytes.resize(len, 0);
        let mut block = bytes.into_boxed_slice();
        let address = block.as_mut_ptr().expose_provenance();
        self.blocks.push(block);
        Some(address)
    }

    /// Gives back the block with this address and length; without effect if there is none.
    pub fn remove(&mut self, address: usize, len: usize) {
        self.blocks
            .retain(|block| block.as_ptr().addr() != address || block.len() != len);
    }

    /// How many bytes all blocks have.
    pub fn total(&self) -> usize {
        self.blocks.iter().map(|block| block.len()).sum()
    }

    /// Finds the block in which `len` bytes from `address` on lie.
    pub fn find(&self, address: usize, len: usize) -> Found {
        for (index, block) in self.blocks.iter().enumerate() {
            let Some(start) = address.checked_sub(block.as_ptr().addr()) else {
                continue;
            };
            if start < block.len() {
                return match start.checked_add(len) {
                    Some(end) if end <= block.len() => Found::Inside(Part {
                        block: index,
                        range: start..end,
                    }),
                    _ => Found::Overlong,
                };
            }
        }
        Found::Outside
    }

    /// The bytes of a part.
    pub fn bytes(&self, part: &Part) -> &[u8] {
        self.blocks
            .get(part.block)
            .and_then(|block| block.get(part.range.clone()))
            .unwrap_or_default()
    }

    /// The bytes of a part, to be written.
    pub fn bytes_mut(&mut self, part: &Part) -> &mut [u8] {
        self.blocks
            .get_mut(part.block)
            .and_then(|block| block.get_mut(part.range.clone()))
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_found_in_their_blocks() {
        let mut blocks = Blocks::new();
        let first = blocks.add(100).unwrap();
        let second = blocks.add(10).unwrap();
        assert_eq!(blocks.total(), 110);
        let Found::Inside(part) = blocks.find(second + 2, 8) else {
            panic!("not found");
        };
        blocks.bytes_mut(&part).copy_from_slice(b"12345678");
        assert_eq!(blocks.bytes(&part), b"12345678");
        assert_eq!(blocks.find(second + 2, 9), Found::Overlong);
        assert_eq!(blocks.find(first, usize::MAX), Found::Overlong);
        assert_eq!(blocks.find(first.min(second) - 1, 1), Found::Outside);
        blocks.remove(second, 9);
        blocks.remove(second, 10);
        assert_eq!(blocks.find(second, 1), Found::Outside);
        assert_eq!(blocks.total(), 100);
    }
}
