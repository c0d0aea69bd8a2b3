//! Function prototypes as plain data: what the compiler makes, binary chunks hold and the verifier reads.
//!
//! Functions go from those who make them to a [`Sink`], one by one, each after those in it, as [`Parts`]: slices of
//! lists that are used again for the next function. The machine builds its prototypes from [`Sealed`] parts only, which
//! [`Parts::seal`] alone makes, with a verifier that has seen the functions inside.
//!
//! A [`ProtoData`] is a function and those in it in lists of its own, for whoever wants to look at the whole.
//! Nothing here knows a heap.

use std::fmt;
use std::ops::Deref;

use cu_lexer::{Meter, OutOfMemory};
use cu_parser::Interner;
pub use cu_parser::ast::{StrId, Strings};

use crate::isa::verify::{Verifier, VerifyError};

/// A function without those in it, in lists that somebody else keeps.
#[derive(Clone, Copy, Debug)]
pub struct Parts<'a> {
    /// What its names and string constants are.
    pub strings: &'a Strings,
    /// Instruction words.
    pub code: &'a [u64],
    /// Source line of each word of `code`, or empty when stripped.
    pub lines: &'a [u32],
    /// Constants.
    pub consts: &'a [Constant],
    /// Upvalues.
    pub upvals: &'a [Upvalue],
    /// Local variables in order of `start_pc`, or empty when stripped.
    pub locals: &'a [Variable],
    /// How many functions are in it: the last so many of those that came before and are in no other.
    pub n_protos: usize,
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

/// A constant; a string is one of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Constant {
    /// `nil`
    Nil,
    /// `false` or `true`
    Boolean(bool),
    /// An integer.
    Int(i64),
    /// The bits of a float.
    Float(u64),
    /// A string.
    Str(StrId),
}

/// As [`UpvalDesc`], with its name in a table.
#[derive(Clone, Copy, Debug)]
pub struct Upvalue {
    /// Name in the source; the empty string when stripped.
    pub name: StrId,
    /// True: a register of the enclosing function; false: an upvalue of the enclosing function.
    pub in_stack: bool,
    /// Index of that register (not times 16) or upvalue.
    pub index: u8,
    /// What kind of variable it is.
    pub kind: VarKind,
}

/// As [`LocalInfo`], with its name in a table.
#[derive(Clone, Copy, Debug)]
pub struct Variable {
    /// Name in the source; internal ones are `(for state)` and the like, as in PUC Lua.
    pub name: StrId,
    /// First word at which it is alive.
    pub start_pc: u32,
    /// First word at which it is dead.
    pub end_pc: u32,
    /// Its register (not times 16).
    pub register: u8,
}

/// Where finished functions go.
pub trait Sink {
    /// The functions that follow are of the chunk with this name (`@file`, `=name` or source text).
    fn source(&mut self, name: &[u8]) -> Result<(), Stop>;

    /// Takes a function. Those in it came before it, the main function comes last.
    fn function(&mut self, parts: &Parts<'_>) -> Result<(), Stop>;
}

/// A sink takes nothing more. It knows why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stop;

impl From<OutOfMemory> for Stop {
    fn from(_: OutOfMemory) -> Stop {
        Stop
    }
}

/// A sink for those who want to know only whether there are functions.
#[derive(Debug)]
pub struct Ignore;

impl Sink for Ignore {
    fn source(&mut self, _: &[u8]) -> Result<(), Stop> {
        Ok(())
    }

    fn function(&mut self, _: &Parts<'_>) -> Result<(), Stop> {
        Ok(())
    }
}

/// A verified function: the only kind that can become a prototype of the machine.
#[derive(Debug)]
pub struct Sealed<'a>(Parts<'a>);

impl<'a> Parts<'a> {
    /// Verifies this function. The verifier is to have seen the functions in it.
    pub fn seal(self, verifier: &mut Verifier) -> Result<Sealed<'a>, VerifyError> {
        verifier.check(&self)?;
        Ok(Sealed(self))
    }
}

impl<'a> Deref for Sealed<'a> {
    type Target = Parts<'a>;

    fn deref(&self) -> &Parts<'a> {
        &self.0
    }
}

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

impl ProtoData {
    /// Gives this function and those in it to a sink. Recursion is as deep as they nest, which those who make them bound.
    /// If the sink stops, `path` leads to the function that it did not take: indices of nested ones, from this one on.
    pub fn feed(
        &self,
        sink: &mut dyn Sink,
        path: &mut Vec<u32>,
        meter: &mut Meter,
    ) -> Result<(), Stop> {
        let source = self.source.as_slice();
        sink.source(source)?;
        self.feed_within(source, &mut Table::default(), sink, path, meter)
    }

    fn feed_within(
        &self,
        source: &[u8],
        table: &mut Table,
        sink: &mut dyn Sink,
        path: &mut Vec<u32>,
        meter: &mut Meter,
    ) -> Result<(), Stop> {
        let own = match self.source.as_slice() {
            [] => source,
            own => own,
        };
        for (idx, nested) in self.protos.iter().enumerate() {
            meter.push(path, idx as u32)?;
            if !nested.source.is_empty() {
                sink.source(&nested.source)?;
            }
            nested.feed_within(own, table, sink, path, meter)?;
            if !nested.source.is_empty() {
                sink.source(own)?;
            }
            path.pop();
        }
        let mut consts = Vec::new();
        meter.reserve(&mut consts, self.consts.len())?;
        for constant in &self.consts {
            consts.push(match constant {
                Const::Nil => Constant::Nil,
                Const::Boolean(b) => Constant::Boolean(*b),
                Const::Integer(i) => Constant::Int(*i),
                Const::Float(f) => Constant::Float(f.to_bits()),
                Const::String(name) => Constant::Str(table.add(name, meter)?),
            });
        }
        let mut upvals = Vec::new();
        meter.reserve(&mut upvals, self.upvals.len())?;
        for upval in &self.upvals {
            upvals.push(Upvalue {
                name: table.add(&upval.name, meter)?,
                in_stack: upval.in_stack,
                index: upval.index,
                kind: upval.kind,
            });
        }
        let mut locals = Vec::new();
        meter.reserve(&mut locals, self.locals.len())?;
        for local in &self.locals {
            locals.push(Variable {
                name: table.add(&local.name, meter)?,
                start_pc: local.start_pc,
                end_pc: local.end_pc,
                register: local.register,
            });
        }
        sink.function(&Parts {
            strings: &table.strings,
            code: &self.code,
            lines: &self.lines,
            consts: &consts,
            upvals: &upvals,
            locals: &locals,
            n_protos: self.protos.len(),
            line_defined: self.line_defined,
            last_line_defined: self.last_line_defined,
            n_params: self.n_params,
            is_vararg: self.is_vararg,
            max_stack: self.max_stack,
        })
    }
}

/// Verifies functions, and builds nothing.
#[cfg(test)]
#[derive(Default)]
struct Check(Verifier, Option<VerifyError>);

#[cfg(test)]
impl Sink for Check {
    fn source(&mut self, _: &[u8]) -> Result<(), Stop> {
        Ok(())
    }

    fn function(&mut self, parts: &Parts<'_>) -> Result<(), Stop> {
        self.1 = parts.seal(&mut self.0).err();
        if self.1.is_none() { Ok(()) } else { Err(Stop) }
    }
}

#[cfg(test)]
impl ProtoData {
    /// Verifies this function and those in it.
    pub(crate) fn verify(&self) -> Result<(), VerifyError> {
        let (mut check, mut path) = (Check::default(), Vec::new());
        let fed = self.feed(&mut check, &mut path, &mut Meter::new(usize::MAX));
        assert_eq!(fed.is_err(), check.1.is_some());
        check
            .1
            .map_or(Ok(()), |fault| Err(VerifyError { path, ..fault }))
    }
}

/// A table of strings under construction.
#[derive(Default)]
struct Table {
    strings: Strings,
    interner: Interner,
}

impl Table {
    /// The number of a string; equal ones have the same.
    #[inline(never)]
    fn add(&mut self, bytes: &[u8], meter: &mut Meter) -> Result<StrId, OutOfMemory> {
        self.interner.intern(bytes, &mut self.strings, meter)
    }
}

/// Makes one [`ProtoData`] of all functions that come: for listings and tests, which have memory.
#[derive(Debug, Default)]
pub(crate) struct Collect {
    source: Vec<u8>,
    done: Vec<ProtoData>,
}

impl Collect {
    /// The main function.
    pub(crate) fn finish(self) -> ProtoData {
        let main = self.done.into_iter().last().unwrap_or_default();
        ProtoData {
            source: self.source,
            ..main
        }
    }
}

impl Sink for Collect {
    fn source(&mut self, name: &[u8]) -> Result<(), Stop> {
        self.source = name.to_vec();
        Ok(())
    }

    fn function(&mut self, parts: &Parts<'_>) -> Result<(), Stop> {
        let name = |id| Name::from(parts.strings.get(id).to_vec());
        let upval = |upval: &Upvalue| UpvalDesc {
            name: name(upval.name),
            in_stack: upval.in_stack,
            index: upval.index,
            kind: upval.kind,
        };
        let local = |local: &Variable| LocalInfo {
            name: name(local.name),
            start_pc: local.start_pc,
            end_pc: local.end_pc,
            register: local.register,
        };
        let constant = |constant: &Constant| match *constant {
            Constant::Nil => Const::Nil,
            Constant::Boolean(b) => Const::Boolean(b),
            Constant::Int(i) => Const::Integer(i),
            Constant::Float(bits) => Const::Float(f64::from_bits(bits)),
            Constant::Str(id) => Const::String(name(id)),
        };
        let first = self.done.len().saturating_sub(parts.n_protos);
        let proto = ProtoData {
            code: parts.code.to_vec(),
            consts: parts.consts.iter().map(constant).collect(),
            protos: self.done.split_off(first),
            upvals: parts.upvals.iter().map(upval).collect(),
            lines: parts.lines.to_vec(),
            locals: parts.locals.iter().map(local).collect(),
            source: Vec::new(),
            line_defined: parts.line_defined,
            last_line_defined: parts.last_line_defined,
            n_params: parts.n_params,
            is_vararg: parts.is_vararg,
            max_stack: parts.max_stack,
        };
        self.done.push(proto);
        Ok(())
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
