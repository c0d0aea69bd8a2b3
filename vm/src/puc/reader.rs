//! From the bytes of a PUC Lua 5.4 chunk to functions as plain data.
//!
//! Takes any bytes: what it allocates goes through the [`Meter`], no list is longer than the bytes that are
//! left, and functions nest as deep as the verifier allows. It does not look into the code.

use cu_lexer::{Meter, OutOfMemory};

use super::PucError;
use super::opcode::Word;
use crate::isa::verify::MAX_DEPTH;
use crate::proto::{Const, Name, UpvalDesc, VarKind};

/// A function of PUC Lua.
#[derive(Debug, Default)]
pub struct Function {
    /// Chunk name; none where it is that of the function around it, or stripped.
    pub source: Option<Vec<u8>>,
    /// Line of `function`, 0 for a main chunk.
    pub line_defined: u32,
    /// Line of the closing `end`, 0 for a main chunk.
    pub last_line_defined: u32,
    /// Number of fixed parameters.
    pub n_params: u8,
    /// Whether it takes extra arguments.
    pub is_vararg: bool,
    /// Registers it needs.
    pub max_stack: u8,
    /// Instructions.
    pub code: Vec<Word>,
    /// Constants.
    pub consts: Vec<Const>,
    /// Upvalues.
    pub upvals: Vec<UpvalDesc>,
    /// Nested functions.
    pub protos: Vec<Function>,
    /// Source line of each instruction, or empty when stripped.
    pub lines: Vec<u32>,
    /// Local variables in order of their first instruction, or empty when stripped.
    pub locals: Vec<Local>,
}

/// A local variable.
#[derive(Debug)]
pub struct Local {
    /// Its name.
    pub name: Vec<u8>,
    /// First instruction at which it is alive.
    pub start: u32,
    /// First instruction at which it is dead.
    pub end: u32,
}

/// Kinds of constants.
mod kind {
    pub const NIL: u8 = 0x00;
    pub const FALSE: u8 = 0x01;
    pub const TRUE: u8 = 0x11;
    pub const INTEGER: u8 = 0x03;
    pub const FLOAT: u8 = 0x13;
    pub const SHORT_STRING: u8 = 0x04;
    pub const LONG_STRING: u8 = 0x14;
}

/// In the list of differences between lines: look into the list of absolute lines.
const ABSOLUTE: i8 = -128;

/// The largest `int` of C.
const MOST: u64 = i32::MAX as u64;

/// Reads a chunk from behind its fixed header on.
pub(super) fn read(bytes: &[u8], header: usize, meter: &mut Meter) -> Result<Function, PucError> {
    let mut reader = Reader {
        bytes,
        at: header,
        meter,
        what: None,
    };
    reader.main().map_err(|Failed| match reader.what {
        Some(what) => PucError::Format {
            offset: reader.at,
            what,
        },
        None => PucError::OutOfMemory,
    })
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    meter: &'a mut Meter,
    /// What is wrong with the bytes, once that is known.
    what: Option<&'static str>,
}

/// Reading cannot go on: [`Reader::what`] says why, or memory ran out. It takes no room, so that results stay small.
#[derive(Clone, Copy, Debug)]
struct Failed;

impl From<OutOfMemory> for Failed {
    fn from(_: OutOfMemory) -> Failed {
        Failed
    }
}

type Res<T> = Result<T, Failed>;

impl<'a> Reader<'a> {
    fn main(&mut self) -> Res<Function> {
        let n_upvals = self.byte()?;
        let level = self.meter.level() as usize;
        let main = self.function(level)?;
        if main.upvals.len() != usize::from(n_upvals) {
            return Err(self.wrong("a number of upvalues that is not the main function's"));
        }
        Ok(main)
    }

    /// Reads a function that lies in `depth` others, and calls.
    fn function(&mut self, depth: usize) -> Res<Function> {
        if depth >= MAX_DEPTH {
            return Err(self.wrong("functions that are nested too deep"));
        }
        let mut f = Function {
            source: self.string()?.map(|bytes| self.copy(bytes)).transpose()?,
            line_defined: self.int()?,
            last_line_defined: self.int()?,
            n_params: self.byte()?,
            is_vararg: self.byte()? != 0,
            max_stack: self.byte()?,
            code: self.list(4, Reader::word)?,
            consts: self.list(1, Reader::constant)?,
            upvals: self.list(3, Reader::upval)?,
            ..Function::default()
        };
        f.protos = self.list(1, |reader| reader.function(depth + 1))?;
        f.lines = self.lines(f.line_defined, f.code.len())?;
        f.locals = self.list(3, Reader::local)?;
        self.upvalue_names(&mut f.upvals)?;
        Ok(f)
    }

    /// The lines are differences from one instruction to the next, with an absolute one now and then.
    fn lines(&mut self, line_defined: u32, n_code: usize) -> Res<Vec<u32>> {
        let steps = self.list(1, Reader::byte)?;
        if !steps.is_empty() && steps.len() != n_code {
            return Err(self.wrong("lines for more or fewer instructions than there are"));
        }
        let absolutes = self.list(2, |reader| Ok((reader.int()?, reader.int()?)))?;
        let mut absolutes = absolutes.iter();
        let mut lines = Vec::new();
        self.meter.reserve(&mut lines, steps.len())?;
        let mut line = i64::from(line_defined);
        for (pc, &step) in steps.iter().enumerate() {
            line = match step as i8 {
                ABSOLUTE => match absolutes.next() {
                    Some(&(at, line)) if at as usize == pc => i64::from(line),
                    _ => return Err(self.wrong("lines that do not fit together")),
                },
                step => line + i64::from(step),
            };
            let line = u32::try_from(line).map_err(|_| self.wrong("a line below 0"))?;
            lines.push(line);
        }
        Ok(lines)
    }

    fn upvalue_names(&mut self, upvals: &mut [UpvalDesc]) -> Res<()> {
        let n = self.count(1)?;
        if n > upvals.len() {
            return Err(self.wrong("names of more upvalues than there are"));
        }
        for upval in upvals.iter_mut().take(n) {
            let name = self.string()?.unwrap_or_default();
            upval.name = Name::new(name, self.meter)?;
        }
        Ok(())
    }

    fn word(&mut self) -> Res<Word> {
        Ok(Word(u32::from_le_bytes(self.array()?)))
    }

    fn constant(&mut self) -> Res<Const> {
        Ok(match self.byte()? {
            kind::NIL => Const::Nil,
            kind::FALSE => Const::Boolean(false),
            kind::TRUE => Const::Boolean(true),
            kind::INTEGER => Const::Integer(i64::from_le_bytes(self.array()?)),
            kind::FLOAT => Const::Float(f64::from_le_bytes(self.array()?)),
            kind::SHORT_STRING | kind::LONG_STRING => match self.string()? {
                Some(bytes) => Const::String(Name::new(bytes, self.meter)?),
                None => return Err(self.wrong("a string constant without a string")),
            },
            _ => return Err(self.wrong("a constant of an unknown kind")),
        })
    }

    fn upval(&mut self) -> Res<UpvalDesc> {
        let in_stack = self.byte()? != 0;
        let index = self.byte()?;
        let kind = match self.byte()? {
            0 => VarKind::Regular,
            1 => VarKind::Const,
            2 => VarKind::Close,
            _ => return Err(self.wrong("an upvalue of an unknown kind")),
        };
        Ok(UpvalDesc {
            name: Name::default(),
            in_stack,
            index,
            kind,
        })
    }

    fn local(&mut self) -> Res<Local> {
        let name = self.string()?.unwrap_or_default();
        Ok(Local {
            name: self.copy(name)?,
            start: self.int()?,
            end: self.int()?,
        })
    }

    /// A count and as many items of at least `size` bytes each.
    fn list<T>(&mut self, size: usize, mut read: impl FnMut(&mut Self) -> Res<T>) -> Res<Vec<T>> {
        let n = self.count(size)?;
        let mut items = Vec::new();
        for _ in 0..n {
            let item = read(self)?;
            // The list grows as items come: a count that promises much costs nothing.
            self.meter.push(&mut items, item)?;
        }
        Ok(items)
    }

    /// A count of items of at least `size` bytes each, which must still come.
    fn count(&mut self, size: usize) -> Res<usize> {
        let n = self.int()? as usize;
        let left = self.bytes.len().saturating_sub(self.at);
        if n.checked_mul(size).is_none_or(|all| all > left) {
            return Err(self.wrong(TRUNCATED));
        }
        Ok(n)
    }

    fn copy(&mut self, bytes: &[u8]) -> Res<Vec<u8>> {
        let mut copy = Vec::new();
        self.meter.reserve(&mut copy, bytes.len())?;
        copy.extend_from_slice(bytes);
        Ok(copy)
    }

    /// A string, or none where C had a null pointer.
    fn string(&mut self) -> Res<Option<&'a [u8]>> {
        match self.number(u64::MAX)? {
            0 => Ok(None),
            n => self.take(n - 1).map(Some),
        }
    }

    fn int(&mut self) -> Res<u32> {
        Ok(self.number(MOST)? as u32)
    }

    /// A number in groups of seven bits, the highest first; the last group has bit 7 set.
    fn number(&mut self, most: u64) -> Res<u64> {
        let mut n = 0_u64;
        loop {
            let byte = self.byte()?;
            if n > most >> 7 {
                return Err(self.wrong("a number that is too large"));
            }
            n = n << 7 | u64::from(byte & 0x7f);
            if byte & 0x80 != 0 {
                return Ok(n);
            }
        }
    }

    fn byte(&mut self) -> Res<u8> {
        let [byte] = self.array()?;
        Ok(byte)
    }

    fn array<const N: usize>(&mut self) -> Res<[u8; N]> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        match rest.first_chunk() {
            Some(bytes) => {
                self.at += N;
                Ok(*bytes)
            }
            None => Err(self.wrong(TRUNCATED)),
        }
    }

    fn take(&mut self, n: u64) -> Res<&'a [u8]> {
        let end = usize::try_from(n).ok().and_then(|n| self.at.checked_add(n));
        match end.and_then(|end| self.bytes.get(self.at..end)) {
            Some(bytes) => {
                self.at += bytes.len();
                Ok(bytes)
            }
            None => Err(self.wrong(TRUNCATED)),
        }
    }

    #[cold]
    fn wrong(&mut self, what: &'static str) -> Failed {
        self.what = Some(what);
        Failed
    }
}

const TRUNCATED: &str = "an end before the chunk's";
