//! The process as Lua's world: its standard streams, its files, its entropy.
//!
//! Standard output is buffered as C's stdio does it: by lines when it is a terminal, else by
//! blocks. It is flushed before anything goes to standard error, so that messages appear after the
//! output that came before them, and when the last handle is dropped.
//!
//! A broken pipe ends the process without a word: nobody is left to read one.

#![allow(
    clippy::disallowed_methods,
    reason = "this is the host: IO happens here"
)]

use std::cell::Cell;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::{self, ErrorKind, IsTerminal, Read, Write};
use std::path::PathBuf;
use std::rc::Rc;

use cu_vm::{Host, Stream};

/// Size of the block that output is collected in.
const BLOCK: usize = 32 * 1024;

/// Exit status of a process that SIGPIPE ended, as shells show it.
const BROKEN_PIPE_STATUS: i32 = 128 + 13;

/// Standard output behind one buffer.
pub struct Stdout {
    pending: Cell<Vec<u8>>,
    by_lines: bool,
}

impl Stdout {
    fn new() -> Stdout {
        Stdout {
            pending: Cell::new(Vec::with_capacity(BLOCK)),
            by_lines: io::stdout().is_terminal(),
        }
    }

    /// Writes `bytes`, now or with the next flush.
    pub fn write(&self, bytes: &[u8]) -> io::Result<()> {
        let mut pending = self.pending.take();
        let result = if pending.len() + bytes.len() > BLOCK {
            let written = write_out(&pending);
            pending.clear();
            // What fills a block by itself need not be copied into one.
            if written.is_ok() && bytes.len() >= BLOCK {
                write_out(bytes)
            } else {
                pending.extend_from_slice(bytes);
                written
            }
        } else {
            pending.extend_from_slice(bytes);
            Ok(())
        };
        self.pending.set(pending);
        result?;
        if self.by_lines && bytes.contains(&b'\n') {
            self.flush()
        } else {
            Ok(())
        }
    }

    /// Writes out what is pending.
    pub fn flush(&self) -> io::Result<()> {
        let mut pending = self.pending.take();
        let result = if pending.is_empty() {
            Ok(())
        } else {
            write_out(&pending)
        };
        pending.clear();
        self.pending.set(pending);
        result
    }
}

impl Drop for Stdout {
    fn drop(&mut self) {
        // At exit nobody is left to tell.
        let _ = self.flush();
    }
}

fn write_out(bytes: &[u8]) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => {
            std::process::exit(BROKEN_PIPE_STATUS)
        }
        result => result,
    }
}

/// Writes to standard error, after everything that was written to `stdout` before.
pub fn write_stderr(stdout: &Stdout, bytes: &[u8]) -> io::Result<()> {
    stdout.flush()?;
    io::stderr().lock().write_all(bytes)
}

/// The [`Host`] of a native process.
pub struct NativeHost {
    stdout: Rc<Stdout>,
}

impl NativeHost {
    /// A host over the streams of this process.
    pub fn new() -> NativeHost {
        NativeHost {
            stdout: Rc::new(Stdout::new()),
        }
    }

    /// Its standard output, for the embedder's own lines to keep their place among Lua's.
    pub fn stdout(&self) -> Rc<Stdout> {
        Rc::clone(&self.stdout)
    }
}

impl Default for NativeHost {
    fn default() -> NativeHost {
        NativeHost::new()
    }
}

impl Host for NativeHost {
    fn write(&mut self, stream: Stream, bytes: &[u8]) -> Result<(), String> {
        let result = match stream {
            Stream::Stdout => self.stdout.write(bytes),
            Stream::Stderr => write_stderr(&self.stdout, bytes),
        };
        result.map_err(|error| reason(&error))
    }

    fn read_file(&mut self, name: Option<&[u8]>) -> Result<Vec<u8>, String> {
        let read = match name {
            Some(name) => std::fs::read(path(name)),
            None => {
                let mut all = Vec::new();
                io::stdin().lock().read_to_end(&mut all).map(|_| all)
            }
        };
        read.map_err(|error| reason(&error))
    }

    fn entropy(&mut self) -> [u64; 2] {
        [random_word(), random_word()]
    }
}

/// 64 bits that no program can foresee: std seeds every `RandomState` from the system.
pub fn random_word() -> u64 {
    RandomState::new().build_hasher().finish()
}

/// What `strerror` says, without Rust's addition of the number.
fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    match text.find(" (os error ") {
        Some(end) => text.get(..end).unwrap_or(&text).to_owned(),
        None => text,
    }
}

/// A file name as Lua has it, bytes, for the system.
#[cfg(unix)]
fn path(name: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt;
    PathBuf::from(std::ffi::OsStr::from_bytes(name))
}

/// A file name as Lua has it, bytes, for the system.
#[cfg(not(unix))]
fn path(name: &[u8]) -> PathBuf {
    PathBuf::from(String::from_utf8_lossy(name).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_those_of_the_c_library() {
        let mut host = NativeHost::new();
        assert_eq!(
            host.read_file(Some(b"no such file")),
            Err("No such file or directory".to_owned())
        );
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_directory_cannot_be_read() {
        let mut host = NativeHost::new();
        assert_eq!(host.read_file(Some(b".")), Err("Is a directory".to_owned()));
    }

    #[test]
    fn entropy_differs_from_draw_to_draw() {
        let mut host = NativeHost::new();
        assert_ne!(host.entropy(), host.entropy());
    }
}
