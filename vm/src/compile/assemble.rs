//! From instructions in loose form to words.
//!
//! Three passes over the list, each linear: jumps to jumps are shortened, the place of each instruction is
//! laid out, and the words are written. Tests that carry a value and compares reach 65,535 words; where
//! that may be too little they become the opposite test over a long `jump`. Which of them do so is
//! decided from the layout in which all are long: distances can only shrink from there.

use super::func::{Ins, NO_REG, Pc};
use super::jump::NO_PC;
use super::{Compiler, Res};
use crate::isa::{INFO, Instr, Kind, Op, OpInfo, VALUE_SIZE};
use crate::proto::Parts;
use cu_parser::ast::Line;

/// Words that any instruction takes at most.
const MAX_WORDS: usize = 3;
/// Longest way through jumps that lead to other jumps.
const MAX_HOPS: usize = 100;

impl Compiler<'_> {
    /// Gives the finished function to the sink.
    pub(super) fn assemble(&mut self, last_line: Line) -> Res<()> {
        self.check_memory()?;
        shorten_jumps(&mut self.func.code);
        let n_words = self.lay_out()?;
        self.words.clear();
        self.lines.clear();
        self.meter.reserve(self.words, n_words)?;
        self.meter.reserve(self.lines, n_words)?;
        let places = self.places.as_slice();
        let place = |pc: Pc| places.get(pc as usize).copied().unwrap_or(n_words as u32);
        let mut here = 0;
        for (ins, &next) in self.func.code.iter().zip(places.iter().skip(1)) {
            let size = next - here;
            here = next;
            let distance = match ins.target {
                NO_PC => 0,
                target => place(target).wrapping_sub(next),
            };
            if size == 1 || size == 2 && !has_short_jump(ins.op) {
                append(self.words, word(ins, distance));
                append(self.lines, ins.line);
                if size == 2 {
                    // Second words are zero, a fresh cache, except where it is an index.
                    let second = if ins.op == Op::SetList { ins.c } else { 0 };
                    append(self.words, second.into());
                    append(self.lines, ins.line);
                }
            } else {
                for &word in long_form(ins, distance).iter().take(size as usize) {
                    append(self.words, word);
                    append(self.lines, ins.line);
                }
            }
        }
        let func = &mut *self.func;
        for span in &mut func.spans {
            span.start_pc = place(span.start_pc);
            span.end_pc = place(span.end_pc);
        }
        Ok(self.sink.function(&Parts {
            strings: &self.tree.strings,
            code: self.words,
            lines: self.lines,
            consts: &func.consts.keys,
            upvals: &func.upvals,
            locals: &func.spans,
            n_protos: func.n_protos as usize,
            line_defined: func.line_defined,
            last_line_defined: last_line,
            n_params: func.n_params,
            is_vararg: func.is_vararg,
            max_stack: func.max_stack as u8,
        })?)
    }

    /// Finds the first word of each instruction and the end of the code, which is given.
    fn lay_out(&mut self) -> Res<usize> {
        let code = self.func.code.as_slice();
        self.places.clear();
        self.meter.reserve(self.places, code.len() + 1)?;
        let mut at = 0;
        if code.len() <= usize::from(u16::MAX) / MAX_WORDS {
            // The usual case: no jump can be too long.
            for (pc, ins) in code.iter().enumerate() {
                self.places.push(at);
                at += match Form::of(ins.op).words {
                    1 => u32::from(!is_idle(pc, ins)),
                    words => u32::from(words),
                };
            }
            self.places.push(at);
            return Ok(at as usize);
        }
        let mut longest = Vec::new();
        self.meter.reserve(&mut longest, code.len() + 1)?;
        for (pc, ins) in code.iter().enumerate() {
            longest.push(at);
            at += longest_size(pc, ins);
        }
        longest.push(at);
        at = 0;
        for (pc, ins) in code.iter().enumerate() {
            self.places.push(at);
            at += match short_reach(ins, pc, &longest) {
                true => 1,
                false => longest_size(pc, ins),
            };
        }
        self.places.push(at);
        Ok(at as usize)
    }
}

/// Appends to a list with room for it: so there is nothing to grow.
#[inline(always)]
fn append<T>(list: &mut Vec<T>, item: T) {
    if list.len() < list.capacity() {
        list.push(item);
    }
}

/// Lets jumps go straight to where a chain of jumps leads.
fn shorten_jumps(code: &mut [Ins]) {
    for pc in 0..code.len() {
        let Some(ins) = code.get(pc).filter(|ins| ins.target != NO_PC) else {
            continue;
        };
        if ins.op != Op::Jump && ins.op != Op::Test && !has_short_jump(ins.op) {
            continue;
        }
        let (mut op, mut target) = (ins.op, ins.target);
        for _ in 0..MAX_HOPS {
            match code.get(target as usize) {
                Some(next) if next.op == Op::Jump && next.target != NO_PC => target = next.target,
                // A jump to a jump back can go back itself, if it is behind the place to go to.
                Some(next)
                    if op == Op::Jump && next.op == Op::LoopBack && next.target <= pc as Pc =>
                {
                    (op, target) = (Op::LoopBack, next.target);
                    break;
                }
                _ => break,
            }
        }
        if let Some(ins) = code.get_mut(pc) {
            (ins.op, ins.target) = (op, target);
        }
    }
}

fn has_short_jump(op: Op) -> bool {
    op.info().c == Kind::Jump
}

/// Whether it jumps to what follows anyway.
fn is_idle(pc: usize, ins: &Ins) -> bool {
    ins.op == Op::Jump && ins.target as usize == pc + 1
}

/// Words an instruction takes at most.
fn longest_size(pc: usize, ins: &Ins) -> u32 {
    match ins.op {
        Op::Jump if is_idle(pc, ins) => 0,
        Op::TestSet => 3,
        op if has_short_jump(op) || op.info().wide => 2,
        _ => 1,
    }
}

/// Whether it is a short jump and surely reaches its target.
fn short_reach(ins: &Ins, pc: usize, longest: &[u32]) -> bool {
    if !has_short_jump(ins.op) {
        return false;
    }
    match (longest.get(pc + 1), longest.get(ins.target as usize)) {
        (Some(&from), Some(&to)) => to.saturating_sub(from) <= u32::from(u16::MAX),
        _ => false,
    }
}

/// How the fields of an instruction go into its word, worked out once for each operation.
#[derive(Clone, Copy)]
struct Form {
    /// The bits that there are.
    bits: u64,
    /// Those of the second field, which may be 32.
    b_bits: u32,
    /// By how much each field is shifted within its place.
    a: u8,
    b: u8,
    c: u8,
    /// Where the distance of its jump goes.
    jump: Jump,
    words: u8,
}

#[derive(Clone, Copy)]
enum Jump {
    None,
    /// Into the 32 bits of the second and third field.
    Long,
    /// Into the third field.
    Short,
}

impl Form {
    #[inline(always)]
    fn of(op: Op) -> &'static Form {
        &FORMS[op as usize]
    }

    const fn new(info: &OpInfo) -> Form {
        let jump = match (info.b, info.c) {
            (Kind::JumpD, _) => Jump::Long,
            (_, Kind::Jump) => Jump::Short,
            _ => Jump::None,
        };
        Form {
            bits: 0xFFFF | bits(info.a) << 16 | bits(info.b) << 32 | bits(info.c) << 48,
            b_bits: bits(info.b) as u32,
            a: shift(info.a),
            b: shift(info.b),
            c: shift(info.c),
            jump,
            words: if info.wide { 2 } else { 1 },
        }
    }
}

/// The bits of a field.
const fn bits(kind: Kind) -> u64 {
    match kind {
        Kind::None => 0,
        Kind::ConstD | Kind::ProtoD | Kind::ImmD | Kind::JumpD => 0xFFFF_FFFF,
        Kind::Out
        | Kind::In
        | Kind::Window
        | Kind::Const
        | Kind::ConstName
        | Kind::Upval
        | Kind::Imm
        | Kind::ImmU
        | Kind::Count
        | Kind::Jump => 0xFFFF,
    }
}

/// Registers and constants stand in instructions times 16, the size of a value.
const SCALE: u8 = VALUE_SIZE.ilog2() as u8;

const fn shift(kind: Kind) -> u8 {
    match kind {
        Kind::Out | Kind::In | Kind::Window | Kind::Const | Kind::ConstName => SCALE,
        Kind::None
        | Kind::ConstD
        | Kind::ProtoD
        | Kind::ImmD
        | Kind::JumpD
        | Kind::Upval
        | Kind::Imm
        | Kind::ImmU
        | Kind::Count
        | Kind::Jump => 0,
    }
}

static FORMS: [Form; INFO.len()] = {
    let mut forms = [Form::new(&INFO[0]); INFO.len()];
    let mut n = 0;
    while n < forms.len() {
        forms[n] = Form::new(&INFO[n]);
        n += 1;
    }
    forms
};

/// The first word of an instruction that jumps over `distance` words.
#[inline(always)]
fn word(ins: &Ins, distance: u32) -> u64 {
    let form = Form::of(ins.op);
    let (b, c) = match form.jump {
        Jump::None => (ins.b, ins.c),
        Jump::Long => (distance, 0),
        Jump::Short => (ins.b, distance),
    };
    let a = u64::from(ins.a << form.a) & 0xFFFF;
    let c = u64::from(c << form.c);
    let b = u64::from(b << form.b & form.b_bits);
    (ins.op as u64 | u64::from(ins.f) << 8 | a << 16 | b << 32 | c << 48) & form.bits
}

/// The opposite test over a jump of any length.
fn long_form(ins: &Ins, distance: u32) -> [u64; 3] {
    let jump = Instr::ad(Op::Jump, 0, 0, distance);
    if ins.op == Op::TestSet && ins.a != NO_REG {
        let scaled = |reg: u32| (reg << SCALE) as u16;
        let skip = Instr::ad(Op::Test, ins.f ^ 1, scaled(ins.b), 2);
        let copy = Instr::abc(Op::Move, 0, scaled(ins.a), scaled(ins.b), 0);
        return [skip.0, copy.0, jump.0];
    }
    let opposite = Ins {
        f: ins.f ^ 1,
        ..*ins
    };
    [word(&opposite, 1), jump.0, 0]
}
