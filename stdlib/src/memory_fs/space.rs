//! The memory that files take, by the capacity of their buffers, within the room that the machine leaves.

use cu_vm::{HostError, HostResult};

/// How much memory is taken, and how much more may be.
#[derive(Debug, Default)]
pub struct Space {
    /// Bytes that are taken.
    pub used: usize,
    /// Bytes that may be taken in addition.
    pub room: usize,
}

impl Space {
    /// Takes `n` bytes.
    pub fn take(&mut self, n: usize) -> HostResult<()> {
        if n > self.room {
            return Err(no_space());
        }
        self.room -= n;
        self.used += n;
        Ok(())
    }

    /// Gives `n` bytes back.
    pub fn give(&mut self, n: usize) {
        self.used = self.used.saturating_sub(n);
        self.room = self.room.saturating_add(n);
    }

    /// Makes room for `extra` more bytes, and for half as many again as there are if that is to be had.
    pub fn grow(&mut self, bytes: &mut Vec<u8>, extra: usize) -> HostResult<()> {
        let (len, before) = (bytes.len(), bytes.capacity());
        let needed = len.checked_add(extra).ok_or_else(no_space)?;
        if needed <= before {
            return Ok(());
        }
        let wanted = needed.max(before + before / 2);
        let wanted = if wanted - before <= self.room {
            wanted
        } else {
            needed
        };
        self.take(wanted - before)?;
        if bytes.try_reserve_exact(wanted - len).is_err() {
            self.give(wanted - before);
            return Err(no_space());
        }
        Ok(())
    }

    /// The buffer is not used any more.
    pub fn free(&mut self, bytes: Vec<u8>) {
        self.give(bytes.capacity());
    }
}

/// There is no more memory for files.
#[cold]
pub fn no_space() -> HostError {
    HostError::new(28, "No space left on device")
}
