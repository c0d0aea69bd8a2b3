//! Operands: each in range, of the right kind, and with the whole of its window in the frame.

use super::rule::Rule;
use super::{At, Check, Code, Fault, ensure};
use crate::isa::{Kind, Op, VALUE_SIZE};
use crate::proto::{Constant, Parts};

/// Longest string that is interned, and so the longest that names a field.
const MAX_NAME: usize = 40;

/// What any number in a field, by its [`Kind`], is below.
pub(super) struct Limits([u64; Kind::ALL.len()]);

impl Limits {
    /// The limits in one function.
    pub(super) fn new(proto: &Parts<'_>) -> Limits {
        // Registers and most constants stand in fields times the size of a value.
        let values = |n: usize| (n * VALUE_SIZE) as u64;
        let mut limits = [u64::MAX; Kind::ALL.len()];
        for &kind in Kind::ALL {
            limits[kind as usize] = match kind {
                Kind::Out | Kind::In | Kind::Window => values(usize::from(proto.max_stack)),
                Kind::Const | Kind::ConstName => values(proto.consts.len()),
                Kind::ConstD => proto.consts.len() as u64,
                Kind::Upval => proto.upvals.len() as u64,
                Kind::ProtoD => proto.n_protos as u64,
                // That it is zero is a matter of its bits.
                Kind::None => u64::MAX,
                // Jumps are a matter of shape; of the others, any number will do unless `immediate` says no.
                Kind::Imm | Kind::ImmU | Kind::ImmD | Kind::Count | Kind::Jump | Kind::JumpD => {
                    u64::MAX
                }
            };
        }
        Limits(limits)
    }

    /// Whether there is something of this kind that `number` stands for.
    #[inline(always)]
    fn admit(&self, kind: Kind, number: u64) -> bool {
        number < self.0[kind as usize]
    }
}

/// Checks what kinds and limits say of the fields of an instruction.
#[inline(always)]
pub(super) fn check(limits: &Limits, at: &At, rule: &Rule) -> Check {
    let word = at.ins.0;
    let (a, b, c) = (word >> 16 & 0xFFFF, word >> 32, word >> 48);
    let b = b & u64::from(rule.b_bits);
    let fits = limits.admit(rule.a, a) & limits.admit(rule.b, b) & limits.admit(rule.c, c);
    if fits & (word & rule.zeros == 0) {
        Ok(())
    } else {
        no_such_operand(limits, at, rule)
    }
}

/// Says what is wrong with the operands.
#[cold]
fn no_such_operand(limits: &Limits, at: &At, rule: &Rule) -> Check {
    let word = at.ins.0;
    let wrong = word & rule.zeros;
    let fields = [
        (rule.a, word >> 16 & 0xFFFF, wrong >> 16 & 0xFFFF),
        (
            rule.b,
            word >> 32 & u64::from(rule.b_bits),
            wrong >> 32 & u64::from(rule.b_bits),
        ),
        (rule.c, word >> 48, wrong >> 48),
    ];
    for (kind, number, wrong) in fields {
        if wrong != 0 || !limits.admit(kind, number) {
            return no_such(at, kind);
        }
    }
    ensure(false, at.pc, "bad flag")
}

/// Checks what only some operations want of their operands.
pub(super) fn check_more(code: &Code<'_>, at: &At, rule: &Rule) -> Check {
    if rule.has(Rule::NAME) {
        let field = if rule.c == Kind::ConstName {
            at.ins.c()
        } else {
            at.ins.b()
        };
        let name = code.proto.consts.get(usize::from(field) / VALUE_SIZE);
        let is_name = matches!(name, Some(&Constant::Str(name)) if code.proto.strings.len_of(name) <= MAX_NAME);
        ensure(is_name, at.pc, "no such name")?;
    }
    if rule.has(Rule::WIDE) {
        second_word(code, at)?;
    }
    if rule.has(Rule::WINDOW) {
        window(code, at)?;
    }
    if rule.has(Rule::IMMEDIATE) {
        immediate(code, at)?;
    }
    Ok(())
}

#[cold]
fn no_such(at: &At, kind: Kind) -> Check {
    let what = match kind {
        Kind::None => "an unused field is not zero",
        Kind::Out | Kind::In | Kind::Window => "no such register",
        Kind::Const | Kind::ConstD => "no such constant",
        Kind::ConstName => "no such name",
        Kind::Upval => "no such upvalue",
        Kind::ProtoD => "no such prototype",
        Kind::Imm | Kind::ImmU | Kind::ImmD | Kind::Count | Kind::Jump | Kind::JumpD => {
            "bad operand"
        }
    };
    ensure(false, at.pc, what)
}

#[inline(never)]
fn second_word(code: &Code<'_>, at: &At) -> Check {
    let word = code.proto.code.get(at.pc + 1).copied();
    let word = word.ok_or(Fault {
        pc: at.pc,
        what: "a second word is missing",
    })?;
    let most = if at.op() == Op::SetList {
        u64::from(u32::MAX)
    } else {
        0
    };
    ensure(word <= most, at.pc, "bad second word")
}

/// Checks that the last register an instruction may touch is in the frame.
#[inline(never)]
fn window(code: &Code<'_>, at: &At) -> Check {
    let first = usize::from(at.ins.a()) / VALUE_SIZE;
    let (b, c) = (usize::from(at.ins.b()), usize::from(at.ins.c()));
    // How many registers from the first on; 0 where an open list says it.
    let extent = match at.op() {
        Op::LoadNil | Op::Concat => b,
        Op::SelfField => 2,
        Op::SetList => b + 1,
        Op::ForPrep | Op::ForLoop | Op::TForPrep => 4,
        Op::TForLoop => 5,
        // At least the three slots into which the machine copies function, state and control.
        Op::TForCall => 4 + c.max(3),
        Op::Call => b.max(c.saturating_sub(1)),
        Op::TailCall => b,
        Op::Return => b.saturating_sub(1),
        Op::Vararg => c.saturating_sub(1),
        _ => 0,
    };
    let fits = first + extent <= usize::from(code.proto.max_stack);
    ensure(fits, at.pc, "a window is larger than the frame")
}

#[inline(never)]
fn immediate(code: &Code<'_>, at: &At) -> Check {
    let (b, c) = (at.ins.b(), at.ins.c());
    let constant = |field: u16| code.proto.consts.get(usize::from(field) / VALUE_SIZE);
    let is_number =
        |value: Option<&Constant>| matches!(value, Some(Constant::Int(_) | Constant::Float(_)));
    let is_integer = |value: Option<&Constant>| matches!(value, Some(Constant::Int(_)));
    let is_fine = match at.op() {
        Op::ModI | Op::IDivI => (c as i16) > 0,
        Op::AddK | Op::SubK | Op::MulK | Op::ModK | Op::PowK | Op::DivK | Op::IDivK => {
            is_number(constant(c))
        }
        Op::BAndK | Op::BOrK | Op::BXorK => is_integer(constant(c)),
        Op::SubKR | Op::DivKR => is_number(constant(b)),
        Op::EqK => {
            !matches!(constant(b), Some(&Constant::Float(bits)) if f64::from_bits(bits).is_nan())
        }
        Op::LoadNil => b >= 1,
        Op::Concat => b >= 2,
        Op::TForCall => c >= 1,
        Op::Vararg => code.proto.is_vararg,
        Op::VarargPrep => code.proto.is_vararg && at.pc == 0 && b == u16::from(code.proto.n_params),
        _ => true,
    };
    ensure(is_fine, at.pc, "bad operand")
}
