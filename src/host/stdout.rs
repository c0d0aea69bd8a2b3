//! Standard output behind one buffer, shared by Lua and the command's own lines.
//!
//! It is buffered as C's stdio does it: by lines when it is a terminal, else by blocks. A broken pipe ends the process
//! without a word: nobody is left to read one.

#![allow(
    clippy::disallowed_methods,
    reason = "this is the host: IO happens here"
)]

use std::cell::Cell;
use std::io::{self, ErrorKind, IsTerminal, Write};

use cu_vm::Buffering;

/// Size of the block that output is collected in.
const BLOCK: usize = 32 * 1024;

/// Exit status of a process that SIGPIPE ended, as shells show it.
const BROKEN_PIPE_STATUS: i32 = 128 + 13;

/// Standard output behind one buffer.
pub struct Stdout {
    pending: Cell<Vec<u8>>,
    buffering: Cell<Buffering>,
}

impl Stdout {
    /// Standard output of this process, with nothing pending.
    pub(super) fn new() -> Stdout {
        let buffering = if io::stdout().is_terminal() {
            Buffering::Line
        } else {
            Buffering::Full(BLOCK)
        };
        Stdout {
            pending: Cell::new(Vec::with_capacity(BLOCK)),
            buffering: Cell::new(buffering),
        }
    }

    /// Says when written bytes leave the buffer. Blocks are never larger than they are anyway.
    pub fn set_buffering(&self, buffering: Buffering) -> io::Result<()> {
        self.buffering.set(buffering);
        self.flush()
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
        match self.buffering.get() {
            Buffering::None => self.flush(),
            Buffering::Line if bytes.contains(&b'\n') => self.flush(),
            Buffering::Line | Buffering::Full(_) => Ok(()),
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
