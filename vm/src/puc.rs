//! Functions of PUC Lua 5.4: its binary chunks, translated to ours.
//!
//! The module that this one takes the place of stored functions as PUC Lua writes them. They are read
//! (`reader`), checked (`check`) and translated (`translate`) to prototypes like those that the compiler
//! makes, which the verifier then takes or refuses: nothing of a chunk runs unverified. `load` goes on refusing such
//! chunks; this is for stored values.
//!
//! Invariants:
//! - it is total: any bytes give a prototype or a [`PucError`];
//! - it recurses only as deep as the verifier lets functions nest;
//! - whatever it keeps grows through a [`Meter`], and its time is linear in the number of bytes.
//!
//! What a translation does not keep: how many instructions there are between two points, which only
//! count hooks see.

#![forbid(unsafe_code)]

mod check;
pub mod opcode;
pub mod reader;
#[cfg(test)]
mod tests;
mod translate;

use std::fmt;

use cu_lexer::{Meter, OutOfMemory};

use crate::Vm;
use crate::dump;
use crate::isa::verify::VerifyError;
use crate::native::Thrown;
use crate::number_text::write_integer;
use crate::proto::ProtoData;
use opcode::Opcode;

/// Why bytes are not a function that can be loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PucError {
    /// They are not a chunk of PUC Lua 5.4.
    Format {
        /// Where that is seen.
        offset: usize,
        /// What is there.
        what: &'static str,
    },
    /// An instruction makes no sense.
    Code {
        /// Where the function is: indices of nested functions, from the main one.
        path: Vec<u32>,
        /// The number of the instruction, from 0.
        pc: u32,
        /// Its operation, by the name in PUC Lua's listings, or `?`.
        op: &'static str,
        /// What is wrong with it.
        what: &'static str,
    },
    /// The translation was refused.
    Unverified(VerifyError),
    /// They ask for more memory than there is.
    OutOfMemory,
}

impl PucError {
    /// What is wrong, in words. (Made without `core::fmt`, which the module is otherwise without.)
    pub fn message(&self) -> Vec<u8> {
        let mut text = Vec::new();
        let mut add = |word: &str| text.extend_from_slice(word.as_bytes());
        match self {
            PucError::Format { offset, what } => {
                add("not a function of Lua 5.4: ");
                add(what);
                add(" at byte ");
                number(&mut text, *offset as i64);
            }
            PucError::Code { path, pc, op, what } => {
                add("bad instruction ");
                number(&mut text, i64::from(*pc));
                text.extend([b" (", op.as_bytes(), b")"].concat());
                finish(&mut text, path, what);
            }
            PucError::Unverified(error) => {
                add("bad translation at word ");
                number(&mut text, i64::from(error.pc));
                finish(&mut text, &error.path, error.what);
            }
            PucError::OutOfMemory => add("not enough memory"),
        }
        text
    }
}

fn finish(text: &mut Vec<u8>, path: &[u32], what: &str) {
    text.extend_from_slice(b" of function main");
    for &index in path {
        text.push(b'.');
        number(text, i64::from(index));
    }
    text.extend_from_slice(b": ");
    text.extend_from_slice(what.as_bytes());
}

fn number(text: &mut Vec<u8>, n: i64) {
    text.extend_from_slice(write_integer(&mut [0; 24], n));
}

impl fmt::Display for PucError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&String::from_utf8_lossy(&self.message()))
    }
}

impl std::error::Error for PucError {}

impl From<OutOfMemory> for PucError {
    fn from(_: OutOfMemory) -> PucError {
        PucError::OutOfMemory
    }
}

/// Whether bytes begin as a binary chunk of PUC Lua, of whichever version, and not as one of ours.
pub fn is_puc_chunk(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\x1bLua") && !dump::is_own_chunk(bytes)
}

/// Reads a chunk without translating it.
pub fn read(bytes: &[u8], meter: &mut Meter) -> Result<reader::Function, PucError> {
    match dump::check_header(bytes) {
        Ok(_) if dump::is_own_chunk(bytes) => Err(PucError::Format {
            offset: 0,
            what: "a chunk of this machine",
        }),
        Ok(end) => reader::read(bytes, end, meter),
        Err((offset, what)) => Err(PucError::Format { offset, what }),
    }
}

/// Reads and translates a chunk; nothing is verified yet.
pub fn translate(bytes: &[u8], meter: &mut Meter) -> Result<ProtoData, PucError> {
    let main = read(bytes, meter)?;
    let mut failure = Failure::default();
    let proto = translate::function(main, &mut failure, meter);
    let mut proto = proto.map_err(|translate::Failed| failure.error())?;
    if proto.source.is_empty() {
        meter.extend(&mut proto.source, dump::STRIPPED)?;
    }
    Ok(proto)
}

impl Vm {
    /// Pushes the function in a binary chunk of PUC Lua 5.4, with fresh upvalues: the first one holds the
    /// globals, the others nil. Bytes behind the function are ignored.
    ///
    /// The inner result says what is wrong with the chunk; then nothing is pushed.
    pub fn load_puc(&mut self, bytes: &[u8]) -> Result<Result<(), PucError>, Thrown> {
        self.charge(bytes.len() as u64 / 16)?;
        let mut collected = false;
        let data = loop {
            match translate(bytes, &mut self.load_meter()) {
                Ok(data) => break data,
                // Collecting is worth its time only when the chunk does not fit otherwise.
                Err(PucError::OutOfMemory) if collected => return Err(self.out_of_memory()),
                Err(PucError::OutOfMemory) => self.collect_quietly(),
                Err(refused) => return Ok(Err(refused)),
            }
            collected = true;
        };
        Ok(self.push_data(&data)?.map_err(PucError::Unverified))
    }
}

/// Why a translation failed.
#[derive(Debug, Default)]
struct Failure {
    /// The function: indices of nested functions, from the main one.
    path: Vec<u32>,
    /// What is wrong with it; none, if memory ran out.
    fault: Option<Fault>,
}

/// What is wrong with an instruction.
#[derive(Debug)]
struct Fault {
    pc: u32,
    op: Option<Opcode>,
    what: &'static str,
}

impl Failure {
    fn error(self) -> PucError {
        match self.fault {
            Some(Fault { pc, op, what }) => PucError::Code {
                path: self.path,
                pc,
                op: op.map_or("?", Opcode::name),
                what,
            },
            None => PucError::OutOfMemory,
        }
    }
}
