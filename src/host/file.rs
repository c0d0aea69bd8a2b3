//! One open file of the process: a descriptor with a buffer, and perhaps a child process at the other end.
//!
//! The buffer holds either bytes that were read ahead or bytes that wait to be written, never both; going from one
//! to the other brings the descriptor to where the program thinks it is.

use std::fs::File;
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::process::{Child, ExitStatus};

use cu_vm::{Buffering, HostError, HostResult, ProcessEnd, Whence};

/// Bytes that wait before they are written, unless the program says otherwise; as C's stdio on files.
const BUFFER: usize = 4096;

/// Bytes that are read at once.
const READ_AHEAD: usize = 16 * 1024;

/// An open file.
pub struct NativeFile {
    file: File,
    child: Option<Child>,
    readable: bool,
    writable: bool,
    buffering: Buffering,
    /// What was read; from `read_at` on it is still to be consumed.
    ahead: Vec<u8>,
    read_at: usize,
    /// What waits to be written.
    pending: Vec<u8>,
}

impl NativeFile {
    /// A file that was just opened, or one end of a pipe to or from `child`.
    pub fn new(file: File, readable: bool, writable: bool, child: Option<Child>) -> NativeFile {
        NativeFile {
            file,
            child,
            readable,
            writable,
            buffering: Buffering::Full(BUFFER),
            ahead: Vec::new(),
            read_at: 0,
            pending: Vec::new(),
        }
    }

    /// What comes next; nothing at the end.
    pub fn peek(&mut self) -> HostResult<&[u8]> {
        if !self.readable {
            return Err(HostError::bad_file());
        }
        self.flush()?;
        if self.read_at >= self.ahead.len() {
            let size = match self.buffering {
                // Whoever shares the descriptor finds the rest.
                Buffering::None => 1,
                Buffering::Line | Buffering::Full(_) => READ_AHEAD,
            };
            self.ahead.resize(size, 0);
            self.read_at = 0;
            let read = loop {
                match self.file.read(&mut self.ahead) {
                    Err(error) if error.kind() == ErrorKind::Interrupted => {}
                    read => break read,
                }
            };
            self.ahead.truncate(*read.as_ref().unwrap_or(&0));
            read.map_err(|error| host_error(&error))?;
        }
        Ok(self.ahead.get(self.read_at..).unwrap_or_default())
    }

    /// The next `n` bytes have been read.
    pub fn consume(&mut self, n: usize) {
        self.read_at = self.read_at.saturating_add(n).min(self.ahead.len());
    }

    /// Writes, now or with the next flush.
    pub fn write(&mut self, bytes: &[u8]) -> HostResult<()> {
        if !self.writable {
            return Err(HostError::bad_file());
        }
        self.forget_ahead();
        let waits = match self.buffering {
            Buffering::None => false,
            Buffering::Line => !bytes.contains(&b'\n'),
            Buffering::Full(size) => self.pending.len() + bytes.len() <= size,
        };
        if waits {
            self.pending.extend_from_slice(bytes);
            return Ok(());
        }
        self.flush()?;
        self.file
            .write_all(bytes)
            .map_err(|error| host_error(&error))
    }

    /// Brings the descriptor back from what was read ahead; a pipe has no way back.
    fn forget_ahead(&mut self) {
        let unread = self.ahead.len() - self.read_at.min(self.ahead.len());
        if unread > 0 {
            let back = i64::try_from(unread).unwrap_or(0);
            let _ = self.file.seek(SeekFrom::Current(-back));
        }
        self.ahead.clear();
        self.read_at = 0;
    }

    /// Writes what is pending. What cannot be written is lost, as in C.
    pub fn flush(&mut self) -> HostResult<()> {
        if self.pending.is_empty() {
            return Ok(());
        }
        let written = self.file.write_all(&self.pending);
        self.pending.clear();
        written.map_err(|error| host_error(&error))
    }

    /// Moves the position.
    pub fn seek(&mut self, from: Whence, offset: i64) -> HostResult<u64> {
        self.flush()?;
        self.forget_ahead();
        let target = match from {
            Whence::Start => match u64::try_from(offset) {
                Ok(offset) => SeekFrom::Start(offset),
                Err(_) => return Err(HostError::new(22, "Invalid argument")),
            },
            Whence::Current => SeekFrom::Current(offset),
            Whence::End => SeekFrom::End(offset),
        };
        self.file.seek(target).map_err(|error| host_error(&error))
    }

    /// Says when written bytes leave the buffer.
    pub fn set_buffering(&mut self, buffering: Buffering) -> HostResult<()> {
        self.flush()?;
        self.buffering = buffering;
        Ok(())
    }

    /// Closes it, and waits for the process if there is one.
    pub fn close(mut self) -> HostResult<Option<ProcessEnd>> {
        let flushed = self.flush();
        let child = self.child.take();
        // A process that reads ends when its input does.
        drop(self);
        match child {
            None => flushed.map(|()| None),
            Some(mut child) => match child.wait() {
                Ok(status) => Ok(Some(process_end(status))),
                Err(error) => Err(host_error(&error)),
            },
        }
    }
}

impl Drop for NativeFile {
    fn drop(&mut self) {
        // Nobody is left to tell.
        let _ = self.flush();
    }
}

/// How a process ended.
pub fn process_end(status: ExitStatus) -> ProcessEnd {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return ProcessEnd::Signal(signal);
    }
    ProcessEnd::Exit(status.code().unwrap_or(1))
}

/// What `strerror` says, without Rust's addition of the number, and the number.
pub fn host_error(error: &io::Error) -> HostError {
    let text = error.to_string();
    let end = text.find(" (os error ").unwrap_or(text.len());
    let message = text.get(..end).unwrap_or(&text);
    // What std refuses by itself has no number; it is then an argument that makes no sense.
    HostError::new(error.raw_os_error().unwrap_or(22), message)
}
