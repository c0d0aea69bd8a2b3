//! Tests of binary chunks: what is written comes back, and whatever is not a chunk is refused in PUC Lua's
//! words, without a panic and without much memory.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

use proptest::prelude::*;

use super::*;
use crate::compile::compile;
use crate::host::{FileId, Host, HostResult};
use crate::native::{Args, Native, NativeResult, Outcome};
use crate::{Config, View};

const PROGRAMS: &[&str] = &[
    "",
    "return 1",
    "return nil, true, false, 'x', -1.5, 1e300, 0x7fffffffffffffff, math.mininteger, '\\0\\xff'",
    "local a <const>, b <close>, c = 1, nil, 2; return function() return b, c, d end",
    "local t = {} for i = 1, 10 do t[i] = function() return i end end return t",
    "for k, v in pairs(t) do goto next; do local function g() return g, k end end ::next:: end",
    "local t = {x = 1, y = {z = 2}}; t.x = t.y.z; t.y.z = t:m(1) + 5; x = t.x; return t.x, ...",
    "return 1\n\n\n+\n\n\n\nx(\n\n)\n",
    MIXED,
];

const MIXED: &str = "
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
    let config = Config {
        memory_limit: 64 << 20,
        ..Config::default()
    };
    Vm::new(Box::new(NoHost), config).unwrap()
}

fn load(vm: &mut Vm, chunk: &[u8], name: &[u8]) -> Slot {
    let f = vm.top();
    if !vm.load_bytes(chunk, name, b"bt").unwrap() {
        let message = vm.bytes(f).unwrap_or_default();
        panic!("{}", String::from_utf8_lossy(message));
    }
    f
}

fn dump(vm: &mut Vm, f: Slot, strip: bool) -> Vec<u8> {
    let mut chunk = Vec::new();
    assert!(vm.dump(f, strip, &mut chunk).unwrap());
    chunk
}

fn dumped(source: &str, name: &str, strip: bool) -> Vec<u8> {
    let mut vm = machine();
    let f = load(&mut vm, source.as_bytes(), name.as_bytes());
    dump(&mut vm, f, strip)
}

fn undumped(chunk: &[u8]) -> Res<ProtoData> {
    undump(chunk, &mut Meter::new(1 << 24)).map(|(main, _)| main)
}

fn compiled(source: &str, name: &str) -> ProtoData {
    compile(source.as_bytes(), name.as_bytes(), &mut Meter::new(1 << 24)).unwrap()
}

/// What stripping leaves of a function.
fn without_debug_information(mut proto: ProtoData, source: &[u8]) -> ProtoData {
    proto.source = source.to_vec();
    proto.lines.clear();
    proto.locals.clear();
    for upval in &mut proto.upvals {
        upval.name = Name::default();
    }
    let strip = |nested| without_debug_information(nested, b"");
    proto.protos = proto.protos.into_iter().map(strip).collect();
    proto
}

/// What `load` answers to a chunk that it refuses.
fn refusal(chunk: &[u8], name: &[u8], mode: &[u8]) -> String {
    let mut vm = machine();
    let at = vm.top();
    assert!(!vm.load_bytes(chunk, name, mode).unwrap());
    String::from_utf8_lossy(vm.bytes(at).unwrap()).into_owned()
}

#[test]
fn what_is_written_comes_back() {
    for source in PROGRAMS {
        for name in ["@file.lua", "=stdin", "", source] {
            let chunk = dumped(source, name, false);
            assert_eq!(undumped(&chunk), Ok(compiled(source, name)), "{source}");
        }
    }
}

#[test]
fn what_is_loaded_is_written_the_same_again() {
    for source in PROGRAMS {
        for strip in [false, true] {
            let chunk = dumped(source, "@file.lua", strip);
            let mut vm = machine();
            let f = load(&mut vm, &chunk, b"another name");
            assert_eq!(dump(&mut vm, f, strip), chunk, "{source}");
        }
    }
}

#[test]
fn stripping_takes_names_and_lines() {
    for source in PROGRAMS {
        let chunk = dumped(source, "@file.lua", true);
        let expected = without_debug_information(compiled(source, ""), b"=?");
        assert_eq!(undumped(&chunk), Ok(expected), "{source}");
    }
}

#[test]
fn inline_caches_are_not_written() {
    let source = "local t = {a = 1, b = 2, c = 3, d = 4, f = function(s) return s.a end}
        t.a = t.a + t.b + t.c + t.d; x = t:f()";
    let mut vm = machine();
    let f = load(&mut vm, source.as_bytes(), b"=x");
    let fresh = dump(&mut vm, f, false);
    for _ in 0..3 {
        vm.push_slot(f).unwrap();
        vm.call(0, Some(0)).unwrap();
    }
    assert_eq!(dump(&mut vm, f, false), fresh);
    // SAFETY: a live closure.
    let code = unsafe {
        let p = (*vm.value_at(f).as_closure()).proto;
        std::slice::from_raw_parts((*p).code, (*p).n_code as usize)
    };
    assert_ne!(code, undumped(&fresh).unwrap().code, "no cache was filled");
}

#[test]
fn the_index_of_a_set_list_is_written() {
    let source = format!("return {{ {} }}", "f(), ".repeat(300));
    let proto = undumped(&dumped(&source, "=x", false)).unwrap();
    assert_eq!(proto, compiled(&source, "=x"));
    let mut pc = 0;
    let mut indices = Vec::new();
    while let Some(&word) = proto.code.get(pc) {
        let op = Instr(word).op().unwrap();
        if op == Op::SetList {
            indices.push(proto.code[pc + 1]);
        }
        pc += if op.info().wide { 2 } else { 1 };
    }
    assert!(indices.iter().any(|&index| index > 0), "{indices:?}");
}

#[test]
fn floats_keep_their_bits() {
    let chunk = dumped("return 0.0, -0.0, 0x1p-1074, 1e999", "=x", true);
    let bits = |proto: ProtoData| -> Vec<u64> {
        let float = |value| match value {
            Const::Float(float) => Some(float.to_bits()),
            _ => None,
        };
        proto.consts.into_iter().filter_map(float).collect()
    };
    let expected = bits(compiled("return 0.0, -0.0, 0x1p-1074, 1e999", "=x"));
    assert!(expected.contains(&1) && expected.contains(&f64::INFINITY.to_bits()));
    assert_eq!(bits(undumped(&chunk).unwrap()), expected);
}

#[test]
fn the_largest_numbers_survive() {
    let mut vm = machine();
    let mut out = Vec::new();
    let integers = [
        0,
        1,
        -1,
        63,
        -64,
        64,
        i64::MAX,
        i64::MIN,
        1 << 62,
        -(1 << 62),
    ];
    let mut writer = Writer {
        vm: &mut vm,
        out: &mut out,
        strip: false,
        named: false,
    };
    for n in integers {
        writer.signed(n).unwrap();
        writer.varint(n as u64).unwrap();
    }
    let mut meter = Meter::new(0);
    let mut reader = Reader {
        rest: &out,
        meter: &mut meter,
    };
    for n in integers {
        assert_eq!(reader.signed(), Ok(n));
        assert_eq!(reader.varint(), Ok(n as u64));
    }
    assert!(reader.rest.is_empty());
}

#[test]
fn a_number_that_is_too_large_is_refused() {
    let read = |bytes: &[u8]| {
        let mut meter = Meter::new(0);
        Reader {
            rest: bytes,
            meter: &mut meter,
        }
        .varint()
    };
    let mut bytes = [0xff; 11];
    assert_eq!(read(&bytes), Err(OVERFLOW));
    bytes[9] = 2;
    assert_eq!(read(&bytes), Err(OVERFLOW));
    bytes[9] = 1;
    assert_eq!(read(&bytes), Ok(u64::MAX));
    assert_eq!(read(&[0x80; 12]), Err(OVERFLOW));
    assert_eq!(read(&[0x80; 9]), Err(TRUNCATED));
}

#[test]
fn two_hundred_upvalues_survive() {
    let names: Vec<String> = (0..200).map(|i| format!("a{i}")).collect();
    let (first, second) = names.split_at(150);
    let source = format!(
        "local {}; return (function() local {}; return function() return {}, x end end)()",
        first.join(","),
        second.join(","),
        names.join(",")
    );
    let mut vm = machine();
    load(&mut vm, source.as_bytes(), b"=x");
    let f = vm.top();
    vm.call(0, Some(1)).unwrap();
    let f = Slot(f.0 - 1);
    assert!(matches!(vm.view(f), View::Function));
    let proto = undumped(&dump(&mut vm, f, true)).unwrap();
    assert_eq!(proto.upvals.len(), 201);
    let named = undumped(&dump(&mut vm, f, false)).unwrap();
    assert_eq!(named.upvals[199].name[..], *b"a199");
    assert_eq!(named.upvals[200].name[..], *b"_ENV");
    assert_eq!(without_debug_information(named, b"=?"), proto);
}

#[test]
fn a_chunk_holds_its_name_once() {
    let source = "return function(x) return function(y) return x + y end end";
    let name = "x".repeat(1000);
    let chunk = dumped(source, &name, false);
    assert!((1000..2000).contains(&chunk.len()), "{}", chunk.len());
    let stripped = dumped(source, &name, true);
    assert!(stripped.len() < 500, "{}", stripped.len());
}

#[test]
fn natives_are_not_written() {
    fn nothing(_vm: &mut Vm, _args: Args) -> NativeResult {
        Ok(Outcome::results(0))
    }
    static NOTHING: Native = Native {
        name: "nothing",
        call: nothing,
    };
    let mut vm = machine();
    let f = vm.top();
    vm.push_native(&NOTHING).unwrap();
    let mut out = Vec::new();
    assert!(!vm.dump(f, false, &mut out).unwrap());
    assert!(!vm.dump(f.offset(1), false, &mut out).unwrap());
    assert!(out.is_empty());
}

#[test]
fn writing_obeys_the_memory_limit() {
    let mut vm = machine();
    let source = format!("return '{}'", "x".repeat(1 << 20));
    let f = load(&mut vm, source.as_bytes(), b"=x");
    vm.gc_collect().unwrap();
    vm.set_memory_limit(vm.memory_used() + (1 << 18));
    assert!(vm.dump(f, false, &mut Vec::new()).is_err());
}

#[test]
fn reading_obeys_the_memory_limit() {
    let chunk = dumped(MIXED, "=x", false);
    let needs = (0..).find(|limit| undump(&chunk, &mut Meter::new(limit * 64)).is_ok());
    for limit in 0..needs.unwrap() {
        let answer = undump(&chunk, &mut Meter::new(limit * 64));
        assert_eq!(answer, Err(UndumpError::OutOfMemory));
    }
}

#[test]
fn the_header_is_that_of_puc_lua() {
    let chunk = dumped("return 1", "=x", false);
    let header = b"\x1bLua\x54\0\x19\x93\r\n\x1a\n\x04\x08\x08\
        \x78\x56\0\0\0\0\0\0\0\0\0\0\0\x28\x77\x40";
    assert_eq!(chunk[..header.len()], header[..]);
    assert_eq!(chunk[header.len()], 1, "number of upvalues");
}

#[test]
fn each_changed_byte_of_the_header_is_refused() {
    let words = [
        (1..4, "not a binary chunk"),
        (4..5, "version mismatch"),
        (5..6, "format mismatch"),
        (6..12, "corrupted chunk"),
        (12..13, "Instruction size mismatch"),
        (13..14, "lua_Integer size mismatch"),
        (14..15, "lua_Number size mismatch"),
        (15..23, "integer format mismatch"),
        (23..31, "float format mismatch"),
        (31..32, "corrupted chunk"),
        (32..33, "not a chunk of this machine"),
        (33..37, "version mismatch"),
    ];
    for (places, what) in words {
        for i in places {
            let mut chunk = dumped("return 1", "=x", false);
            chunk[i] = chunk[i].wrapping_add(1);
            let expected = format!("name: bad binary format ({what})");
            assert_eq!(refusal(&chunk, b"=name", b"bt"), expected, "byte {i}");
        }
    }
}

#[test]
fn a_chunk_of_puc_lua_is_refused() {
    // `string.dump(load("return 1", "=x"))`, up to the source.
    let mut chunk = dumped("return 1", "=x", false);
    chunk.truncate(32);
    chunk.extend_from_slice(b"\x83=x\x80\x80\0\x01\x02\x85");
    let expected = "x: bad binary format (not a chunk of this machine)";
    assert_eq!(refusal(&chunk, b"@x", b"b"), expected);
}

#[test]
fn whatever_is_cut_off_is_missed() {
    for source in PROGRAMS {
        for strip in [false, true] {
            let chunk = dumped(source, "@file.lua", strip);
            for len in 1..chunk.len() {
                assert_eq!(undumped(&chunk[..len]), Err(TRUNCATED), "{source} {len}");
            }
        }
    }
}

#[test]
fn what_follows_a_chunk_is_ignored() {
    let mut chunk = dumped(MIXED, "=x", false);
    chunk.extend_from_slice(b"anything");
    assert_eq!(undumped(&chunk), Ok(compiled(MIXED, "=x")));
}

#[test]
fn messages_begin_with_the_chunk_name() {
    let chunk = &dumped("return 1", "=x", false)[..20];
    let name = "n".repeat(200);
    for (name, shown) in [
        ("@file.lua", "file.lua"),
        ("=stdin", "stdin"),
        ("return 1", "return 1"),
        ("\x1bLua", "binary string"),
        ("cut\0off", "cut"),
        ("", ""),
        (&name, &name),
    ] {
        let expected = format!("{shown}: bad binary format (truncated chunk)");
        assert_eq!(refusal(chunk, name.as_bytes(), b"b"), expected);
    }
}

#[test]
fn the_mode_says_what_may_be_loaded() {
    let chunk = dumped("return 1", "=x", false);
    let text = "attempt to load a text chunk (mode is 'b')";
    assert_eq!(refusal(b"return 1", b"=x", b"b"), text);
    assert_eq!(refusal(b"", b"=x", b"b"), text);
    let binary = "attempt to load a binary chunk (mode is 't')";
    assert_eq!(refusal(&chunk, b"=x", b"t"), binary);
    assert_eq!(refusal(b"\x1b", b"=x", b"t"), binary);
    let neither = "attempt to load a binary chunk (mode is '')";
    assert_eq!(refusal(&chunk, b"=x", b"\0bt"), neither);
}

#[test]
fn invalid_code_is_a_bad_chunk() {
    let mut chunk = dumped("return 1", "=x", true);
    // Source, two lines and three bytes about the function; then the first instruction.
    let at = 37 + 6 + 1;
    chunk[at] = 0xff;
    let expected = "x: bad binary format (invalid code)";
    assert_eq!(refusal(&chunk, b"=x", b"b"), expected);
}

/// A chunk with this function.
fn chunk_of(function: &[u8]) -> Vec<u8> {
    let mut chunk = dumped("return 1", "=x", true);
    chunk.truncate(37);
    chunk.extend_from_slice(function);
    chunk
}

#[test]
fn functions_nest_as_deep_as_the_verifier_allows() {
    // No source, no lines, no parameters, two registers, empty lists, and one function in it.
    let level = [0_u8, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 1];
    let innermost = [0; 13];
    let nested = |depth| {
        let mut function = level.repeat(depth);
        function.extend_from_slice(&innermost);
        let mut chunk = chunk_of(&function);
        chunk[31] = 0;
        undumped(&chunk)
    };
    assert!(nested(MAX_DEPTH - 1).is_ok());
    let too_deep = Err(UndumpError::Format("functions are nested too deep"));
    assert_eq!(nested(MAX_DEPTH), too_deep);
    assert_eq!(nested(100_000), too_deep);
}

/// Undumps with no more memory than a chunk of this length may take.
fn undumped_in_proportion(chunk: &[u8]) {
    let answer = undump(chunk, &mut Meter::new(64 * chunk.len()));
    assert_ne!(answer, Err(UndumpError::OutOfMemory));
    if let Ok((proto, end)) = answer {
        assert!(end <= chunk.len());
        let _ = proto.verify();
    }
}

#[test]
fn memory_is_in_proportion_to_the_chunk() {
    // Levels that each promise as many functions as there are bytes.
    let level = [0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0x03];
    let mut bomb = level.repeat(MAX_DEPTH);
    bomb.resize(1 << 17, 0);
    undumped_in_proportion(&chunk_of(&bomb));
    // One list of each kind that promises as much.
    for list in 6..13 {
        let mut function = vec![0; list];
        function.extend_from_slice(&[0xff, 0xff, 0x03]);
        function.resize(1 << 17, 0);
        undumped_in_proportion(&chunk_of(&function));
    }
    // A function with one item in each list, in a function with one item in each list, and so on.
    let level = [
        b"\x01\0\0\0\0\x02" as &[u8],
        b"\x01........",
        b"\x01\0",
        b"\x01\0\0",
        b"\x01\0",
        b"\x01\0\0\0\0",
        b"\x01\0",
        b"\x01",
    ];
    undumped_in_proportion(&chunk_of(&level.concat().repeat(MAX_DEPTH - 1)));
}

proptest! {
    #[test]
    fn any_bytes_may_change(
        program in 0..PROGRAMS.len(),
        strip: bool,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..5),
    ) {
        let mut chunk = dumped(PROGRAMS[program], "=x", strip);
        for (at, byte) in changes {
            let at = 31 + at.index(chunk.len() - 31);
            chunk[at] = byte;
        }
        undumped_in_proportion(&chunk);
    }

    #[test]
    fn what_is_accepted_can_be_called(
        program in 0..PROGRAMS.len(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..3),
    ) {
        let mut chunk = dumped(PROGRAMS[program], "=x", true);
        for (at, byte) in changes {
            let at = 37 + at.index(chunk.len() - 37);
            chunk[at] = byte;
        }
        let mut vm = machine();
        vm.set_fuel(Some(20_000));
        if vm.load_bytes(&chunk, b"=x", b"b").unwrap() {
            let _ = vm.call(0, None);
            let _ = vm.gc_collect();
        }
    }

    #[test]
    fn pieces_may_be_moved(from in any::<prop::sample::Index>(), to in any::<prop::sample::Index>(), len in 0..64_usize) {
        let chunk = dumped(MIXED, "=x", false);
        let from = from.index(chunk.len());
        let piece = &chunk[from..(from + len).min(chunk.len())];
        let to = 37 + to.index(chunk.len() - 37);
        undumped_in_proportion(&[&chunk[..to], piece, &chunk[to..]].concat());
    }

    #[test]
    fn any_function_may_follow_the_header(function in prop::collection::vec(any::<u8>(), 0..300)) {
        undumped_in_proportion(&chunk_of(&function));
    }

    #[test]
    fn small_numbers_may_follow_the_header(function in prop::collection::vec(0..6_u8, 0..300)) {
        undumped_in_proportion(&chunk_of(&function));
    }
}
