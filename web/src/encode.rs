//! Lua values to messages.
//!
//! What it is not: it does not decide what JavaScript makes of a message.
//! Tables are copied with all that they lead to, without metamethods; each is written once, and again as a reference.
//! Nothing recurses: the tables that are open lie on Lua's stack, two slots each (the table, and the key that is next),
//! so depth is bounded as Lua's own is.

use cu_stdlib::bigint;
use cu_vm::{Slot, Thrown, View, Vm};
use hashbrown::HashTable;

use crate::bridge::host;
use crate::registry;
use crate::wire::{Full, Writer, tag};

/// A table that is being written.
struct Open {
    head: usize,
    /// Keys 1 to this came first, in order.
    n_array: u32,
    n_pairs: u32,
    /// Of the pairs: all keys are strings in UTF-8, and no function has the key `then`; all are integers, and the largest.
    all_text: bool,
    all_integers: bool,
    largest: i64,
    /// The key was a table, which is being written; the value comes after it.
    value_due: bool,
}

/// Tables by identity, with their numbers.
#[derive(Default)]
struct Seen(HashTable<(u64, u32)>);

impl Seen {
    fn hash(identity: u64) -> u64 {
        identity.wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(32)
    }

    /// The number of a table that has been seen; `None` if it is new, and then has a number.
    fn number(&mut self, identity: u64) -> Result<Option<u32>, Full> {
        let hash = Self::hash(identity);
        if let Some((_, n)) = self.0.find(hash, |(known, _)| *known == identity) {
            return Ok(Some(*n));
        }
        let n = u32::try_from(self.0.len()).map_err(|_| Full)?;
        let room = self.0.try_reserve(1, |(known, _)| Self::hash(*known));
        room.map_err(|_| Full)?;
        self.0
            .insert_unique(hash, (identity, n), |(known, _)| Self::hash(*known));
        Ok(None)
    }
}

/// As [`Vm::next`], for a table whose entries are in a store.
#[cold]
fn next_of_external(vm: &mut Vm, table: Slot, key: Slot) -> Result<bool, Thrown> {
    let entry = vm.top();
    vm.push_native(&cu_stdlib::base::NEXT)?;
    vm.push_slot(table)?;
    vm.push_slot(key)?;
    vm.call(2, Some(2))?;
    if vm.is_none_or_nil(entry) {
        vm.set_top(entry)?;
        return Ok(false);
    }
    Ok(true)
}

/// Writes values of one machine into one message.
pub struct Encoder {
    writer: Writer,
    seen: Seen,
    open: Vec<Open>,
    mark_floats: bool,
    as_bytes: bool,
}

/// What can go wrong on the way: an error of the machine's, or a message that is too large.
enum Failed {
    Thrown(Thrown),
    Full,
}

impl From<Thrown> for Failed {
    fn from(thrown: Thrown) -> Failed {
        Failed::Thrown(thrown)
    }
}
impl From<Full> for Failed {
    fn from(_: Full) -> Failed {
        Failed::Full
    }
}

impl Encoder {
    /// Begins a message in `buffer`.
    pub fn new(vm: &mut Vm, buffer: Vec<u8>) -> Encoder {
        let books = &host(vm).books;
        Encoder {
            writer: Writer::new(buffer, books.message_limit),
            seen: Seen::default(),
            open: Vec::new(),
            mark_floats: books.mark_floats,
            as_bytes: books.strings_as_bytes,
        }
    }

    /// The buffer with the message.
    pub fn finish(self) -> Vec<u8> {
        self.writer.finish()
    }

    /// Writes a count or an id.
    pub fn word(&mut self, vm: &mut Vm, word: u32) -> Result<(), Thrown> {
        self.writer.word(word).map_err(|Full| vm.out_of_memory())
    }

    /// Writes bytes as a string value.
    pub fn string(&mut self, vm: &mut Vm, bytes: &[u8]) -> Result<(), Thrown> {
        let written = self.writer.string(bytes, false);
        written.map(|_| ()).map_err(|Full| vm.out_of_memory())
    }

    /// Writes a tag and an id.
    pub fn tagged(&mut self, vm: &mut Vm, tag: u8, id: u32) -> Result<(), Thrown> {
        let written = self.writer.tagged(tag, id);
        written.map_err(|Full| vm.out_of_memory())
    }

    /// Writes the value in `slot`.
    #[inline]
    pub fn value(&mut self, vm: &mut Vm, slot: Slot) -> Result<(), Thrown> {
        match self.any(vm, slot) {
            Ok(()) => Ok(()),
            Err(Failed::Thrown(thrown)) => Err(thrown),
            Err(Failed::Full) => Err(vm.out_of_memory()),
        }
    }

    #[inline]
    fn any(&mut self, vm: &mut Vm, slot: Slot) -> Result<(), Failed> {
        if self.scalar(vm, slot)? {
            return Ok(());
        }
        let bottom = vm.top();
        vm.push_slot(slot)?;
        self.begin(vm)?;
        while !self.open.is_empty() {
            self.step(vm)?;
        }
        vm.set_top(bottom)?;
        Ok(())
    }

    /// Writes the value in `slot` unless it is a table that has to be begun.
    #[inline]
    fn scalar(&mut self, vm: &mut Vm, slot: Slot) -> Result<bool, Failed> {
        match vm.view(slot) {
            View::None | View::Nil => self.writer.byte(tag::NIL)?,
            View::Boolean(b) => self.writer.byte(if b { tag::TRUE } else { tag::FALSE })?,
            View::Integer(i) => self.writer.integer(i)?,
            View::Float(f) => self.writer.float(f, self.mark_floats)?,
            View::String(bytes) => {
                self.writer.string(bytes, self.as_bytes)?;
            }
            View::Table => return self.back(vm, slot),
            View::Function => self.function(vm, slot)?,
            View::Thread => {
                let id = registry::hold(vm, slot)?;
                self.writer.tagged(tag::THREAD, id)?;
            }
            View::Userdata | View::LightUserdata => self.userdata(vm, slot)?,
        }
        Ok(true)
    }

    fn userdata(&mut self, vm: &mut Vm, slot: Slot) -> Result<(), Failed> {
        if let Some(bytes) = bigint::to_bytes(vm, slot) {
            self.writer.big(bytes)?;
        } else if let Some(id) = registry::host_object(vm, slot)? {
            self.writer.tagged(tag::HOST_OBJECT, id)?;
        } else {
            let id = registry::hold(vm, slot)?;
            self.writer.tagged(tag::USERDATA, id)?;
        }
        Ok(())
    }

    fn function(&mut self, vm: &mut Vm, slot: Slot) -> Result<(), Failed> {
        let id = registry::id_of(vm, slot)?;
        if id < 0 {
            let id = u32::try_from(-id).map_err(|_| Full)?;
            self.writer.tagged(tag::HOST_FUNCTION, id)?;
        } else {
            let id = registry::hold(vm, slot)?;
            self.writer.tagged(tag::FUNCTION, id)?;
        }
        Ok(())
    }

    /// Writes a reference to a table that has been begun; false, and a number for it, if it has not.
    fn back(&mut self, vm: &mut Vm, slot: Slot) -> Result<bool, Failed> {
        let identity = vm.pointer(slot).unwrap_or_default();
        match self.seen.number(identity)? {
            Some(n) => {
                self.writer.tagged(tag::BACK, n)?;
                Ok(true)
            }
            None => Ok(false),
        }
    }

    /// Begins the table on top of the stack.
    fn begin(&mut self, vm: &mut Vm) -> Result<(), Failed> {
        self.open.try_reserve(1).map_err(|_| Full)?;
        vm.push_nil()?;
        self.open.push(Open {
            head: self.writer.head()?,
            n_array: 0,
            n_pairs: 0,
            all_text: true,
            all_integers: true,
            largest: 0,
            value_due: false,
        });
        Ok(())
    }

    /// Writes entries of the innermost open table, until there are no more or one of them is a table to be begun.
    fn step(&mut self, vm: &mut Vm) -> Result<(), Failed> {
        let key = vm.top().below(1);
        let table = key.below(1);
        loop {
            let more = match vm.external_id(table) {
                0 => vm.next(table, key)?,
                _ => next_of_external(vm, table, key)?,
            };
            if !more {
                self.end();
                vm.pop(2);
                return self.resume_parent(vm);
            }
            // table, key, the new key, its value
            vm.copy(key.offset(1), key);
            vm.remove(key.offset(1));
            if !self.key(vm, key)? {
                // The key is a table: it is begun first.
                vm.push_slot(key)?;
                return self.begin(vm);
            }
            let value = key.offset(1);
            if !self.scalar(vm, value)? {
                return self.begin(vm);
            }
            vm.pop(1);
        }
    }

    /// Writes the key of an entry, if it is to be written and is no table to be begun: then false.
    #[inline]
    fn key(&mut self, vm: &mut Vm, key: Slot) -> Result<bool, Failed> {
        let Some(open) = self.open.last_mut() else {
            return Ok(true);
        };
        match vm.view(key) {
            View::Integer(i) => {
                if open.n_pairs == 0 && i == i64::from(open.n_array) + 1 {
                    open.n_array += 1;
                    return Ok(true);
                }
                open.n_pairs += 1;
                open.all_text = false;
                open.all_integers &= i > 0;
                open.largest = open.largest.max(i);
                self.writer.integer(i)?;
                Ok(true)
            }
            View::String(bytes) => {
                open.n_pairs += 1;
                open.all_integers = false;
                // A key that is text stays text, so that an object can have it.
                open.all_text &= self.writer.string(bytes, false)?;
                if bytes == b"then" {
                    // JavaScript would call what an object has by this name wherever it waits for it.
                    let value = vm.view(key.offset(1));
                    open.all_text &= !matches!(value, View::Function | View::Userdata);
                }
                Ok(true)
            }
            _ => {
                open.n_pairs += 1;
                open.all_integers = false;
                open.all_text = false;
                let written = self.scalar(vm, key)?;
                if !written && let Some(open) = self.open.last_mut() {
                    open.value_due = true;
                }
                Ok(written)
            }
        }
    }

    /// All entries of the innermost open table are written.
    fn end(&mut self) {
        let Some(open) = self.open.pop() else { return };
        let (a, b) = (open.n_array, open.n_pairs);
        let kind = if b == 0 && a > 0 {
            tag::ARRAY
        } else if a == 0 && open.all_text {
            tag::OBJECT
        } else if open.all_integers && open.largest == i64::from(a) + i64::from(b) {
            tag::SPREAD
        } else {
            tag::MAP
        };
        self.writer.set_head(open.head, kind, a, b);
    }

    /// A table has been written and taken off the stack: what its parent has to do before its next entry.
    fn resume_parent(&mut self, vm: &mut Vm) -> Result<(), Failed> {
        // The stack: the parent, its key, and the value if the table was the key; else nothing.
        match self.open.last_mut() {
            Some(open) if open.value_due => open.value_due = false,
            _ => return Ok(()),
        }
        let value = vm.top().below(1);
        if !self.scalar(vm, value)? {
            return self.begin(vm);
        }
        vm.pop(1);
        Ok(())
    }
}
