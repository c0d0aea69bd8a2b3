//! The output of a program, kept for the response.
//!
//! Everything written to standard output goes here (`world.rs`). The first [`CAPACITY`] bytes are kept, then `...` marks that there was more, and the rest
//! is dropped. Room is taken once, so that capturing never needs memory while a program runs.

use std::cell::Cell;

/// Bytes of output that are kept.
pub const CAPACITY: usize = 64_512;

/// What stands where output was dropped.
const MARK: &[u8] = b"...";

/// Captured output, shared by the machine's host and the module.
#[derive(Default)]
pub struct Capture {
    bytes: Cell<Vec<u8>>,
}

impl Capture {
    /// An empty capture with all its room, or `None` when there is no memory for it.
    pub fn new() -> Option<Capture> {
        let mut bytes = Vec::new();
        bytes.try_reserve_exact(CAPACITY + MARK.len()).ok()?;
        Some(Capture {
            bytes: Cell::new(bytes),
        })
    }

    /// Forgets what was captured.
    pub fn clear(&self) {
        let mut bytes = self.bytes.take();
        bytes.clear();
        self.bytes.set(bytes);
    }

    /// Adds `more`, as far as there is room.
    pub fn append(&self, more: &[u8]) {
        let mut bytes = self.bytes.take();
        // Past CAPACITY the mark is there, and nothing follows it.
        if let Some(room) = CAPACITY.checked_sub(bytes.len()) {
            match more.get(..room) {
                Some(head) if more.len() > room => {
                    bytes.extend_from_slice(head);
                    bytes.extend_from_slice(MARK);
                }
                _ => bytes.extend_from_slice(more),
            }
        }
        self.bytes.set(bytes);
    }

    /// Shows what was captured to `read`.
    pub fn with<R>(&self, read: impl FnOnce(&[u8]) -> R) -> R {
        let bytes = self.bytes.take();
        let result = read(&bytes);
        self.bytes.set(bytes);
        result
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(parts: &[&[u8]]) -> Vec<u8> {
        let capture = Capture::new().unwrap();
        for part in parts {
            capture.append(part);
        }
        capture.with(<[u8]>::to_vec)
    }

    #[test]
    fn output_up_to_the_capacity_is_kept_whole() {
        let full = vec![b'y'; CAPACITY];
        assert_eq!(kept(&[&full]), full);
        assert_eq!(kept(&[b"a\0", b"b\n"]), *b"a\0b\n");
    }

    #[test]
    fn output_past_the_capacity_is_marked_once() {
        let full = vec![b'y'; CAPACITY];
        let marked = [&full[..], b"..."].concat();
        assert_eq!(kept(&[&full, b"\n"]), marked);
        assert_eq!(kept(&[&full, b"\n", b"late\n", b"later\n"]), marked);
        assert_eq!(kept(&[&full[..10], &full]), marked);
    }

    #[test]
    fn clearing_keeps_the_room() {
        let capture = Capture::new().unwrap();
        capture.append(b"x");
        capture.clear();
        capture.append(b"y");
        assert_eq!(capture.with(<[u8]>::to_vec), b"y");
    }
}
