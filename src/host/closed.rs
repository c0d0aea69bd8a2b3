//! A world that ends at the standard streams: files in memory, no processes, no environment.

use std::rc::Rc;

use cu_stdlib::memory_fs::MemoryFiles;
use cu_vm::{
    Buffering, FileId, Host, HostError, HostResult, LocalZone, OpenMode, ProcessEnd, Whence,
};

use super::{NativeHost, Stdout};

/// The [`Host`] of the profiles `sandbox` and `deterministic`. `os.exit` ends the run, not the process.
pub struct ClosedHost {
    /// The streams, and the clock.
    native: NativeHost,
    /// The files that programs see: the embedder puts there what they may read.
    pub files: MemoryFiles,
    is_deterministic: bool,
    /// How often a deterministic host has been asked for chance.
    n_asked: u64,
}

impl ClosedHost {
    /// A host with the system's clock and entropy.
    pub fn new() -> ClosedHost {
        ClosedHost {
            native: NativeHost::new(),
            files: MemoryFiles::new(),
            is_deterministic: false,
            n_asked: 0,
        }
    }

    /// A host for which it is always the first second of 1970, and whose entropy is the same every time.
    pub fn deterministic() -> ClosedHost {
        ClosedHost {
            is_deterministic: true,
            ..ClosedHost::new()
        }
    }

    /// Its standard output, for the embedder's own lines to keep their place among Lua's.
    pub fn stdout(&self) -> Rc<Stdout> {
        self.native.stdout()
    }
}

impl Default for ClosedHost {
    fn default() -> ClosedHost {
        ClosedHost::new()
    }
}

fn is_stream(file: FileId) -> bool {
    [FileId::STDIN, FileId::STDOUT, FileId::STDERR].contains(&file)
}

impl Host for ClosedHost {
    fn write(&mut self, file: FileId, bytes: &[u8]) -> HostResult<()> {
        if is_stream(file) {
            return self.native.write(file, bytes);
        }
        self.files.write(file, bytes)
    }

    fn entropy(&mut self) -> [u64; 2] {
        if self.is_deterministic {
            self.n_asked += 1;
            return [self.n_asked, 0];
        }
        self.native.entropy()
    }

    fn open(&mut self, name: &[u8], mode: OpenMode) -> HostResult<FileId> {
        self.files.open(name, mode)
    }

    fn peek(&mut self, file: FileId) -> HostResult<&[u8]> {
        if is_stream(file) {
            return self.native.peek(file);
        }
        self.files.peek(file)
    }

    fn consume(&mut self, file: FileId, n: usize) {
        if is_stream(file) {
            self.native.consume(file, n);
        } else {
            self.files.consume(file, n);
        }
    }

    fn seek(&mut self, file: FileId, from: Whence, offset: i64) -> HostResult<u64> {
        if is_stream(file) {
            return Err(HostError::new(29, "Illegal seek"));
        }
        self.files.seek(file, from, offset)
    }

    fn set_buffering(&mut self, file: FileId, buffering: Buffering) -> HostResult<()> {
        if is_stream(file) {
            return self.native.set_buffering(file, buffering);
        }
        self.files.set_buffering(file, buffering)
    }

    fn flush(&mut self, file: FileId) -> HostResult<()> {
        if is_stream(file) {
            return self.native.flush(file);
        }
        self.files.flush(file)
    }

    fn close(&mut self, file: FileId) -> HostResult<Option<ProcessEnd>> {
        if is_stream(file) {
            return Err(HostError::bad_file());
        }
        self.files.close(file).map(|()| None)
    }

    fn temporary_file(&mut self) -> HostResult<FileId> {
        self.files.temporary_file()
    }

    fn temporary_name(&mut self) -> HostResult<Vec<u8>> {
        self.files.temporary_name()
    }

    fn remove(&mut self, name: &[u8]) -> HostResult<()> {
        self.files.remove(name)
    }

    fn rename(&mut self, from: &[u8], to: &[u8]) -> HostResult<()> {
        self.files.rename(from, to)
    }

    fn memory_used(&self) -> usize {
        self.files.memory_used()
    }

    fn set_memory_room(&mut self, bytes: usize) {
        self.files.set_memory_room(bytes);
    }

    fn processor_time(&mut self) -> f64 {
        if self.is_deterministic {
            return 0.0;
        }
        self.native.processor_time()
    }

    fn now(&mut self) -> i64 {
        if self.is_deterministic {
            return 0;
        }
        self.native.now()
    }

    fn local_zone(&mut self, time: i64) -> LocalZone {
        if self.is_deterministic {
            return LocalZone {
                offset: 0,
                is_dst: false,
                name: "UTC".to_owned(),
            };
        }
        self.native.local_zone(time)
    }
}
