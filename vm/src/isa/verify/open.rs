//! Open registers: nothing leaves a function by a plain return while a register may still be captured by
//! a closure or marked to be closed.
//!
//! For each instruction this computes the lowest register that may be open there, over all ways that
//! lead to it. The numbers only ever go down, so the computation ends; forward jumps, which are most,
//! are done in one pass.

use super::rule::Rule;
use super::shape::{falls_through, jump_distance};
use super::{At, Check, Code, Fault, ensure, no_memory};
use crate::isa::{Op, VALUE_SIZE};

/// No register is open.
const NONE: u16 = u16::MAX - 1;
/// No way leads here.
const UNREACHED: u16 = u16::MAX;

/// Whether an instruction opens a register. Most functions have none that does.
#[inline(never)]
pub(super) fn opens(code: &Code<'_>, at: &At) -> bool {
    after(code, at, NONE) != NONE
}

/// Checks all returns and tail calls.
#[inline(never)]
pub(super) fn check(code: &mut Code<'_>) -> Check {
    let len = code.proto.code.len();
    let mut lowest = std::mem::take(&mut code.memory.lowest);
    lowest.clear();
    lowest.try_reserve(len).map_err(no_memory)?;
    lowest.resize(len, UNREACHED);
    while pass(code, &mut lowest)? {}
    code.memory.lowest = lowest;
    Ok(())
}

/// Goes through the code once; whether a jump back brought something new.
fn pass(code: &Code<'_>, lowest: &mut [u16]) -> Result<bool, Fault> {
    let mut again = false;
    let mut now = NONE;
    let mut pc = 0;
    while let Some(place) = lowest.get_mut(pc) {
        let before = now.min(*place);
        *place = before;
        let at = code.at(pc)?;
        let rule = Rule::of(at.op());
        pc = at.next();
        if before == UNREACHED || !rule.has(Rule::FLOWS) {
            now = before;
            continue;
        }
        let leaves = rule.has(Rule::LEAVES);
        let closes = at.ins.f() == 1 && matches!(at.op(), Op::Return | Op::TailCall);
        ensure(
            !leaves || closes || before == NONE,
            at.pc,
            "a return leaves a register open",
        )?;
        let after = after(code, &at, before);
        if let Some(distance) = jump_distance(&at) {
            let target = usize::try_from(at.target(distance)).unwrap_or(usize::MAX);
            again |= lower(lowest, target, after) && target <= at.pc;
        }
        now = match falls_through(at.op()) {
            true => after,
            false => UNREACHED,
        };
    }
    Ok(again)
}

/// Lowers the number at `pc`; whether that changed it.
fn lower(lowest: &mut [u16], pc: usize, now: u16) -> bool {
    match lowest.get_mut(pc) {
        Some(old) if now < *old => {
            *old = now;
            true
        }
        _ => false,
    }
}

/// The lowest register that may be open after an instruction.
fn after(code: &Code<'_>, at: &At, before: u16) -> u16 {
    let reg = at.ins.a() / VALUE_SIZE as u16;
    match at.op() {
        Op::Close if reg <= before => NONE,
        Op::Tbc => before.min(reg),
        Op::TForPrep => before.min(reg + 3),
        Op::Closure => {
            let upvals = code.nested.upvals(at.ins.d() as usize);
            let captured = upvals.iter().filter(|upval| upval.in_stack);
            captured.fold(before, |lowest, upval| lowest.min(u16::from(upval.index)))
        }
        _ => before,
    }
}
