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
use crate::proto::ProtoData;
use opcode::Word;

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

impl fmt::Display for PucError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PucError::Format { offset, what } => {
                write!(f, "not a function of Lua 5.4: {what} at byte {offset}")
            }
            PucError::Code { path, pc, op, what } => {
                write!(
                    f,
                    "bad instruction {pc} ({op}) in function {path:?}: {what}"
                )
            }
            PucError::Unverified(error) => error.fmt(f),
            PucError::OutOfMemory => f.write_str("not enough memory"),
        }
    }
}

impl std::error::Error for PucError {}

impl From<OutOfMemory> for PucError {
    fn from(_: OutOfMemory) -> PucError {
        PucError::OutOfMemory
    }
}

type Res<T> = Result<T, PucError>;

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
    let mut path = Vec::new();
    let proto = translate::function(main, &mut path, meter);
    let mut proto = proto.map_err(|halt| match halt {
        Halt::Fault(Fault { pc, op, what }) => PucError::Code { path, pc, op, what },
        Halt::OutOfMemory => PucError::OutOfMemory,
    })?;
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
        match data.seal() {
            Ok(sealed) => self.push_sealed(sealed).map(Ok),
            Err(refused) => Ok(Err(PucError::Unverified(refused))),
        }
    }
}

/// What is wrong with an instruction.
#[derive(Clone, Copy, Debug)]
struct Fault {
    pc: u32,
    op: &'static str,
    what: &'static str,
}

impl Fault {
    #[cold]
    fn at(pc: usize, word: Word, what: &'static str) -> Fault {
        Fault {
            pc: pc as u32,
            op: word.op().map_or("?", |op| op.name()),
            what,
        }
    }
}

/// Why a translation stopped.
#[derive(Clone, Copy, Debug)]
enum Halt {
    Fault(Fault),
    OutOfMemory,
}

impl From<Fault> for Halt {
    fn from(fault: Fault) -> Halt {
        Halt::Fault(fault)
    }
}

impl From<OutOfMemory> for Halt {
    fn from(_: OutOfMemory) -> Halt {
        Halt::OutOfMemory
    }
}
