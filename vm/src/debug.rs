//! Names, places and tracebacks: what errors say about the code they happened in.
//!
//! Names come from a walk over the instructions before the point of the error: the last one that wrote the
//! register in question tells what the value was. The walk reads the operand kinds of `isa.rs`.

use crate::Vm;
use crate::heap::object::*;
use crate::isa::{Instr, Kind, Op};
use crate::meta::Event;
use crate::native::Thrown;
use crate::number_text;
use crate::thread::frame_flag;
use crate::value::Value;

/// Kind of a variable ("local", "field", ...) and its name.
pub(crate) type Name = (&'static [u8], Vec<u8>);

/// A constant string operand.
unsafe fn const_name(p: *const Proto, index: usize) -> Vec<u8> {
    // SAFETY: the verifier has bounded the operand.
    unsafe {
        let v = *Proto::constant(p, index);
        if v.is_string() {
            Str::bytes(v.as_str()).to_vec()
        } else {
            b"?".to_vec()
        }
    }
}

unsafe fn upval_name(p: *const Proto, index: usize) -> Vec<u8> {
    // SAFETY: a live prototype.
    unsafe {
        let name = Proto::upvals(p).get(index).map(|u| Str::bytes(u.name));
        match name {
            Some(name) if !name.is_empty() => name.to_vec(),
            _ => b"?".to_vec(),
        }
    }
}

/// Name of the `n`-th (from 0) local variable alive at `pc`.
pub(crate) unsafe fn local_name(p: *const Proto, register: usize, pc: usize) -> Option<Vec<u8>> {
    // SAFETY: a live prototype.
    unsafe {
        let mut left = register;
        for local in Proto::locals(p) {
            if local.start_pc as usize > pc {
                break;
            }
            if pc < local.end_pc as usize {
                if left == 0 {
                    return Some(Str::bytes(local.name).to_vec());
                }
                left -= 1;
            }
        }
        None
    }
}

/// First register that an instruction writes, and whether it writes all above it too.
fn written(i: Instr, op: Op) -> Option<(usize, usize)> {
    let a = i.a() as usize / 16;
    let info = op.info();
    match op {
        Op::LoadNil => Some((a, a + i.b() as usize - 1)),
        Op::TForCall => Some((a + 4, usize::MAX)),
        Op::Call | Op::TailCall | Op::Vararg => Some((a, usize::MAX)),
        Op::SelfField => Some((a, a + 1)),
        Op::Concat => Some((a, a)),
        Op::ForPrep | Op::ForLoop => Some((a, a + 3)),
        Op::TForLoop => Some((a + 2, a + 2)),
        _ if info.a == Kind::Out => Some((a, a)),
        _ => None,
    }
}

/// The last instruction before `last` that set `register`; 0-based word index.
unsafe fn find_setter(p: *const Proto, last: usize, register: usize) -> Option<usize> {
    // SAFETY: a live, verified prototype.
    unsafe {
        let mut setter = None;
        let mut jump_target = 0;
        let mut pc = 0;
        while pc < last {
            let i = Instr(*Proto::word(p, pc));
            let op = i.op()?;
            let width = 1 + op.info().wide as usize;
            let changes = match written(i, op) {
                Some((from, to)) => register >= from && register <= to,
                None => false,
            };
            let info = op.info();
            let distance = match (info.b, info.c) {
                (Kind::JumpD, _) => i.sd() as i64,
                (_, Kind::Jump) => i.c() as i64,
                _ => 0,
            };
            let target = (pc + width) as i64 + distance;
            if distance > 0 && target as usize <= last && target as usize > jump_target {
                jump_target = target as usize;
            }
            // A write inside code that may have been jumped over says nothing for sure.
            if changes {
                setter = if pc < jump_target { None } else { Some(pc) };
            }
            pc += width;
        }
        setter
    }
}

/// First word of the instruction that has a word at `pc`: an instruction that waits for its metamethod may stand
/// on its second word already.
unsafe fn start_of_instruction(p: *const Proto, pc: usize) -> usize {
    // SAFETY: a live, verified prototype: every other word starts an instruction.
    unsafe {
        let mut start = 0;
        while start < pc {
            let wide = Instr(*Proto::word(p, start))
                .op()
                .is_some_and(|op| op.info().wide);
            if wide && start + 1 == pc {
                return start;
            }
            start += 1 + wide as usize;
        }
        pc
    }
}

fn field_kind(is_env: bool) -> &'static [u8] {
    if is_env { b"global" } else { b"field" }
}

/// What a register holds at `pc`, said in source terms.
unsafe fn register_name(p: *const Proto, pc: usize, register: usize) -> Option<Name> {
    // SAFETY: a live, verified prototype.
    unsafe {
        if let Some(name) = local_name(p, register, pc) {
            return Some((b"local", name));
        }
        let at = find_setter(p, pc, register)?;
        let i = Instr(*Proto::word(p, at));
        let (b, c) = (i.b() as usize, i.c() as usize);
        match i.op()? {
            Op::Move if b < i.a() as usize => register_name(p, at, b / 16),
            Op::GetUpval => Some((b"upvalue", upval_name(p, b))),
            Op::GetUpField => {
                let is_env = upval_name(p, b) == b"_ENV";
                Some((field_kind(is_env), const_name(p, c / 16)))
            }
            Op::GetField => {
                let is_env = matches!(register_name(p, at, b / 16), Some((kind, name)) if kind == b"local" && name == b"_ENV");
                Some((field_kind(is_env), const_name(p, c / 16)))
            }
            Op::GetIndex => {
                let name = match register_name(p, at, c / 16) {
                    Some((kind, name)) if kind == b"constant" => name,
                    _ => b"?".to_vec(),
                };
                let is_env =
                    matches!(register_name(p, at, b / 16), Some((_, name)) if name == b"_ENV");
                // F = 1: the key is a method's name that was too long for `self`.
                Some((
                    if i.f() != 0 {
                        b"method"
                    } else {
                        field_kind(is_env)
                    },
                    name,
                ))
            }
            Op::GetInt => Some((b"field", b"integer index".to_vec())),
            Op::LoadK => {
                let v = *Proto::constant(p, i.d() as usize);
                v.is_string()
                    .then(|| (b"constant" as &[u8], Str::bytes(v.as_str()).to_vec()))
            }
            Op::SelfField => Some((b"method", const_name(p, c / 16))),
            _ => None,
        }
    }
}

impl Frame {
    /// Word index of the current instruction of a Lua frame.
    pub(crate) unsafe fn current_pc(&self) -> usize {
        // SAFETY: `pc` points just past the first word of the current instruction.
        unsafe {
            let code = (*(*self.closure).proto).code;
            (self.pc.offset_from(code) as usize).saturating_sub(1)
        }
    }

    /// Line of the current instruction of a Lua frame.
    pub(crate) unsafe fn current_line(&self) -> Option<u32> {
        // SAFETY: a Lua frame.
        unsafe {
            let lines = Proto::lines((*self.closure).proto);
            lines.get(self.current_pc()).copied()
        }
    }
}

/// Whether a frame is no level of its own: the machine's call of a finalizer.
unsafe fn is_hidden(frame: *const Frame) -> bool {
    // SAFETY: a frame in use; a native's function is just below its base.
    unsafe {
        (*frame).closure.is_null()
            && (*(*frame).base.sub(1)).is_function()
            && crate::interp::call::native_of(*(*frame).base.sub(1)).name == "(host finalizer)"
    }
}

/// The frame `level` calls below the running one of a thread.
pub(crate) unsafe fn frame_at(th: *mut Thread, level: u32) -> Option<*mut Frame> {
    // SAFETY: a live thread; frames 1 to the running one are in use.
    unsafe {
        let mut frame = (*th).frame;
        let mut left = level;
        while frame > (*th).frames {
            if !is_hidden(frame) {
                if left == 0 {
                    return Some(frame);
                }
                left -= 1;
            }
            frame = frame.sub(1);
        }
        None
    }
}

/// `short_src` of a prototype.
pub(crate) unsafe fn short_source(p: *const Proto) -> Vec<u8> {
    // SAFETY: a live prototype.
    unsafe { cu_lexer::short_src(Str::bytes((*p).source)) }
}

fn decimal(n: i64) -> Vec<u8> {
    let mut space = [0; 24];
    number_text::write_integer(&mut space, n).to_vec()
}

impl Vm {
    /// `chunk:line: ` of the frame `level` below the running one, empty for natives.
    pub(crate) fn where_text(&self, level: u32) -> Vec<u8> {
        // SAFETY: frames of the running thread.
        unsafe {
            let th = self.th;
            let frame = (*th).frame;
            if (frame.offset_from((*th).frames) as usize) < level as usize {
                return Vec::new();
            }
            self.place_of(frame.sub(level as usize))
        }
    }

    /// The same, but empty where the line is not known, as in stripped functions (`luaL_where`).
    pub(crate) fn known_place(&self, level: u32) -> Vec<u8> {
        let mut place = self.where_text(level);
        if place.ends_with(b":-1: ") {
            place.clear();
        }
        place
    }

    pub(crate) unsafe fn place_of(&self, frame: *const Frame) -> Vec<u8> {
        // SAFETY: a frame in use.
        unsafe {
            if (*frame).closure.is_null() {
                return Vec::new();
            }
            let mut text = short_source((*(*frame).closure).proto);
            match (*frame).current_line() {
                Some(line) => {
                    text.push(b':');
                    text.extend_from_slice(&decimal(line as i64));
                    text.extend_from_slice(b": ");
                }
                None => text.extend_from_slice(b":-1: "),
            }
            text
        }
    }

    /// Kind and name under which a frame's function was called.
    pub(crate) unsafe fn call_name(&self, th: *mut Thread, frame: *const Frame) -> Option<Name> {
        // SAFETY: a frame in use; the one below it is its caller.
        unsafe {
            if (*frame).flags & frame_flag::TAIL != 0 || frame == (*th).frames.cast_const() {
                return None;
            }
            let caller = frame.sub(1);
            if (*th).in_hook && caller.offset_from((*th).frames) == (*th).hook_frame as isize {
                return Some((b"hook", b"?".to_vec()));
            }
            if is_hidden(caller) {
                return Some((b"metamethod", b"__gc".to_vec()));
            }
            if (*caller).closure.is_null() || (*frame).flags & (frame_flag::UNWIND) != 0 {
                return None;
            }
            let p = (*(*caller).closure).proto;
            let pc = start_of_instruction(p, (*caller).current_pc());
            let i = Instr(*Proto::word(p, pc));
            let event: &[u8] = match i.op()? {
                Op::Call | Op::TailCall => return register_name(p, pc, i.a() as usize / 16),
                Op::TForCall => return Some((b"for iterator", b"for iterator".to_vec())),
                Op::GetUpField | Op::GetIndex | Op::GetInt | Op::GetField | Op::SelfField => {
                    b"index"
                }
                Op::SetUpField
                | Op::SetUpFieldK
                | Op::SetIndex
                | Op::SetIndexK
                | Op::SetInt
                | Op::SetIntK
                | Op::SetField
                | Op::SetFieldK => b"newindex",
                Op::Concat => b"concat",
                Op::Eq | Op::EqK | Op::EqI => b"eq",
                Op::Lt | Op::LtI | Op::GtI => b"lt",
                Op::Le | Op::LeI | Op::GeI => b"le",
                Op::Close | Op::Return | Op::Return0 | Op::Return1 => b"close",
                op => &super::interp::event_of(op)?.name().as_bytes()[2..],
            };
            Some((b"metamethod", event.to_vec()))
        }
    }

    /// Kind and name under which the running native was called.
    pub(crate) fn called_function_name(&self) -> Option<Name> {
        // SAFETY: the running frame.
        unsafe { self.call_name(self.th, (*self.th).frame) }
    }

    /// Library name of the running native. What is in no library's table (`io.file.read`) has none.
    pub(crate) fn running_native_name(&self) -> Option<Vec<u8>> {
        // SAFETY: the running frame.
        unsafe {
            let frame = (*self.th).frame;
            if !(*frame).closure.is_null() || frame == (*self.th).frames {
                return None;
            }
            let name = crate::interp::call::native_of(*(*frame).base.sub(1)).name;
            (name.split('.').count() <= 2).then(|| name.as_bytes().to_vec())
        }
    }

    /// ` (local 'x')` and the like for the operand `v` of the current instruction, if it can be told.
    unsafe fn operand_text(&self, v: Value) -> Vec<u8> {
        // SAFETY: the running frame; registers below `max_stack` exist.
        unsafe {
            let frame = (*self.th).frame;
            if (*frame).closure.is_null() {
                return Vec::new();
            }
            let p = (*(*frame).closure).proto;
            let pc = (*frame).current_pc();
            let i = Instr(*Proto::word(p, pc));
            let Some(op) = i.op() else { return Vec::new() };
            let info = op.info();
            let mut name = None;
            // Of two operands with the same value the first is meant, whether or not it has a name.
            let mut found = false;
            // For calls, concatenations and loops the operand is in a window; find it there.
            let fields = [(info.a, i.a()), (info.b, i.b()), (info.c, i.c())];
            for (kind, field) in fields {
                let register = field as usize / 16;
                match kind {
                    Kind::In | Kind::Window if !found && name.is_none() => {
                        let n = match op {
                            Op::Concat => i.b() as usize,
                            _ => 1,
                        };
                        for r in register..register + n {
                            if (*(*frame).base.add(r)).same(v) {
                                name = register_name(p, pc, r);
                                found = true;
                                break;
                            }
                        }
                    }
                    Kind::Const if !found && name.is_none() => {
                        let k = *Proto::constant(p, register);
                        if k.same(v) && k.is_string() {
                            name = Some((b"constant" as &[u8], Str::bytes(k.as_str()).to_vec()));
                        }
                    }
                    Kind::Upval if !found && name.is_none() => {
                        name = Some((b"upvalue" as &[u8], upval_name(p, field as usize)));
                    }
                    _ => {}
                }
            }
            match name {
                Some((kind, name)) => {
                    let mut text = b" (".to_vec();
                    text.extend_from_slice(kind);
                    text.extend_from_slice(b" '");
                    text.extend_from_slice(&name);
                    text.extend_from_slice(b"')");
                    text
                }
                None => Vec::new(),
            }
        }
    }

    #[cold]
    pub(crate) unsafe fn index_error(&mut self, object: Value, key: Value, direct: bool) -> Thrown {
        // SAFETY: the running frame.
        unsafe {
            let frame = (*self.th).frame;
            let mut name = Vec::new();
            if direct && !(*frame).closure.is_null() {
                let p = (*(*frame).closure).proto;
                let pc = (*frame).current_pc();
                let i = Instr(*Proto::word(p, pc));
                let found = match i.op() {
                    Some(Op::GetUpField) => {
                        Some((b"upvalue" as &[u8], upval_name(p, i.b() as usize)))
                    }
                    Some(Op::SetUpField | Op::SetUpFieldK) => {
                        Some((b"upvalue" as &[u8], upval_name(p, i.a() as usize)))
                    }
                    Some(Op::GetField | Op::GetIndex | Op::GetInt | Op::SelfField) => {
                        register_name(p, pc, i.b() as usize / 16)
                    }
                    Some(_) => register_name(p, pc, i.a() as usize / 16),
                    None => None,
                };
                if let Some((kind, n)) = found {
                    name = [b" (", kind, b" '", &n, b"')"].concat();
                }
            }
            let _ = key;
            let type_name = self.value_type_name(object);
            self.run_error(&[b"attempt to index a ", &type_name, b" value", &name])
        }
    }

    #[cold]
    pub(crate) unsafe fn operand_error(&mut self, event: Event, a: Value, b: Value) -> Thrown {
        // SAFETY: valid values.
        unsafe {
            let (verb, culprit): (&[u8], Value) = match event {
                Event::Concat => (
                    b"concatenate",
                    if a.is_string() || a.is_number() { b } else { a },
                ),
                Event::Len => (b"get length of", a),
                Event::BAnd | Event::BOr | Event::BXor | Event::Shl | Event::Shr | Event::BNot => {
                    if a.is_number() && b.is_number() {
                        let wrong = if crate::convert::number_to_integer(a).is_none() {
                            a
                        } else {
                            b
                        };
                        let name = self.operand_text(wrong);
                        return self.run_error(&[
                            b"number",
                            &name,
                            b" has no integer representation",
                        ]);
                    }
                    (
                        b"perform bitwise operation on",
                        if a.is_number() { b } else { a },
                    )
                }
                _ => (b"perform arithmetic on", if a.is_number() { b } else { a }),
            };
            let name = self.operand_text(culprit);
            let type_name = self.value_type_name(culprit);
            self.run_error(&[b"attempt to ", verb, b" a ", &type_name, b" value", &name])
        }
    }

    #[cold]
    pub(crate) fn order_error(&mut self, a: Value, b: Value) -> Thrown {
        let (x, y) = (self.value_type_name(a), self.value_type_name(b));
        if x == y {
            self.run_error(&[b"attempt to compare two ", &x, b" values"])
        } else {
            self.run_error(&[b"attempt to compare ", &x, b" with ", &y])
        }
    }

    #[cold]
    pub(crate) unsafe fn call_error(&mut self, func: *mut Value) -> Thrown {
        // SAFETY: a slot of the running thread.
        unsafe {
            let v = *func;
            let frame = (*self.th).frame;
            let mut name = Vec::new();
            if !(*frame).closure.is_null() {
                let p = (*(*frame).closure).proto;
                let pc = (*frame).current_pc();
                let i = Instr(*Proto::word(p, pc));
                let found = match i.op() {
                    Some(Op::Call | Op::TailCall)
                        if func == Frame::register(frame, i.a() as usize) =>
                    {
                        register_name(p, pc, i.a() as usize / 16)
                    }
                    Some(Op::TForCall) => {
                        Some((b"for iterator" as &[u8], b"for iterator".to_vec()))
                    }
                    Some(Op::Call | Op::TailCall) | None => None,
                    Some(_) => {
                        // The value of a metamethod that cannot be called.
                        self.metamethod_name(i)
                    }
                };
                if let Some((kind, n)) = found {
                    name = [b" (", kind, b" '", &n, b"')"].concat();
                }
            }
            let type_name = self.value_type_name(v);
            self.run_error(&[b"attempt to call a ", &type_name, b" value", &name])
        }
    }

    unsafe fn metamethod_name(&self, i: Instr) -> Option<Name> {
        let op = i.op()?;
        let event: Vec<u8> = match op {
            Op::GetUpField | Op::GetIndex | Op::GetInt | Op::GetField | Op::SelfField => {
                b"index".to_vec()
            }
            Op::Concat => b"concat".to_vec(),
            Op::Eq => b"eq".to_vec(),
            Op::Lt | Op::LtI | Op::GtI => b"lt".to_vec(),
            Op::Le | Op::LeI | Op::GeI => b"le".to_vec(),
            Op::Close | Op::Return => b"close".to_vec(),
            op => super::interp::event_of(op)?.name().as_bytes()[2..].to_vec(),
        };
        Some((b"metamethod", event))
    }

    // ---- tracebacks ---------------------------------------------------------------------------------

    /// Text of `luaL_traceback`.
    pub(crate) unsafe fn traceback_text(
        &mut self,
        th: *mut Thread,
        message: Option<&[u8]>,
        level: u32,
    ) -> Vec<u8> {
        const HEAD: isize = 10;
        const TAIL: isize = 11;
        let mut text = Vec::new();
        // SAFETY: a live thread; frames up to its running one are in use. Frame 0 is the base.
        unsafe {
            if let Some(message) = message {
                text.extend_from_slice(message);
                text.push(b'\n');
            }
            text.extend_from_slice(b"stack traceback:");
            let mut first = (*th).frames;
            if let Some(frame) = frame_at(th, level) {
                first = frame;
            }
            let mut total = 0;
            let mut frame = first;
            while frame > (*th).frames {
                total += !is_hidden(frame) as isize;
                frame = frame.sub(1);
            }
            let (mut frame, mut seen) = (first, 0);
            while frame > (*th).frames {
                if !is_hidden(frame) {
                    if total > HEAD + TAIL && seen == HEAD {
                        text.extend_from_slice(b"\n\t...\t(skipping ");
                        text.extend_from_slice(&decimal((total - HEAD - TAIL) as i64));
                        text.extend_from_slice(b" levels)");
                    }
                    if total <= HEAD + TAIL || seen < HEAD || seen >= total - TAIL {
                        self.traceback_line(th, frame, &mut text);
                    }
                    seen += 1;
                }
                frame = frame.sub(1);
            }
        }
        text
    }

    unsafe fn traceback_line(&mut self, th: *mut Thread, frame: *mut Frame, text: &mut Vec<u8>) {
        // SAFETY: a frame in use.
        unsafe {
            if (*frame).closure.is_null() {
                text.extend_from_slice(b"\n\t[C]: in ");
            } else {
                text.extend_from_slice(b"\n\t");
                let place = self.place_of(frame);
                text.extend_from_slice(&place);
                text.extend_from_slice(b"in ");
            }
            let function = *(*frame).base.sub(1);
            if let Some(name) = self.loaded_name(function) {
                text.extend_from_slice(b"function '");
                text.extend_from_slice(&name);
                text.push(b'\'');
            } else if let Some((kind, name)) = self.call_name(th, frame) {
                text.extend_from_slice(kind);
                text.extend_from_slice(b" '");
                text.extend_from_slice(&name);
                text.push(b'\'');
            } else if !(*frame).closure.is_null() {
                let p = (*(*frame).closure).proto;
                if (*p).line_defined == 0 {
                    text.extend_from_slice(b"main chunk");
                } else {
                    text.extend_from_slice(b"function <");
                    text.extend_from_slice(&short_source(p));
                    text.push(b':');
                    text.extend_from_slice(&decimal((*p).line_defined as i64));
                    text.push(b'>');
                }
            } else {
                text.push(b'?');
            }
            if (*frame).flags & frame_flag::TAIL != 0 {
                text.extend_from_slice(b"\n\t(...tail calls...)");
            }
        }
    }

    /// Name of a function found in a loaded library (`string.rep`; plain for globals).
    pub(crate) unsafe fn loaded_name(&mut self, function: Value) -> Option<Vec<u8>> {
        // SAFETY: live tables; nothing here collects.
        unsafe {
            let key = self.heap.intern(b"_LOADED").ok()?;
            let loaded = crate::table::get_name(self.registry, key);
            if !loaded.is_table() {
                return None;
            }
            let mut at = 0;
            while let Some((library, fields)) = crate::table::next_from(loaded.as_table(), &mut at)
            {
                if library.is_string() && fields.same(function) {
                    // A module that is a function.
                    return Some(Str::bytes(library.as_str()).to_vec());
                }
                if !library.is_string() || !fields.is_table() {
                    continue;
                }
                let mut i = 0;
                while let Some((key, v)) = crate::table::next_from(fields.as_table(), &mut i) {
                    if key.is_string() && v.same(function) {
                        let library = Str::bytes(library.as_str());
                        let field = Str::bytes(key.as_str());
                        return Some(if library == b"_G" {
                            field.to_vec()
                        } else {
                            [library, b".", field].concat()
                        });
                    }
                }
            }
            None
        }
    }
}
