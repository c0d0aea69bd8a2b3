//! Standard input that an embedder gives piece by piece.

use cu_vm::HostResult;

use super::space::Space;

/// Bytes that wait to be read; what was read takes no memory once the rest is read too.
#[derive(Debug, Default)]
pub struct Input {
    bytes: Vec<u8>,
    n_read: usize,
}

impl Input {
    /// Puts bytes behind those that wait.
    pub fn give(&mut self, bytes: &[u8], space: &mut Space) -> HostResult<()> {
        // A program that keeps up with its input never needs more than two pieces of room.
        if self.n_read >= self.bytes.len() / 2 {
            self.bytes.drain(..self.n_read);
            self.n_read = 0;
        }
        space.grow(&mut self.bytes, bytes.len())?;
        self.bytes.extend_from_slice(bytes);
        Ok(())
    }

    /// What waits.
    pub fn waiting(&self) -> &[u8] {
        self.bytes.get(self.n_read..).unwrap_or_default()
    }

    /// The first `n` bytes are read.
    pub fn consume(&mut self, n: usize, space: &mut Space) {
        self.n_read = self.n_read.saturating_add(n);
        if self.n_read >= self.bytes.len() {
            space.free(std::mem::take(&mut self.bytes));
            self.n_read = 0;
        }
    }
}
