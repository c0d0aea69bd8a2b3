//! The process as Lua's world: its standard streams, files, processes, clocks and environment.
//!
//! Standard output is flushed before anything goes to standard error and before a process is started, so that output
//! appears in the order in which the program asked for it; and when the last handle is dropped.

#![allow(
    clippy::disallowed_methods,
    reason = "this is the host: IO happens here"
)]

mod closed;
mod file;
mod stdout;

use std::fs::{self, File, OpenOptions};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::rc::Rc;
use std::time::{SystemTime, UNIX_EPOCH};

use cu_vm::{
    Buffering, FileId, Host, HostError, HostResult, LocalZone, OpenMode, ProcessEnd, Whence,
};
use jiff::Timestamp;
use jiff::tz::TimeZone;

pub use self::closed::ClosedHost;
use self::file::{NativeFile, host_error, process_end};
pub use self::stdout::{Stdout, write_stderr};

/// Number of the first file that is no standard stream.
const FIRST_FILE: usize = 3;

/// The [`Host`] of a native process.
pub struct NativeHost {
    stdout: Rc<Stdout>,
    /// By number; standard input is the first, and the two after it are empty.
    files: Vec<Option<NativeFile>>,
    /// Asked for when it is first needed.
    zone: Option<TimeZone>,
}

impl NativeHost {
    /// A host over the streams of this process.
    pub fn new() -> NativeHost {
        let stdin = standard_input().map(|file| NativeFile::new(file, true, false, None));
        NativeHost {
            stdout: Rc::new(Stdout::new()),
            files: vec![stdin, None, None],
            zone: None,
        }
    }

    /// Its standard output, for the embedder's own lines to keep their place among Lua's.
    pub fn stdout(&self) -> Rc<Stdout> {
        Rc::clone(&self.stdout)
    }

    fn add(&mut self, file: NativeFile) -> FileId {
        let taken = self.files.iter().skip(FIRST_FILE);
        let index = match taken.clone().position(Option::is_none) {
            Some(free) => FIRST_FILE + free,
            None => {
                self.files.push(None);
                self.files.len() - 1
            }
        };
        if let Some(place) = self.files.get_mut(index) {
            *place = Some(file);
        }
        FileId(u32::try_from(index).unwrap_or(u32::MAX))
    }

    fn file(&mut self, file: FileId) -> HostResult<&mut NativeFile> {
        match self.files.get_mut(file.0 as usize) {
            Some(Some(file)) => Ok(file),
            _ => Err(HostError::bad_file()),
        }
    }

    /// Writes out everything that waits, as C does at exit and before it starts a process for a pipe.
    fn flush_all(&mut self) {
        // A failure shows when the file itself is written to or closed.
        let _ = self.stdout.flush();
        for file in self.files.iter_mut().flatten() {
            let _ = file.flush();
        }
    }
}

impl Default for NativeHost {
    fn default() -> NativeHost {
        NativeHost::new()
    }
}

impl Host for NativeHost {
    fn write(&mut self, file: FileId, bytes: &[u8]) -> HostResult<()> {
        let result = match file {
            FileId::STDOUT => self.stdout.write(bytes),
            FileId::STDERR => write_stderr(&self.stdout, bytes),
            _ => return self.file(file)?.write(bytes),
        };
        result.map_err(|error| host_error(&error))
    }

    fn entropy(&mut self) -> [u64; 2] {
        [random_word(), random_word()]
    }

    fn open(&mut self, name: &[u8], mode: OpenMode) -> HostResult<FileId> {
        let opened = OpenOptions::new()
            .read(mode.read)
            .write(mode.write && !mode.append)
            .append(mode.append)
            .truncate(mode.truncate)
            .create(mode.create)
            .open(path(name));
        let file = opened.map_err(|error| host_error(&error))?;
        Ok(self.add(NativeFile::new(file, mode.read, mode.write, None)))
    }

    fn peek(&mut self, file: FileId) -> HostResult<&[u8]> {
        self.file(file)?.peek()
    }

    fn consume(&mut self, file: FileId, n: usize) {
        if let Ok(file) = self.file(file) {
            file.consume(n);
        }
    }

    fn seek(&mut self, file: FileId, from: Whence, offset: i64) -> HostResult<u64> {
        match file {
            FileId::STDOUT | FileId::STDERR => {
                self.flush(FileId::STDOUT)?;
                let mut stream = NativeFile::new(standard_stream(file)?, false, true, None);
                stream.seek(from, offset)
            }
            _ => self.file(file)?.seek(from, offset),
        }
    }

    fn set_buffering(&mut self, file: FileId, buffering: Buffering) -> HostResult<()> {
        match file {
            FileId::STDOUT => {
                let set = self.stdout.set_buffering(buffering);
                set.map_err(|error| host_error(&error))
            }
            // It never waits.
            FileId::STDERR => Ok(()),
            _ => self.file(file)?.set_buffering(buffering),
        }
    }

    fn flush(&mut self, file: FileId) -> HostResult<()> {
        match file {
            FileId::STDOUT => self.stdout.flush().map_err(|error| host_error(&error)),
            FileId::STDERR => Ok(()),
            _ => self.file(file)?.flush(),
        }
    }

    fn close(&mut self, file: FileId) -> HostResult<Option<ProcessEnd>> {
        match self.files.get_mut(file.0 as usize).and_then(Option::take) {
            Some(file) => file.close(),
            None => Err(HostError::bad_file()),
        }
    }

    fn temporary_file(&mut self) -> HostResult<FileId> {
        let (name, file) = new_temporary_file()?;
        // Without a name it is gone when it is closed. Where an open file keeps its name, it stays behind.
        let _ = fs::remove_file(name);
        Ok(self.add(NativeFile::new(file, true, true, None)))
    }

    fn temporary_name(&mut self) -> HostResult<Vec<u8>> {
        let (name, _) = new_temporary_file()?;
        Ok(name.into_os_string().into_encoded_bytes())
    }

    fn remove(&mut self, name: &[u8]) -> HostResult<()> {
        let name = path(name);
        let is_directory = fs::symlink_metadata(&name).is_ok_and(|data| data.is_dir());
        let removed = if is_directory {
            fs::remove_dir(name)
        } else {
            fs::remove_file(name)
        };
        removed.map_err(|error| host_error(&error))
    }

    fn rename(&mut self, from: &[u8], to: &[u8]) -> HostResult<()> {
        fs::rename(path(from), path(to)).map_err(|error| host_error(&error))
    }

    fn has_shell(&self) -> bool {
        true
    }

    fn execute(&mut self, command: &[u8]) -> HostResult<ProcessEnd> {
        self.flush_all();
        match shell(command).status() {
            Ok(status) => Ok(process_end(status)),
            Err(error) => Err(host_error(&error)),
        }
    }

    fn spawn(&mut self, command: &[u8], write: bool) -> HostResult<FileId> {
        self.flush_all();
        let mut shell = shell(command);
        if write {
            shell.stdin(Stdio::piped());
        } else {
            shell.stdout(Stdio::piped());
        }
        let mut child = shell.spawn().map_err(|error| host_error(&error))?;
        let pipe = match (child.stdin.take(), child.stdout.take()) {
            (Some(stdin), _) => pipe_file(stdin),
            (None, Some(stdout)) => pipe_file(stdout),
            (None, None) => return Err(HostError::bad_file()),
        };
        Ok(self.add(NativeFile::new(pipe, !write, write, Some(child))))
    }

    fn exit(&mut self, status: i32) {
        self.flush_all();
        std::process::exit(status);
    }

    fn variable(&mut self, name: &[u8]) -> Option<Vec<u8>> {
        let value = std::env::var_os(path(name).into_os_string())?;
        Some(value.into_encoded_bytes())
    }

    #[cfg(unix)]
    fn processor_time(&mut self) -> f64 {
        use nix::time::{ClockId, clock_gettime};
        clock_gettime(ClockId::CLOCK_PROCESS_CPUTIME_ID)
            .map(|time| time.tv_sec() as f64 + time.tv_nsec() as f64 / 1e9)
            .unwrap_or(0.0)
    }

    fn now(&mut self) -> i64 {
        let seconds = match SystemTime::now().duration_since(UNIX_EPOCH) {
            Ok(since) => i64::try_from(since.as_secs()).ok(),
            Err(before) => i64::try_from(before.duration().as_secs())
                .ok()
                .map(|seconds| -seconds),
        };
        seconds.unwrap_or(0)
    }

    fn local_zone(&mut self, time: i64) -> LocalZone {
        let zone = self.zone.get_or_insert_with(local_time_zone);
        let time = Timestamp::from_second(within_reach(time)).unwrap_or_default();
        let there = zone.to_offset_info(time);
        LocalZone {
            offset: there.offset().seconds(),
            is_dst: there.dst().is_dst(),
            name: there.abbreviation().to_owned(),
        }
    }
}

/// The time itself or, where the zone's data do not reach, one in a year with the same calendar: the calendar repeats
/// every 400 years. Before the first year nothing ever changed.
fn within_reach(time: i64) -> i64 {
    const CYCLE: i64 = 146_097 * 86_400;
    let (first, last) = (Timestamp::MIN.as_second(), Timestamp::MAX.as_second());
    if time > last {
        last - CYCLE + (time - last).rem_euclid(CYCLE)
    } else {
        time.max(first)
    }
}

/// The zone that `TZ` or the system says, universal time if none.
fn local_time_zone() -> TimeZone {
    TimeZone::try_system().unwrap_or(TimeZone::UTC)
}

/// A command for the shell of the system.
fn shell(command: &[u8]) -> Command {
    let (program, option) = if cfg!(windows) {
        ("cmd", "/C")
    } else {
        ("/bin/sh", "-c")
    };
    let mut shell = Command::new(program);
    shell.arg(option).arg(path(command));
    shell
}

/// A new empty file with a name of its own, `lua_` and six characters, in the folder for such files.
fn new_temporary_file() -> HostResult<(PathBuf, File)> {
    const CHARACTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyzABCDEFGH";
    const ATTEMPTS: usize = 100;
    let folder = if cfg!(unix) {
        PathBuf::from("/tmp")
    } else {
        std::env::temp_dir()
    };
    let mut result = Err(HostError::new(17, "File exists"));
    for _ in 0..ATTEMPTS {
        let mut word = random_word();
        let mut name = String::from("lua_");
        for _ in 0..6 {
            let i = (word % 32) as usize;
            name.push(char::from(CHARACTERS.get(i).copied().unwrap_or(b'x')));
            word /= 32;
        }
        let name = folder.join(name);
        let mut options = OpenOptions::new();
        options.read(true).write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        match options.open(&name) {
            Ok(file) => return Ok((name, file)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => {
                result = Err(host_error(&error));
                break;
            }
        }
    }
    result
}

/// Standard input as a file, so that it can be read ahead of and moved in.
#[cfg(unix)]
fn standard_input() -> Option<File> {
    use std::os::fd::AsFd;
    let stdin = io::stdin();
    stdin.as_fd().try_clone_to_owned().ok().map(File::from)
}

/// A standard stream that is written, as a file.
#[cfg(unix)]
fn standard_stream(file: FileId) -> HostResult<File> {
    use std::os::fd::AsFd;
    let stream = match file {
        FileId::STDOUT => io::stdout().as_fd().try_clone_to_owned(),
        _ => io::stderr().as_fd().try_clone_to_owned(),
    };
    stream.map(File::from).map_err(|error| host_error(&error))
}

/// One end of a pipe as a file.
#[cfg(unix)]
fn pipe_file(pipe: impl Into<std::os::fd::OwnedFd>) -> File {
    File::from(pipe.into())
}

/// Standard input as a file, so that it can be read ahead of and moved in.
#[cfg(windows)]
fn standard_input() -> Option<File> {
    use std::os::windows::io::AsHandle;
    let stdin = io::stdin();
    stdin.as_handle().try_clone_to_owned().ok().map(File::from)
}

/// A standard stream that is written, as a file.
#[cfg(windows)]
fn standard_stream(_file: FileId) -> HostResult<File> {
    Err(HostError::new(29, "Illegal seek"))
}

/// One end of a pipe as a file.
#[cfg(windows)]
fn pipe_file(pipe: impl Into<std::os::windows::io::OwnedHandle>) -> File {
    File::from(pipe.into())
}

/// 64 bits that no program can foresee: std seeds every `RandomState` from the system.
pub fn random_word() -> u64 {
    RandomState::new().build_hasher().finish()
}

/// A file name or other text as Lua has it, bytes, for the system.
#[cfg(unix)]
fn path(name: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt;
    PathBuf::from(std::ffi::OsStr::from_bytes(name))
}

/// A file name or other text as Lua has it, bytes, for the system.
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
            host.open(b"no such file", OpenMode::READ),
            Err(HostError::new(2, "No such file or directory"))
        );
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_directory_cannot_be_read() {
        let mut host = NativeHost::new();
        let directory = host.open(b".", OpenMode::READ).unwrap();
        assert_eq!(
            host.peek(directory),
            Err(HostError::new(21, "Is a directory"))
        );
    }

    #[test]
    fn reading_and_writing_share_one_position() {
        let mut host = NativeHost::new();
        let file = host.temporary_file().unwrap();
        host.write(file, b"abcdef").unwrap();
        assert_eq!(host.seek(file, Whence::Start, 0), Ok(0));
        assert_eq!(host.peek(file), Ok(&b"abcdef"[..]));
        host.consume(file, 2);
        assert_eq!(host.seek(file, Whence::Current, 0), Ok(2));
        assert_eq!(host.peek(file), Ok(&b"cdef"[..]));
        host.write(file, b"X").unwrap();
        assert_eq!(host.peek(file), Ok(&b"def"[..]));
        assert_eq!(host.close(file), Ok(None));
    }

    #[test]
    fn entropy_differs_from_draw_to_draw() {
        let mut host = NativeHost::new();
        assert_ne!(host.entropy(), host.entropy());
    }
}
