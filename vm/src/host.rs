//! The world outside, as the machine and the library see it: one trait, implemented by the embedder.
//!
//! What it is not: it knows no Lua values and no machine. Names and contents are bytes, files are numbers, and an
//! error is what a C library would say: the text of `strerror` and the number `errno`.
//!
//! Only writing and entropy must be there. Every other method has a default that says, as a C library does on a
//! system without the thing, "Function not implemented"; so a small host stays small, and a program sees
//! `nil, message, number` where it asked for what is not there.

use std::any::Any;

/// A file of the host, opened by [`Host::open`] or one of the three standard streams.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileId(pub u32);

impl FileId {
    /// Standard input.
    pub const STDIN: FileId = FileId(0);
    /// Standard output.
    pub const STDOUT: FileId = FileId(1);
    /// Standard error.
    pub const STDERR: FileId = FileId(2);
}

/// Why the host could not do it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostError {
    /// What `strerror` says, such as "No such file or directory".
    pub message: String,
    /// The number `errno` of it.
    pub code: i32,
}

impl HostError {
    /// An error with this number and text.
    #[cold]
    pub fn new(code: i32, message: &str) -> HostError {
        HostError {
            message: message.to_owned(),
            code,
        }
    }

    /// The host has no such thing.
    #[cold]
    pub fn not_implemented() -> HostError {
        HostError::new(38, "Function not implemented")
    }

    /// The file was not opened for this.
    #[cold]
    pub fn bad_file() -> HostError {
        HostError::new(9, "Bad file descriptor")
    }
}

/// What a method of [`Host`] answers.
pub type HostResult<T> = Result<T, HostError>;

/// How a file is opened: the mode string of `io.open`, taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenMode {
    /// It may be read: `r`, and everything with `+`.
    pub read: bool,
    /// It may be written: all but a plain `r`.
    pub write: bool,
    /// Every write goes to the end: `a`.
    pub append: bool,
    /// What it contains is thrown away: `w`.
    pub truncate: bool,
    /// It is made if there is none: `w` and `a`.
    pub create: bool,
}

impl OpenMode {
    /// Mode `r`.
    pub const READ: OpenMode = OpenMode {
        read: true,
        write: false,
        append: false,
        truncate: false,
        create: false,
    };
}

/// From where [`Host::seek`] counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whence {
    /// The start of the file.
    Start,
    /// The present position.
    Current,
    /// The end of the file.
    End,
}

/// When written bytes leave the host's buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Buffering {
    /// At once.
    None,
    /// When a line is complete.
    Line,
    /// When this many bytes have come together.
    Full(usize),
}

/// How a process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProcessEnd {
    /// By itself, with this status.
    Exit(i32),
    /// By this signal.
    Signal(i32),
}

/// What the calendar says at a place and time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalZone {
    /// Seconds to add to universal time.
    pub offset: i32,
    /// Whether daylight saving time is in force.
    pub is_dst: bool,
    /// The zone's abbreviation.
    pub name: String,
}

/// Everything the core may not do itself. It is [`Any`], so that an embedder can have its own host back from
/// [`Vm::host`](crate::Vm::host).
pub trait Host: Any {
    /// Writes all bytes to a file, perhaps into a buffer.
    fn write(&mut self, file: FileId, bytes: &[u8]) -> HostResult<()>;

    /// 128 random bits, for `math.randomseed()`.
    fn entropy(&mut self) -> [u64; 2];

    /// Whether the run is to end: asked now and then while a program runs. Nothing that Lua has catches the end.
    fn interrupted(&mut self) -> bool {
        false
    }

    /// How far the run is: fuel that is left (`u64::MAX` without a limit) and bytes in use, told before
    /// [`Host::interrupted`] is asked.
    fn progress(&mut self, _fuel_left: u64, _memory_used: usize) {}

    // ---- files ----------------------------------------------------------------------------------------

    /// Opens a file. The name holds no zero byte.
    fn open(&mut self, _name: &[u8], _mode: OpenMode) -> HostResult<FileId> {
        Err(HostError::not_implemented())
    }

    /// The bytes that come next, at least one of them unless the file is at its end. They stay what comes next
    /// until [`Host::consume`] says otherwise.
    fn peek(&mut self, _file: FileId) -> HostResult<&[u8]> {
        Ok(&[])
    }

    /// The next `n` bytes, no more than [`Host::peek`] showed, have been read.
    fn consume(&mut self, _file: FileId, _n: usize) {}

    /// Moves the position and returns where it is then.
    fn seek(&mut self, _file: FileId, _from: Whence, _offset: i64) -> HostResult<u64> {
        Err(HostError::new(29, "Illegal seek"))
    }

    /// Says when written bytes leave the buffer.
    fn set_buffering(&mut self, _file: FileId, _buffering: Buffering) -> HostResult<()> {
        Ok(())
    }

    /// Writes out what the buffer of a file holds.
    fn flush(&mut self, _file: FileId) -> HostResult<()> {
        Ok(())
    }

    /// Closes a file, whether or not this succeeds. For one that [`Host::spawn`] opened, waits for the process and
    /// tells how it ended.
    fn close(&mut self, _file: FileId) -> HostResult<Option<ProcessEnd>> {
        Ok(None)
    }

    /// Opens a nameless file for reading and writing, which vanishes when it is closed.
    fn temporary_file(&mut self) -> HostResult<FileId> {
        Err(HostError::not_implemented())
    }

    /// A name that no file had, made so that none has it by accident afterwards.
    fn temporary_name(&mut self) -> HostResult<Vec<u8>> {
        Err(HostError::not_implemented())
    }

    /// Removes a file, or an empty directory.
    fn remove(&mut self, _name: &[u8]) -> HostResult<()> {
        Err(HostError::not_implemented())
    }

    /// Gives a file another name.
    fn rename(&mut self, _from: &[u8], _to: &[u8]) -> HostResult<()> {
        Err(HostError::not_implemented())
    }

    /// Bytes of the machine's memory that files take; it counts them against its limit.
    fn memory_used(&self) -> usize {
        0
    }

    /// How many more bytes of memory files may take from now on.
    fn set_memory_room(&mut self, _bytes: usize) {}

    // ---- processes ------------------------------------------------------------------------------------

    /// Whether there is a shell; without one `io.popen` is "not supported".
    fn has_shell(&self) -> bool {
        false
    }

    /// Runs a command of the shell to its end.
    fn execute(&mut self, _command: &[u8]) -> HostResult<ProcessEnd> {
        Err(HostError::not_implemented())
    }

    /// Starts a command of the shell; the file reads its output or, with `write`, writes its input.
    fn spawn(&mut self, _command: &[u8], _write: bool) -> HostResult<FileId> {
        Err(HostError::not_implemented())
    }

    /// Ends the process. A host that is none returns; then the machine ends the run.
    fn exit(&mut self, _status: i32) {}

    // ---- environment and time -------------------------------------------------------------------------

    /// An environment variable.
    fn variable(&mut self, _name: &[u8]) -> Option<Vec<u8>> {
        None
    }

    /// Seconds of processor time used.
    fn processor_time(&mut self) -> f64 {
        0.0
    }

    /// Seconds since 1970.
    fn now(&mut self) -> i64 {
        0
    }

    /// What the calendar of this place says at a time in seconds since 1970.
    fn local_zone(&mut self, _time: i64) -> LocalZone {
        LocalZone {
            offset: 0,
            is_dst: false,
            name: "UTC".to_owned(),
        }
    }
}
