//! The shape of the code: where instructions begin, where jumps lead, and what must stand together.

use super::rule::Rule;
use super::{At, Check, Code, Word, ensure, no_memory, open, operand};
use crate::isa::{Instr, Kind, Op, VALUE_SIZE};

/// Finds out what each word is, and checks the operands on the way.
pub(super) fn lay_out(code: &mut Code<'_>) -> Check {
    let prepares = code.at(0)?.op() == Op::VarargPrep;
    ensure(
        prepares == code.proto.is_vararg,
        0,
        "bad start of a vararg function",
    )?;
    let proto = code.proto;
    let mut pc = 0;
    // The instruction before, if it is one that may go together with the next.
    let mut joined = None;
    let mut last = 0;
    // Whether a plain instruction leaves the function.
    let mut leaves = false;
    while let Some(&word) = proto.code.get(pc) {
        let Some(rule) = Rule::of_word(word) else {
            return ensure(false, pc, "unknown operation");
        };
        let at = At {
            pc,
            ins: Instr(word),
        };
        operand::check(code.limits, &at, rule)?;
        last = pc;
        pc += 1;
        if rule.is_plain() && joined.is_none() {
            leaves |= rule.has(Rule::LEAVES);
            continue;
        }
        special(code, &at, rule, joined)?;
        joined = rule.has(Rule::JOINED).then_some(at.pc);
        pc = at.next();
    }
    code.leaves |= leaves;
    if code.proto.is_vararg {
        // Extra arguments are moved once.
        mark(code, 0, Word::Follower);
    }
    let last = code.at(last)?;
    ensure(!falls_through(last.op()), last.pc, "code runs off its end")
}

/// Checks what only some instructions need, and notes what is to be checked later.
#[inline(never)]
fn special(code: &mut Code<'_>, at: &At, rule: &Rule, joined: Option<usize>) -> Check {
    if rule.has(Rule::JOINED) || joined.is_some() {
        let previous = joined.map(|pc| code.at(pc)).transpose()?;
        join(code, previous.as_ref(), at)?;
    }
    if rule.has(Rule::WIDE) {
        mark(code, at.pc + 1, Word::Second);
    }
    operand::check_more(code, at, rule)?;
    if rule.has(Rule::JUMPS) {
        code.memory.jumps.try_reserve(1).map_err(no_memory)?;
        code.memory.jumps.push(at.pc as u32);
    }
    code.leaves |= rule.has(Rule::LEAVES) && at.ins.f() != 1;
    code.opens |= rule.has(Rule::OPENS) && open::opens(code, at);
    Ok(())
}

/// Checks an instruction against the one before it, where one of them may need the other.
fn join(code: &mut Code<'_>, previous: Option<&At>, at: &At) -> Check {
    if is_follower(at) {
        mark(code, at.pc, Word::Follower);
        return leads(previous, at);
    }
    let left_open = previous.is_some_and(|previous| opens(previous).is_some());
    ensure(!left_open, at.pc, "nothing takes an open list")?;
    let alone = previous.is_none_or(|previous| previous.op() != Op::TForCall);
    ensure(alone, at.pc, "a tfor_call without its tfor_loop")
}

fn mark(code: &mut Code<'_>, pc: usize, word: Word) {
    if let Some(place) = code.memory.words.get_mut(pc) {
        *place = word;
    }
}

/// Whether control goes on behind an operation.
pub(super) fn falls_through(op: Op) -> bool {
    !matches!(
        op,
        Op::Return | Op::Return0 | Op::Return1 | Op::Jump | Op::LoopBack | Op::LoadFalseSkip
    )
}

/// Whether it takes an open list, or is the second half of a generic `for`.
fn is_follower(at: &At) -> bool {
    match at.op() {
        Op::Call | Op::TailCall | Op::Return | Op::SetList => at.ins.b() == 0,
        Op::TForLoop => true,
        _ => false,
    }
}

/// The first register of the open list that an instruction leaves.
fn opens(at: &At) -> Option<usize> {
    let is_open = match at.op() {
        Op::Call | Op::Vararg => at.ins.c() == 0,
        Op::TailCall => true,
        _ => false,
    };
    is_open.then_some(usize::from(at.ins.a()) / VALUE_SIZE)
}

/// Checks that `at`, a follower, comes after the right instruction.
#[inline(never)]
fn leads(previous: Option<&At>, at: &At) -> Check {
    if at.op() == Op::TForLoop {
        let is_pair = previous.is_some_and(|previous| {
            previous.op() == Op::TForCall && previous.ins.a() == at.ins.a()
        });
        return ensure(is_pair, at.pc, "a tfor_loop without its tfor_call");
    }
    let Some(previous) = previous else {
        return ensure(false, at.pc, "no open list to take");
    };
    let first = usize::from(at.ins.a()) / VALUE_SIZE;
    let fixed = match at.op() {
        // What it returns begins at its first register; calls and constructors own that one.
        Op::Return => first,
        _ => first + 1,
    };
    match opens(previous) {
        Some(list) if previous.op() == Op::TailCall => ensure(
            at.op() == Op::Return && list == first,
            at.pc,
            "a tail call without its return",
        ),
        Some(list) => ensure(list >= fixed, at.pc, "an open list begins below its taker"),
        None => ensure(false, at.pc, "no open list to take"),
    }
}

/// Where an instruction may go besides the next one: the distance of its jump.
pub(super) fn jump_distance(at: &At) -> Option<i64> {
    let info = at.op().info();
    if info.b == Kind::JumpD {
        Some(i64::from(at.ins.sd()))
    } else if info.c == Kind::Jump {
        Some(i64::from(at.ins.c()))
    } else if at.op() == Op::LoadFalseSkip {
        Some(1)
    } else {
        None
    }
}

/// Checks the jump of an instruction, and that loops are complete.
#[inline(never)]
pub(super) fn check(code: &Code<'_>, at: &At) -> Check {
    let Some(distance) = jump_distance(at) else {
        return Ok(());
    };
    let is_back = matches!(at.op(), Op::LoopBack | Op::ForLoop | Op::TForLoop);
    ensure(
        is_back == (distance < 0),
        at.pc,
        "a jump in the wrong direction",
    )?;
    let target = usize::try_from(at.target(distance)).unwrap_or(usize::MAX);
    let lands = code.memory.words.get(target) == Some(&Word::Start);
    ensure(lands, at.pc, "a jump to where nothing begins")?;
    match at.op() {
        Op::ForPrep => {
            // `target` is not 0, as the jump goes forward.
            let end = code.at(target.saturating_sub(1))?;
            let is_end =
                code.memory.words.get(end.pc) == Some(&Word::Start) && is_loop_of(&end, at);
            ensure(is_end, at.pc, "a for_prep without its for_loop")
        }
        Op::ForLoop => {
            let Some(before) = target.checked_sub(1) else {
                return ensure(false, at.pc, "a for_loop without its for_prep");
            };
            let is_instruction = code
                .memory
                .words
                .get(before)
                .is_some_and(|&word| word != Word::Second);
            ensure(is_instruction, at.pc, "a for_loop without its for_prep")?;
            let prep = code.at(before)?;
            let is_pair = prep.op() == Op::ForPrep
                && is_loop_of(at, &prep)
                && prep.target(i64::from(prep.ins.sd())) == at.next() as i64;
            ensure(is_pair, at.pc, "a for_loop without its for_prep")
        }
        Op::TForPrep => {
            let call = code.at(target)?;
            let is_call = call.op() == Op::TForCall && call.ins.a() == at.ins.a();
            ensure(is_call, at.pc, "a tfor_prep without its tfor_call")
        }
        _ => Ok(()),
    }
}

/// Whether `end` is the `for_loop` that goes back to just after `prep`.
fn is_loop_of(end: &At, prep: &At) -> bool {
    end.op() == Op::ForLoop
        && end.ins.a() == prep.ins.a()
        && end.target(i64::from(end.ins.sd())) == prep.next() as i64
}
