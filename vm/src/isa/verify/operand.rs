//! Operands: each in range, of the right kind, and with the whole of its window in the frame.

use super::{At, Check, Code, Fault, ensure};
use crate::isa::{Kind, Op, VALUE_SIZE};
use crate::proto::Const;

/// Longest string that is interned, and so the longest that names a field.
const MAX_NAME: usize = 40;

/// Checks all fields of an instruction.
pub(super) fn check(code: &Code<'_>, at: At) -> Check {
    let info = at.op.info();
    let (a, b, c) = (at.ins.a(), at.ins.b(), at.ins.c());
    field(code, at, info.a, u32::from(a))?;
    if is_long(info.b) {
        field(code, at, info.b, at.ins.d())?;
    } else {
        field(code, at, info.b, u32::from(b))?;
        field(code, at, info.c, u32::from(c))?;
    }
    flag(at)?;
    second_word(code, at)?;
    window(code, at)?;
    immediate(code, at)
}

fn is_long(kind: Kind) -> bool {
    matches!(kind, Kind::ConstD | Kind::ProtoD | Kind::ImmD | Kind::JumpD)
}

fn field(code: &Code<'_>, at: At, kind: Kind, value: u32) -> Check {
    let proto = code.proto;
    let value = value as usize;
    let (idx, is_whole) = (value / VALUE_SIZE, value.is_multiple_of(VALUE_SIZE));
    match kind {
        Kind::None => ensure(value == 0, at.pc, "an unused field is not zero"),
        Kind::Out | Kind::In | Kind::Window => {
            let exists = is_whole && idx < usize::from(proto.max_stack);
            ensure(exists, at.pc, "no such register")
        }
        Kind::Const => ensure(
            is_whole && idx < proto.consts.len(),
            at.pc,
            "no such constant",
        ),
        Kind::ConstName => {
            let name = proto.consts.get(idx).filter(|_| is_whole);
            let is_name = matches!(name, Some(Const::String(name)) if name.len() <= MAX_NAME);
            ensure(is_name, at.pc, "no such name")
        }
        Kind::ConstD => ensure(value < proto.consts.len(), at.pc, "no such constant"),
        Kind::Upval => ensure(value < proto.upvals.len(), at.pc, "no such upvalue"),
        Kind::ProtoD => ensure(value < proto.protos.len(), at.pc, "no such prototype"),
        // Jumps are a matter of shape; of the others, any value will do unless `immediate` says no.
        Kind::Imm | Kind::ImmU | Kind::ImmD | Kind::Count | Kind::Jump | Kind::JumpD => Ok(()),
    }
}

fn flag(at: At) -> Check {
    let most = match at.op {
        Op::AddI | Op::MulI | Op::AddK | Op::MulK | Op::BAndK | Op::BOrK | Op::BXorK => 1,
        Op::Test | Op::TestSet | Op::Eq | Op::Lt | Op::Le | Op::EqK | Op::EqI => 1,
        Op::LtI | Op::LeI | Op::GtI | Op::GeI => 1,
        Op::TailCall | Op::Return | Op::GetIndex => 1,
        _ => 0,
    };
    ensure(at.ins.f() <= most, at.pc, "bad flag")
}

fn second_word(code: &Code<'_>, at: At) -> Check {
    if !at.op.info().wide {
        return Ok(());
    }
    let word = code.proto.code.get(at.pc + 1).copied();
    let word = word.ok_or(Fault {
        pc: at.pc,
        what: "a second word is missing",
    })?;
    let most = if at.op == Op::SetList {
        u64::from(u32::MAX)
    } else {
        0
    };
    ensure(word <= most, at.pc, "bad second word")
}

/// Checks that the last register an instruction may touch is in the frame.
fn window(code: &Code<'_>, at: At) -> Check {
    let first = usize::from(at.ins.a()) / VALUE_SIZE;
    let (b, c) = (usize::from(at.ins.b()), usize::from(at.ins.c()));
    // How many registers from the first on; 0 where an open list says it.
    let extent = match at.op {
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

fn immediate(code: &Code<'_>, at: At) -> Check {
    let (b, c) = (at.ins.b(), at.ins.c());
    let constant = |field: u16| code.proto.consts.get(usize::from(field) / VALUE_SIZE);
    let is_number =
        |value: Option<&Const>| matches!(value, Some(Const::Integer(_) | Const::Float(_)));
    let is_integer = |value: Option<&Const>| matches!(value, Some(Const::Integer(_)));
    let is_fine = match at.op {
        Op::ModI | Op::IDivI => (c as i16) > 0,
        Op::AddK | Op::SubK | Op::MulK | Op::ModK | Op::PowK | Op::DivK | Op::IDivK => {
            is_number(constant(c))
        }
        Op::BAndK | Op::BOrK | Op::BXorK => is_integer(constant(c)),
        Op::SubKR | Op::DivKR => is_number(constant(b)),
        Op::EqK => !matches!(constant(b), Some(Const::Float(value)) if value.is_nan()),
        Op::LoadNil => b >= 1,
        Op::Concat => b >= 2,
        Op::TForCall => c >= 1,
        Op::Vararg => code.proto.is_vararg,
        Op::VarargPrep => code.proto.is_vararg && at.pc == 0 && b == u16::from(code.proto.n_params),
        _ => true,
    };
    ensure(is_fine, at.pc, "bad operand")
}
