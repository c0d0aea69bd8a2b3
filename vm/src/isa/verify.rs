//! The verifier: what the machine may rely on without looking.
//!
//! It takes any [`Parts`], compiled or read from a binary chunk, function by function, each after those in it, and holds
//! the rules of the instruction set:
//!
//! - every word is an instruction or the second word of one, and code cannot run off its end;
//! - registers are below `max_stack` with the full extent of their windows, constants, upvalues and
//!   prototypes exist, and constants are of the kind that the operation wants (`operand`);
//! - jumps go where and in the direction they should; open lists, loops and tail calls are complete
//!   (`shape`);
//! - second words are zero (an inline cache is fresh) or the index of a `set_list`;
//! - a return or tail call with F = 0 is not reached while a register may be captured by a closure or
//!   marked to be closed (`open`).
//!
//! What it does not promise, and the machine has to bear:
//!
//! - that a register was written before it is read: frames must hold valid values up to `max_stack`;
//! - the types of values in registers, those of a `for_loop` included: the body, or `debug.setlocal`, may
//!   have overwritten them;
//! - the order of `tbc` instructions, or that a loop closes what it marks: the machine may be asked to mark any register
//!   of the frame, and the same one twice (it refuses to mark one that is not above those that are marked);
//! - that `close` and `tbc` name variables; that debug information is true (only that it is in range).
//!
//! It is total: it neither panics nor recurses, and its memory is in proportion to the code.

#![forbid(unsafe_code)]

mod open;
mod operand;
mod rule;
mod shape;

use std::collections::TryReserveError;
use std::fmt;

use super::{Instr, MAX_REGISTERS, Op};
use crate::proto::Parts;
use operand::Limits;

/// Prototypes may nest this deep.
pub const MAX_DEPTH: usize = 200;
/// Most upvalues of a function (their indices have one byte).
const MAX_UPVALS: usize = 255;
/// Most words of a function, so that every distance fits the field D.
const MAX_CODE: usize = i32::MAX as usize / 2;

/// Why a prototype cannot run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifyError {
    /// Where the function is, if that is known: indices of nested prototypes, from the main one.
    pub path: Vec<u32>,
    /// Line of the function.
    pub line_defined: u32,
    /// The word at fault, or 0 if it is not the code.
    pub pc: u32,
    /// What is wrong.
    pub what: &'static str,
}

impl fmt::Display for VerifyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let VerifyError {
            path,
            line_defined,
            pc,
            what,
        } = self;
        write!(
            f,
            "bad bytecode in function {path:?} (line {line_defined}) at {pc}: {what}"
        )
    }
}

impl std::error::Error for VerifyError {}

/// Verifies functions, each after those in it; its lists are used again for the next one.
#[derive(Debug, Default)]
pub struct Verifier {
    memory: Memory,
    /// The functions so far that are in no other.
    loose: Vec<Loose>,
    /// Their upvalues.
    captures: Vec<Capture>,
}

/// A verified function that is not yet part of another one.
#[derive(Clone, Copy, Debug)]
struct Loose {
    /// Its upvalues begin here in [`Verifier::captures`].
    captures: usize,
    /// How deep the functions in it nest, itself included.
    depth: usize,
}

/// What an upvalue asks of the function around.
#[derive(Clone, Copy, Debug)]
struct Capture {
    in_stack: bool,
    index: u8,
}

impl Verifier {
    /// Forgets the functions so far and keeps the memory.
    pub(crate) fn clear(&mut self) {
        self.loose.clear();
        self.captures.clear();
    }

    /// Verifies a function; the last `n_protos` that are in no other are in this one. Code outside comes through
    /// [`Parts::seal`].
    pub(crate) fn check(&mut self, parts: &Parts<'_>) -> Result<(), VerifyError> {
        self.check_function(parts).map_err(|fault| VerifyError {
            path: Vec::new(),
            line_defined: parts.line_defined,
            pc: fault.pc as u32,
            what: fault.what,
        })
    }

    fn check_function(&mut self, parts: &Parts<'_>) -> Check {
        let first = self.loose.len().checked_sub(parts.n_protos);
        let first = first.ok_or(Fault {
            pc: 0,
            what: "a function is missing",
        })?;
        let Verifier {
            memory,
            loose,
            captures,
        } = self;
        let nested = Nested {
            functions: loose.get(first..).unwrap_or_default(),
            captures,
        };
        one(parts, &nested, memory)?;
        let (own, depth) = nested.summary(captures.len());
        ensure(depth < MAX_DEPTH, 0, "functions are nested too deep")?;
        let of_nested = captures.get(own..).unwrap_or_default();
        for capture in of_nested {
            let limit = match capture.in_stack {
                true => usize::from(parts.max_stack),
                false => parts.upvals.len(),
            };
            ensure(
                usize::from(capture.index) < limit,
                0,
                "an upvalue is not in the enclosing function",
            )?;
        }
        loose.truncate(first);
        captures.truncate(own);
        loose.try_reserve(1).map_err(no_memory)?;
        loose.push(Loose {
            captures: own,
            depth: depth + 1,
        });
        captures
            .try_reserve(parts.upvals.len())
            .map_err(no_memory)?;
        captures.extend(parts.upvals.iter().map(|upval| Capture {
            in_stack: upval.in_stack,
            index: upval.index,
        }));
        Ok(())
    }
}

/// The functions in the one that is verified.
struct Nested<'v> {
    functions: &'v [Loose],
    captures: &'v [Capture],
}

impl Nested<'_> {
    /// The upvalues of one of them.
    fn upvals(&self, idx: usize) -> &[Capture] {
        let start = self.functions.get(idx).map(|function| function.captures);
        let next = self.functions.get(idx + 1);
        let end = next.map_or(self.captures.len(), |next| next.captures);
        start
            .and_then(|start| self.captures.get(start..end))
            .unwrap_or_default()
    }

    /// Where the upvalues of the first one begin (`end` if there is none), and how deep they nest.
    fn summary(&self, end: usize) -> (usize, usize) {
        let start = self
            .functions
            .first()
            .map_or(end, |function| function.captures);
        let depths = self.functions.iter().map(|function| function.depth);
        (start, depths.max().unwrap_or(0))
    }
}

/// What is wrong, and at which word.
#[derive(Clone, Copy, Debug)]
struct Fault {
    pc: usize,
    what: &'static str,
}

type Check = Result<(), Fault>;

/// `Ok` if `holds`, otherwise the fault `what` at `pc`.
fn ensure(holds: bool, pc: usize, what: &'static str) -> Check {
    if holds {
        Ok(())
    } else {
        Err(Fault { pc, what })
    }
}

/// A function with the extent of its instructions, and the jumps found in it.
struct Code<'p> {
    proto: &'p Parts<'p>,
    nested: &'p Nested<'p>,
    limits: &'p Limits,
    memory: &'p mut Memory,
    /// Some instruction opens a register.
    opens: bool,
    /// Some instruction leaves the function and closes nothing.
    leaves: bool,
}

/// What is known of the words of a function; the lists are used again for the next one.
#[derive(Debug, Default)]
struct Memory {
    /// What each word is.
    words: Vec<Word>,
    /// The places of all jumps.
    jumps: Vec<u32>,
    /// The lowest register that may be open, for each word that is jumped to.
    lowest: Vec<u16>,
}

/// What a word of code is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Word {
    /// An instruction that may be jumped to.
    Start,
    /// An instruction that is only reached from the one before it.
    Follower,
    /// The second word of an instruction.
    Second,
}

/// An instruction in its place.
#[derive(Debug)]
struct At {
    pc: usize,
    ins: Instr,
}

impl At {
    /// Its operation, which [`Code::at`] found to be one.
    #[inline(always)]
    fn op(&self) -> Op {
        self.ins.op().unwrap_or(Op::Move)
    }

    /// Place of the next instruction.
    fn next(&self) -> usize {
        self.pc + if self.op().info().wide { 2 } else { 1 }
    }

    /// Where it jumps to by `distance`, which may be out of range.
    fn target(&self, distance: i64) -> i64 {
        self.next() as i64 + distance
    }
}

impl Code<'_> {
    /// The instruction at `pc`.
    #[inline]
    fn at(&self, pc: usize) -> Result<At, Fault> {
        match self.proto.code.get(pc) {
            Some(&word) if Instr(word).op().is_some() => Ok(At {
                pc,
                ins: Instr(word),
            }),
            found => Err(Fault {
                pc,
                what: match found {
                    Some(_) => "unknown operation",
                    None => "code ends too early",
                },
            }),
        }
    }
}

/// Verifies one function without those in it.
fn one(proto: &Parts<'_>, nested: &Nested<'_>, memory: &mut Memory) -> Check {
    header(proto)?;
    let Memory { words, jumps, .. } = memory;
    jumps.clear();
    let len = proto.code.len();
    words
        .try_reserve(len.saturating_sub(words.len()))
        .map_err(no_memory)?;
    if words.len() < len {
        words.resize(len, Word::Start);
    }
    // All at once; what lies beyond is of other functions.
    words.truncate(len);
    words.fill(Word::Start);
    let limits = Limits::new(proto);
    let mut code = Code {
        proto,
        nested,
        limits: &limits,
        memory,
        opens: false,
        leaves: false,
    };
    shape::lay_out(&mut code)?;
    for &pc in &code.memory.jumps {
        shape::check(&code, &code.at(pc as usize)?)?;
    }
    if code.opens && code.leaves {
        open::check(&mut code)?;
    }
    Ok(())
}

fn no_memory(_: TryReserveError) -> Fault {
    Fault {
        pc: 0,
        what: "not enough memory",
    }
}

fn header(proto: &Parts<'_>) -> Check {
    let max_stack = usize::from(proto.max_stack);
    let len = proto.code.len();
    ensure(
        (2..=MAX_REGISTERS).contains(&max_stack),
        0,
        "bad number of registers",
    )?;
    ensure(
        usize::from(proto.n_params) <= max_stack,
        0,
        "more parameters than registers",
    )?;
    ensure(proto.upvals.len() <= MAX_UPVALS, 0, "too many upvalues")?;
    ensure(len > 0 && len <= MAX_CODE, 0, "bad number of instructions")?;
    ensure(
        proto.lines.is_empty() || proto.lines.len() == len,
        0,
        "bad number of lines",
    )?;
    for local in proto.locals {
        let is_ordered = local.start_pc <= local.end_pc && local.end_pc as usize <= len;
        ensure(
            is_ordered,
            0,
            "a local variable is alive outside of the code",
        )?;
        ensure(
            local.register < proto.max_stack,
            0,
            "a local variable has no register",
        )?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
