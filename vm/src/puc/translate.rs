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

use cu_lexer::Meter;

use super::check::{self, Mark};
use super::opcode::{Opcode, Word};
use super::reader::{Function, Local};
use super::{Fault, Halt};
use crate::isa::{Instr, MAX_REGISTERS, Op, VALUE_SIZE};
use crate::proto::{Const, LocalInfo, Name, ProtoData};

/// Most words that one instruction becomes.
const MAX_WORDS: usize = 3;

/// Longest string that an instruction can name a field with.
const MAX_NAME: usize = 40;

/// Translates a function and those in it. `path` says which function it is; where that fails, it says which failed.
pub(super) fn function(
    mut f: Function,
    path: &mut Vec<u32>,
    meter: &mut Meter,
) -> Result<ProtoData, Halt> {
    let mut protos = Vec::new();
    meter.reserve(&mut protos, f.protos.len())?;
    for (idx, nested) in std::mem::take(&mut f.protos).into_iter().enumerate() {
        meter.push(path, idx as u32)?;
        protos.push(function(nested, path, meter)?);
        path.pop();
    }
    let n_protos = protos.len();
    let mut proto = one(f, n_protos, meter)?;
    proto.protos = protos;
    Ok(proto)
}

/// Translates one function, in which there are `n_protos`.
fn one(f: Function, n_protos: usize, meter: &mut Meter) -> Result<ProtoData, Halt> {
    let marks = check::check(&f, n_protos, meter)?;
    let n_code = f.code.len();
    let mut translator = Translator {
        max_stack: f.max_stack,
        is_long: n_code.saturating_mul(MAX_WORDS) > usize::from(u16::MAX),
        f: &f,
        marks,
        meter,
        pc: 0,
        words: Vec::new(),
        lines: Vec::new(),
        places: Vec::new(),
        jumps: Vec::new(),
    };
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
        protos: Vec::new(),
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
    marks: Vec<Mark>,
    meter: &'a mut Meter,
    /// The instruction being translated.
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

/// A jump to be filled in.
struct Jump {
    /// The word it is in.
    at: u32,
    /// The instruction it goes to.
    to: usize,
    /// Whether the distance has 16 bits.
    is_short: bool,
}

type Res<T> = Result<T, Halt>;

impl Translator<'_> {
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
        let (a, b, c) = (reg(w.a()), reg(w.b()), reg(w.c()));
        // Numbers in these fields are not scaled.
        let (raw_b, raw_c) = (u16::from(w.b()), u16::from(w.c()));
        let is_const = w.k() != 0;
        match op {
            Opcode::Move => self.abc(Op::Move, a, b, 0),
            Opcode::LoadI => self.ad(Op::LoadInt, a, w.sbx() as u32),
            Opcode::LoadF => self.ad(Op::LoadFloat, a, w.sbx() as u32),
            Opcode::LoadK => self.ad(Op::LoadK, a, w.bx()),
            Opcode::LoadKx => {
                let index = self.extra()?;
                if index as usize >= self.f.consts.len() {
                    return Err(self.fault("no such constant"));
                }
                self.ad(Op::LoadK, a, index)
            }
            Opcode::LoadFalse => self.abc(Op::LoadFalse, a, 0, 0),
            Opcode::LFalseSkip => {
                self.abc(Op::LoadFalse, a, 0, 0)?;
                self.jump(Op::Jump, 0, self.pc + 2)
            }
            Opcode::LoadTrue => self.abc(Op::LoadTrue, a, 0, 0),
            Opcode::LoadNil => self.abc(Op::LoadNil, a, raw_b + 1, 0),
            Opcode::GetUpval => self.abc(Op::GetUpval, a, raw_b, 0),
            Opcode::SetUpval => self.abc(Op::SetUpval, a, raw_b, 0),
            Opcode::GetTabUp => self.wide(Op::GetUpField, a, raw_b, c),
            Opcode::GetTable => self.abc(Op::GetIndex, a, b, c),
            Opcode::GetI => self.abc(Op::GetInt, a, b, raw_c),
            Opcode::GetField => self.wide(Op::GetField, a, b, c),
            Opcode::SetTabUp => {
                let op = choose(is_const, Op::SetUpFieldK, Op::SetUpField);
                self.wide(op, u16::from(w.a()), b, c)
            }
            Opcode::SetTable => self.abc(choose(is_const, Op::SetIndexK, Op::SetIndex), a, b, c),
            Opcode::SetI => self.abc(choose(is_const, Op::SetIntK, Op::SetInt), a, raw_b, c),
            Opcode::SetField => self.wide(choose(is_const, Op::SetFieldK, Op::SetField), a, b, c),
            Opcode::NewTable => self.new_table(w),
            Opcode::SelfOp => self.method(w),
            Opcode::AddI | Opcode::ShrI | Opcode::ShlI => self.arith_imm(op, w),
            Opcode::AddK
            | Opcode::SubK
            | Opcode::MulK
            | Opcode::ModK
            | Opcode::PowK
            | Opcode::DivK
            | Opcode::IDivK
            | Opcode::BAndK
            | Opcode::BOrK
            | Opcode::BXorK
            | Opcode::Add
            | Opcode::Sub
            | Opcode::Mul
            | Opcode::Mod
            | Opcode::Pow
            | Opcode::Div
            | Opcode::IDiv
            | Opcode::BAnd
            | Opcode::BOr
            | Opcode::BXor
            | Opcode::Shl
            | Opcode::Shr => self.arith(op, w),
            // Parts of what stands before them.
            Opcode::MmBin | Opcode::MmBinI | Opcode::MmBinK | Opcode::ExtraArg => Ok(()),
            Opcode::Unm => self.abc(Op::Unm, a, b, 0),
            Opcode::BNot => self.abc(Op::BNot, a, b, 0),
            Opcode::Not => self.abc(Op::Not, a, b, 0),
            Opcode::Len => self.abc(Op::Len, a, b, 0),
            Opcode::Concat => self.abc(Op::Concat, a, raw_b, 0),
            Opcode::Close => self.abc(Op::Close, a, 0, 0),
            Opcode::Tbc => self.abc(Op::Tbc, a, 0, 0),
            Opcode::Jmp => {
                let to = self.target(self.pc)?;
                self.jump(choose(to <= self.pc, Op::LoopBack, Op::Jump), 0, to)
            }
            Opcode::Eq => self.test(Op::Eq, w.k(), a, b),
            Opcode::Lt => self.test(Op::Lt, w.k(), a, b),
            Opcode::Le => self.test(Op::Le, w.k(), a, b),
            Opcode::EqK => self.test(Op::EqK, w.k(), a, b),
            Opcode::EqI => self.test(Op::EqI, w.k(), a, w.sb() as u16),
            Opcode::LtI | Opcode::LeI | Opcode::GtI | Opcode::GeI => self.compare_imm(op, w),
            Opcode::Test => self.truth(w),
            Opcode::TestSet => self.truth_set(w),
            Opcode::Call => self.abc(Op::Call, a, raw_b, raw_c),
            Opcode::TailCall => self.leave(Op::TailCall, w),
            Opcode::Return => self.leave(Op::Return, w),
            Opcode::Return0 => self.abc(Op::Return0, 0, 0, 0),
            Opcode::Return1 => self.abc(Op::Return1, a, 0, 0),
            Opcode::ForLoop => self.jump_to_target(Op::ForLoop, a),
            Opcode::ForPrep => self.jump_to_target(Op::ForPrep, a),
            Opcode::TForPrep => self.jump_to_target(Op::TForPrep, a),
            Opcode::TForCall => self.abc(Op::TForCall, a, 0, raw_c),
            Opcode::TForLoop => self.jump_to_target(Op::TForLoop, a),
            Opcode::SetList => self.set_list(w),
            Opcode::Closure => self.ad(Op::Closure, a, w.bx()),
            Opcode::Vararg => self.abc(Op::Vararg, a, 0, raw_c),
            Opcode::VarargPrep => self.abc(Op::VarargPrep, 0, u16::from(w.a()), 0),
        }
    }

    fn new_table(&mut self, w: Word) -> Res<()> {
        let mut n_items = u64::from(w.c());
        if w.k() != 0 {
            n_items += u64::from(self.extra()?) << 8;
        }
        // They are hints; what does not fit is taken as the machine needs it.
        let n_items = u16::try_from(n_items).unwrap_or(u16::MAX);
        let n_fields = match w.b() {
            0 => 0,
            log => 1_u16.checked_shl(u32::from(log) - 1).unwrap_or(u16::MAX),
        };
        self.abc(Op::NewTable, reg(w.a()), n_items, n_fields)
    }

    fn set_list(&mut self, w: Word) -> Res<()> {
        let mut start = u64::from(w.c());
        if w.k() != 0 {
            start += u64::from(self.extra()?) << 8;
        }
        if start > u64::from(u32::MAX) {
            return Err(self.fault("a list that is too long"));
        }
        self.abc(Op::SetList, reg(w.a()), u16::from(w.b()), 0)?;
        self.word(start)
    }

    /// Fetches a method. Where its name is no name of ours, that takes a general index.
    fn method(&mut self, w: Word) -> Res<()> {
        let (a, b, c) = (reg(w.a()), reg(w.b()), reg(w.c()));
        let name = self.f.consts.get(usize::from(w.c()));
        let object = w.a().checked_add(1).filter(|&r| r < self.f.max_stack);
        let object = reg(object.ok_or_else(|| self.fault("no such register"))?);
        match (w.k(), name) {
            (0, _) if c == object => Err(self.fault("a key in the place of the object")),
            (0, _) => {
                self.abc(Op::Move, object, b, 0)?;
                self.flagged(Op::GetIndex, 1, a, object, c)
            }
            (_, Some(Const::String(name))) if name.len() <= MAX_NAME => {
                self.wide(Op::SelfField, a, b, c)
            }
            (_, Some(Const::String(_))) => {
                // The object moves first: it may be in the register that the key takes.
                self.abc(Op::Move, object, b, 0)?;
                self.ad(Op::LoadK, a, w.c().into())?;
                self.flagged(Op::GetIndex, 1, a, object, a)
            }
            _ => Err(self.fault("a key that is no string")),
        }
    }

    /// A binary operation on two registers, or on a register and a constant.
    fn arith(&mut self, op: Opcode, w: Word) -> Res<()> {
        let second = self.second()?;
        let Some((ours, event, commutes)) = operation(op) else {
            return Err(self.fault("no arithmetic"));
        };
        // Where both operands may be exchanged, k says that they were.
        let flag = choose(second.op() == Some(Opcode::MmBinK), second.k(), 0);
        let fits = second.a() == w.b()
            && second.b() == w.c()
            && second.c() == event
            && (flag == 0 || commutes);
        if !fits {
            return Err(self.fault(MISMATCH));
        }
        self.flagged(ours, flag, reg(w.a()), reg(w.b()), reg(w.c()))
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
        match (op, second.c()) {
            (Opcode::AddI, event::ADD) if is_same => {
                self.flagged(Op::AddI, second.k(), a, b, imm as u16)
            }
            (Opcode::AddI, event::SUB) if is_opposite && !is_flipped => {
                self.abc(Op::SubI, a, b, imm as u16)
            }
            (Opcode::ShrI, event::SHR) if is_same && !is_flipped => {
                self.abc(Op::ShrI, a, b, imm as u16)
            }
            (Opcode::ShrI, event::SHL) if is_opposite && !is_flipped => {
                self.abc(Op::ShlI, a, b, imm as u16)
            }
            (Opcode::ShlI, event::SHL) if is_same && is_flipped => {
                let left = self.spare()?;
                self.ad(Op::LoadInt, left, i32::from(imm) as u32)?;
                self.abc(Op::Shl, a, left, b)
            }
            _ => Err(self.fault(MISMATCH)),
        }
    }

    /// A comparison with a small integer; C says that the program has a float there, which metamethods see.
    fn compare_imm(&mut self, op: Opcode, w: Word) -> Res<()> {
        let (a, imm) = (reg(w.a()), w.sb());
        if w.c() == 0 {
            let op = match op {
                Opcode::LtI => Op::LtI,
                Opcode::LeI => Op::LeI,
                Opcode::GtI => Op::GtI,
                _ => Op::GeI,
            };
            return self.test(op, w.k(), a, imm as u16);
        }
        let float = self.spare()?;
        self.ad(Op::LoadFloat, float, i32::from(imm) as u32)?;
        match op {
            Opcode::LtI => self.test(Op::Lt, w.k(), a, float),
            Opcode::LeI => self.test(Op::Le, w.k(), a, float),
            Opcode::GtI => self.test(Op::Lt, w.k(), float, a),
            _ => self.test(Op::Le, w.k(), float, a),
        }
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

    fn truth(&mut self, w: Word) -> Res<()> {
        let a = reg(w.a());
        match self.take_jump()? {
            Some(to) => {
                self.jumps_to(to, false)?;
                self.word(Instr::ad(Op::Test, w.k(), a, 0).0)
            }
            None => self.word(Instr::ad(Op::Test, w.k() ^ 1, a, 1).0),
        }
    }

    fn truth_set(&mut self, w: Word) -> Res<()> {
        let (a, b) = (reg(w.a()), reg(w.b()));
        match self.take_jump()? {
            Some(to) => {
                self.jumps_to(to, true)?;
                self.flagged(Op::TestSet, w.k(), a, b, 0)
            }
            None => {
                self.word(Instr::ad(Op::Test, w.k() ^ 1, b, 2).0)?;
                self.abc(Op::Move, a, b, 0)
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

    fn ad(&mut self, op: Op, a: u16, d: u32) -> Res<()> {
        self.word(Instr::ad(op, 0, a, d).0)
    }

    /// An instruction with a fresh cache.
    fn wide(&mut self, op: Op, a: u16, b: u16, c: u16) -> Res<()> {
        self.abc(op, a, b, c)?;
        self.word(0)
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
        self.ad(op, a, 0)
    }

    fn jump_to_target(&mut self, op: Op, a: u16) -> Res<()> {
        let to = self.target(self.pc)?;
        self.jump(op, a, to)
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
    fn second(&self) -> Res<Word> {
        let second = self.f.code.get(self.pc + 1).copied();
        second.ok_or_else(|| self.fault("nothing behind it"))
    }

    /// The number in the second half of the current instruction.
    fn extra(&self) -> Res<u32> {
        Ok(self.second()?.ax())
    }

    /// Where the jump at `pc` goes.
    fn target(&self, pc: usize) -> Res<usize> {
        let word = self.f.code.get(pc).copied();
        let target = word.and_then(|word| check::target(pc, word));
        let target = target.and_then(|target| usize::try_from(target).ok());
        target.ok_or_else(|| self.fault("a jump to nowhere"))
    }

    /// A register beyond those of the function.
    fn spare(&mut self) -> Res<u16> {
        self.extend_to(self.f.max_stack)?;
        Ok(reg(self.f.max_stack))
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
    fn fault(&self, what: &'static str) -> Halt {
        let word = self.f.code.get(self.pc).copied().unwrap_or(Word(0));
        Fault::at(self.pc, word, what).into()
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

/// A register, constant or anything else that is counted in values, as our operands have it.
fn reg(index: u8) -> u16 {
    u16::from(index) * VALUE_SIZE as u16
}

fn choose<T>(holds: bool, yes: T, no: T) -> T {
    if holds { yes } else { no }
}
