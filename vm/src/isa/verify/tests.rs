//! Tests of the verifier: it accepts what the compiler makes, refuses what breaks a rule, and bears
//! anything.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use cu_lexer::Meter;
use proptest::prelude::*;

use crate::compile::compile;
use crate::isa::{Instr, Op};
use crate::proto::{Const, ProtoData, UpvalDesc, VarKind};

const PROGRAM: &str = "
    local t, n <const> = {1, 2, x = 3, ...}, 5
    local function f(a, ...)
        if a == n or a < 3 and a ~= 'x' then return f(...) end
        for i = a, 10, 2 do t[i] = function() return i, a end if i > 5 then break end end
        for k, v in pairs(t) do if not v then return k end t.x = k .. v .. 'z' end
        local c <close> = a
        repeat local z = f(a - 1, 2 - a, a * 1.5, a % 7, ~a) until z or #t == 0
        return t:m(1, ...), a & 255
    end
    while t do t = t and t.next or f ::again:: if t then goto again end end
    return f(...), ...
";

fn compiled(source: &str) -> ProtoData {
    compile(source.as_bytes(), b"=x", &mut Meter::new(1 << 24)).unwrap()
}

/// A function with this code, three registers, a name and a float as constants.
fn function(code: &[Instr]) -> ProtoData {
    ProtoData {
        code: code.iter().map(|ins| ins.0).collect(),
        consts: vec![Const::String(b"x".to_vec().into()), Const::Float(1.5)],
        max_stack: 3,
        ..ProtoData::default()
    }
}

fn what(proto: &ProtoData) -> &'static str {
    match proto.verify() {
        Ok(()) => "fine",
        Err(error) => error.what,
    }
}

const RETURN: Instr = Instr(Op::Return0 as u64);

fn abc(op: Op, a: u16, b: u16, c: u16) -> Instr {
    Instr::abc(op, 0, a, b, c)
}

fn ad(op: Op, a: u16, d: i32) -> Instr {
    Instr::ad(op, 0, a, d as u32)
}

#[test]
fn what_the_compiler_makes_is_accepted() {
    assert_eq!(compiled(PROGRAM).verify(), Ok(()));
}

#[test]
fn operands_are_checked() {
    let body = |ins: Instr| what(&function(&[ins, RETURN]));
    assert_eq!(body(abc(Op::Move, 0, 32, 0)), "fine");
    assert_eq!(body(abc(Op::Move, 0, 48, 0)), "no such register");
    assert_eq!(body(abc(Op::Move, 8, 0, 0)), "no such register");
    assert_eq!(body(abc(Op::Move, 0, 0, 16)), "an unused field is not zero");
    assert_eq!(body(Instr::abc(Op::Move, 1, 0, 0, 0)), "bad flag");
    assert_eq!(body(ad(Op::LoadK, 0, 1)), "fine");
    assert_eq!(body(ad(Op::LoadK, 0, 2)), "no such constant");
    assert_eq!(body(abc(Op::AddK, 0, 0, 16)), "fine");
    assert_eq!(body(abc(Op::AddK, 0, 0, 0)), "bad operand");
    assert_eq!(body(abc(Op::BAndK, 0, 0, 16)), "bad operand");
    assert_eq!(body(abc(Op::ModI, 0, 0, 0)), "bad operand");
    assert_eq!(body(abc(Op::LoadNil, 16, 2, 0)), "fine");
    assert_eq!(
        body(abc(Op::LoadNil, 16, 3, 0)),
        "a window is larger than the frame"
    );
    assert_eq!(body(abc(Op::Concat, 0, 1, 0)), "bad operand");
    assert_eq!(
        body(abc(Op::Call, 16, 3, 1)),
        "a window is larger than the frame"
    );
    assert_eq!(body(abc(Op::GetUpval, 0, 0, 0)), "no such upvalue");
    assert_eq!(body(ad(Op::Closure, 0, 0)), "no such prototype");
    assert_eq!(body(abc(Op::Vararg, 0, 0, 1)), "bad operand");
    assert_eq!(body(Instr(0xff)), "unknown operation");
}

#[test]
fn second_words_are_fresh_and_no_targets() {
    let get = abc(Op::GetField, 0, 0, 0);
    assert_eq!(what(&function(&[get, Instr(0), RETURN])), "fine");
    assert_eq!(what(&function(&[get, Instr(8), RETURN])), "bad second word");
    assert_eq!(what(&function(&[get])), "a second word is missing");
    let jump = ad(Op::Jump, 0, 1);
    assert_eq!(
        what(&function(&[jump, get, Instr(0), RETURN])),
        "a jump to where nothing begins"
    );
}

#[test]
fn jumps_go_in_their_direction_and_land() {
    let body = |ins: Instr| what(&function(&[RETURN, ins, RETURN]));
    assert_eq!(body(ad(Op::Jump, 0, 0)), "fine");
    assert_eq!(body(ad(Op::Jump, 0, 1)), "a jump to where nothing begins");
    assert_eq!(body(ad(Op::Jump, 0, -2)), "a jump in the wrong direction");
    assert_eq!(body(ad(Op::LoopBack, 0, -2)), "fine");
    assert_eq!(
        body(ad(Op::LoopBack, 0, 0)),
        "a jump in the wrong direction"
    );
    assert_eq!(
        body(ad(Op::LoopBack, 0, -3)),
        "a jump to where nothing begins"
    );
    assert_eq!(
        body(ad(Op::LoadFalseSkip, 0, 0)),
        "a jump to where nothing begins"
    );
    assert_eq!(
        what(&function(&[abc(Op::Move, 0, 0, 0)])),
        "code runs off its end"
    );
}

#[test]
fn open_lists_are_taken_at_once() {
    let (open, take) = (abc(Op::Call, 16, 1, 0), abc(Op::Call, 0, 0, 1));
    assert_eq!(what(&function(&[open, take, RETURN])), "fine");
    assert_eq!(
        what(&function(&[open, RETURN])),
        "nothing takes an open list"
    );
    assert_eq!(
        what(&function(&[RETURN, take, RETURN])),
        "no open list to take"
    );
    let above = abc(Op::Call, 16, 0, 1);
    assert_eq!(
        what(&function(&[open, above, RETURN])),
        "an open list begins below its taker"
    );
    let skip = ad(Op::Jump, 0, 1);
    assert_eq!(
        what(&function(&[skip, open, take, RETURN])),
        "a jump to where nothing begins"
    );
    let tail = abc(Op::TailCall, 0, 1, 0);
    assert_eq!(what(&function(&[tail, abc(Op::Return, 0, 0, 0)])), "fine");
    assert_eq!(
        what(&function(&[tail, abc(Op::Return, 16, 0, 0)])),
        "a tail call without its return"
    );
    assert_eq!(
        what(&function(&[tail, RETURN])),
        "nothing takes an open list"
    );
}

#[test]
fn loops_are_complete() {
    let with_room = |code: &[Instr]| {
        what(&ProtoData {
            max_stack: 8,
            ..function(code)
        })
    };
    let (prep, end) = (ad(Op::ForPrep, 0, 1), ad(Op::ForLoop, 0, -1));
    assert_eq!(with_room(&[prep, end, RETURN]), "fine");
    assert_eq!(
        with_room(&[prep, RETURN, RETURN]),
        "a for_prep without its for_loop"
    );
    assert_eq!(
        with_room(&[prep, ad(Op::ForLoop, 16, -1), RETURN]),
        "a for_prep without its for_loop"
    );
    assert_eq!(
        with_room(&[ad(Op::Jump, 0, 0), end, RETURN]),
        "a for_loop without its for_prep"
    );
    let (call, step) = (abc(Op::TForCall, 0, 0, 1), ad(Op::TForLoop, 0, -2));
    let go = ad(Op::TForPrep, 0, 0);
    let close = abc(Op::Close, 0, 0, 0);
    assert_eq!(with_room(&[go, call, step, close, RETURN]), "fine");
    assert_eq!(
        with_room(&[go, step, close, RETURN]),
        "a tfor_loop without its tfor_call"
    );
    assert_eq!(
        with_room(&[call, RETURN]),
        "a tfor_call without its tfor_loop"
    );
    assert_eq!(
        with_room(&[go, RETURN]),
        "a tfor_prep without its tfor_call"
    );
}

#[test]
fn plain_returns_leave_nothing_open() {
    let tbc = abc(Op::Tbc, 16, 0, 0);
    let close = |reg| abc(Op::Close, reg, 0, 0);
    let left = "a return leaves a register open";
    assert_eq!(what(&function(&[tbc, RETURN])), left);
    assert_eq!(what(&function(&[tbc, close(16), RETURN])), "fine");
    assert_eq!(what(&function(&[tbc, close(32), RETURN])), left);
    assert_eq!(
        what(&function(&[tbc, Instr::abc(Op::Return, 1, 0, 1, 0)])),
        "fine"
    );
    // Over a backward jump: the second round reaches the return with the variable open.
    let exit = ad(Op::Test, 0, 2);
    assert_eq!(
        what(&function(&[exit, tbc, ad(Op::LoopBack, 0, -3), RETURN])),
        left
    );
    let capture = UpvalDesc {
        name: vec![].into(),
        in_stack: true,
        index: 0,
        kind: VarKind::Regular,
    };
    let mut outer = function(&[ad(Op::Closure, 0, 0), RETURN]);
    outer.protos = vec![ProtoData {
        upvals: vec![capture],
        ..function(&[RETURN])
    }];
    assert_eq!(what(&outer), left);
    outer.protos[0].upvals[0].index = 3;
    outer.code[1] = Instr::abc(Op::Return, 1, 0, 1, 0).0;
    assert_eq!(what(&outer), "an upvalue is not in the enclosing function");
}

#[test]
fn vararg_functions_begin_with_their_preparation() {
    let prep = abc(Op::VarargPrep, 0, 0, 0);
    let vararg = |code: &[Instr]| {
        what(&ProtoData {
            is_vararg: true,
            ..function(code)
        })
    };
    assert_eq!(vararg(&[prep, RETURN]), "fine");
    assert_eq!(vararg(&[RETURN]), "bad start of a vararg function");
    assert_eq!(
        what(&function(&[prep, RETURN])),
        "bad start of a vararg function"
    );
    assert_eq!(vararg(&[prep, prep, RETURN]), "bad operand");
    assert_eq!(
        vararg(&[prep, ad(Op::LoopBack, 0, -2)]),
        "a jump to where nothing begins"
    );
}

#[test]
fn nesting_is_bounded() {
    let mut proto = function(&[RETURN]);
    for _ in 0..300 {
        proto = ProtoData {
            protos: vec![proto],
            ..function(&[RETURN])
        };
    }
    assert_eq!(what(&proto), "functions are nested too deep");
}

#[test]
fn debug_information_is_in_range() {
    let mut proto = function(&[RETURN]);
    proto.lines = vec![1, 2];
    assert_eq!(what(&proto), "bad number of lines");
}

proptest! {
    #[test]
    fn any_word_may_change(at in any::<prop::sample::Index>(), word in any::<u64>(), nested: bool) {
        let mut proto = compiled(PROGRAM);
        let target = if nested { &mut proto.protos[0] } else { &mut proto };
        let len = target.code.len();
        target.code[at.index(len)] = word;
        let _ = proto.verify();
        let _ = crate::isa::disasm::list(&proto);
    }

    #[test]
    fn any_byte_may_change(changes in prop::collection::vec((any::<prop::sample::Index>(), 0..8_u32, any::<u8>()), 1..4)) {
        let mut proto = compiled(PROGRAM);
        let nested = &mut proto.protos[0];
        let len = nested.code.len();
        for (at, byte, value) in changes {
            let word = &mut nested.code[at.index(len)];
            *word = *word & !(0xff << (byte * 8)) | u64::from(value) << (byte * 8);
        }
        let _ = proto.verify();
        let _ = crate::isa::disasm::list(&proto);
    }

    #[test]
    fn any_words_are_borne(code in prop::collection::vec((0..90_u64, any::<u64>()), 0..40), max_stack: u8) {
        let code = code.into_iter().map(|(op, rest)| Instr(op | rest << 8)).collect::<Vec<_>>();
        let mut proto = function(&code);
        proto.max_stack = max_stack;
        let _ = proto.verify();
        let _ = crate::isa::disasm::list(&proto);
    }
}
