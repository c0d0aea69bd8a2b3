//! The output of a program, kept for the response.
//!
//! Everything written to standard output goes here; standard error goes nowhere, as the module has
//! none. The first [`CAPACITY`] bytes are kept, then `...` marks that there was more, and the rest
//! is dropped. Room is taken once, so that capturing never needs memory while a program runs.

use std::cell::Cell;
use std::rc::Rc;

use cu_vm::{Host, Stream};

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

/// The world as the module sees it: no files, no entropy, one captured output.
pub struct ModuleHost {
    capture: Rc<Capture>,
    seed: u64,
}

impl ModuleHost {
    /// A host that writes to `capture`.
    pub fn new(capture: Rc<Capture>) -> ModuleHost {
        ModuleHost { capture, seed: 0 }
    }
}

impl Host for ModuleHost {
    fn write(&mut self, stream: Stream, bytes: &[u8]) -> Result<(), String> {
        match stream {
            Stream::Stdout => self.capture.append(bytes),
            Stream::Stderr => {}
        }
        Ok(())
    }

    fn read_file(&mut self, _name: Option<&[u8]>) -> Result<Vec<u8>, String> {
        Err("No such file or directory".to_owned())
    }

    /// A fixed sequence: the same program gives the same numbers on every engine.
    fn entropy(&mut self) -> [u64; 2] {
        [self.next_word(), self.next_word()]
    }
}

impl ModuleHost {
    /// One step of splitmix64.
    fn next_word(&mut self) -> u64 {
        self.seed = self.seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.seed ^ (self.seed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
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

    #[test]
    fn entropy_is_a_fixed_sequence() {
        let draw = || ModuleHost::new(Rc::new(Capture::default())).entropy();
        assert_eq!(draw(), draw());
        assert_ne!(draw()[0], draw()[1]);
    }
}
