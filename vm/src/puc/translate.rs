//! From instructions of PUC Lua to ours.
//!
//! The two machines have the same registers and nearly the same operations, so each instruction becomes one or two of
//! ours, in place. What differs:
//!
//! - PUC Lua follows each arithmetic instruction with one that calls the metamethod; ours know it themselves. The second
//!   one tells which operator it was, and what stood on the left: `x - 1` is `ADDI` with -1 there.
//! - A test skips the jump behind it or does it; ours jump themselves, but only forward. Where the jump goes back, or
//!   too far, or something else jumps to it too, the opposite test jumps over it.
//! - Operands that ours cannot have (an integer shifted by a register, a float to compare with) go to a register beyond
//!   those of the function.
//!
//! All places are known as instructions are written, because how long a translation is never depends on a
//! distance; jumps are filled in at the end.

use cu_lexer::{Meter, OutOfMemory};

use super::check::{self, MAX_NAME};
use super::opcode::{Opcode, Word};
use super::reader::{Function, Local};
use super::{Failure, Fault};
use crate::isa::{Instr, Kind, MAX_REGISTERS, Op, VALUE_SIZE};
use crate::proto::{Const, LocalInfo, Name, ProtoData};

/// Most words that one instruction becomes.
const MAX_WORDS: usize = 3;

/// Translating cannot go on: [`Failure::fault`] says why, or memory ran out. It takes no room, so that results stay
/// small.
#[derive(Clone, Copy, Debug)]
pub(super) struct Failed;

impl From<OutOfMemory> for Failed {
    fn from(_: OutOfMemory) -> Failed {
        Failed
    }
}

type Res<T> = Result<T, Failed>;

/// Translates a function and those in it.
pub(super) fn function(
    mut f: Function,
    failure: &mut Failure,
    meter: &mut Meter,
) -> Res<ProtoData> {
    let mut protos = Vec::new();
    meter.reserve(&mut protos, f.protos.len())?;
    for (idx, nested) in std::mem::take(&mut f.protos).into_iter().enumerate() {
        meter.push(&mut failure.path, idx as u32)?;
        protos.push(function(nested, failure, meter)?);
        failure.path.pop();
    }
    let n_code = f.code.len();
    let mut translator = Translator {
        max_stack: f.max_stack,
        is_long: n_code.saturating_mul(MAX_WORDS) > usize::from(u16::MAX),
        f: &f,
        failure,
        meter,
        marks: Vec::new(),
        pc: 0,
        words: Vec::new(),
        lines: Vec::new(),
        places: Vec::new(),
        jumps: Vec::new(),
    };
    translator.check(protos.len())?;
    translator.code()?;
    translator.fill_in_jumps();
    let locals = translator.locals()?;
    let Translator {
        words,
        lines,
        max_stack,
        ..
    } = translator;
    Ok(ProtoData {
        code: words,
        consts: f.consts,
        protos,
        upvals: f.upvals,
        lines,
        locals,
        source: f.source.unwrap_or_default(),
        line_defined: f.line_defined,
        last_line_defined: f.last_line_defined,
        n_params: f.n_params,
        is_vararg: f.is_vararg,
        max_stack,
    })
}

struct Translator<'a> {
    f: &'a Function,
    failure: &'a mut Failure,
    meter: &'a mut Meter,
    /// One for each instruction.
    marks: Vec<Mark>,
    /// The instruction being checked or translated.
    pc: usize,
    /// Some jump may be too long for a field of 16 bits.
    is_long: bool,
    /// Registers that the translation needs.
    max_stack: u8,
    words: Vec<u64>,
    lines: Vec<u32>,
    /// First word of each instruction.
    places: Vec<u32>,
    jumps: Vec<Jump>,
}

/// What is known of an instruction from the others.
#[derive(Clone, Copy, Debug, Default)]
struct Mark {
    /// Some instruction jumps to it.
    is_target: bool,
    /// It is translated with the instruction before it.
    is_part: bool,
}

/// A jump to be filled in.
struct Jump {
    /// The word it is in.
    at: u32,
    /// The instruction it goes to.
    to: usize,
    /// Whether the distance has 16 bits.
    is_short: bool,
}

impl Translator<'_> {
    /// Checks all instructions of a function in which there are `n_protos`, and marks them.
    fn check(&mut self, n_protos: usize) -> Res<()> {
        let f = self.f;
        self.meter.reserve(&mut self.marks, f.code.len())?;
        self.marks.resize(f.code.len(), Mark::default());
        let mut before = None;
        for (pc, &word) in f.code.iter().enumerate() {
            self.pc = pc;
            let Some(op) = word.op() else {
                return Err(self.fault("an unknown operation"));
            };
            let is_part =
                check::operands(f, n_protos, op, word).and_then(|()| check::is_part(before, op));
            let is_part = is_part.map_err(|what| self.fault(what))?;
            if let Some(mark) = self.marks.get_mut(pc) {
                mark.is_part = is_part;
            }
            if let Some(target) = check::target(pc, word) {
                let target = usize::try_from(target).unwrap_or(usize::MAX);
                match self.marks.get_mut(target) {
                    Some(mark) => mark.is_target = true,
                    None => return Err(self.fault("a jump out of the function")),
                }
            }
            before = Some(word);
        }
        let inside = |mark: &Mark| mark.is_target && mark.is_part;
        if let Some(pc) = self.marks.iter().position(inside) {
            self.pc = pc;
            return Err(self.fault("a jump into an instruction"));
        }
        Ok(())
    }

    fn code(&mut self) -> Res<()> {
        let f = self.f;
        self.meter.reserve(&mut self.places, f.code.len() + 1)?;
        for (pc, &word) in f.code.iter().enumerate() {
            self.pc = pc;
            self.places.push(self.words.len() as u32);
            let is_part = self.marks.get(pc).is_some_and(|mark| mark.is_part);
            if let Some(op) = word.op().filter(|_| !is_part) {
                self.instruction(op, word)?;
            }
        }
        self.places.push(self.words.len() as u32);
        Ok(())
    }

    fn instruction(&mut self, op: Opcode, w: Word) -> Res<()> {
        let a = reg(w.a());
        match op {
            Opcode::LoadKx => {
                let index = self.second()?.ax();
                if index as usize >= self.f.consts.len() {
                    return Err(self.fault("no such constant"));
                }
                self.word(Instr::ad(Op::LoadK, 0, a, index).0)
            }
            Opcode::LFalseSkip => {
                self.abc(Op::LoadFalse, a, 0, 0)?;
                self.jump(Op::Jump, 0, self.pc + 2)
            }
            Opcode::LoadNil => self.abc(Op::LoadNil, a, u16::from(w.b()) + 1, 0),
            Opcode::NewTable => self.new_table(w),
            Opcode::SelfOp => self.method(w),
            Opcode::AddI | Opcode::ShrI | Opcode::ShlI => self.arith_imm(op, w),
            Opcode::Jmp => {
                let to = self.target(self.pc)?;
                self.jump(choose(to <= self.pc, Op::LoopBack, Op::Jump), 0, to)
            }
            Opcode::EqI => self.test(Op::EqI, w.k(), a, w.sb() as u16),
            Opcode::LtI | Opcode::LeI | Opcode::GtI | Opcode::GeI => self.compare_imm(op, w),
            Opcode::Test | Opcode::TestSet => self.truth(op, w),
            Opcode::TailCall => self.leave(Op::TailCall, w),
            Opcode::Return => self.leave(Op::Return, w),
            Opcode::SetList => self.set_list(w),
            Opcode::VarargPrep => self.abc(Op::VarargPrep, 0, u16::from(w.a()), 0),
            // Parts of what stands before them.
            Opcode::MmBin | Opcode::MmBinI | Opcode::MmBinK | Opcode::ExtraArg => Ok(()),
            op => match (same(op), operation(op)) {
                (Some(ours), _) => self.same(choose(w.k() != 0, with_constant(ours), ours), w),
                (None, Some(ours)) => self.arith(ours, w),
                (None, None) => Err(self.fault("no translation")),
            },
        }
    }

    /// An instruction with the same operands in the same fields.
    fn same(&mut self, op: Op, w: Word) -> Res<()> {
        let info = op.info();
        match info.b {
            Kind::Jump => return Err(self.fault("no translation")),
            Kind::JumpD => {
                let to = self.target(self.pc)?;
                return self.jump(op, reg(w.a()), to);
            }
            Kind::ImmD => return self.word(Instr::ad(op, 0, reg(w.a()), w.sbx() as u32).0),
            Kind::ConstD | Kind::ProtoD => {
                return self.word(Instr::ad(op, 0, reg(w.a()), w.bx()).0);
            }
            _ => {}
        }
        let (a, b) = (field(info.a, w.a()), field(info.b, w.b()));
        if info.c == Kind::Jump {
            return self.test(op, w.k(), a, b);
        }
        self.abc(op, a, b, field(info.c, w.c()))?;
        if info.wide {
            // The cache is fresh.
            self.word(0)?;
        }
        Ok(())
    }

    fn new_table(&mut self, w: Word) -> Res<()> {
        let n_items = self.with_extra(w)?;
        // They are hints; what does not fit is taken as the machine needs it.
        let n_items = u16::try_from(n_items).unwrap_or(u16::MAX);
        let n_fields = match w.b() {
            0 => 0,
            log => 1_u16.checked_shl(u32::from(log) - 1).unwrap_or(u16::MAX),
        };
        self.abc(Op::NewTable, reg(w.a()), n_items, n_fields)
    }

    fn set_list(&mut self, w: Word) -> Res<()> {
        let start = self.with_extra(w)?;
        if start > u64::from(u32::MAX) {
            return Err(self.fault("a list that is too long"));
        }
        self.abc(Op::SetList, reg(w.a()), u16::from(w.b()), 0)?;
        self.word(start)
    }

    /// The number in C, of which the second half may have more.
    fn with_extra(&mut self, w: Word) -> Res<u64> {
        let more = if w.k() != 0 { self.second()?.ax() } else { 0 };
        Ok(u64::from(more) << 8 | u64::from(w.c()))
    }

    /// Fetches a method. Where its name is no name of ours, that takes a general index.
    fn method(&mut self, w: Word) -> Res<()> {
        let (a, b, c) = (reg(w.a()), reg(w.b()), reg(w.c()));
        if usize::from(w.a()) + 1 >= usize::from(self.f.max_stack) {
            return Err(self.fault("no such register"));
        }
        let object = a + reg(1);
        let mut key = c;
        if w.k() != 0 {
            match self.f.consts.get(usize::from(w.c())) {
                Some(Const::String(name)) if name.len() <= MAX_NAME => {
                    return self.same(Op::SelfField, w);
                }
                Some(Const::String(_)) => key = a,
                _ => return Err(self.fault("a key that is no string")),
            }
        } else if c == object {
            return Err(self.fault("a key in the place of the object"));
        }
        // The object moves first: it may be in the register that the key takes.
        self.abc(Op::Move, object, b, 0)?;
        if w.k() != 0 {
            self.word(Instr::ad(Op::LoadK, 0, key, w.c().into()).0)?;
        }
        self.flagged(Op::GetIndex, 1, a, object, key)
    }

    /// A binary operation on two registers, or on a register and a constant.
    fn arith(&mut self, (op, event, commutes): (Op, u8, bool), w: Word) -> Res<()> {
        let second = self.second()?;
        // Where both operands may be exchanged, k says that they were.
        let flag = choose(second.op() == Some(Opcode::MmBinK), second.k(), 0);
        let fits = second.a() == w.b()
            && second.b() == w.c()
            && second.c() == event
            && (flag == 0 || commutes);
        if !fits {
            return Err(self.fault(MISMATCH));
        }
        self.flagged(op, flag, reg(w.a()), reg(w.b()), reg(w.c()))
    }

    /// A binary operation on a register and a small integer.
    fn arith_imm(&mut self, op: Opcode, w: Word) -> Res<()> {
        let second = self.second()?;
        // What stands in the program: the first instruction may have the opposite.
        let imm = second.sb();
        let (a, b) = (reg(w.a()), reg(w.b()));
        let is_flipped = second.k() != 0;
        if second.a() != w.b() {
            return Err(self.fault(MISMATCH));
        }
        let is_same = imm == w.sc();
        let is_opposite = imm == -w.sc();
        let (op, flag) = match (op, second.c()) {
            (Opcode::AddI, event::ADD) if is_same => (Op::AddI, second.k()),
            (Opcode::AddI, event::SUB) if is_opposite && !is_flipped => (Op::SubI, 0),
            (Opcode::ShrI, event::SHR) if is_same && !is_flipped => (Op::ShrI, 0),
            (Opcode::ShrI, event::SHL) if is_opposite && !is_flipped => (Op::ShlI, 0),
            (Opcode::ShlI, event::SHL) if is_same && is_flipped => {
                let left = self.spare(Op::LoadInt, imm)?;
                return self.abc(Op::Shl, a, left, b);
            }
            _ => return Err(self.fault(MISMATCH)),
        };
        self.flagged(op, flag, a, b, imm as u16)
    }

    /// A comparison with a small integer; C says that the program has a float there, which metamethods see.
    fn compare_imm(&mut self, op: Opcode, w: Word) -> Res<()> {
        let (a, imm) = (reg(w.a()), w.sb());
        let (with_imm, op, is_flipped) = match op {
            Opcode::LtI => (Op::LtI, Op::Lt, false),
            Opcode::LeI => (Op::LeI, Op::Le, false),
            Opcode::GtI => (Op::GtI, Op::Lt, true),
            _ => (Op::GeI, Op::Le, true),
        };
        if w.c() == 0 {
            return self.test(with_imm, w.k(), a, imm as u16);
        }
        let float = self.spare(Op::LoadFloat, imm)?;
        let (a, b) = choose(is_flipped, (float, a), (a, float));
        self.test(op, w.k(), a, b)
    }

    /// A test whose jump is behind it.
    fn test(&mut self, op: Op, wanted: u8, a: u16, b: u16) -> Res<()> {
        match self.take_jump()? {
            Some(to) => {
                self.jumps_to(to, true)?;
                self.flagged(op, wanted, a, b, 0)
            }
            None => self.flagged(op, wanted ^ 1, a, b, 1),
        }
    }

    /// A test of a register, which may be copied where it jumps.
    fn truth(&mut self, op: Opcode, w: Word) -> Res<()> {
        let (a, b) = (reg(w.a()), reg(w.b()));
        let copies = op == Opcode::TestSet;
        let tested = choose(copies, b, a);
        match self.take_jump()? {
            Some(to) if copies => {
                self.jumps_to(to, true)?;
                self.flagged(Op::TestSet, w.k(), a, b, 0)
            }
            Some(to) => {
                self.jumps_to(to, false)?;
                self.flagged(Op::Test, w.k(), tested, 0, 0)
            }
            None => {
                let over = 1 + u16::from(copies);
                self.flagged(Op::Test, w.k() ^ 1, tested, over, 0)?;
                if copies {
                    self.abc(Op::Move, a, b, 0)
                } else {
                    Ok(())
                }
            }
        }
    }

    /// Takes the jump behind the current test into it, if it can be done there: then, where it goes to.
    fn take_jump(&mut self) -> Res<Option<usize>> {
        let jump = self.pc + 1;
        let to = self.target(jump)?;
        let is_long = self.is_long;
        let Some(mark) = self.marks.get_mut(jump) else {
            return Err(self.fault("no jump behind it"));
        };
        if to <= jump || is_long || mark.is_target {
            return Ok(None);
        }
        mark.is_part = true;
        Ok(Some(to))
    }

    /// A return or a tail call.
    fn leave(&mut self, op: Op, w: Word) -> Res<()> {
        if op == Op::Return && w.b() == 1 {
            // It returns nothing, from just behind the last variable: there may be no such register.
            self.extend_to(w.a())?;
        } else if w.a() >= self.f.max_stack {
            return Err(self.fault("no such register"));
        }
        self.flagged(op, w.k(), reg(w.a()), u16::from(w.b()), 0)
    }

    // ---- writing ----------------------------------------------------------------------------------

    fn abc(&mut self, op: Op, a: u16, b: u16, c: u16) -> Res<()> {
        self.flagged(op, 0, a, b, c)
    }

    fn flagged(&mut self, op: Op, flag: u8, a: u16, b: u16, c: u16) -> Res<()> {
        self.word(Instr::abc(op, flag, a, b, c).0)
    }

    fn word(&mut self, word: u64) -> Res<()> {
        self.meter.push(&mut self.words, word)?;
        if let Some(&line) = self.f.lines.get(self.pc) {
            self.meter.push(&mut self.lines, line)?;
        }
        Ok(())
    }

    fn jump(&mut self, op: Op, a: u16, to: usize) -> Res<()> {
        self.jumps_to(to, false)?;
        self.abc(op, a, 0, 0)
    }

    /// The next word jumps to the instruction `to`.
    fn jumps_to(&mut self, to: usize, is_short: bool) -> Res<()> {
        let jump = Jump {
            at: self.words.len() as u32,
            to,
            is_short,
        };
        Ok(self.meter.push(&mut self.jumps, jump)?)
    }

    fn fill_in_jumps(&mut self) {
        for jump in &self.jumps {
            let to = self.places.get(jump.to).copied().unwrap_or(u32::MAX);
            let distance = to.wrapping_sub(jump.at + 1);
            if let Some(word) = self.words.get_mut(jump.at as usize) {
                *word |= match jump.is_short {
                    true => u64::from(distance as u16) << 48,
                    false => u64::from(distance) << 32,
                };
            }
        }
    }

    /// Debug information has no registers: they follow from the order of the variables.
    fn locals(&mut self) -> Res<Vec<LocalInfo>> {
        let mut infos = Vec::new();
        self.meter.reserve(&mut infos, self.f.locals.len())?;
        // The variables that are alive, in the order of their registers.
        let mut alive: Vec<&Local> = Vec::new();
        for local in &self.f.locals {
            while alive.last().is_some_and(|last| last.end <= local.start) {
                alive.pop();
            }
            let register = alive.len();
            self.meter.push(&mut alive, local)?;
            let place = |pc: u32| self.places.get(pc as usize).copied();
            if let (Some(start_pc), Some(end_pc)) = (place(local.start), place(local.end))
                && start_pc <= end_pc
                && register < usize::from(self.max_stack)
            {
                infos.push(LocalInfo {
                    name: Name::new(&local.name, self.meter)?,
                    start_pc,
                    end_pc,
                    register: register as u8,
                });
            }
        }
        Ok(infos)
    }

    // ---- looking around ---------------------------------------------------------------------------

    /// The second half of the current instruction.
    fn second(&mut self) -> Res<Word> {
        match self.f.code.get(self.pc + 1) {
            Some(&second) => Ok(second),
            None => Err(self.fault("nothing behind it")),
        }
    }

    /// Where the jump at `pc` goes.
    fn target(&mut self, pc: usize) -> Res<usize> {
        let word = self.f.code.get(pc).copied();
        let target = word.and_then(|word| check::target(pc, word));
        match target.and_then(|target| usize::try_from(target).ok()) {
            Some(target) => Ok(target),
            None => Err(self.fault("a jump to nowhere")),
        }
    }

    /// Loads a small number to a register beyond those of the function, which it gives.
    fn spare(&mut self, load: Op, value: i16) -> Res<u16> {
        self.extend_to(self.f.max_stack)?;
        let register = reg(self.f.max_stack);
        self.word(Instr::ad(load, 0, register, i32::from(value) as u32).0)?;
        Ok(register)
    }

    /// Makes the frame at least so large that it has this register, which is at most one more.
    fn extend_to(&mut self, register: u8) -> Res<()> {
        if register > self.f.max_stack || usize::from(register) >= MAX_REGISTERS {
            return Err(self.fault("too many registers"));
        }
        self.max_stack = self.max_stack.max(register + 1);
        Ok(())
    }

    #[cold]
    fn fault(&mut self, what: &'static str) -> Failed {
        let word = self.f.code.get(self.pc).copied();
        self.failure.fault = Some(Fault {
            pc: self.pc as u32,
            op: word.and_then(|word| word.op()),
            what,
        });
        Failed
    }
}

const MISMATCH: &str = "an operation that its metamethod does not fit";

/// Numbers of events.
mod event {
    pub const ADD: u8 = 6;
    pub const SUB: u8 = 7;
    pub const MUL: u8 = 8;
    pub const MOD: u8 = 9;
    pub const POW: u8 = 10;
    pub const DIV: u8 = 11;
    pub const IDIV: u8 = 12;
    pub const BAND: u8 = 13;
    pub const BOR: u8 = 14;
    pub const BXOR: u8 = 15;
    pub const SHL: u8 = 16;
    pub const SHR: u8 = 17;
}

/// Our operation that does the same with the same fields.
fn same(op: Opcode) -> Option<Op> {
    Some(match op {
        Opcode::Move => Op::Move,
        Opcode::LoadI => Op::LoadInt,
        Opcode::LoadF => Op::LoadFloat,
        Opcode::LoadK => Op::LoadK,
        Opcode::LoadFalse => Op::LoadFalse,
        Opcode::LoadTrue => Op::LoadTrue,
        Opcode::GetUpval => Op::GetUpval,
        Opcode::SetUpval => Op::SetUpval,
        Opcode::GetTabUp => Op::GetUpField,
        Opcode::GetTable => Op::GetIndex,
        Opcode::GetI => Op::GetInt,
        Opcode::GetField => Op::GetField,
        Opcode::SetTabUp => Op::SetUpField,
        Opcode::SetTable => Op::SetIndex,
        Opcode::SetI => Op::SetInt,
        Opcode::SetField => Op::SetField,
        Opcode::Unm => Op::Unm,
        Opcode::BNot => Op::BNot,
        Opcode::Not => Op::Not,
        Opcode::Len => Op::Len,
        Opcode::Concat => Op::Concat,
        Opcode::Close => Op::Close,
        Opcode::Tbc => Op::Tbc,
        Opcode::Eq => Op::Eq,
        Opcode::Lt => Op::Lt,
        Opcode::Le => Op::Le,
        Opcode::EqK => Op::EqK,
        Opcode::Call => Op::Call,
        Opcode::Return0 => Op::Return0,
        Opcode::Return1 => Op::Return1,
        Opcode::ForLoop => Op::ForLoop,
        Opcode::ForPrep => Op::ForPrep,
        Opcode::TForPrep => Op::TForPrep,
        Opcode::TForCall => Op::TForCall,
        Opcode::TForLoop => Op::TForLoop,
        Opcode::Closure => Op::Closure,
        Opcode::Vararg => Op::Vararg,
        _ => return None,
    })
}

/// The form of a store whose value is a constant.
fn with_constant(op: Op) -> Op {
    match op {
        Op::SetUpField => Op::SetUpFieldK,
        Op::SetIndex => Op::SetIndexK,
        Op::SetInt => Op::SetIntK,
        Op::SetField => Op::SetFieldK,
        op => op,
    }
}

/// Our operation, its event, and whether the constant may have stood on the left.
fn operation(op: Opcode) -> Option<(Op, u8, bool)> {
    Some(match op {
        Opcode::AddK => (Op::AddK, event::ADD, true),
        Opcode::SubK => (Op::SubK, event::SUB, false),
        Opcode::MulK => (Op::MulK, event::MUL, true),
        Opcode::ModK => (Op::ModK, event::MOD, false),
        Opcode::PowK => (Op::PowK, event::POW, false),
        Opcode::DivK => (Op::DivK, event::DIV, false),
        Opcode::IDivK => (Op::IDivK, event::IDIV, false),
        Opcode::BAndK => (Op::BAndK, event::BAND, true),
        Opcode::BOrK => (Op::BOrK, event::BOR, true),
        Opcode::BXorK => (Op::BXorK, event::BXOR, true),
        Opcode::Add => (Op::Add, event::ADD, false),
        Opcode::Sub => (Op::Sub, event::SUB, false),
        Opcode::Mul => (Op::Mul, event::MUL, false),
        Opcode::Mod => (Op::Mod, event::MOD, false),
        Opcode::Pow => (Op::Pow, event::POW, false),
        Opcode::Div => (Op::Div, event::DIV, false),
        Opcode::IDiv => (Op::IDiv, event::IDIV, false),
        Opcode::BAnd => (Op::BAnd, event::BAND, false),
        Opcode::BOr => (Op::BOr, event::BOR, false),
        Opcode::BXor => (Op::BXor, event::BXOR, false),
        Opcode::Shl => (Op::Shl, event::SHL, false),
        Opcode::Shr => (Op::Shr, event::SHR, false),
        _ => return None,
    })
}

/// A field as ours have it.
fn field(kind: Kind, value: u8) -> u16 {
    match kind {
        Kind::None => 0,
        Kind::Out | Kind::In | Kind::Window | Kind::Const | Kind::ConstName => reg(value),
        Kind::Upval | Kind::ImmU | Kind::Count => u16::from(value),
        // No instruction with these has the same fields.
        Kind::Imm | Kind::ImmD | Kind::ConstD | Kind::ProtoD | Kind::Jump | Kind::JumpD => 0,
    }
}

/// A register or constant as our operands have it.
fn reg(index: u8) -> u16 {
    u16::from(index) * VALUE_SIZE as u16
}

fn choose<T>(holds: bool, yes: T, no: T) -> T {
    if holds { yes } else { no }
}
