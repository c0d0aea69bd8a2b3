//! Files in memory: what a [`Host`](cu_vm::Host) without an operating system gives programs instead of a disk.
//!
//! What it is not: it is no host. It has the file methods of the trait under their names, and a host passes them on;
//! the standard streams (numbers 0 to 2) are the host's own.
//!
//! ```text
//!   names:  "a"         directory          open:  3 -> node 0, position, pending bytes
//!           "a/b.lua"   node 0                    4 -> a directory
//!           "tmp"       directory          nodes: 0 -> bytes, 2 users (a name, an open file)
//! ```
//!
//! As on Unix, a file lives as long as it has a name or is open, and there is one tree; programs stand at its root,
//! so `a`, `./a` and `/a` are the same. Programs cannot make directories: those of a file that the embedder
//! [puts](MemoryFiles::put) are implied, and `tmp` is there from the start.
//!
//! What files take is counted by the capacity of their buffers, and grows only within the room that the machine
//! gives before each call; past that, "No space left on device".

mod input;
mod names;
mod slots;
mod space;

use cu_vm::{Buffering, FileId, HostError, HostResult, OpenMode, Whence};

use self::input::Input;
use self::names::Names;
use self::slots::Slots;
use self::space::{Space, no_space};

/// Number of the first file that is no standard stream.
const FIRST_ID: u32 = 3;

/// Bytes that wait before they are written, unless the program says otherwise; as C's stdio on files.
const BUFFER: usize = 4096;

/// What a name or an open file is counted as, beyond its bytes.
const OVERHEAD: usize = 96;

/// The files.
#[derive(Debug, Default)]
pub struct MemoryFiles {
    /// By normal name: parts joined by slashes, none in front.
    names: Names<Entry>,
    nodes: Slots<Node>,
    open: Slots<OpenFile>,
    input: Input,
    space: Space,
    n_temporary: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Entry {
    Directory,
    File(usize),
}

/// A file's contents.
#[derive(Debug)]
struct Node {
    bytes: Vec<u8>,
    /// Names and open files that lead here.
    n_users: u32,
}

#[derive(Debug)]
struct OpenFile {
    entry: Entry,
    mode: OpenMode,
    position: usize,
    buffering: Buffering,
    /// Written, but not yet to the node.
    pending: Vec<u8>,
}

#[cold]
fn no_entry() -> HostError {
    HostError::new(2, "No such file or directory")
}
#[cold]
fn not_a_directory() -> HostError {
    HostError::new(20, "Not a directory")
}
#[cold]
fn is_a_directory() -> HostError {
    HostError::new(21, "Is a directory")
}
#[cold]
fn invalid() -> HostError {
    HostError::new(22, "Invalid argument")
}

/// A name with its parts joined by single slashes; whether it must be a directory's.
fn normal(name: &[u8]) -> HostResult<(Vec<u8>, bool)> {
    if name.is_empty() {
        return Err(no_entry());
    }
    let mut parts: Vec<&[u8]> = Vec::new();
    for part in name.split(|&b| b == b'/') {
        match part {
            b"" | b"." => {}
            b".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    let ends = [&b"/"[..], b"/.", b"/.."];
    let is_directory = ends.iter().any(|end| name.ends_with(end)) || parts.is_empty();
    Ok((parts.join(&b'/'), is_directory))
}

impl MemoryFiles {
    /// No files, and a directory `tmp`.
    pub fn new() -> MemoryFiles {
        let mut files = MemoryFiles::default();
        files.space.room = usize::MAX / 2;
        files.names.insert(b"tmp".to_vec(), Entry::Directory);
        files
    }

    // ---- for the embedder -----------------------------------------------------------------------------

    /// Gives a file this content; it and its directories are made if they are not there.
    pub fn put(&mut self, name: &[u8], content: &[u8]) -> HostResult<()> {
        self.put_at(name, content, false)
    }

    /// As [`MemoryFiles::put`], but what the file contains stays, and the content follows it.
    pub fn append(&mut self, name: &[u8], content: &[u8]) -> HostResult<()> {
        self.put_at(name, content, true)
    }

    fn put_at(&mut self, name: &[u8], content: &[u8], append: bool) -> HostResult<()> {
        let (name, _) = normal(name)?;
        let slashes = (0..name.len()).filter(|&i| name.get(i) == Some(&b'/'));
        for end in slashes {
            let directory = name.get(..end).unwrap_or_default();
            match self.entry(directory) {
                Some(Entry::Directory) => {}
                Some(Entry::File(_)) => return Err(not_a_directory()),
                None => {
                    self.space.take(OVERHEAD + end)?;
                    self.names.insert(directory.to_vec(), Entry::Directory);
                }
            }
        }
        let mode = OpenMode {
            read: false,
            write: true,
            append,
            truncate: !append,
            create: true,
        };
        let file = self.open(&name, mode)?;
        let written = self.write(file, content);
        let closed = self.close(file);
        written.and(closed)
    }

    /// What a file contains.
    pub fn get(&self, name: &[u8]) -> Option<&[u8]> {
        let (name, _) = normal(name).ok()?;
        match self.entry(&name)? {
            Entry::Directory => None,
            Entry::File(node) => Some(&self.nodes.get(node)?.bytes),
        }
    }

    /// The names of all files, in order, without a slash in front.
    pub fn names(&self) -> impl Iterator<Item = &[u8]> {
        let files = self.names.iter();
        files
            .filter(|(_, entry)| matches!(entry, Entry::File(_)))
            .map(|(name, _)| name)
    }

    /// Puts bytes behind those that wait to be read from standard input.
    pub fn give_input(&mut self, bytes: &[u8]) -> HostResult<()> {
        self.input.give(bytes, &mut self.space)
    }

    /// What waits to be read from standard input.
    pub fn input(&self) -> &[u8] {
        self.input.waiting()
    }

    /// The first `n` bytes of standard input are read.
    pub fn consume_input(&mut self, n: usize) {
        self.input.consume(n, &mut self.space);
    }

    /// Bytes of memory that everything takes.
    pub fn memory_used(&self) -> usize {
        self.space.used
    }

    /// How many more bytes it may take from now on.
    pub fn set_memory_room(&mut self, bytes: usize) {
        self.space.room = bytes;
    }

    // ---- the file methods of a host -----------------------------------------------------------------------

    /// See [`Host::open`](cu_vm::Host::open).
    pub fn open(&mut self, name: &[u8], mode: OpenMode) -> HostResult<FileId> {
        let (name, must_be_directory) = normal(name)?;
        let entry = match self.find(&name)? {
            Some(Entry::Directory) if mode.write => return Err(is_a_directory()),
            Some(Entry::Directory) => return self.add_open(Entry::Directory, mode),
            Some(_) if must_be_directory => return Err(not_a_directory()),
            Some(entry) => entry,
            None if !mode.create => return Err(no_entry()),
            None if must_be_directory => return Err(is_a_directory()),
            None => {
                self.space.take(OVERHEAD + name.len())?;
                let entry = Entry::File(self.add_node());
                self.names.insert(name, entry);
                self.use_node(entry);
                entry
            }
        };
        let file = self.add_open(entry, mode)?;
        if mode.truncate
            && let Entry::File(node) = entry
            && let Some(node) = self.nodes.get_mut(node)
        {
            self.space.free(std::mem::take(&mut node.bytes));
        }
        Ok(file)
    }

    /// See [`Host::peek`](cu_vm::Host::peek).
    pub fn peek(&mut self, file: FileId) -> HostResult<&[u8]> {
        self.flush(file)?;
        let open = self.get_open(file)?;
        if !open.mode.read {
            return Err(HostError::bad_file());
        }
        let position = open.position;
        match open.entry {
            Entry::Directory => Err(is_a_directory()),
            Entry::File(node) => {
                let node = self.nodes.get(node);
                Ok(node
                    .and_then(|node| node.bytes.get(position..))
                    .unwrap_or_default())
            }
        }
    }

    /// See [`Host::consume`](cu_vm::Host::consume).
    pub fn consume(&mut self, file: FileId, n: usize) {
        if let Ok(open) = self.get_open(file) {
            open.position = open.position.saturating_add(n);
        }
    }

    /// See [`Host::write`](cu_vm::Host::write).
    pub fn write(&mut self, file: FileId, bytes: &[u8]) -> HostResult<()> {
        let index = index_of(file)?;
        let Some(open) = self.open.get_mut(index) else {
            return Err(HostError::bad_file());
        };
        if !open.mode.write {
            return Err(HostError::bad_file());
        }
        let waits = match open.buffering {
            Buffering::None => false,
            Buffering::Line => memchr::memrchr(b'\n', bytes).is_none(),
            Buffering::Full(size) => open.pending.len().saturating_add(bytes.len()) <= size,
        };
        if waits {
            self.space.grow(&mut open.pending, bytes.len())?;
            open.pending.extend_from_slice(bytes);
            return Ok(());
        }
        self.flush(file)?;
        self.store(index, bytes)
    }

    /// See [`Host::seek`](cu_vm::Host::seek).
    pub fn seek(&mut self, file: FileId, from: Whence, offset: i64) -> HostResult<u64> {
        self.flush(file)?;
        let open = self.get_open(file)?;
        let (entry, position) = (open.entry, open.position);
        let start = match (from, entry) {
            (Whence::Start, _) | (Whence::End, Entry::Directory) => 0,
            (Whence::Current, _) => position,
            (Whence::End, Entry::File(node)) => {
                self.nodes.get(node).map_or(0, |node| node.bytes.len())
            }
        };
        let position = i64::try_from(start).map_err(|_| invalid())?;
        let position = position.checked_add(offset).ok_or_else(invalid)?;
        let position = usize::try_from(position).map_err(|_| invalid())?;
        self.get_open(file)?.position = position;
        Ok(position as u64)
    }

    /// See [`Host::set_buffering`](cu_vm::Host::set_buffering).
    pub fn set_buffering(&mut self, file: FileId, buffering: Buffering) -> HostResult<()> {
        self.flush(file)?;
        self.get_open(file)?.buffering = buffering;
        Ok(())
    }

    /// See [`Host::flush`](cu_vm::Host::flush).
    pub fn flush(&mut self, file: FileId) -> HostResult<()> {
        let open = self.get_open(file)?;
        if open.pending.is_empty() {
            return Ok(());
        }
        let mut pending = std::mem::take(&mut open.pending);
        let result = self.store(index_of(file)?, &pending);
        pending.clear();
        self.get_open(file)?.pending = pending;
        result
    }

    /// See [`Host::close`](cu_vm::Host::close).
    pub fn close(&mut self, file: FileId) -> HostResult<()> {
        let result = self.flush(file);
        let Some(open) = self.open.take(index_of(file)?) else {
            return Err(HostError::bad_file());
        };
        self.space.free(open.pending);
        self.space.give(OVERHEAD);
        self.leave_node(open.entry);
        result
    }

    /// See [`Host::temporary_file`](cu_vm::Host::temporary_file).
    pub fn temporary_file(&mut self) -> HostResult<FileId> {
        let entry = Entry::File(self.add_node());
        let mode = OpenMode {
            read: true,
            write: true,
            append: false,
            truncate: true,
            create: true,
        };
        // The node has no user if it cannot be opened.
        self.use_node(entry);
        let file = self.add_open(entry, mode);
        self.leave_node(entry);
        file
    }

    /// See [`Host::temporary_name`](cu_vm::Host::temporary_name). The names are `/tmp/lua_000001` and so on.
    pub fn temporary_name(&mut self) -> HostResult<Vec<u8>> {
        loop {
            self.n_temporary = self.n_temporary.wrapping_add(1);
            let mut name = b"/tmp/lua_".to_vec();
            for place in (0..6).rev() {
                name.push(b'0' + (self.n_temporary / 10_u32.pow(place) % 10) as u8);
            }
            if self.get(&name).is_none() {
                self.put(&name, b"")?;
                return Ok(name);
            }
        }
    }

    /// See [`Host::remove`](cu_vm::Host::remove).
    pub fn remove(&mut self, name: &[u8]) -> HostResult<()> {
        let (name, must_be_directory) = normal(name)?;
        if name.is_empty() {
            return Err(HostError::new(16, "Device or resource busy"));
        }
        match self.find(&name)?.ok_or_else(no_entry)? {
            Entry::Directory if self.has_children(&name) => {
                return Err(HostError::new(39, "Directory not empty"));
            }
            Entry::File(_) if must_be_directory => return Err(not_a_directory()),
            _ => {}
        }
        self.forget_name(&name);
        Ok(())
    }

    /// See [`Host::rename`](cu_vm::Host::rename).
    pub fn rename(&mut self, from: &[u8], to: &[u8]) -> HostResult<()> {
        let (from, from_is_directory) = normal(from)?;
        let (to, to_is_directory) = normal(to)?;
        let entry = self.find(&from)?.ok_or_else(no_entry)?;
        let target = self.find(&to)?;
        let is_file = matches!(entry, Entry::File(_));
        if is_file && (from_is_directory || to_is_directory) {
            return Err(not_a_directory());
        }
        if from == to {
            return Ok(());
        }
        let inside = [&from[..], b"/"].concat();
        match target {
            _ if from.is_empty() || to.is_empty() => {
                return Err(HostError::new(16, "Device or resource busy"));
            }
            _ if to.starts_with(&inside) => return Err(invalid()),
            Some(Entry::Directory) if is_file => return Err(is_a_directory()),
            Some(Entry::File(_)) if !is_file => return Err(not_a_directory()),
            Some(Entry::Directory) if self.has_children(&to) => {
                return Err(HostError::new(39, "Directory not empty"));
            }
            _ => {}
        }
        let n_moved = 1 + self.names.count(&inside);
        self.space
            .take(n_moved * to.len().saturating_sub(from.len()))?;
        self.space
            .give(n_moved * from.len().saturating_sub(to.len()));
        self.forget_name(&to);
        if let Some(entry) = self.names.remove(&from) {
            self.names.insert(to.clone(), entry);
        }
        self.names.move_all(&inside, &[&to[..], b"/"].concat());
        Ok(())
    }

    // ---- inside -------------------------------------------------------------------------------------------

    fn entry(&self, name: &[u8]) -> Option<Entry> {
        if name.is_empty() {
            return Some(Entry::Directory);
        }
        self.names.get(name).copied()
    }

    /// What a normal name stands for; an error if a directory on the way is not there or is a file.
    fn find(&self, name: &[u8]) -> HostResult<Option<Entry>> {
        if let Some(entry) = self.entry(name) {
            return Ok(Some(entry));
        }
        let Some(slash) = memchr::memrchr(b'/', name) else {
            return Ok(None);
        };
        match self.find(name.get(..slash).unwrap_or_default())? {
            Some(Entry::Directory) => Ok(None),
            Some(Entry::File(_)) => Err(not_a_directory()),
            None => Err(no_entry()),
        }
    }

    fn has_children(&self, directory: &[u8]) -> bool {
        self.names.count(&[directory, b"/"].concat()) > 0
    }

    fn forget_name(&mut self, name: &[u8]) {
        if let Some(entry) = self.names.remove(name) {
            self.space.give(OVERHEAD + name.len());
            self.leave_node(entry);
        }
    }

    fn add_node(&mut self) -> usize {
        self.nodes.add(Node {
            bytes: Vec::new(),
            n_users: 0,
        })
    }

    fn use_node(&mut self, entry: Entry) {
        if let Entry::File(node) = entry
            && let Some(node) = self.nodes.get_mut(node)
        {
            node.n_users += 1;
        }
    }

    /// One user less; without any the contents are freed.
    fn leave_node(&mut self, entry: Entry) {
        let Entry::File(number) = entry else { return };
        let Some(node) = self.nodes.get_mut(number) else {
            return;
        };
        node.n_users = node.n_users.saturating_sub(1);
        if node.n_users == 0
            && let Some(node) = self.nodes.take(number)
        {
            self.space.free(node.bytes);
        }
    }

    fn add_open(&mut self, entry: Entry, mode: OpenMode) -> HostResult<FileId> {
        self.space.take(OVERHEAD)?;
        let open = OpenFile {
            entry,
            mode,
            position: 0,
            buffering: Buffering::Full(BUFFER),
            pending: Vec::new(),
        };
        self.use_node(entry);
        let index = self.open.add(open);
        let number = u32::try_from(index).map_err(|_| no_space())?;
        Ok(FileId(FIRST_ID.saturating_add(number)))
    }

    fn get_open(&mut self, file: FileId) -> HostResult<&mut OpenFile> {
        self.open
            .get_mut(index_of(file)?)
            .ok_or_else(HostError::bad_file)
    }

    /// Writes to the node behind an open file, past its buffer.
    fn store(&mut self, index: usize, bytes: &[u8]) -> HostResult<()> {
        let Some(open) = self.open.get_mut(index) else {
            return Err(HostError::bad_file());
        };
        let Entry::File(node) = open.entry else {
            return Err(is_a_directory());
        };
        let Some(node) = self.nodes.get_mut(node) else {
            return Err(HostError::bad_file());
        };
        let content = &mut node.bytes;
        if open.mode.append {
            open.position = content.len();
        }
        let start = open.position;
        let end = start.checked_add(bytes.len()).ok_or_else(no_space)?;
        if bytes.is_empty() {
            return Ok(());
        }
        if end > content.len() {
            self.space.grow(content, end - content.len())?;
            // What was skipped reads as zero.
            content.resize(end, 0);
        }
        if let Some(place) = content.get_mut(start..end) {
            place.copy_from_slice(bytes);
        }
        open.position = end;
        Ok(())
    }
}

/// The place of a file among the open ones.
fn index_of(file: FileId) -> HostResult<usize> {
    let number = file.0.checked_sub(FIRST_ID);
    number
        .and_then(|number| usize::try_from(number).ok())
        .ok_or_else(HostError::bad_file)
}

#[cfg(test)]
mod tests;
