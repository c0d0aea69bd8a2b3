//! From source text or a binary chunk to a function.

use crate::Vm;
use crate::compile::{CompileError, compile};
use crate::dump::{SIGNATURE, UndumpError, undump};
use crate::heap::OutOfMemory;
use crate::heap::object::*;
use crate::heap::strings::hash_bytes;
use crate::native::{Slot, Thrown};
use crate::proto::{Const, ProtoData, Sealed};
use crate::value::{Value, tag};
use cu_lexer::Meter;
use hashbrown::HashTable;

/// Memory that is kept free for a chunk's objects beyond their own size.
const MARGIN: usize = 64 << 10;

impl Vm {
    /// Compiles the string in `chunk` and pushes the function: true; or pushes the message: false. `mode` as
    /// in `load`: "t", "b" or "bt". The first upvalue gets the globals table.
    pub fn load(&mut self, chunk: Slot, name: &[u8], mode: &[u8]) -> Result<bool, Thrown> {
        let v = self.value_at(chunk);
        if !v.is_string() {
            self.push_bytes(b"chunk is not a string")?;
            return Ok(false);
        }
        // SAFETY: the string stays in its slot, and strings do not move.
        let bytes = unsafe { Str::bytes(v.as_str()) };
        self.load_bytes(bytes, name, mode)
    }

    /// The same for bytes held by the caller.
    pub fn load_bytes(&mut self, chunk: &[u8], name: &[u8], mode: &[u8]) -> Result<bool, Thrown> {
        self.load_prefix(chunk, name, mode, &mut 0)
    }

    /// The same; `used` is how much of a binary chunk's bytes belong to it.
    pub(crate) fn load_prefix(
        &mut self,
        chunk: &[u8],
        name: &[u8],
        mode: &[u8],
        used: &mut usize,
    ) -> Result<bool, Thrown> {
        let binary = chunk.first() == Some(&SIGNATURE);
        let (kind, letter) = if binary {
            ("binary", b'b')
        } else {
            ("text", b't')
        };
        let mode = until_nul(mode);
        if !mode.contains(&letter) {
            let what = kind.as_bytes();
            return self.refuse(&[
                b"attempt to load a ",
                what,
                b" chunk (mode is '",
                mode,
                b"')",
            ]);
        }
        self.charge(chunk.len() as u64 / 16)?;
        // Collecting is worth its time only when the chunk does not fit otherwise.
        let mut collected = false;
        let data = loop {
            let mut meter = self.load_meter();
            if binary {
                match undump(chunk, &mut meter) {
                    Ok((data, end)) => {
                        *used = end;
                        break data;
                    }
                    Err(UndumpError::Format(what)) => return self.refuse_binary(name, what),
                    Err(UndumpError::OutOfMemory) => {}
                }
            } else {
                match compile(chunk, name, &mut meter) {
                    Ok(data) => break data,
                    Err(CompileError::Syntax { message, .. }) => {
                        self.push_bytes(&message)?;
                        return Ok(false);
                    }
                    Err(CompileError::OutOfMemory) => {}
                }
            }
            if collected {
                return Err(self.out_of_memory());
            }
            self.collect_quietly();
            collected = true;
        };
        match data.seal() {
            Ok(sealed) => self.push_sealed(sealed).map(|()| true),
            Err(_) => self.refuse_binary(name, "invalid code"),
        }
    }

    /// Says what is wrong with a binary chunk. Like PUC Lua it shows the chunk name uncut.
    #[cold]
    fn refuse_binary(&mut self, name: &[u8], what: &str) -> Result<bool, Thrown> {
        let shown = match until_nul(name) {
            [b'@' | b'=', shown @ ..] => shown,
            [SIGNATURE, ..] => b"binary string",
            shown => shown,
        };
        self.refuse(&[shown, b": bad binary format (", what.as_bytes(), b")"])
    }

    /// Pushes a message made of `parts`; what was to be loaded cannot be.
    #[cold]
    fn refuse(&mut self, parts: &[&[u8]]) -> Result<bool, Thrown> {
        let mut text = self.take_buffer();
        self.reserve(&mut text, parts.iter().map(|part| part.len()).sum())?;
        for part in parts {
            text.extend_from_slice(part);
        }
        self.push_buffer(text)?;
        Ok(false)
    }

    /// What reading a chunk may take: the rest is for its objects.
    pub(crate) fn load_meter(&self) -> Meter {
        Meter::with_key(
            self.heap.limit.saturating_sub(self.heap.used) / 2,
            self.heap.seed,
        )
    }

    /// Pushes a closure of a verified main function, with fresh upvalues; the first one holds the globals.
    pub(crate) fn push_sealed(&mut self, sealed: Sealed) -> Result<(), Thrown> {
        // Strings may need new pages and a larger string table, too.
        let size = size_of_data(sealed.data());
        self.gc_check(size);
        self.gc_margin(size + MARGIN);
        let data = sealed.into_data();
        let n = data.upvals.len();
        // From here to the push nothing collects.
        let made = self.build_closure(data, n);
        match made {
            Ok(c) => self.push(Value::closure(c)),
            Err(OutOfMemory) => Err(self.out_of_memory()),
        }
    }

    fn build_closure(&mut self, data: ProtoData, n: usize) -> Result<*mut Closure, OutOfMemory> {
        let source = self.heap.new_string(&data.source)?;
        let mut data = data;
        let proto = self.build_proto(&mut data, source, &mut LongStrings::new())?;
        // SAFETY: fresh cells of the right sizes.
        unsafe {
            let c = self.heap.alloc_cell(Closure::size(n))?.cast::<Closure>();
            c.write(Closure {
                gray: Gray {
                    header: self.heap.header(tag::CLOSURE),
                    next: std::ptr::null_mut(),
                },
                proto,
                n_upvals: 0,
            });
            for i in 0..n {
                let u = self.heap.alloc_cell(size_of::<Upval>())?.cast::<Upval>();
                u.write(Upval {
                    header: self.heap.header(tag::UPVAL),
                    v: std::ptr::null_mut(),
                    next: std::ptr::null_mut(),
                    thread: std::ptr::null_mut(),
                    value: if i == 0 {
                        Value::table(self.globals)
                    } else {
                        Value::NIL
                    },
                });
                (*u).v = &raw mut (*u).value;
                Closure::upval(c, i).write(u);
                (*c).n_upvals = i as u32 + 1;
            }
            Ok(c)
        }
    }

    /// A string constant. Equal ones are one string in the whole chunk.
    fn constant_string(
        &mut self,
        bytes: &[u8],
        longs: &mut LongStrings,
    ) -> Result<*mut Str, OutOfMemory> {
        if bytes.len() <= MAX_SHORT {
            return self.heap.intern(bytes);
        }
        let keys = self.heap.keys;
        let hash =
            |bytes: &[u8]| u64::from(hash_bytes(bytes, &keys)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        // SAFETY: nothing collects while a chunk is built.
        if let Some(s) = longs.find(hash(bytes), |s| unsafe { Str::bytes(*s) } == bytes) {
            return Ok(*s);
        }
        let s = self.heap.new_string(bytes)?;
        longs
            .try_reserve(1, |s| {
                // SAFETY: as above.
                hash(unsafe { Str::bytes(*s) })
            })
            .map_err(|_| OutOfMemory)?;
        // SAFETY: as above.
        longs.insert_unique(hash(bytes), s, |s| hash(unsafe { Str::bytes(*s) }));
        Ok(s)
    }

    /// Writes all of `consts` to the fresh block `k`, which has room for them.
    fn build_constants(
        &mut self,
        consts: &[Const],
        k: *mut Value,
        longs: &mut LongStrings,
    ) -> Result<(), OutOfMemory> {
        for (n, constant) in consts.iter().enumerate() {
            let value = match constant {
                Const::Nil => Value::NIL,
                Const::Boolean(b) => Value::bool(*b),
                Const::Integer(i) => Value::int(*i),
                Const::Float(f) => Value::float(*f),
                Const::String(s) => Value::string(self.constant_string(s, longs)?),
            };
            // SAFETY: the block has room for as many values as there are constants.
            unsafe { k.add(n).write(value) };
        }
        Ok(())
    }

    /// Moves verified data to the heap, of which the shell is left. Recursion is as deep as functions nest in the source (bounded by the
    /// parser and the verifier).
    fn build_proto(
        &mut self,
        data: &mut ProtoData,
        source: *mut Str,
        longs: &mut LongStrings,
    ) -> Result<*mut Proto, OutOfMemory> {
        let mut protos = Vec::new();
        protos
            .try_reserve_exact(data.protos.len())
            .map_err(|_| OutOfMemory)?;
        for inner in &mut data.protos {
            let inner_source = if inner.source == data.source
                || inner.source.is_empty() && !data.source.is_empty()
            {
                source
            } else {
                self.heap.new_string(&inner.source)?
            };
            protos.push(self.build_proto(inner, inner_source, longs)?);
        }
        let counted = protos.capacity() * size_of::<*mut Proto>()
            + data.lines.capacity() * 4
            + data
                .upvals
                .iter()
                .map(|u| u.name.allocated() + size_of_val(u))
                .sum::<usize>()
            + data
                .locals
                .iter()
                .map(|l| l.name.allocated() + size_of_val(l))
                .sum::<usize>();
        let (n_code, n_k) = (data.code.len(), data.consts.len());
        let code = self.heap.alloc_block(n_code * 8)?.cast::<u64>();
        let k_size = n_k.max(1) * size_of::<Value>();
        let k = match self.heap.alloc_block(k_size) {
            Ok(k) => k.cast::<Value>(),
            Err(e) => {
                self.heap.free_block(code.cast(), n_code * 8);
                return Err(e);
            }
        };
        if let Err(e) = self.build_constants(&data.consts, k, longs) {
            self.heap.free_block(code.cast(), n_code * 8);
            self.heap.free_block(k.cast(), k_size);
            return Err(e);
        }
        let cell = self.heap.count(counted).and_then(|()| {
            self.heap
                .alloc_cell(size_of::<Proto>())
                .inspect_err(|_| self.heap.used -= counted)
        });
        let cell = match cell {
            Ok(cell) => cell.cast::<Proto>(),
            Err(e) => {
                self.heap.free_block(code.cast(), n_code * 8);
                self.heap.free_block(k.cast(), k_size);
                return Err(e);
            }
        };
        // SAFETY: fresh blocks and a fresh cell of the right sizes.
        unsafe {
            code.copy_from_nonoverlapping(data.code.as_ptr(), n_code);
            cell.write(Proto {
                gray: Gray {
                    header: self.heap.header(tag::PROTO),
                    next: std::ptr::null_mut(),
                },
                code,
                k,
                max_stack: data.max_stack,
                n_params: data.n_params,
                is_vararg: data.is_vararg,
                n_upvals: data.upvals.len() as u8,
                n_code: n_code as u32,
                n_k: n_k as u32,
                line_defined: data.line_defined,
                last_line_defined: data.last_line_defined,
                counted,
                protos,
                upvals: std::mem::take(&mut data.upvals),
                lines: std::mem::take(&mut data.lines),
                locals: std::mem::take(&mut data.locals),
                source,
            });
        }
        Ok(cell)
    }

    /// First upvalue of the Lua function in `f` := the value in `env` (false if it has none).
    pub fn set_first_upvalue(&mut self, f: Slot, env: Slot) -> bool {
        let (f, env) = (self.value_at(f), self.value_at(env));
        if f.tag != tag::CLOSURE {
            return false;
        }
        // SAFETY: a live closure with at least one upvalue.
        unsafe {
            let c = f.as_ptr::<Closure>();
            if (*c).n_upvals == 0 {
                return false;
            }
            let upval = *Closure::upval(c, 0);
            *(*upval).v = env;
            self.heap.barrier_forward(upval.cast(), env);
        }
        true
    }
}

/// The part of a string that C would see.
fn until_nul(bytes: &[u8]) -> &[u8] {
    bytes.split(|&byte| byte == 0).next().unwrap_or_default()
}

/// The long strings among the constants of a chunk so far.
type LongStrings = HashTable<*mut Str>;

/// Rough size of a prototype on the heap.
fn size_of_data(data: &ProtoData) -> usize {
    let inner: usize = data.protos.iter().map(size_of_data).sum();
    inner + data.code.len() * 12 + data.consts.len() * 48 + data.locals.len() * 48 + 512
}
