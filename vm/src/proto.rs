//! Function prototypes as plain data: what the compiler makes, `string.dump` writes and the verifier reads.
//!
//! A [`ProtoData`] knows no heap. The machine only ever runs a prototype that went through
//! [`ProtoData::seal`], which verifies it and every nested one; [`Sealed`] has no other constructor.

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
    String(Vec<u8>),
}

/// How a closure finds one of its upvalues when it is created, and what it is called.
#[derive(Clone, Debug, PartialEq)]
pub struct UpvalDesc {
    /// Name in the source; empty when stripped.
    pub name: Vec<u8>,
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
    pub name: Vec<u8>,
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
