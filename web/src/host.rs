//! The world of a machine whose embedder is JavaScript: files in memory, streams and clocks of JavaScript's.
//!
//! What it is not: it knows no Lua values. Standard output is gathered and handed over in pieces: when there is much of
//! it, before JavaScript is called, now and then while a program runs, and at the end of a run.

use std::collections::BTreeMap;
use std::rc::Rc;

use cu_stdlib::memory_fs::MemoryFiles;
use cu_vm::{
    Buffering, FileId, Host, HostError, HostResult, LocalZone, OpenMode, ProcessEnd, Whence,
};

use crate::face::Face;
use crate::mirror::Mirror;

/// Bytes of output that wait.
const OUTPUT: usize = 8 << 10;

/// The host, and what the bridge has to remember of its machine.
pub struct JsHost {
    /// JavaScript.
    pub face: Rc<dyn Face>,
    /// The machine's number in `reentry.rs`.
    pub id: u32,
    /// The files that programs see.
    pub files: MemoryFiles,
    /// What is known of values and runs.
    pub books: Books,
    /// Runs under way, one inside the other.
    pub n_running: u32,
    /// How many bytes a run may write to the standard streams.
    pub output_limit: u64,
    /// How many more bytes may be written to them.
    pub output_left: u64,
    /// Why the run is to end: 0 if it is not.
    pub stopping: u8,
    /// Whether to ask JavaScript if the run goes on.
    pub timed: bool,
    /// What the machine told last of its fuel, below 0 without a limit, and of its heap.
    fuel_left: f64,
    heap_used: usize,
    variables: Vec<(Vec<u8>, Vec<u8>)>,
    output: [Vec<u8>; 2],
    input: Vec<u8>,
    input_at: usize,
    started: f64,
}

/// What the bridge has to remember beside the values in the registry.
#[derive(Debug, Default)]
pub struct Books {
    /// Numbers of Lua's values that are free again.
    pub free_refs: Vec<u32>,
    /// Numbers given out so far.
    pub n_refs: u32,
    /// Coroutines for runs that have nothing to do.
    pub free_runners: Vec<u32>,
    /// Coroutines for runs made so far.
    pub n_runners: u32,
    /// How many values in Lua stand for a function or object of JavaScript.
    pub n_anchors: BTreeMap<u32, u32>,
    /// The promise that the run waits for; `None` when it has ended.
    pub promise: Option<u32>,
    /// Where the last failed run failed.
    pub place: Place,
    /// Most bytes a message may have.
    pub message_limit: usize,
    /// Whether integral floats are told from integers in JavaScript.
    pub mark_floats: bool,
    /// The entries of external tables, if there are any.
    pub mirror: Option<Mirror>,
    /// Whether strings become bytes in JavaScript.
    pub strings_as_bytes: bool,
}

/// Where a run failed.
#[derive(Debug, Default)]
pub struct Place {
    /// The traceback.
    pub traceback: Vec<u8>,
    /// The chunk's name.
    pub chunk: Vec<u8>,
    /// The line, 0 if it is not known.
    pub line: u32,
    /// The column, 0 if it is not known.
    pub column: u32,
}

/// Reasons for [`JsHost::stopping`].
pub mod stop {
    /// The fuel is used up.
    pub const FUEL: u8 = 1;
    /// The time is over, or JavaScript asked for the end.
    pub const TIME: u8 = 2;
    /// Too much was written.
    pub const OUTPUT: u8 = 3;
}

impl JsHost {
    /// A host before its machine.
    pub fn new(face: Rc<dyn Face>) -> JsHost {
        let started = face.ticks();
        JsHost {
            face,
            id: u32::MAX,
            files: MemoryFiles::default(),
            books: Books::default(),
            n_running: 0,
            output_limit: u64::MAX,
            output_left: u64::MAX,
            stopping: 0,
            timed: false,
            fuel_left: -1.0,
            heap_used: 0,
            variables: Vec::new(),
            output: [Vec::new(), Vec::new()],
            input: Vec::new(),
            input_at: 0,
            started,
        }
    }

    /// Sets an environment variable.
    pub fn set_variable(&mut self, name: &[u8], value: &[u8]) {
        self.variables.retain(|(known, _)| known != name);
        self.variables.push((name.to_vec(), value.to_vec()));
    }

    /// Bytes of files and of the entries of external tables, which are not in the heap.
    pub fn world_used(&self) -> usize {
        let tables = self.books.mirror.as_ref().map_or(0, |mirror| mirror.used());
        tables + self.files.memory_used()
    }

    /// Hands over what has been written.
    pub fn flush_output(&mut self) {
        for (stream, output) in self.output.iter_mut().enumerate() {
            if !output.is_empty() {
                self.face.write(stream == 1, output);
                output.clear();
            }
        }
    }
}

fn stream(file: FileId) -> Option<usize> {
    match file {
        FileId::STDOUT => Some(0),
        FileId::STDERR => Some(1),
        _ => None,
    }
}

fn no_stream(file: FileId, code: i32, message: &str) -> HostResult<()> {
    if file == FileId::STDIN || stream(file).is_some() {
        return Err(HostError::new(code, message));
    }
    Ok(())
}

impl Host for JsHost {
    fn write(&mut self, file: FileId, bytes: &[u8]) -> HostResult<()> {
        let Some(stream) = stream(file) else {
            if file == FileId::STDIN {
                return Err(HostError::bad_file());
            }
            return self.files.write(file, bytes);
        };
        let n = bytes.len() as u64;
        if n > self.output_left {
            self.output_left = 0;
            self.stopping = stop::OUTPUT;
            return Err(HostError::new(27, "File too large"));
        }
        if self.output_left != u64::MAX {
            self.output_left -= n;
        }
        if bytes.len() >= OUTPUT {
            self.flush_output();
            self.face.write(stream == 1, bytes);
            return Ok(());
        }
        // The order between the two streams is kept.
        if let Some(other) = self.output.get_mut(1 - stream)
            && !other.is_empty()
        {
            self.face.write(stream == 0, other);
            other.clear();
        }
        if let Some(output) = self.output.get_mut(stream) {
            output.extend_from_slice(bytes);
            if output.len() >= OUTPUT {
                self.face.write(stream == 1, output);
                output.clear();
            }
        }
        Ok(())
    }

    fn entropy(&mut self) -> [u64; 2] {
        let word = || u64::from(self.face.random()) << 32 | u64::from(self.face.random());
        [word(), word()]
    }

    fn progress(&mut self, fuel_left: u64, memory_used: usize) {
        self.fuel_left = match fuel_left {
            u64::MAX => -1.0,
            left => left as f64,
        };
        self.heap_used = memory_used;
    }

    fn interrupted(&mut self) -> bool {
        if self.output.iter().any(|output| !output.is_empty()) {
            self.flush_output();
        }
        let memory = self.heap_used + self.world_used();
        if self.stopping == 0 && self.timed && !self.face.go_on(self.fuel_left, memory as f64) {
            self.stopping = stop::TIME;
        }
        self.stopping != 0
    }

    fn open(&mut self, name: &[u8], mode: OpenMode) -> HostResult<FileId> {
        self.files.open(name, mode)
    }

    fn peek(&mut self, file: FileId) -> HostResult<&[u8]> {
        match file {
            FileId::STDIN => {
                if self.input_at >= self.input.len() {
                    self.input.clear();
                    self.input_at = 0;
                    self.face.read(&mut self.input);
                }
                Ok(self.input.get(self.input_at..).unwrap_or_default())
            }
            FileId::STDOUT | FileId::STDERR => Err(HostError::bad_file()),
            file => self.files.peek(file),
        }
    }

    fn consume(&mut self, file: FileId, n: usize) {
        if file == FileId::STDIN {
            self.input_at = self.input_at.saturating_add(n);
        } else {
            self.files.consume(file, n);
        }
    }

    fn seek(&mut self, file: FileId, from: Whence, offset: i64) -> HostResult<u64> {
        no_stream(file, 29, "Illegal seek")?;
        self.files.seek(file, from, offset)
    }

    fn set_buffering(&mut self, file: FileId, buffering: Buffering) -> HostResult<()> {
        if file == FileId::STDIN || stream(file).is_some() {
            return Ok(());
        }
        self.files.set_buffering(file, buffering)
    }

    fn flush(&mut self, file: FileId) -> HostResult<()> {
        if stream(file).is_some() {
            self.flush_output();
            return Ok(());
        }
        if file == FileId::STDIN {
            return Ok(());
        }
        self.files.flush(file)
    }

    fn close(&mut self, file: FileId) -> HostResult<Option<ProcessEnd>> {
        no_stream(file, 9, "Bad file descriptor")?;
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

    fn variable(&mut self, name: &[u8]) -> Option<Vec<u8>> {
        let mut known = self.variables.iter();
        known
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.clone())
    }

    fn processor_time(&mut self) -> f64 {
        (self.face.ticks() - self.started) / 1000.0
    }

    fn now(&mut self) -> i64 {
        (self.face.now() / 1000.0).floor() as i64
    }

    fn local_zone(&mut self, time: i64) -> LocalZone {
        let minutes = self.face.zone(time as f64 * 1000.0);
        if !minutes.is_finite() || minutes == 0.0 {
            return LocalZone {
                offset: 0,
                is_dst: false,
                name: "UTC".to_owned(),
            };
        }
        let offset = (minutes * 60.0) as i32;
        // Summer time is in force where the clock is ahead of what it is at the year's other half.
        let half_year = 182 * 86_400;
        let others = [time - half_year, time + half_year];
        let is_dst = others
            .iter()
            .any(|other| self.face.zone(*other as f64 * 1000.0) < minutes);
        let sign = if offset < 0 { '-' } else { '+' };
        let (hours, rest) = (offset.abs() / 3600, offset.abs() % 3600 / 60);
        LocalZone {
            offset,
            is_dst,
            name: format!("{sign}{hours:02}{rest:02}"),
        }
    }
}
