//! The output of a program, kept for the response.
//!
//! Everything written to standard output goes here (`world.rs`). The first [`CAPACITY`] bytes, for which room is
//! taken once, make up the response; if there is more, `...` follows them there. What comes later is kept as well, as
//! far as the host of the module has allowed, for it to be read in pieces; that takes memory of the program's.

use std::cell::Cell;

/// Bytes of output that are kept.
pub const CAPACITY: usize = 64_512;

/// What stands where output was dropped.
const MARK: &[u8] = b"...";

/// Captured output, shared by the machine's host and the module.
#[derive(Default)]
pub struct Capture {
    /// Up to [`CAPACITY`] bytes and the mark.
    bytes: Cell<Vec<u8>>,
    /// What came after the first [`CAPACITY`] bytes.
    later: Cell<Vec<u8>>,
    /// How many bytes are kept in all.
    limit: Cell<usize>,
    /// How much more memory the later bytes may take.
    room: Cell<usize>,
    /// There was no memory for more: nothing follows, for a hole in the output would be worse than its end.
    ended: Cell<bool>,
}

impl Capture {
    /// An empty capture with all its room, or `None` when there is no memory for it.
    pub fn new() -> Option<Capture> {
        let mut bytes = Vec::new();
        bytes.try_reserve_exact(CAPACITY + MARK.len()).ok()?;
        Some(Capture {
            bytes: Cell::new(bytes),
            ..Capture::default()
        })
    }

    /// Sets how many bytes are kept in all; it is never less than [`CAPACITY`].
    pub fn set_limit(&self, bytes: usize) {
        self.limit.set(bytes);
    }

    /// Memory that the later bytes take.
    pub fn memory_used(&self) -> usize {
        let later = self.later.take();
        let used = later.capacity();
        self.later.set(later);
        used
    }

    /// How much more memory the later bytes may take.
    pub fn set_memory_room(&self, bytes: usize) {
        self.room.set(bytes);
    }

    /// Forgets what was captured.
    pub fn clear(&self) {
        let mut bytes = self.bytes.take();
        bytes.clear();
        self.bytes.set(bytes);
        self.later.set(Vec::new());
        self.ended.set(false);
    }

    /// Adds `more`, as far as there is room.
    pub fn append(&self, more: &[u8]) {
        let mut bytes = self.bytes.take();
        // Past CAPACITY the mark is there, and nothing follows it.
        let room = CAPACITY.saturating_sub(bytes.len());
        let (head, rest) = more.split_at_checked(room).unwrap_or((more, &[]));
        if bytes.len() <= CAPACITY {
            bytes.extend_from_slice(head);
        }
        if !rest.is_empty() {
            if bytes.len() == CAPACITY {
                bytes.extend_from_slice(MARK);
            }
            self.append_later(rest);
        }
        self.bytes.set(bytes);
    }

    /// Keeps what the response has no room for, as far as the host and memory allow.
    fn append_later(&self, more: &[u8]) {
        if self.ended.get() {
            return;
        }
        let mut later = self.later.take();
        let most = self.limit.get().saturating_sub(CAPACITY);
        let n = more.len().min(most.saturating_sub(later.len()));
        let more = more.get(..n).unwrap_or_default();
        // Doubling keeps the copying in proportion; when there is no room for that, what is needed will do.
        let needed = later.len() + n;
        let room = self.room.get();
        let ready = needed <= later.capacity()
            || [needed.max(later.capacity().saturating_mul(2)), needed]
                .into_iter()
                .any(|capacity| {
                    capacity - later.capacity() <= room
                        && later.try_reserve_exact(capacity - later.len()).is_ok()
                });
        if ready {
            later.extend_from_slice(more);
        } else {
            self.ended.set(true);
        }
        self.later.set(later);
    }

    /// How many bytes are kept, without the mark.
    pub fn len(&self) -> usize {
        let later = self.later.take();
        let n = self.with(|bytes| bytes.len().min(CAPACITY)) + later.len();
        self.later.set(later);
        n
    }

    /// Whether nothing was captured.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Copies what is kept, from byte `from` on, into `to`: how many bytes that is.
    pub fn read(&self, from: usize, to: &mut [u8]) -> usize {
        let later = self.later.take();
        let n = self.with(|bytes| {
            let first = bytes.get(from..bytes.len().min(CAPACITY));
            let first = first.unwrap_or_default();
            let start = from.saturating_sub(CAPACITY);
            let rest = later.get(start..).unwrap_or_default();
            let mut n = 0;
            for (place, byte) in to.iter_mut().zip(first.iter().chain(rest)) {
                *place = *byte;
                n += 1;
            }
            n
        });
        self.later.set(later);
        n
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
    fn what_the_host_allows_is_kept_and_read_in_pieces() {
        let capture = Capture::new().unwrap();
        capture.set_limit(CAPACITY + 10);
        capture.set_memory_room(1000);
        let all: Vec<u8> = (0..CAPACITY + 20).map(|i| i as u8).collect();
        for part in all.chunks(1000) {
            capture.append(part);
        }
        assert_eq!(capture.len(), CAPACITY + 10);
        let mut read = Vec::new();
        let mut piece = [0; 4096];
        loop {
            let n = capture.read(read.len(), &mut piece);
            if n == 0 {
                break;
            }
            read.extend_from_slice(&piece[..n]);
        }
        assert_eq!(read, all[..CAPACITY + 10]);
        assert_eq!(capture.read(usize::MAX, &mut piece), 0);
        assert!(capture.memory_used() >= 10);
        capture.clear();
        assert_eq!((capture.len(), capture.memory_used()), (0, 0));
    }

    #[test]
    fn without_memory_the_output_ends() {
        let capture = Capture::new().unwrap();
        capture.set_limit(usize::MAX);
        capture.append(&[b'x'; CAPACITY]);
        capture.set_memory_room(5);
        capture.append(b"12345");
        capture.set_memory_room(0);
        capture.append(b"6");
        capture.set_memory_room(100);
        capture.append(b"7");
        assert_eq!(capture.len(), CAPACITY + 5);
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
