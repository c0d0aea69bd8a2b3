//! Tests of the translation by hand-made chunks: each rule that a chunk can break, and what the real thing never writes.
//!
//! What the real thing writes is tested where it is: in the package `cu-tests`.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

use super::opcode::Opcode;
use super::*;
use crate::Config;
use crate::host::{FileId, Host, HostResult};
use crate::isa::disasm;

/// Header of all chunks.
const HEADER: &[u8] =
    b"\x1bLua\x54\x00\x19\x93\r\n\x1a\n\x04\x08\x08\x78\x56\0\0\0\0\0\0\0\0\0\0\0\x28\x77\x40";

/// A function to be written as a chunk.
#[derive(Clone, Default)]
struct Draft {
    code: Vec<u32>,
    /// Constants as they are written.
    consts: Vec<Vec<u8>>,
    n_upvals: u8,
    n_params: u8,
    is_vararg: u8,
    max_stack: u8,
    nested: Vec<Draft>,
    debug: Option<Vec<u8>>,
}

impl Draft {
    fn new(max_stack: u8, code: &[u32]) -> Draft {
        Draft {
            code: code.to_vec(),
            max_stack,
            ..Draft::default()
        }
    }

    fn consts(mut self, consts: &[&[u8]]) -> Draft {
        self.consts = consts.iter().map(|bytes| bytes.to_vec()).collect();
        self
    }

    fn write(&self, out: &mut Vec<u8>) {
        out.extend([
            0x80,
            0x80,
            0x80,
            self.n_params,
            self.is_vararg,
            self.max_stack,
        ]);
        count(out, self.code.len());
        for word in &self.code {
            out.extend(word.to_le_bytes());
        }
        count(out, self.consts.len());
        self.consts.iter().for_each(|bytes| out.extend(bytes));
        count(out, usize::from(self.n_upvals));
        for index in 0..self.n_upvals {
            out.extend([1, index, 0]);
        }
        count(out, self.nested.len());
        self.nested.iter().for_each(|nested| nested.write(out));
        out.extend(self.debug.clone().unwrap_or(vec![0x80; 4]));
    }

    fn chunk(&self) -> Vec<u8> {
        let mut out = [HEADER, &[self.n_upvals]].concat();
        self.write(&mut out);
        out
    }
}

fn count(out: &mut Vec<u8>, n: usize) {
    let mut groups = vec![n as u8 & 0x7f | 0x80];
    let mut rest = n >> 7;
    while rest != 0 {
        groups.push(rest as u8 & 0x7f);
        rest >>= 7;
    }
    out.extend(groups.iter().rev());
}

fn abck(op: Opcode, a: u8, b: u8, c: u8, k: u32) -> u32 {
    op as u32 | u32::from(a) << 7 | k << 15 | u32::from(b) << 16 | u32::from(c) << 24
}

fn abc(op: Opcode, a: u8, b: u8, c: u8) -> u32 {
    abck(op, a, b, c, 0)
}

fn abx(op: Opcode, a: u8, bx: u32) -> u32 {
    op as u32 | u32::from(a) << 7 | bx << 15
}

fn jmp(distance: i32) -> u32 {
    Opcode::Jmp as u32 | ((distance + 16_777_215) as u32) << 7
}

fn extra(ax: u32) -> u32 {
    Opcode::ExtraArg as u32 | ax << 7
}

const RETURN0: u32 = Opcode::Return0 as u32;

fn return1(a: u8) -> u32 {
    abc(Opcode::Return1, a, 2, 0)
}

/// A host that gives nothing.
struct NoHost;

impl Host for NoHost {
    fn write(&mut self, _file: FileId, _bytes: &[u8]) -> HostResult<()> {
        Ok(())
    }

    fn entropy(&mut self) -> [u64; 2] {
        [1, 2]
    }
}

fn machine() -> Vm {
    Vm::new(Box::new(NoHost), Config::default()).unwrap()
}

/// What the function of a chunk returns, if that is an integer.
fn result(draft: &Draft) -> Option<i64> {
    let mut vm = machine();
    let at = vm.top();
    vm.load_puc(&draft.chunk()).unwrap().unwrap();
    vm.set_fuel(Some(1_000));
    vm.call(0, Some(1)).ok()?;
    match vm.view(at) {
        crate::View::Integer(i) => Some(i),
        _ => None,
    }
}

fn refusal(draft: &Draft) -> String {
    refusal_of(&draft.chunk())
}

fn refusal_of(chunk: &[u8]) -> String {
    machine().load_puc(chunk).unwrap().unwrap_err().to_string()
}

fn listing(draft: &Draft) -> String {
    let proto = translate(&draft.chunk(), &mut Meter::new(1 << 20)).unwrap();
    disasm::list(&proto)
}

#[test]
fn chunks_are_told_apart() {
    let ours = {
        let mut vm = machine();
        let f = vm.top();
        assert!(vm.load_bytes(b"return 1", b"=x", b"t").unwrap());
        let mut out = Vec::new();
        vm.dump(f, true, &mut out).unwrap();
        out
    };
    let theirs = Draft::new(2, &[RETURN0]).chunk();
    assert!(is_puc_chunk(&theirs));
    assert!(!is_puc_chunk(&ours));
    assert!(!is_puc_chunk(b"return 1"));
    assert!(is_puc_chunk(b"\x1bLua\x53"));
    assert_eq!(
        refusal_of(&ours),
        "not a function of Lua 5.4: a chunk of this machine at byte 0"
    );
    assert_eq!(
        refusal_of(b"\x1bLua\x53\0"),
        "not a function of Lua 5.4: version mismatch at byte 4"
    );
    assert_eq!(
        refusal_of(b""),
        "not a function of Lua 5.4: truncated chunk at byte 0"
    );
    let mut vm = machine();
    assert!(!vm.load_bytes(&theirs, b"=x", b"b").unwrap());
}

#[test]
fn every_cut_of_a_chunk_is_refused() {
    let mut draft = Draft::new(2, &[abx(Opcode::LoadK, 0, 0), return1(0)]).consts(&[b"\x04\x83ab"]);
    draft.nested = vec![Draft::new(2, &[RETURN0])];
    let chunk = draft.chunk();
    for len in 0..chunk.len() {
        let refused = machine().load_puc(&chunk[..len]).unwrap();
        assert!(matches!(refused, Err(PucError::Format { .. })), "{len}");
    }
    // What follows is of no concern.
    let longer = [&chunk[..], b"more"].concat();
    assert_eq!(machine().load_puc(&longer).unwrap(), Ok(()));
}

#[test]
fn counts_beyond_the_bytes_are_refused_at_once() {
    let mut chunk = [HEADER, &[0]].concat();
    chunk.extend([0x80, 0x80, 0x80, 0, 0, 2]);
    chunk.extend([7, 0x7f, 0x7f, 0x7f, 0xff]);
    assert!(refusal_of(&chunk).contains("an end before the chunk's"));
    let len = chunk.len();
    chunk.truncate(len - 5);
    chunk.extend([0x7f; 12]);
    assert!(refusal_of(&chunk).contains("a number that is too large"));
}

#[test]
fn functions_nest_only_so_deep() {
    let mut draft = Draft::new(2, &[RETURN0]);
    for _ in 0..198 {
        let mut around = Draft::new(2, &[RETURN0]);
        around.nested = vec![draft];
        draft = around;
    }
    assert_eq!(machine().load_puc(&draft.chunk()).unwrap(), Ok(()));
    for _ in 0..3 {
        let mut around = Draft::new(2, &[RETURN0]);
        around.nested = vec![draft];
        draft = around;
    }
    assert!(refusal(&draft).contains("nested too deep"));
}

#[test]
fn upvalues_are_the_globals_and_nil() {
    let code = [abc(Opcode::GetUpval, 0, 1, 0), return1(0)];
    let mut draft = Draft::new(2, &code);
    draft.n_upvals = 2;
    let mut vm = machine();
    let at = vm.top();
    vm.load_puc(&draft.chunk()).unwrap().unwrap();
    vm.call(0, Some(1)).unwrap();
    assert!(matches!(vm.view(at), crate::View::Nil));
    draft.code[0] = abc(Opcode::GetUpval, 0, 0, 0);
    vm.load_puc(&draft.chunk()).unwrap().unwrap();
    vm.call(0, Some(1)).unwrap();
    vm.push_globals().unwrap();
    assert!(vm.raw_equal(at.offset(1), at.offset(2)));
}

#[test]
fn a_constant_may_be_named_by_25_bits() {
    let draft = Draft::new(2, &[abc(Opcode::LoadKx, 0, 0, 0), extra(1), return1(0)]);
    let draft = draft.consts(&[b"\0", b"\x03\x2a\0\0\0\0\0\0\0"]);
    assert_eq!(result(&draft), Some(42));
    let mut beyond = draft.clone();
    beyond.code[1] = extra(2);
    assert_eq!(
        refusal(&beyond),
        "bad instruction 0 (LOADKX) of function main: no such constant"
    );
}

#[test]
fn a_jump_behind_a_test_may_be_a_target_itself() {
    // 0: r0 = 1, 1: if r0 == 1 then skip 2, 2: -> 5, 3: r0 = 7, 4: -> 2, 5: return r0
    let draft = Draft::new(
        2,
        &[
            abx(Opcode::LoadI, 0, 65_535 + 1),
            abck(Opcode::EqI, 0, 127 + 1, 0, 0),
            jmp(2),
            abx(Opcode::LoadI, 0, 65_535 + 7),
            jmp(-3),
            return1(0),
        ],
    );
    assert_eq!(result(&draft), Some(7));
}

#[test]
fn tests_may_jump_back() {
    // r0 counts down from 3, r1 up.
    for test in [
        vec![abck(Opcode::GtI, 0, 127, 0, 1)],
        vec![abck(Opcode::LtI, 0, 127 + 1, 1, 0)],
        vec![abck(Opcode::EqI, 0, 127, 0, 0)],
    ] {
        let mut code = vec![
            abx(Opcode::LoadI, 0, 65_535 + 3),
            abx(Opcode::LoadI, 1, 65_535),
            abc(Opcode::AddI, 0, 0, 126),
            abc(Opcode::MmBinI, 0, 128, 7),
            abc(Opcode::AddI, 1, 1, 128),
            abc(Opcode::MmBinI, 1, 128, 6),
        ];
        code.extend(test);
        code.extend([jmp(-6), return1(1)]);
        assert_eq!(result(&Draft::new(2, &code)), Some(3));
    }
}

#[test]
fn operands_that_ours_cannot_have_go_to_a_spare_register() {
    let shift = [
        abx(Opcode::LoadI, 0, 65_535 + 4),
        abc(Opcode::ShlI, 0, 0, 127 + 3),
        abck(Opcode::MmBinI, 0, 127 + 3, 16, 1),
        return1(0),
    ];
    let draft = Draft::new(2, &shift);
    assert_eq!(result(&draft), Some(48));
    assert!(listing(&draft).contains("3 registers"));
    assert!(listing(&draft).contains("shl             r0 r2 r0"));
    let mut full = draft.clone();
    full.max_stack = 255;
    assert!(refusal(&full).contains("too many registers"));
    full.max_stack = 254;
    assert_eq!(result(&full), Some(48));
}

#[test]
fn subtraction_of_a_small_integer_keeps_its_name() {
    let draft = Draft::new(
        2,
        &[
            abc(Opcode::AddI, 0, 0, 126),
            abc(Opcode::MmBinI, 0, 128, 7),
            abc(Opcode::ShrI, 0, 0, 126),
            abc(Opcode::MmBinI, 0, 128, 16),
            RETURN0,
        ],
    );
    let listing = listing(&draft);
    assert!(
        listing.contains("sub_i           r0 r0 1") && listing.contains("shl_i           r0 r0 1")
    );
}

#[test]
fn a_return_of_nothing_may_name_the_register_behind_the_last() {
    let draft = Draft::new(2, &[abc(Opcode::Return, 2, 1, 0)]);
    assert_eq!(machine().load_puc(&draft.chunk()).unwrap(), Ok(()));
    let draft = Draft::new(2, &[abc(Opcode::Return, 2, 2, 0)]);
    assert!(refusal(&draft).contains("(RETURN) of function main: no such register"));
    let draft = Draft::new(2, &[abc(Opcode::Return, 3, 1, 0)]);
    assert!(refusal(&draft).contains("(RETURN) of function main: too many registers"));
}

#[test]
fn malformed_code_is_refused_by_instruction() {
    let string = b"\x04\x82a".as_slice();
    let number = b"\x03\x2a\0\0\0\0\0\0\0".as_slice();
    let long = [b"\x14\xb0".as_slice(), &[b'a'; 47]].concat();
    let cases: &[(&[u32], &str)] = &[
        (&[83], "0 (?) of function main: an unknown operation"),
        (
            &[abc(Opcode::Move, 2, 0, 0)],
            "0 (MOVE) of function main: no such register",
        ),
        (
            &[abc(Opcode::Move, 0, 9, 0)],
            "0 (MOVE) of function main: no such register",
        ),
        (
            &[abx(Opcode::LoadK, 0, 3)],
            "0 (LOADK) of function main: no such constant",
        ),
        (
            &[abc(Opcode::GetField, 0, 0, 1)],
            "0 (GETFIELD) of function main: no such name",
        ),
        (
            &[abc(Opcode::GetField, 0, 0, 2)],
            "0 (GETFIELD) of function main: no such name",
        ),
        (
            &[abck(Opcode::SetI, 0, 0, 3, 1)],
            "0 (SETI) of function main: no such constant",
        ),
        (
            &[abc(Opcode::SetI, 0, 0, 3)],
            "0 (SETI) of function main: no such register",
        ),
        (
            &[abc(Opcode::GetUpval, 0, 0, 0)],
            "0 (GETUPVAL) of function main: no such upvalue",
        ),
        (
            &[abx(Opcode::Closure, 0, 0)],
            "0 (CLOSURE) of function main: no such function",
        ),
        (
            &[abc(Opcode::AddK, 0, 0, 0), abc(Opcode::MmBinK, 0, 0, 6)],
            "0 (ADDK) of function main: no such number",
        ),
        (
            &[abc(Opcode::BAndK, 0, 0, 0), abc(Opcode::MmBinK, 0, 0, 13)],
            "0 (BANDK) of function main: no such integer",
        ),
        (
            &[abc(Opcode::Add, 0, 0, 0), RETURN0],
            "1 (RETURN0) of function main: not what belongs behind",
        ),
        (
            &[abc(Opcode::Add, 0, 0, 0)],
            "0 (ADD) of function main: nothing behind it",
        ),
        (
            &[abc(Opcode::Add, 0, 0, 1), abc(Opcode::MmBin, 0, 0, 6)],
            "0 (ADD) of function main: an operation that its",
        ),
        (
            &[abc(Opcode::Add, 0, 0, 0), abc(Opcode::MmBin, 0, 0, 7)],
            "0 (ADD) of function main: an operation that its",
        ),
        (
            &[abc(Opcode::AddI, 0, 0, 128), abc(Opcode::MmBinI, 0, 129, 6)],
            "0 (ADDI) of function main: an operation",
        ),
        (
            &[abc(Opcode::SubK, 0, 0, 1), abck(Opcode::MmBinK, 0, 1, 7, 1)],
            "0 (SUBK) of function main: an operation",
        ),
        (
            &[abc(Opcode::MmBin, 0, 0, 6)],
            "0 (MMBIN) of function main: nothing that it belongs to",
        ),
        (
            &[extra(0)],
            "0 (EXTRAARG) of function main: nothing that it belongs to",
        ),
        (
            &[abc(Opcode::NewTable, 0, 0, 0), RETURN0],
            "1 (RETURN0) of function main: not what belongs behind",
        ),
        (
            &[abc(Opcode::Test, 0, 0, 0), RETURN0, RETURN0],
            "1 (RETURN0) of function main: not what belongs behind",
        ),
        (
            &[jmp(1), RETURN0],
            "0 (JMP) of function main: a jump out of the function",
        ),
        (
            &[jmp(-2), RETURN0],
            "0 (JMP) of function main: a jump out of the function",
        ),
        (
            &[jmp(1), abc(Opcode::NewTable, 0, 0, 0), extra(0), RETURN0],
            "2 (EXTRAARG) of function main: a jump into an",
        ),
        (
            &[abc(Opcode::SelfOp, 1, 0, 0)],
            "0 (SELF) of function main: no such register",
        ),
        (
            &[abck(Opcode::SelfOp, 0, 0, 1, 1)],
            "0 (SELF) of function main: a key that is no string",
        ),
        (
            &[abc(Opcode::SelfOp, 0, 0, 1)],
            "0 (SELF) of function main: a key in the place of the object",
        ),
        (
            &[abc(Opcode::Call, 0, 0, 1), RETURN0],
            "bad translation at word 0 of function main: no open list to take",
        ),
        (
            &[abx(Opcode::ForLoop, 0, 0), RETURN0],
            "bad translation at word 0 of function main: a window is larger",
        ),
        (
            &[abx(Opcode::LoadI, 0, 0)],
            "bad translation at word 0 of function main: code runs off its end",
        ),
        (&[], "bad translation at word 0 of function main: "),
    ];
    for &(code, expected) in cases {
        let draft = Draft::new(2, code).consts(&[string, number, &long]);
        let refusal = refusal(&draft);
        let start = match expected.starts_with("bad") {
            true => expected.to_owned(),
            false => format!("bad instruction {expected}"),
        };
        assert!(refusal.starts_with(&start), "{refusal}\ninstead of {start}");
    }
}

#[test]
fn errors_name_the_nested_function() {
    let mut draft = Draft::new(2, &[RETURN0]);
    let mut middle = Draft::new(2, &[RETURN0]);
    middle.nested = vec![Draft::new(2, &[RETURN0]), Draft::new(2, &[RETURN0, 83])];
    draft.nested = vec![Draft::new(2, &[RETURN0]), Draft::new(2, &[RETURN0]), middle];
    assert_eq!(
        refusal(&draft),
        "bad instruction 1 (?) of function main.2.1: an unknown operation"
    );
}

#[test]
fn debug_information_that_does_not_fit_is_refused_or_left_out() {
    let with = |debug: &[u8]| {
        let mut draft = Draft::new(2, &[RETURN0]);
        draft.debug = Some(debug.to_vec());
        draft
    };
    // One line, no absolute ones, no locals, no names.
    assert_eq!(
        machine()
            .load_puc(&with(&[0x81, 5, 0x80, 0x80, 0x80]).chunk())
            .unwrap(),
        Ok(())
    );
    assert!(refusal(&with(&[0x81, 0x80, 0x80, 0x80, 0x80])).contains("lines that do not fit"));
    assert!(refusal(&with(&[0x81, 0xfe, 0x80, 0x80, 0x80])).contains("a line below 0"));
    assert!(refusal(&with(&[0x82, 0, 0, 0x80, 0x80, 0x80])).contains("lines for more or fewer"));
    assert!(refusal(&with(&[0x80, 0x80, 0x80, 0x81, 0x81])).contains("names of more upvalues"));
    // Two locals, one of which lives beyond the code.
    let locals = [
        0x80, 0x80, 0x82, 0x82, b'a', 0x80, 0x81, 0x82, b'b', 0x80, 0x89, 0x80,
    ];
    let listing = listing(&with(&locals));
    assert!(
        listing.contains("r0 a 0..1") && !listing.contains(" b "),
        "{listing}"
    );
}

#[test]
fn memory_that_is_not_there_is_an_error() {
    let code: Vec<u32> = std::iter::repeat_n(abx(Opcode::LoadI, 0, 0), 10_000).collect();
    let mut draft = Draft::new(2, &code);
    draft.code.push(RETURN0);
    let chunk = draft.chunk();
    for limit in (0..200_000).step_by(997) {
        let made = translate(&chunk, &mut Meter::new(limit));
        assert!(matches!(made, Ok(_) | Err(PucError::OutOfMemory)));
    }
    assert_eq!(
        translate(&chunk, &mut Meter::new(1_000)),
        Err(PucError::OutOfMemory)
    );
    let mut vm = machine();
    vm.set_memory_limit(vm.memory_used() + 100_000);
    assert!(vm.load_puc(&chunk).is_err());
    assert_eq!(vm.take_error(), crate::ErrorKind::Memory);
}
