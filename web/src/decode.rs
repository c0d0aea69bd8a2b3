//! Messages to Lua values.
//!
//! What it is not: it trusts nobody. A message that makes no sense is an error, and memory is taken only as bytes for it
//! are there. Nothing recurses: open tables lie on Lua's stack, each with the key that waits for its value.

use cu_stdlib::bigint;
use cu_vm::{Slot, Thrown, Vm};

use crate::big::JavaScript;
use crate::registry;
use crate::wire::{Malformed, Reader, tag};

/// A table that is being filled.
struct Open {
    table: Slot,
    /// Index of the last value without a key.
    at: u32,
    n_array: u32,
    n_pairs: u32,
    /// The value on top of the stack, above the table, is a key.
    has_key: bool,
}

impl Open {
    /// What lies on top is complete: an element, a key, or the value of the key below it.
    #[inline]
    fn complete(&mut self, vm: &mut Vm) -> Result<(), Thrown> {
        let value = vm.top().below(1);
        if self.has_key {
            self.has_key = false;
            vm.raw_set(self.table, value.below(1), value)?;
            vm.pop(2);
        } else if self.at < self.n_array {
            self.at += 1;
            vm.raw_set_int(self.table, i64::from(self.at), value)?;
            vm.pop(1);
        } else {
            self.n_pairs = self.n_pairs.saturating_sub(1);
            self.has_key = true;
        }
        Ok(())
    }
}

/// Why a message did not become values.
enum Failed {
    Thrown(Thrown),
    Malformed,
}

impl From<Thrown> for Failed {
    fn from(thrown: Thrown) -> Failed {
        Failed::Thrown(thrown)
    }
}
impl From<Malformed> for Failed {
    fn from(_: Malformed) -> Failed {
        Failed::Malformed
    }
}

/// Pushes the `n` values of a message. Its first byte tells whether it refers to tables that it has begun.
pub fn push_values(vm: &mut Vm, reader: &mut Reader<'_>, n: u32) -> Result<(), Thrown> {
    match values(vm, reader, n) {
        Ok(()) => Ok(()),
        Err(Failed::Thrown(thrown)) => Err(thrown),
        Err(Failed::Malformed) => Err(vm.error_plain(&[b"malformed message from JavaScript"])),
    }
}

fn values(vm: &mut Vm, reader: &mut Reader<'_>, n: u32) -> Result<(), Failed> {
    let has_back = reader.byte()? != 0;
    let mut decoder = Decoder {
        tables: None,
        n_tables: 0,
        open: Vec::new(),
    };
    let bottom = vm.top();
    if has_back {
        vm.push_table(0, 0)?;
        decoder.tables = Some(bottom);
    }
    for _ in 0..n {
        decoder.value(vm, reader)?;
        while !decoder.open.is_empty() {
            decoder.step(vm, reader)?;
        }
    }
    if has_back {
        vm.remove(bottom);
    }
    Ok(())
}

struct Decoder {
    /// Where the table of all tables is, if it is needed.
    tables: Option<Slot>,
    n_tables: u32,
    open: Vec<Open>,
}

impl Decoder {
    /// Pushes one value; a table is pushed empty and opened.
    #[inline]
    fn value(&mut self, vm: &mut Vm, reader: &mut Reader<'_>) -> Result<(), Failed> {
        match reader.byte()? {
            tag::NIL => vm.push_nil()?,
            tag::FALSE => vm.push_bool(false)?,
            tag::TRUE => vm.push_bool(true)?,
            tag::I32 => vm.push_int(i64::from(reader.i32()?))?,
            tag::I64 => vm.push_int(reader.i64()?)?,
            tag::F64 | tag::FLOAT => vm.push_float(reader.f64()?)?,
            tag::STR | tag::BYTES => {
                let n = reader.word()?;
                vm.push_bytes(reader.raw(n as usize)?)?;
            }
            tag::BIG => {
                let n = reader.word()?;
                let bytes = reader.raw(n as usize)?;
                if !bigint::push_from_bytes::<JavaScript>(vm, bytes)? {
                    return Err(Failed::Malformed);
                }
            }
            tag::BACK => {
                let i = reader.word()?;
                let tables = self.tables.ok_or(Malformed)?;
                vm.raw_get_int(tables, i64::from(i) + 1)?;
                if vm.is_none_or_nil(vm.top().below(1)) {
                    return Err(Failed::Malformed);
                }
            }
            tag::ARRAY | tag::OBJECT | tag::MAP | tag::SPREAD => {
                let (n_array, n_pairs) = (reader.word()?, reader.word()?);
                self.begin(vm, n_array, n_pairs)?;
            }
            tag::FUNCTION | tag::THREAD | tag::USERDATA | tag::TABLE => {
                registry::push_held(vm, reader.word()?)?;
            }
            tag::HOST_FUNCTION => registry::push_host_function(vm, reader.word()?)?,
            tag::HOST_OBJECT => registry::push_host_object(vm, reader.word()?)?,
            short if short >= tag::SHORT => {
                vm.push_bytes(reader.raw((short & !tag::SHORT) as usize)?)?;
            }
            _ => return Err(Failed::Malformed),
        }
        Ok(())
    }

    fn begin(&mut self, vm: &mut Vm, n_array: u32, n_pairs: u32) -> Result<(), Failed> {
        if self.open.try_reserve(1).is_err() {
            return Err(vm.out_of_memory().into());
        }
        let table = vm.top();
        // Room only for what a message can hold; a large table grows as its entries come.
        vm.push_table(n_array.min(1 << 16), n_pairs.min(1 << 12))?;
        self.n_tables += 1;
        if let Some(tables) = self.tables {
            vm.raw_set_int(tables, i64::from(self.n_tables), table)?;
        }
        self.open.push(Open {
            table,
            at: 0,
            n_array,
            n_pairs,
            has_key: false,
        });
        Ok(())
    }

    /// Fills the innermost open table, until it is full or one of its values is a table to be filled first.
    fn step(&mut self, vm: &mut Vm, reader: &mut Reader<'_>) -> Result<(), Failed> {
        let n_open = self.open.len();
        // A table that was filled meanwhile lies on top, as a key or a value.
        if let Some(open) = self.open.last_mut()
            && vm.top() > open.table.offset(1 + u32::from(open.has_key))
        {
            open.complete(vm)?;
        }
        loop {
            let Some(open) = self.open.last() else {
                return Ok(());
            };
            if open.at == open.n_array && open.n_pairs == 0 && !open.has_key {
                self.open.pop();
                return Ok(());
            }
            self.value(vm, reader)?;
            if self.open.len() != n_open {
                return Ok(());
            }
            if let Some(open) = self.open.last_mut() {
                open.complete(vm)?;
            }
        }
    }
}
