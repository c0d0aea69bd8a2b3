//! Code of PUC Lua: whether each operand exists, and what stands together that must.
//!
//! PUC Lua itself trusts its chunks. Here every operand is checked before an instruction is translated, so that an
//! error can name the instruction as PUC Lua's listings do. What this does not check, the verifier does with the
//! translation: windows, open lists, loops, variables to be closed.

use super::opcode::{Field, Opcode, Word};
use super::reader::Function;
use crate::proto::Const;

/// Longest string that names a field.
pub(super) const MAX_NAME: usize = 40;

/// Checks an instruction of a function in which there are `n_protos`.
pub(super) fn operands(
    f: &Function,
    n_protos: usize,
    op: Opcode,
    word: Word,
) -> Result<(), &'static str> {
    for (field, index) in op.fields().into_iter().zip([word.a(), word.b(), word.c()]) {
        let constant = f.consts.get(usize::from(index));
        let field = match field {
            Field::Either if word.k() != 0 => Field::Const,
            Field::Either => Field::Reg,
            field => field,
        };
        let (holds, what) = match field {
            Field::Free => (true, ""),
            Field::Reg | Field::Either => (index < f.max_stack, "no such register"),
            Field::Const => (constant.is_some(), "no such constant"),
            Field::Name => (
                matches!(constant, Some(Const::String(name)) if name.len() <= MAX_NAME),
                "no such name",
            ),
            Field::Number => (
                matches!(constant, Some(Const::Integer(_) | Const::Float(_))),
                "no such number",
            ),
            Field::Integer => (
                matches!(constant, Some(Const::Integer(_))),
                "no such integer",
            ),
            Field::Upval => (usize::from(index) < f.upvals.len(), "no such upvalue"),
            Field::WideConst => ((word.bx() as usize) < f.consts.len(), "no such constant"),
            Field::Proto => ((word.bx() as usize) < n_protos, "no such function"),
        };
        if !holds {
            return Err(what);
        }
    }
    Ok(())
}

/// Whether an instruction is a part of the one before it; an error, if it should be and is not, or the other way.
pub(super) fn is_part(before: Option<Word>, op: Opcode) -> Result<bool, &'static str> {
    let wanted = before.and_then(|before| follower(before.op()?, before));
    let is_part = matches!(
        op,
        Opcode::MmBin | Opcode::MmBinI | Opcode::MmBinK | Opcode::ExtraArg
    );
    match wanted {
        Some(wanted) if wanted != op => Err("not what belongs behind the instruction before"),
        None if is_part => Err("nothing that it belongs to"),
        _ => Ok(is_part),
    }
}

/// What must stand behind an instruction.
fn follower(op: Opcode, word: Word) -> Option<Opcode> {
    match op {
        Opcode::LoadKx | Opcode::NewTable => Some(Opcode::ExtraArg),
        Opcode::SetList if word.k() != 0 => Some(Opcode::ExtraArg),
        Opcode::AddI | Opcode::ShrI | Opcode::ShlI => Some(Opcode::MmBinI),
        Opcode::AddK
        | Opcode::SubK
        | Opcode::MulK
        | Opcode::ModK
        | Opcode::PowK
        | Opcode::DivK
        | Opcode::IDivK
        | Opcode::BAndK
        | Opcode::BOrK
        | Opcode::BXorK => Some(Opcode::MmBinK),
        Opcode::Add
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
        | Opcode::Shr => Some(Opcode::MmBin),
        op if is_test(op) => Some(Opcode::Jmp),
        _ => None,
    }
}

/// Whether it does the jump behind it, or skips that.
fn is_test(op: Opcode) -> bool {
    matches!(
        op,
        Opcode::Eq
            | Opcode::Lt
            | Opcode::Le
            | Opcode::EqK
            | Opcode::EqI
            | Opcode::LtI
            | Opcode::LeI
            | Opcode::GtI
            | Opcode::GeI
            | Opcode::Test
            | Opcode::TestSet
    )
}

/// Where the instruction at `pc` may go besides the next one.
pub(super) fn target(pc: usize, word: Word) -> Option<i64> {
    let next = pc as i64 + 1;
    let bx = i64::from(word.bx());
    Some(match word.op()? {
        Opcode::Jmp => next + word.sj(),
        Opcode::LFalseSkip => next + 1,
        Opcode::ForPrep => next + bx + 1,
        Opcode::TForPrep => next + bx,
        Opcode::ForLoop | Opcode::TForLoop => next - bx,
        op if is_test(op) => next + 1,
        _ => return None,
    })
}
