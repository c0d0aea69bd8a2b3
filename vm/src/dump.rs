//! Binary chunks: `string.dump` and its way back.
//!
//! A chunk begins as one of PUC Lua 5.4 does, so that whoever looks at the header finds what they know;
//! the functions in it are ours, and PUC's are refused. `varint` is an unsigned LEB128 number, `signed`
//! a zigzag varint, `string` a varint length and the bytes.
//!
//! ```text
//! chunk    = 1B "Lua" 54 00 19 93 0D 0A 1A 0A 04 08 08    as PUC's
//!            0x5678 (i64)  370.5 (f64)                    little-endian
//!            number of upvalues of the main function (u8)
//!            00                                           never there in a chunk of PUC
//!            fingerprint of the instruction set (u32)
//!            function
//! function = source: 00, or its length + 1 (varint) and the bytes
//!            line_defined, last_line_defined (varint)
//!            n_params, is_vararg, max_stack (u8)
//!            n, n words of code (u64)                     inline caches are zero
//!            n, n constants: a kind (u8), then signed | f64 | string
//!            n, n upvalues: in_stack + 2 * kind, index (u8)
//!            n, n lines (signed)                          each less the one before; the first less line_defined
//!            n, n locals: name (string), start_pc, end_pc (varint), register (u8)
//!            n, n names of upvalues (string)
//!            n, n functions
//! ```
//!
//! No source means: that of the function around it, so that a chunk holds its name once. In a stripped
//! chunk no function has a source, lines, locals or names of upvalues. Whatever follows the main function
//! is ignored.
//!
//! [`undump`] takes any bytes: its time and memory are in proportion to their number, and it nests as deep
//! as the verifier allows. It does not know whether the code makes sense: that is for
//! the verifier to say.

use cu_lexer::{Meter, OutOfMemory};

use crate::Vm;
use crate::heap::object::{Proto, Str};
use crate::isa::verify::MAX_DEPTH;
use crate::isa::{INFO, Instr, NAMES, Op, VALUE_SIZE};
use crate::native::{Slot, Thrown};
use crate::proto::{Const, LocalInfo, Name, ProtoData, UpvalDesc, VarKind};
use crate::value::{Value, tag};

/// First byte of a binary chunk.
pub(crate) const SIGNATURE: u8 = 0x1b;

/// Why bytes are not a chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum UndumpError {
    /// What is wrong with them, as PUC Lua words it.
    Format(&'static str),
    /// They ask for more memory than there is.
    OutOfMemory,
}

/// Reads a binary chunk, and tells at which byte it ends.
pub(crate) fn undump(bytes: &[u8], meter: &mut Meter) -> Res<(ProtoData, usize)> {
    let mut reader = Reader { rest: bytes, meter };
    for (piece, otherwise) in HEADER {
        reader.expect(piece, otherwise)?;
    }
    let n_upvals = reader.byte()?;
    reader.expect(&MARK, "not a chunk of this machine")?;
    reader.expect(&FINGERPRINT, "version mismatch")?;
    let level = reader.meter.level() as usize;
    let main = reader.function(level, STRIPPED)?;
    if main.upvals.len() != usize::from(n_upvals) {
        return Err(CORRUPTED);
    }
    Ok((main, bytes.len() - reader.rest.len()))
}

impl Vm {
    /// Appends the Lua function in `f` to `out` as a binary chunk; false for natives. `strip` leaves out
    /// what only messages and the debug library need.
    pub fn dump(&mut self, f: Slot, strip: bool, out: &mut Vec<u8>) -> Result<bool, Thrown> {
        self.dump_with(f, strip, false, out)
    }

    /// As [`Vm::dump`]; with `named`, a source text is replaced by how messages show it.
    pub(crate) fn dump_with(
        &mut self,
        f: Slot,
        strip: bool,
        named: bool,
        out: &mut Vec<u8>,
    ) -> Result<bool, Thrown> {
        let f = self.value_at(f);
        if f.tag != tag::CLOSURE {
            return Ok(false);
        }
        let start = out.len();
        let mut writer = Writer {
            vm: self,
            out,
            strip,
            named,
        };
        for (piece, _) in HEADER {
            writer.bytes(piece)?;
        }
        // SAFETY: a live closure. It stays in its slot, so making room for the output may collect.
        unsafe {
            let main = (*f.as_closure()).proto;
            writer.bytes(&[(*main).n_upvals])?;
            writer.bytes(&MARK)?;
            writer.bytes(&FINGERPRINT)?;
            let level = writer.vm.depth;
            writer.function(main, std::ptr::null(), level)?;
        }
        let written = out.len() - start;
        self.charge(written as u64 / 16)?;
        Ok(true)
    }
}

/// Where the header ends that our chunks share with PUC Lua's; or where it goes wrong, and how.
pub(crate) fn check_header(bytes: &[u8]) -> Result<usize, (usize, &'static str)> {
    let mut at = 0;
    for (piece, otherwise) in HEADER {
        let rest = bytes.get(at..).unwrap_or_default();
        if !rest.starts_with(piece) {
            let is_short = piece.starts_with(rest);
            return Err((
                at,
                if is_short {
                    "truncated chunk"
                } else {
                    otherwise
                },
            ));
        }
        at += piece.len();
    }
    Ok(at)
}

/// Whether bytes begin as one of our chunks, not one of PUC Lua's.
pub(crate) fn is_own_chunk(bytes: &[u8]) -> bool {
    // Between the header and the mark is the number of upvalues.
    check_header(bytes).is_ok_and(|end| {
        let rest = bytes.get(end + 1..).unwrap_or_default();
        rest.starts_with(&MARK)
    })
}

/// What a chunk begins with, piece by piece, and what is wrong where a piece differs.
const HEADER: [(&[u8], &str); 9] = [
    (&[SIGNATURE, b'L', b'u', b'a'], "not a binary chunk"),
    (&[0x54], "version mismatch"),
    (&[0], "format mismatch"),
    (b"\x19\x93\r\n\x1a\n", "corrupted chunk"),
    (&[4], "Instruction size mismatch"),
    (&[size_of::<i64>() as u8], "lua_Integer size mismatch"),
    (&[size_of::<f64>() as u8], "lua_Number size mismatch"),
    (&0x5678_i64.to_le_bytes(), "integer format mismatch"),
    (&370.5_f64.to_le_bytes(), "float format mismatch"),
];

/// Where PUC Lua writes the length of the source. That never begins with a zero there.
const MARK: [u8; 1] = [0];

/// What a chunk must agree with to mean here what it meant where it was written: the numbers and operands
/// of all instructions. So a chunk of a machine with other instructions is refused.
const FINGERPRINT: [u8; 4] = fingerprint().to_le_bytes();

/// To be raised when a chunk gets another layout, or an instruction another meaning under its old name.
const REVISION: u8 = 1;

const fn fingerprint() -> u32 {
    let mut hash = fnv(fnv(0x811c_9dc5, REVISION), VALUE_SIZE as u8);
    let mut op = 0;
    while op < INFO.len() {
        let info = &INFO[op];
        let name = NAMES[op].as_bytes();
        let mut i = 0;
        while i < name.len() {
            hash = fnv(hash, name[i]);
            i += 1;
        }
        hash = fnv(fnv(fnv(hash, info.a as u8), info.b as u8), info.c as u8);
        hash = fnv(hash, info.wide as u8);
        op += 1;
    }
    hash
}

/// One step of the hash FNV-1a.
const fn fnv(hash: u32, byte: u8) -> u32 {
    (hash ^ byte as u32).wrapping_mul(0x0100_0193)
}

/// Source of a function that has none.
pub(crate) const STRIPPED: &[u8] = b"=?";

/// Kinds of constants.
mod kind {
    pub const NIL: u8 = 0;
    pub const FALSE: u8 = 1;
    pub const TRUE: u8 = 2;
    pub const INTEGER: u8 = 3;
    pub const FLOAT: u8 = 4;
    pub const STRING: u8 = 5;
}

/// Kinds of variables, at the index by which an upvalue names its own.
const VAR_KINDS: [VarKind; 3] = [VarKind::Regular, VarKind::Const, VarKind::Close];

// ---- writing --------------------------------------------------------------------------------------

struct Writer<'a> {
    vm: &'a mut Vm,
    out: &'a mut Vec<u8>,
    strip: bool,
    /// Sources are written as messages show them.
    named: bool,
}

type Written = Result<(), Thrown>;

impl Writer<'_> {
    /// Writes a function and those in it, which nest no deeper than the verifier allows. `inherited` is the
    /// source of the function around it, or null; `level` counts calls and functions around it together.
    ///
    /// # Safety
    /// `p` is reachable, so that it is alive until the end.
    unsafe fn function(&mut self, p: *const Proto, inherited: *const Str, level: u32) -> Written {
        if level > crate::vm::MAX_DEPTH {
            return Err(self.vm.run_error(&[b"C stack overflow"]));
        }
        // SAFETY: all fields were filled in from verified data, and only caches in the code have changed since.
        // What belongs to a reachable prototype lives as long as it; nothing of it moves or is written to here.
        unsafe {
            // Functions of one chunk share the string. Its bytes are not compared: the source may be long, and
            // the functions many.
            if self.strip || inherited == (*p).source {
                self.varint(0)?;
            } else {
                let source = Str::bytes((*p).source);
                if self.named && !matches!(source, [b'=' | b'@', ..]) {
                    let shown = cu_lexer::short_src(source);
                    self.varint(shown.len() as u64 + 2)?;
                    self.bytes(b"=")?;
                    self.bytes(&shown)?;
                } else {
                    self.varint(source.len() as u64 + 1)?;
                    self.bytes(source)?;
                }
            }
            self.varint((*p).line_defined.into())?;
            self.varint((*p).last_line_defined.into())?;
            self.bytes(&[(*p).n_params, (*p).is_vararg.into(), (*p).max_stack])?;
            self.code(p)?;
            self.varint((*p).n_k.into())?;
            for i in 0..(*p).n_k as usize {
                self.constant(*Proto::constant(p, i))?;
            }
            self.list(Proto::upvals(p), |writer, upval| {
                let kind = VAR_KINDS
                    .iter()
                    .position(|&kind| kind == upval.kind)
                    .unwrap_or(0) as u8;
                writer.bytes(&[u8::from(upval.in_stack) + 2 * kind, upval.index])
            })?;
            self.debug_information(p)?;
            self.list(Proto::protos(p), |writer, &nested| {
                writer.function(nested, (*p).source, level + 1)
            })
        }
    }

    /// # Safety
    /// As `function`.
    unsafe fn code(&mut self, p: *const Proto) -> Written {
        // SAFETY: verified code, `n_code` words of it.
        unsafe {
            self.varint((*p).n_code.into())?;
            let mut is_cache = false;
            for pc in 0..(*p).n_code as usize {
                let word = if is_cache { 0 } else { *Proto::word(p, pc) };
                self.bytes(&word.to_le_bytes())?;
                is_cache = !is_cache && has_cache(Instr(word));
            }
        }
        Ok(())
    }

    /// # Safety
    /// A constant of a reachable prototype.
    unsafe fn constant(&mut self, value: Value) -> Written {
        match value.tag {
            tag::FALSE => self.bytes(&[kind::FALSE]),
            tag::TRUE => self.bytes(&[kind::TRUE]),
            tag::INTEGER => {
                self.bytes(&[kind::INTEGER])?;
                self.signed(value.as_int())
            }
            tag::FLOAT => {
                self.bytes(&[kind::FLOAT])?;
                self.bytes(&value.payload.to_le_bytes())
            }
            tag::STRING => {
                self.bytes(&[kind::STRING])?;
                // SAFETY: the tag says so, and its prototype keeps it alive.
                self.string(unsafe { Str::bytes(value.as_str()) })
            }
            // There are no others.
            _ => self.bytes(&[kind::NIL]),
        }
    }

    /// # Safety
    /// As `function`.
    unsafe fn debug_information(&mut self, p: *const Proto) -> Written {
        if self.strip {
            return self.bytes(&[0, 0, 0]);
        }
        // SAFETY: the lists and names of a reachable prototype live as long as it.
        unsafe {
            let mut before = i64::from((*p).line_defined);
            self.list(Proto::lines(p), |writer, &line| {
                let difference = i64::from(line) - before;
                before = line.into();
                writer.signed(difference)
            })?;
            self.list(Proto::locals(p), |writer, local| {
                writer.string(Str::bytes(local.name))?;
                writer.varint(local.start_pc.into())?;
                writer.varint(local.end_pc.into())?;
                writer.bytes(&[local.register])
            })?;
            self.list(Proto::upvals(p), |writer, upval| {
                writer.string(Str::bytes(upval.name))
            })
        }
    }

    fn list<T>(&mut self, items: &[T], mut write: impl FnMut(&mut Self, &T) -> Written) -> Written {
        self.varint(items.len() as u64)?;
        for item in items {
            write(self, item)?;
        }
        Ok(())
    }

    fn string(&mut self, bytes: &[u8]) -> Written {
        self.varint(bytes.len() as u64)?;
        self.bytes(bytes)
    }

    fn signed(&mut self, n: i64) -> Written {
        self.varint((n << 1 ^ n >> 63) as u64)
    }

    fn varint(&mut self, mut n: u64) -> Written {
        while n >= 0x80 {
            self.bytes(&[n as u8 | 0x80])?;
            n >>= 7;
        }
        self.bytes(&[n as u8])
    }

    fn bytes(&mut self, bytes: &[u8]) -> Written {
        self.vm.reserve(self.out, bytes.len())?;
        self.out.extend_from_slice(bytes);
        Ok(())
    }
}

/// Whether the word after this instruction is an inline cache.
fn has_cache(ins: Instr) -> bool {
    ins.op()
        .is_some_and(|op| op.info().wide && op != Op::SetList)
}

// ---- reading --------------------------------------------------------------------------------------

type Res<T> = Result<T, UndumpError>;

const TRUNCATED: UndumpError = UndumpError::Format("truncated chunk");
const CORRUPTED: UndumpError = UndumpError::Format("corrupted chunk");

impl From<OutOfMemory> for UndumpError {
    fn from(_: OutOfMemory) -> UndumpError {
        UndumpError::OutOfMemory
    }
}

struct Reader<'a> {
    rest: &'a [u8],
    /// Everything that is kept grows through it.
    meter: &'a mut Meter,
}

impl<'a> Reader<'a> {
    /// Reads a function that lies in `depth` others, and calls; `unnamed` is its source if it names none.
    fn function(&mut self, depth: usize, unnamed: &[u8]) -> Res<ProtoData> {
        if depth >= MAX_DEPTH {
            return Err(UndumpError::Format("functions are nested too deep"));
        }
        let source = match self.varint()? {
            0 => unnamed,
            n => self.take(n - 1)?,
        };
        let mut proto = ProtoData {
            source: self.copy(source)?,
            line_defined: self.u32()?,
            last_line_defined: self.u32()?,
            n_params: self.byte()?,
            is_vararg: self.bool()?,
            max_stack: self.byte()?,
            code: self.list(Reader::word)?,
            consts: self.list(Reader::constant)?,
            upvals: self.list(Reader::upval)?,
            ..ProtoData::default()
        };
        let mut line = i64::from(proto.line_defined);
        proto.lines = self.list(|reader| {
            line = line.checked_add(reader.signed()?).ok_or(CORRUPTED)?;
            u32::try_from(line).map_err(|_| CORRUPTED)
        })?;
        proto.locals = self.list(Reader::local)?;
        let names = self.list(Reader::string)?;
        if !names.is_empty() && names.len() != proto.upvals.len() {
            return Err(CORRUPTED);
        }
        for (upval, name) in proto.upvals.iter_mut().zip(names) {
            upval.name = name.into();
        }
        proto.protos = self.list(|reader| reader.function(depth + 1, b""))?;
        Ok(proto)
    }

    fn word(&mut self) -> Res<u64> {
        Ok(u64::from_le_bytes(self.array()?))
    }

    fn constant(&mut self) -> Res<Const> {
        Ok(match self.byte()? {
            kind::NIL => Const::Nil,
            kind::FALSE => Const::Boolean(false),
            kind::TRUE => Const::Boolean(true),
            kind::INTEGER => Const::Integer(self.signed()?),
            kind::FLOAT => Const::Float(f64::from_le_bytes(self.array()?)),
            kind::STRING => Const::String(self.string()?.into()),
            _ => return Err(CORRUPTED),
        })
    }

    fn upval(&mut self) -> Res<UpvalDesc> {
        let place = self.byte()?;
        let kind = VAR_KINDS.get(usize::from(place / 2)).copied();
        Ok(UpvalDesc {
            name: Name::default(),
            in_stack: place % 2 == 1,
            index: self.byte()?,
            kind: kind.ok_or(CORRUPTED)?,
        })
    }

    fn local(&mut self) -> Res<LocalInfo> {
        Ok(LocalInfo {
            name: self.string()?.into(),
            start_pc: self.u32()?,
            end_pc: self.u32()?,
            register: self.byte()?,
        })
    }

    /// A count and as many items. The list grows as items come, so that a count that promises more than
    /// there is costs nothing, however many lists around it do the same.
    fn list<T>(&mut self, mut read: impl FnMut(&mut Self) -> Res<T>) -> Res<Vec<T>> {
        let n = self.varint()?;
        // No item is smaller than a byte.
        if n > self.rest.len() as u64 {
            return Err(TRUNCATED);
        }
        let mut items = Vec::new();
        for _ in 0..n {
            let item = read(self)?;
            self.meter.push(&mut items, item)?;
        }
        Ok(items)
    }

    fn string(&mut self) -> Res<Vec<u8>> {
        let len = self.varint()?;
        let bytes = self.take(len)?;
        self.copy(bytes)
    }

    fn copy(&mut self, bytes: &[u8]) -> Res<Vec<u8>> {
        let mut copy = Vec::new();
        self.meter.extend(&mut copy, bytes)?;
        Ok(copy)
    }

    fn bool(&mut self) -> Res<bool> {
        match self.byte()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(CORRUPTED),
        }
    }

    fn u32(&mut self) -> Res<u32> {
        u32::try_from(self.varint()?).map_err(|_| OVERFLOW)
    }

    fn signed(&mut self) -> Res<i64> {
        let n = self.varint()?;
        Ok((n >> 1) as i64 ^ -((n & 1) as i64))
    }

    fn varint(&mut self) -> Res<u64> {
        let mut n = 0;
        for shift in (0..u64::BITS).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            if bits << shift >> shift != bits {
                return Err(OVERFLOW);
            }
            n |= bits << shift;
            if byte < 0x80 {
                return Ok(n);
            }
        }
        Err(OVERFLOW)
    }

    fn expect(&mut self, piece: &[u8], otherwise: &'static str) -> Res<()> {
        let found = self.take(piece.len() as u64)?;
        if found == piece {
            Ok(())
        } else {
            Err(UndumpError::Format(otherwise))
        }
    }

    fn byte(&mut self) -> Res<u8> {
        let [byte] = self.array()?;
        Ok(byte)
    }

    fn array<const N: usize>(&mut self) -> Res<[u8; N]> {
        let (bytes, rest) = self.rest.split_first_chunk().ok_or(TRUNCATED)?;
        self.rest = rest;
        Ok(*bytes)
    }

    fn take(&mut self, n: u64) -> Res<&'a [u8]> {
        let n = usize::try_from(n).map_err(|_| TRUNCATED)?;
        let (bytes, rest) = self.rest.split_at_checked(n).ok_or(TRUNCATED)?;
        self.rest = rest;
        Ok(bytes)
    }
}

const OVERFLOW: UndumpError = UndumpError::Format("integer overflow");

#[cfg(test)]
mod tests;
