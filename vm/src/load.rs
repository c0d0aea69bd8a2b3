//! From source text or a binary chunk to a function.

use crate::Vm;
use crate::compile::{self, CompileError, compile_to};
use crate::dump::{SIGNATURE, UndumpError, undump};
use crate::heap::alloc::Heap;
use crate::heap::object::*;
use crate::host::Host;
use crate::isa::verify::{Verifier, VerifyError};
use crate::native::{Slot, Thrown};
use crate::proto::{Constant, Parts, ProtoData, Sealed, Sink, Stop, StrId};
use crate::value::{Value, tag};
use cu_lexer::{Meter, OutOfMemory, Watch};

/// Memory that is kept free for a chunk's objects beyond their own size.
const MARGIN: usize = 64 << 10;
/// About as many bytes of objects come of each byte of text.
const SIZE_BY_TEXT: usize = 6;
/// A workspace that has taken more than this is not kept. What is kept is part of the machine, not of the program.
const KEPT: usize = 48 << 10;

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
        let (name, mode) = (until_nul(name), until_nul(mode));
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
        if binary {
            self.charge(chunk.len() as u64 / 16)?;
            return self.load_binary(chunk, name, used);
        }
        self.charge(fuel_for_text(chunk.len()))?;
        let expected = chunk.len().saturating_mul(SIZE_BY_TEXT);
        self.gc_check(expected.saturating_add(size_of::<Proto>()));
        // Collecting is worth its time only when the chunk does not fit otherwise.
        let mut collected = false;
        loop {
            self.gc_margin(chunk.len().saturating_add(MARGIN));
            let mut meter = self.load_meter().watched(Watch {
                ask: is_interrupted,
                of: (&raw mut self.host).cast(),
            });
            let before = meter.left();
            let mut work = self.workspace.take().unwrap_or_default();
            let mut builder = Builder::new(&mut self.heap, &mut work.lists);
            let compiled = compile_to(&mut work.compiler, chunk, name, &mut meter, &mut builder);
            let fault = builder.fault.take();
            let made = match compiled {
                Ok(()) => Ok(builder.closure(self.globals)),
                Err(error) => Err(error),
            };
            work.taken = work.taken.saturating_add(before - meter.left());
            if work.taken <= KEPT {
                self.workspace = Some(work);
            }
            if meter.is_stopped() {
                return Err(self.interrupted());
            }
            match made {
                Ok(Ok(closure)) => return self.push(Value::closure(closure)).map(|()| true),
                Err(CompileError::Syntax { message, .. }) => {
                    self.push_bytes(&message)?;
                    return Ok(false);
                }
                Ok(Err(OutOfMemory)) | Err(CompileError::OutOfMemory) => {}
            }
            if fault.is_some() {
                return self.refuse_binary(name, "invalid code");
            }
            if collected {
                return Err(self.out_of_memory());
            }
            self.collect_quietly();
            collected = true;
        }
    }

    #[inline(never)]
    fn load_binary(&mut self, chunk: &[u8], name: &[u8], used: &mut usize) -> Result<bool, Thrown> {
        let mut collected = false;
        let data = loop {
            match undump(chunk, &mut self.load_meter()) {
                Ok((data, end)) => {
                    *used = end;
                    break data;
                }
                Err(UndumpError::Format(what)) => return self.refuse_binary(name, what),
                Err(UndumpError::OutOfMemory) if collected => return Err(self.out_of_memory()),
                Err(UndumpError::OutOfMemory) => self.collect_quietly(),
            }
            collected = true;
        };
        match self.push_data(&data)? {
            Ok(()) => Ok(true),
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

    /// What reading a chunk may take: the rest is for its objects. As in PUC Lua, nested library functions and nesting in
    /// the text count together.
    pub(crate) fn load_meter(&self) -> Meter {
        Meter::with_key(
            self.heap.limit.saturating_sub(self.heap.used) / 2,
            self.heap.seed,
        )
        // The call from the host is none of the program's.
        .at_level(self.depth.saturating_sub(1))
    }

    /// Pushes a closure of a main function, with fresh upvalues; the first one holds the globals. The inner result says
    /// why the function, or one of those in it, cannot run; then nothing is pushed.
    pub(crate) fn push_data(
        &mut self,
        data: &ProtoData,
    ) -> Result<Result<(), VerifyError>, Thrown> {
        // Strings may need new pages and a larger string table, too.
        let size = size_of_data(data);
        self.gc_check(size);
        self.gc_margin(size + MARGIN);
        let mut meter = self.load_meter();
        let mut path = Vec::new();
        let mut lists = BuildLists::default();
        let mut builder = Builder::new(&mut self.heap, &mut lists);
        let fed = data.feed(&mut builder, &mut path, &mut meter);
        if let Some(fault) = builder.fault.take() {
            return Ok(Err(VerifyError { path, ..fault }));
        }
        let made = match fed {
            Ok(()) => builder.closure(self.globals),
            Err(Stop) => Err(OutOfMemory),
        };
        match made {
            Ok(closure) => self.push(Value::closure(closure)).map(Ok),
            Err(OutOfMemory) => Err(self.out_of_memory()),
        }
    }

    /// Pushes what `load_bytes` would push for the `len` bytes of text that the function in `f` was loaded from: a new
    /// function with upvalues of its own. It takes the same fuel, and no time to compile. False, and nothing is pushed,
    /// if there is no such function in `f`.
    pub fn load_again(&mut self, f: Slot, len: usize) -> Result<bool, Thrown> {
        let known = self.value_at(f);
        if known.tag != tag::CLOSURE {
            return Ok(false);
        }
        self.charge(fuel_for_text(len))?;
        self.gc_check(size_of::<Closure>() + size_of::<Upval>());
        // SAFETY: a live closure, which keeps its prototype; nothing collects until the new one is pushed.
        let made = unsafe {
            let proto = (*known.as_ptr::<Closure>()).proto;
            main_closure(&mut self.heap, proto, self.globals)
        };
        match made {
            Ok(closure) => self.push(Value::closure(closure)).map(|()| true),
            Err(OutOfMemory) => Err(self.out_of_memory()),
        }
    }

    /// First upvalue of the Lua function in `f` := the value in `env` (false if it has none).
    pub fn set_first_upvalue(&mut self, f: Slot, env: Slot) -> bool {
        let (f, env) = (self.value_at(f), self.value_at(env));
        if f.tag != tag::CLOSURE {
            return false;
        }
        // SAFETY: a live closure with at least one upvalue.
        unsafe {
            let c = f.as_closure();
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

/// What it takes to compile so many bytes.
fn fuel_for_text(len: usize) -> u64 {
    len as u64 / 4
}

/// Whether the host wants the compilation to end. It has no way to the machine, so nothing collects meanwhile.
fn is_interrupted(host: *mut ()) -> bool {
    // SAFETY: the address of the machine's host, from `load_prefix` alone; while the meter is in use nobody else uses
    // that field, and the references that are in use are to others.
    unsafe { (*host.cast::<Box<dyn Host>>()).interrupted() }
}

/// The part of a string that C would see.
fn until_nul(bytes: &[u8]) -> &[u8] {
    bytes.split(|&byte| byte == 0).next().unwrap_or_default()
}

/// What loading a chunk of text takes besides its objects, to be used again for the next one.
#[derive(Default)]
pub(crate) struct Workspace {
    compiler: compile::Workspace,
    lists: BuildLists,
    /// Bytes that the compiler has taken so far. The other lists are a fraction of its own.
    taken: usize,
}

/// Lists of a [`Builder`].
#[derive(Default)]
struct BuildLists {
    verifier: Verifier,
    /// The strings of the table so far, by their number; null where a string was not needed yet. So equal constants are
    /// one string in the whole chunk.
    strings: Vec<*mut Str>,
    /// The prototypes that are in no other yet.
    loose: Vec<*mut Proto>,
}

/// Makes prototypes of functions as they come. While there is one, nothing collects: what it has made is in no slot.
struct Builder<'h> {
    heap: &'h mut Heap,
    lists: &'h mut BuildLists,
    source: *mut Str,
    /// Why a function cannot run.
    fault: Option<VerifyError>,
}

impl Sink for Builder<'_> {
    fn source(&mut self, name: &[u8]) -> Result<(), Stop> {
        self.source = self.heap.new_string(name).map_err(|_| Stop)?;
        Ok(())
    }

    fn function(&mut self, parts: &Parts<'_>) -> Result<(), Stop> {
        match parts.seal(&mut self.lists.verifier) {
            Ok(sealed) => Ok(self.build(&sealed)?),
            Err(fault) => {
                self.fault = Some(fault);
                Err(Stop)
            }
        }
    }
}

impl<'h> Builder<'h> {
    fn new(heap: &'h mut Heap, lists: &'h mut BuildLists) -> Builder<'h> {
        lists.verifier.clear();
        lists.strings.clear();
        lists.loose.clear();
        Builder {
            heap,
            lists,
            source: std::ptr::null_mut(),
            fault: None,
        }
    }

    /// The string with this number.
    fn string(&mut self, parts: &Parts<'_>, id: StrId) -> Result<*mut Str, OutOfMemory> {
        match self.lists.strings.get(id.index()) {
            Some(&known) if !known.is_null() => Ok(known),
            _ => self.new_string(parts, id),
        }
    }

    #[inline(never)]
    fn new_string(&mut self, parts: &Parts<'_>, id: StrId) -> Result<*mut Str, OutOfMemory> {
        let all = parts.strings.len().max(id.index() + 1);
        if self.lists.strings.len() < all {
            let more = all - self.lists.strings.len();
            self.lists
                .strings
                .try_reserve(more)
                .map_err(|_| OutOfMemory)?;
            self.lists.strings.resize(all, std::ptr::null_mut());
        }
        let string = self.heap.new_string(parts.strings.get(id))?;
        if let Some(place) = self.lists.strings.get_mut(id.index()) {
            *place = string;
        }
        Ok(string)
    }

    /// Makes the prototype of a function.
    fn build(&mut self, parts: &Sealed<'_>) -> Result<(), OutOfMemory> {
        self.lists.loose.try_reserve(1).map_err(|_| OutOfMemory)?;
        let first = self.lists.loose.len().saturating_sub(parts.n_protos);
        let layout = ProtoLayout {
            n_code: parts.code.len(),
            n_k: parts.consts.len(),
            n_protos: self.lists.loose.len() - first,
            n_upvals: parts.upvals.len(),
            n_locals: parts.locals.len(),
            n_lines: parts.lines.len(),
        };
        let size = layout.size();
        let block = self.heap.alloc_block(size)?;
        let made = self.fill(parts, &layout, block).and_then(|lists| {
            let cell = self.heap.alloc_cell(size_of::<Proto>())?.cast::<Proto>();
            Ok((cell, lists))
        });
        let (cell, lists) = match made {
            Ok(made) => made,
            Err(OutOfMemory) => {
                self.heap.free_block(block, size);
                return Err(OutOfMemory);
            }
        };
        // SAFETY: a fresh cell of the right size, and a block with the lists that it names. The verifier has seen as
        // many functions as there are prototypes, and found that the last ones are in this one.
        unsafe {
            let nested = self.lists.loose.get(first..).unwrap_or_default();
            for (n, &proto) in nested.iter().enumerate() {
                lists.protos.add(n).write(proto);
            }
            cell.write(Proto {
                max_stack: parts.max_stack,
                n_params: parts.n_params,
                is_vararg: parts.is_vararg,
                line_defined: parts.line_defined,
                last_line_defined: parts.last_line_defined,
                source: self.source,
                ..lists
            });
        }
        self.lists.loose.truncate(first);
        self.lists.loose.push(cell);
        Ok(())
    }

    /// Writes the lists of a function but for that of nested prototypes to a block, and says where they are.
    fn fill(
        &mut self,
        parts: &Sealed<'_>,
        layout: &ProtoLayout,
        block: *mut u8,
    ) -> Result<Proto, OutOfMemory> {
        // SAFETY: the block has the size that the layout asks for, and the layout the lengths of these lists.
        unsafe {
            let lists = layout.lists(block, self.heap.header(tag::PROTO));
            lists
                .code
                .copy_from_nonoverlapping(parts.code.as_ptr(), layout.n_code);
            lists
                .lines
                .copy_from_nonoverlapping(parts.lines.as_ptr(), layout.n_lines);
            for (n, constant) in parts.consts.iter().enumerate() {
                lists.k.add(n).write(match *constant {
                    Constant::Nil => Value::NIL,
                    Constant::Boolean(b) => Value::bool(b),
                    Constant::Int(i) => Value::int(i),
                    Constant::Float(bits) => Value::float(f64::from_bits(bits)),
                    Constant::Str(id) => Value::string(self.string(parts, id)?),
                });
            }
            for (n, upval) in parts.upvals.iter().enumerate() {
                lists.upvals.add(n).write(UpvalInfo {
                    name: self.string(parts, upval.name)?,
                    in_stack: upval.in_stack,
                    index: upval.index,
                    kind: upval.kind,
                });
            }
            for (n, local) in parts.locals.iter().enumerate() {
                lists.locals.add(n).write(LocalVar {
                    name: self.string(parts, local.name)?,
                    start_pc: local.start_pc,
                    end_pc: local.end_pc,
                    register: local.register,
                });
            }
            Ok(lists)
        }
    }

    /// A closure of the main function.
    fn closure(self, globals: *mut Table) -> Result<*mut Closure, OutOfMemory> {
        match self.lists.loose.last() {
            // SAFETY: a prototype that was made a moment ago.
            Some(&proto) => unsafe { main_closure(self.heap, proto, globals) },
            None => Err(OutOfMemory),
        }
    }
}

/// A closure of a main function with fresh upvalues, of which the first one holds the globals.
///
/// # Safety
///
/// The prototype is live, and nothing collects before the closure is in a slot.
unsafe fn main_closure(
    heap: &mut Heap,
    proto: *mut Proto,
    globals: *mut Table,
) -> Result<*mut Closure, OutOfMemory> {
    // SAFETY: a live prototype, as the caller says, and fresh cells of the right sizes.
    unsafe {
        let c = heap.new_closure(proto)?;
        for i in 0..usize::from((*proto).n_upvals) {
            let u = heap.alloc_cell(size_of::<Upval>())?.cast::<Upval>();
            u.write(Upval {
                header: heap.header(tag::UPVAL),
                v: std::ptr::null_mut(),
                next: std::ptr::null_mut(),
                thread: std::ptr::null_mut(),
                value: if i == 0 {
                    Value::table(globals)
                } else {
                    Value::NIL
                },
            });
            (*u).v = &raw mut (*u).value;
            Closure::upval(c, i).write(u);
        }
        Ok(c)
    }
}

/// Rough size of a prototype on the heap.
fn size_of_data(data: &ProtoData) -> usize {
    let inner: usize = data.protos.iter().map(size_of_data).sum();
    inner + data.code.len() * 12 + data.consts.len() * 48 + data.locals.len() * 48 + 512
}
