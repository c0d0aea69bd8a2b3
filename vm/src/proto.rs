//! Function prototypes as plain data: what the compiler makes, `string.dump` writes and the verifier reads.
//!
//! A [`ProtoData`] knows no heap. The machine only ever runs a prototype that went through
//! [`ProtoData::seal`], which verifies it and every nested one; [`Sealed`] has no other constructor.

use std::fmt;
use std::ops::Deref;

use cu_lexer::{Meter, OutOfMemory};

use crate::isa::verify::{self, VerifyError};

/// A constant of a prototype.
#[derive(Clone, Debug, PartialEq)]
pub enum Const {
    /// `nil`
    Nil,
    /// `false` or `true`
    Boolean(bool),
    /// An integer.
    Integer(i64),
    /// A float (compared by value here; the compiler keeps `0.0` and `-0.0` apart by their bits).
    Float(f64),
    /// A string.
    String(Name),
}

/// A name or string constant. Up to [`Name::INLINE`] bytes, which most names have, take no allocation.
#[derive(Clone, PartialEq)]
pub struct Name(Bytes);

#[derive(Clone, PartialEq)]
enum Bytes {
    /// The last byte is the length.
    Inline([u8; Name::INLINE + 1]),
    Heap(Vec<u8>),
}

impl Name {
    /// The most bytes that are kept in place: what makes it as large as a `Vec` on 64-bit hosts.
    pub const INLINE: usize = 15;

    /// A copy of `bytes`.
    pub fn new(bytes: &[u8], meter: &mut Meter) -> Result<Name, OutOfMemory> {
        if let Some(name) = Name::inline(bytes) {
            return Ok(name);
        }
        let mut copy = Vec::new();
        meter.reserve(&mut copy, bytes.len())?;
        copy.extend_from_slice(bytes);
        Ok(Name(Bytes::Heap(copy)))
    }

    /// Reads two overlapping words, which is quicker than copying an unknown number of bytes.
    fn inline(bytes: &[u8]) -> Option<Name> {
        let len = bytes.len();
        let (low, high) = match len {
            0 => (0, 0),
            1..=3 => {
                let at = |at: usize| bytes.get(at).map_or(0, |&byte| u64::from(byte) << (8 * at));
                (at(0) | at(1) | at(2), 0)
            }
            4..=7 => {
                let (first, last) = (bytes.first_chunk()?, bytes.last_chunk()?);
                let last = u64::from(u32::from_le_bytes(*last)) << (8 * (len - 4));
                (u64::from(u32::from_le_bytes(*first)) | last, 0)
            }
            8..=Name::INLINE => {
                let (first, last) = (bytes.first_chunk()?, bytes.last_chunk()?);
                let beyond = 8 * (16 - len);
                let last = u64::from_le_bytes(*last).checked_shr(beyond as u32);
                (u64::from_le_bytes(*first), last.unwrap_or(0))
            }
            _ => return None,
        };
        let words = u128::from(low) | u128::from(high | (len as u64) << 56) << 64;
        Some(Name(Bytes::Inline(words.to_le_bytes())))
    }

    /// How many bytes it has allocated.
    pub fn allocated(&self) -> usize {
        match &self.0 {
            Bytes::Inline(..) => 0,
            Bytes::Heap(bytes) => bytes.capacity(),
        }
    }
}

impl Default for Name {
    /// The empty name.
    fn default() -> Name {
        Name(Bytes::Inline([0; Name::INLINE + 1]))
    }
}

impl From<Vec<u8>> for Name {
    fn from(bytes: Vec<u8>) -> Name {
        Name::inline(&bytes).unwrap_or(Name(Bytes::Heap(bytes)))
    }
}

impl Deref for Name {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match &self.0 {
            Bytes::Inline(bytes) => {
                let len = usize::from(bytes[Name::INLINE]);
                bytes.get(..len).unwrap_or_default()
            }
            Bytes::Heap(bytes) => bytes,
        }
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.escape_ascii())
    }
}

/// How a closure finds one of its upvalues when it is created, and what it is called.
#[derive(Clone, Debug, PartialEq)]
pub struct UpvalDesc {
    /// Name in the source; empty when stripped.
    pub name: Name,
    /// True: a register of the enclosing function; false: an upvalue of the enclosing function.
    pub in_stack: bool,
    /// Index of that register (not times 16) or upvalue.
    pub index: u8,
    /// What kind of variable it is.
    pub kind: VarKind,
}

/// Kind of a local variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VarKind {
    /// An ordinary variable.
    Regular,
    /// `<const>` (but not a compile-time constant).
    Const,
    /// `<close>`
    Close,
}

/// A local variable's name and the instructions over which it is alive.
#[derive(Clone, Debug, PartialEq)]
pub struct LocalInfo {
    /// Name in the source; internal ones are `(for state)` and the like, as in PUC Lua.
    pub name: Name,
    /// First word at which it is alive.
    pub start_pc: u32,
    /// First word at which it is dead.
    pub end_pc: u32,
    /// Its register (not times 16).
    pub register: u8,
}

/// A function prototype and its nested prototypes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ProtoData {
    /// Instruction words.
    pub code: Vec<u64>,
    /// Constants.
    pub consts: Vec<Const>,
    /// Nested prototypes.
    pub protos: Vec<ProtoData>,
    /// Upvalues.
    pub upvals: Vec<UpvalDesc>,
    /// Source line of each word of `code`, or empty when stripped.
    pub lines: Vec<u32>,
    /// Local variables in order of `start_pc`, or empty when stripped.
    pub locals: Vec<LocalInfo>,
    /// Chunk name (`@file`, `=name` or source text), or empty when stripped; empty in a nested prototype
    /// means that of the function around it, so that long chunk names are kept once.
    pub source: Vec<u8>,
    /// Line of `function`, 0 for a main chunk.
    pub line_defined: u32,
    /// Line of the closing `end`, 0 for a main chunk.
    pub last_line_defined: u32,
    /// Number of fixed parameters.
    pub n_params: u8,
    /// Whether it takes extra arguments.
    pub is_vararg: bool,
    /// Registers it needs (at least 2, at most [`crate::isa::MAX_REGISTERS`]).
    pub max_stack: u8,
}

/// A verified prototype: the only kind that can become a closure.
#[derive(Debug)]
pub struct Sealed(ProtoData);

impl ProtoData {
    /// Verifies this prototype and all nested ones.
    pub fn seal(self) -> Result<Sealed, VerifyError> {
        verify::verify(&self)?;
        Ok(Sealed(self))
    }
}

impl Sealed {
    /// The verified data.
    pub fn data(&self) -> &ProtoData {
        &self.0
    }

    /// The verified data, to be taken apart.
    pub fn into_data(self) -> ProtoData {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_any_length_keep_their_bytes() {
        let letters = b"abcdefghijklmnopqrstuvwxyz";
        for len in 0..=letters.len() {
            let name = Name::from(letters[..len].to_vec());
            assert_eq!(*name, letters[..len]);
            assert_eq!(name.allocated() > 0, len > Name::INLINE);
        }
    }
}
