//! The world as a program in the module sees it: nothing of the real machine.
//!
//! Files are in memory and empty unless the embedder puts some there; standard input is at its end; standard output
//! is captured; standard error goes nowhere, as the module has none. The clock shows what the host set last, before
//! that what the imported clock says, and 0 if the module imports none; all in universal time. Environment variables
//! are those that the host set. There are no processes.

use std::rc::Rc;

#[cfg(feature = "system")]
use cu_stdlib::memory_fs::MemoryFiles;
#[cfg(feature = "system")]
use cu_vm::{Buffering, OpenMode, ProcessEnd, Whence};
use cu_vm::{FileId, Host, HostError, HostResult};

use crate::capture::Capture;

/// What the module's edge lends the machine: nothing, for a module that runs natively in a test.
#[derive(Clone, Copy, Debug, Default)]
pub struct Edge {
    /// The imported clock, in milliseconds since 1970.
    pub clock: Option<fn() -> f64>,
    /// Whether the host wants the running program to end.
    pub interrupted: Option<fn() -> bool>,
    /// Told when it has ended for that reason.
    pub acknowledge: Option<fn()>,
}

/// The host of the module's machine.
pub struct ModuleHost {
    capture: Rc<Capture>,
    edge: Edge,
    seed: u64,
    /// The files, which the embedder may fill and read between calls.
    #[cfg(feature = "system")]
    pub files: MemoryFiles,
    /// Names and values, in the order in which they were set.
    variables: Vec<(Vec<u8>, Vec<u8>)>,
    /// What the clock was set to, in milliseconds since 1970.
    time: Option<f64>,
    /// The first time that was set or asked for: processor time is counted from there.
    start: Option<f64>,
}

impl ModuleHost {
    /// A host that writes to `capture`.
    pub fn new(capture: Rc<Capture>, edge: Edge) -> ModuleHost {
        ModuleHost {
            capture,
            edge,
            seed: 0,
            #[cfg(feature = "system")]
            files: MemoryFiles::new(),
            variables: Vec::new(),
            time: None,
            start: None,
        }
    }

    /// Sets the clock, in milliseconds since 1970; what is no number makes it show the imported clock again.
    pub fn set_time(&mut self, milliseconds: f64) {
        self.time = milliseconds.is_finite().then_some(milliseconds);
        if let Some(time) = self.time {
            self.start.get_or_insert(time);
        }
    }

    /// Sets what [`Host::entropy`] gives from now on.
    pub fn set_seed(&mut self, seed: [u64; 2]) {
        let [first, second] = seed;
        self.seed = first;
        self.seed = self.next_word() ^ second;
    }

    /// What the clock shows.
    #[cfg(feature = "system")]
    fn milliseconds(&self) -> f64 {
        let imported = || self.edge.clock.map(|clock| clock());
        let shown = self.time.or_else(imported).unwrap_or_default();
        if shown.is_finite() { shown } else { 0.0 }
    }

    /// Forgets the output.
    pub fn clear_output(&mut self) {
        self.capture.clear();
    }

    /// The program has ended because the host wanted it to.
    pub fn acknowledge_interrupt(&mut self) {
        if let Some(acknowledge) = self.edge.acknowledge {
            acknowledge();
        }
    }

    /// Sets an environment variable.
    pub fn set_variable(&mut self, name: &[u8], value: &[u8]) {
        self.variables.retain(|(known, _)| known != name);
        self.variables.push((name.to_vec(), value.to_vec()));
    }

    /// One step of splitmix64.
    fn next_word(&mut self) -> u64 {
        self.seed = self.seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.seed ^ (self.seed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
}

#[cfg(feature = "system")]
/// Whether it is one of the three streams, which are not files in memory.
fn is_stream(file: FileId) -> bool {
    file.0 <= FileId::STDERR.0
}

#[cfg(feature = "system")]
/// Streams can be neither read nor moved in.
fn no_stream(file: FileId, code: i32, message: &str) -> HostResult<()> {
    if is_stream(file) {
        Err(HostError::new(code, message))
    } else {
        Ok(())
    }
}

impl Host for ModuleHost {
    fn write(&mut self, file: FileId, bytes: &[u8]) -> HostResult<()> {
        match file {
            FileId::STDIN => Err(HostError::bad_file()),
            FileId::STDOUT => {
                self.capture.append(bytes);
                Ok(())
            }
            FileId::STDERR => Ok(()),
            #[cfg(feature = "system")]
            file => self.files.write(file, bytes),
            #[cfg(not(feature = "system"))]
            _ => Err(HostError::bad_file()),
        }
    }

    /// A fixed sequence: the same program gives the same numbers on every engine.
    fn entropy(&mut self) -> [u64; 2] {
        [self.next_word(), self.next_word()]
    }

    #[cfg(feature = "system")]
    fn open(&mut self, name: &[u8], mode: OpenMode) -> HostResult<FileId> {
        self.files.open(name, mode)
    }

    #[cfg(feature = "system")]
    fn peek(&mut self, file: FileId) -> HostResult<&[u8]> {
        match file {
            FileId::STDIN => Ok(self.files.input()),
            FileId::STDOUT | FileId::STDERR => Err(HostError::bad_file()),
            file => self.files.peek(file),
        }
    }

    #[cfg(feature = "system")]
    fn consume(&mut self, file: FileId, n: usize) {
        match file {
            FileId::STDIN => self.files.consume_input(n),
            file => self.files.consume(file, n),
        }
    }

    #[cfg(feature = "system")]
    fn seek(&mut self, file: FileId, from: Whence, offset: i64) -> HostResult<u64> {
        no_stream(file, 29, "Illegal seek")?;
        self.files.seek(file, from, offset)
    }

    #[cfg(feature = "system")]
    fn set_buffering(&mut self, file: FileId, buffering: Buffering) -> HostResult<()> {
        if is_stream(file) {
            return Ok(());
        }
        self.files.set_buffering(file, buffering)
    }

    #[cfg(feature = "system")]
    fn flush(&mut self, file: FileId) -> HostResult<()> {
        if is_stream(file) {
            return Ok(());
        }
        self.files.flush(file)
    }

    #[cfg(feature = "system")]
    fn close(&mut self, file: FileId) -> HostResult<Option<ProcessEnd>> {
        no_stream(file, 9, "Bad file descriptor")?;
        self.files.close(file).map(|()| None)
    }

    #[cfg(feature = "system")]
    fn temporary_file(&mut self) -> HostResult<FileId> {
        self.files.temporary_file()
    }

    #[cfg(feature = "system")]
    fn temporary_name(&mut self) -> HostResult<Vec<u8>> {
        self.files.temporary_name()
    }

    #[cfg(feature = "system")]
    fn remove(&mut self, name: &[u8]) -> HostResult<()> {
        self.files.remove(name)
    }

    #[cfg(feature = "system")]
    fn rename(&mut self, from: &[u8], to: &[u8]) -> HostResult<()> {
        self.files.rename(from, to)
    }

    fn memory_used(&self) -> usize {
        let used = self.capture.memory_used();
        #[cfg(feature = "system")]
        let used = used.saturating_add(self.files.memory_used());
        used
    }

    fn set_memory_room(&mut self, bytes: usize) {
        self.capture.set_memory_room(bytes);
        #[cfg(feature = "system")]
        self.files.set_memory_room(bytes);
    }

    #[cfg(feature = "system")]
    fn variable(&mut self, name: &[u8]) -> Option<Vec<u8>> {
        let mut known = self.variables.iter();
        known
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.clone())
    }

    #[cfg(feature = "system")]
    fn processor_time(&mut self) -> f64 {
        let now = self.milliseconds();
        if self.time.is_none() && self.edge.clock.is_none() {
            return 0.0;
        }
        (now - *self.start.get_or_insert(now)) / 1000.0
    }

    #[cfg(feature = "system")]
    fn now(&mut self) -> i64 {
        (self.milliseconds() / 1000.0).floor() as i64
    }

    fn interrupted(&mut self) -> bool {
        self.edge
            .interrupted
            .is_some_and(|interrupted| interrupted())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host() -> ModuleHost {
        ModuleHost::new(Rc::new(Capture::default()), Edge::default())
    }

    #[test]
    fn entropy_is_a_fixed_sequence() {
        assert_eq!(host().entropy(), host().entropy());
        let [first, second] = host().entropy();
        assert_ne!(first, second);
    }

    #[test]
    #[cfg(feature = "system")]
    fn time_stands_where_it_was_set() {
        let mut host = host();
        assert_eq!((host.now(), host.processor_time()), (0, 0.0));
        host.set_time(1_500.0);
        assert_eq!((host.now(), host.processor_time()), (1, 0.0));
        host.set_time(3_500.0);
        assert_eq!((host.now(), host.processor_time()), (3, 2.0));
    }

    #[test]
    #[cfg(feature = "system")]
    fn an_imported_clock_shows_unless_a_time_is_set() {
        let clock: fn() -> f64 = || 7_500.0;
        let edge = Edge {
            clock: Some(clock),
            ..Edge::default()
        };
        let mut host = ModuleHost::new(Rc::new(Capture::default()), edge);
        assert_eq!((host.now(), host.processor_time()), (7, 0.0));
        host.set_time(1_000.0);
        assert_eq!(host.now(), 1);
        host.set_time(f64::NAN);
        assert_eq!(host.now(), 7);
    }

    #[test]
    fn a_seed_fixes_the_entropy() {
        let seeded = |seed| {
            let mut host = host();
            host.set_seed(seed);
            host.entropy()
        };
        assert_eq!(seeded([1, 2]), seeded([1, 2]));
        assert_ne!(seeded([1, 2]), seeded([1, 3]));
        assert_ne!(seeded([1, 2]), seeded([2, 2]));
    }

    #[test]
    #[cfg(feature = "system")]
    fn variables_are_those_that_were_set() {
        let mut host = host();
        assert_eq!(host.variable(b"PATH"), None);
        host.set_variable(b"PATH", b"a");
        host.set_variable(b"PATH", b"b");
        assert_eq!(host.variable(b"PATH").as_deref(), Some(&b"b"[..]));
    }
}
