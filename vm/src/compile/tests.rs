//! Tests of the compiler by what it makes: the operations of small programs, and the words of its errors.
//! What programs do is tested elsewhere, by running them.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

use cu_parser::Meter;

use super::{CompileError, compile};
use crate::isa::{Instr, Op, disasm};
use crate::proto::{Const, ProtoData};

/// Compiles and verifies a chunk named `x`.
fn proto(source: &str) -> ProtoData {
    let mut meter = Meter::new(1 << 30);
    let proto = compile(source.as_bytes(), b"=x", &mut meter).unwrap();
    if let Err(error) = proto.verify() {
        let mut listing = disasm::list(&proto);
        listing.truncate(10_000);
        panic!("{error}\n{source:.1000}\n{listing}");
    }
    proto
}

/// The instructions of a function without `vararg_prep` and the final `return0`, as in a listing:
/// mnemonic and operands, without comments.
fn listing(proto: &ProtoData) -> String {
    let alone = ProtoData {
        protos: Vec::new(),
        ..proto.clone()
    };
    let mut lines = Vec::new();
    for line in disasm::list(&alone).lines().skip(1) {
        let Some((_, ins)) = line.split_once("] ") else {
            break;
        };
        let ins = ins.split(';').next().unwrap_or_default();
        lines.push(ins.split_whitespace().collect::<Vec<_>>().join(" "));
    }
    lines.pop();
    lines.retain(|line| !line.starts_with("vararg_prep"));
    lines.join("; ")
}

/// As `listing`, without the operands.
fn ops(proto: &ProtoData) -> String {
    let listing = listing(proto);
    let ops = listing
        .split("; ")
        .map(|ins| ins.split(' ').next().unwrap_or_default());
    ops.collect::<Vec<_>>().join(" ")
}

fn main_ops(source: &str) -> String {
    ops(&proto(source))
}

fn main_listing(source: &str) -> String {
    listing(&proto(source))
}

fn function_ops(source: &str) -> String {
    ops(&proto(source).protos[0])
}

fn error(source: &str) -> String {
    match compile(source.as_bytes(), b"=x", &mut Meter::new(1 << 30)) {
        Ok(_) => "fine".to_owned(),
        Err(CompileError::Syntax { message, .. }) => String::from_utf8(message).unwrap(),
        Err(CompileError::OutOfMemory) => "out of memory".to_owned(),
    }
}

#[test]
fn arithmetic_takes_the_shortest_form() {
    let form = |expr: &str| {
        let listing = main_listing(&format!("local a, b\nlocal c = {expr}"));
        listing.strip_prefix("load_nil r0 2; ").unwrap().to_owned()
    };
    assert_eq!(form("a + b"), "add r2 r0 r1");
    assert_eq!(form("a + 1"), "add_i r2 r0 1");
    assert_eq!(form("1 + a"), "add_i r2 r0 1 F=1");
    assert_eq!(form("a - 1"), "sub_i r2 r0 1");
    assert_eq!(form("1 - a"), "sub_kr r2 k0 r0");
    assert_eq!(form("a * -32768"), "mul_i r2 r0 -32768");
    assert_eq!(form("a * 32768"), "mul_k r2 r0 k0");
    assert_eq!(form("1.5 * a"), "mul_k r2 r0 k0 F=1");
    assert_eq!(form("a % 7"), "mod_i r2 r0 7");
    assert_eq!(form("a % -7"), "mod_k r2 r0 k0");
    assert_eq!(form("a % 0"), "mod_k r2 r0 k0");
    assert_eq!(form("7 % a"), "load_int r2 7; mod r2 r2 r0");
    assert_eq!(form("a // 2"), "idiv_i r2 r0 2");
    assert_eq!(form("a / 2"), "div_k r2 r0 k0");
    assert_eq!(form("2 / a"), "div_kr r2 k0 r0");
    assert_eq!(form("a ^ 2"), "pow_k r2 r0 k0");
    assert_eq!(form("a & 1"), "band_k r2 r0 k0");
    assert_eq!(form("1 | a"), "bor_k r2 r0 k0 F=1");
    assert_eq!(form("a ~ 1.0"), "load_float r2 1; bxor r2 r0 r2");
    assert_eq!(form("a << 3"), "shl_i r2 r0 3");
    assert_eq!(form("a >> 3"), "shr_i r2 r0 3");
    assert_eq!(form("1 << a"), "load_int r2 1; shl r2 r2 r0");
    assert_eq!(form("a + 'x'"), "load_k r2 k0; add r2 r0 r2");
    assert_eq!(form("-a"), "unm r2 r0");
    assert_eq!(form("~a"), "bnot r2 r0");
    assert_eq!(form("#a"), "len r2 r0");
    assert_eq!(form("not a"), "not r2 r0");
}

#[test]
fn numerals_are_folded_and_strings_are_not() {
    assert_eq!(main_listing("local a = 2 * 3 + 4"), "load_int r0 10");
    assert_eq!(main_listing("local a = 7 // 2.0"), "load_float r0 3");
    assert_eq!(main_listing("local a = -(-5)"), "load_int r0 5");
    assert_eq!(main_ops("local a = 1 // 0"), "load_int idiv_k");
    assert_eq!(main_ops("local a = 0 / 1"), "load_int div_k");
    assert_eq!(main_ops("local a = -0.0"), "load_float unm");
    assert_eq!(main_ops("local a = 'x' .. 'y'"), "load_k load_k concat");
}

#[test]
fn numbers_load_without_a_constant_if_they_can() {
    assert_eq!(
        main_listing("local a = 2147483647"),
        "load_int r0 2147483647"
    );
    assert_eq!(main_listing("local a = 2147483648"), "load_k r0 k0");
    assert_eq!(main_listing("local a = 1e9"), "load_float r0 1000000000");
    assert_eq!(main_listing("local a = 0.5"), "load_k r0 k0");
}

#[test]
fn constants_are_kept_once_but_apart_by_kind_and_sign() {
    let consts = proto("return {0.5, 0.5, 'a', 'a', x = 1, y = 1.0, z = 0.0}").consts;
    let (half, a) = (Const::Float(0.5), Const::String(b"a".to_vec().into()));
    assert_eq!(consts.iter().filter(|&value| *value == half).count(), 1);
    assert_eq!(consts.iter().filter(|&value| *value == a).count(), 1);
    assert!(consts.contains(&Const::Integer(1)) && consts.contains(&Const::Float(1.0)));
}

#[test]
fn compares_take_the_shortest_form() {
    let form = |cond: &str| {
        let listing = main_listing(&format!("local a, b\nif {cond} then f() end"));
        listing.split("; ").nth(1).unwrap().to_owned()
    };
    assert_eq!(form("a < b"), "lt r0 r1 -> 6");
    assert_eq!(form("a > b"), "lt r1 r0 -> 6");
    assert_eq!(form("a >= b"), "le r1 r0 -> 6");
    assert_eq!(form("a < 5"), "lt_i r0 5 -> 6");
    assert_eq!(form("a > 5"), "gt_i r0 5 -> 6");
    assert_eq!(form("5 < a"), "gt_i r0 5 -> 6");
    assert_eq!(form("5 >= a"), "le_i r0 5 -> 6");
    assert_eq!(form("a <= 5"), "le_i r0 5 -> 6");
    assert_eq!(form("a < 5.0"), "load_float r2 5");
    assert_eq!(form("a == 5"), "eq_i r0 5 -> 6");
    assert_eq!(form("a ~= 5"), "eq_i r0 5 -> 6 F=1");
    assert_eq!(form("nil == a"), "eq_k r0 k0 -> 6");
    assert_eq!(form("a == 1.0"), "eq_k r0 k0 -> 6");
    assert_eq!(form("a == 'x'"), "eq_k r0 k0 -> 6");
    assert_eq!(form("a == b"), "eq r0 r1 -> 6");
    assert_eq!(form("not (a == b)"), "eq r0 r1 -> 6 F=1");
    assert_eq!(form("a"), "test r0 -> 6");
    assert_eq!(form("not a"), "test r0 -> 6 F=1");
}

#[test]
fn and_and_or_keep_values() {
    assert_eq!(
        main_listing("local a, b; local c = a and b"),
        "load_nil r0 2; test_set r2 r0 -> 4; move r2 r1"
    );
    assert_eq!(
        main_listing("local a, b; a = a or b"),
        "load_nil r0 2; test r0 -> 4 F=1; move r0 r1"
    );
    assert_eq!(
        main_listing("local a; local b = a == 1"),
        "load_nil r0 1; eq_i r0 1 -> 4 F=1; load_false_skip r1; load_true r1"
    );
    // A literal decides at once.
    assert_eq!(
        main_listing("local a = nil and f()"),
        "load_nil r0 1; test_set r0 r0 -> 6; \
        get_upfield r0 u0 k0; call r0 1 2"
            .replace("test_set r0 r0", "test r0")
            .as_str()
    );
    assert_eq!(main_listing("local a = 1 and 2"), "load_int r0 2");
    assert_eq!(main_listing("local a = false or 2"), "load_int r0 2");
}

#[test]
fn constants_known_now_take_no_register() {
    assert_eq!(
        main_listing("local a <const> = 5; local b <const> = 'x'; local c = a + 1; local d = b"),
        "load_int r0 6; load_k r1 k0"
    );
    assert_eq!(
        main_listing("local a <const>, b <const> = 1, 2; local c = a + b"),
        "load_int r0 1; add_i r1 r0 2"
    );
    assert_eq!(
        main_listing("local a <const> = f(); return a")
            .split("; ")
            .count(),
        3
    );
    assert_eq!(
        function_ops("local n <const> = nil; return function() return n end"),
        "load_nil return1"
    );
}

#[test]
fn fields_need_short_names_and_integers_small_ones() {
    let long = "x".repeat(41);
    assert_eq!(
        main_ops("local a = {}; a.x = a.y"),
        "new_table get_field set_field"
    );
    assert_eq!(
        main_ops(&format!("local a = {{}}; a.{long} = a.{long}")),
        "new_table load_k load_k get_index set_index"
    );
    assert_eq!(
        main_ops(&format!("local a = {long}")),
        "get_upval load_k get_index"
    );
    assert_eq!(
        main_listing(&format!("local a; a:{long}()")),
        "load_nil r0 1; move r2 r0; load_k r1 k0; get_index r1 r2 r1 F=1; call r1 2 1"
    );
    assert_eq!(
        main_ops("local a = {}; a[65535] = a[0]"),
        "new_table get_int set_int"
    );
    assert_eq!(
        main_ops("local a = {}; a[65536] = a[-1]"),
        "new_table load_int load_int get_index set_index"
    );
    assert_eq!(main_ops("x = nil"), "set_upfield_k");
    assert_eq!(
        main_ops("local a; a.x, a[1], a[a] = true, 'x', 2.5"),
        "load_nil load_true load_k set_index_k set_int set_field"
    );
}

#[test]
fn late_constants_go_through_registers() {
    let mut source = String::from("local t = {");
    for n in 0..5000 {
        source.push_str(&format!("'s{n}',"));
    }
    source.push_str("}; t.late = t.late + 1.5; x = 'late'; return t:late(2.5) == 'last'");
    let proto = proto(&source);
    let ops = ops(&proto);
    let tail: Vec<&str> = ops.split(' ').skip_while(|op| *op != "get_index").collect();
    assert_eq!(
        tail.join(" "),
        "get_index load_k add set_index get_upval load_k load_k set_index move load_k get_index \
         load_k call load_k eq load_false_skip load_true return1"
    );
}

#[test]
fn calls_pass_open_lists() {
    assert_eq!(
        main_listing("local f; f(1, f())"),
        "load_nil r0 1; move r1 r0; load_int r2 1; move r3 r0; call r3 1 0; call r1 0 1"
    );
    assert_eq!(
        main_listing("local f; f((f()))"),
        "load_nil r0 1; move r1 r0; move r2 r0; call r2 1 2; call r1 2 1"
    );
    assert_eq!(main_listing("local a, b, c = ..."), "vararg r0 4");
    assert_eq!(
        main_listing("local a, b = 1, ..., 3"),
        "load_int r0 1; vararg r1 2; load_int r2 3"
    );
    assert_eq!(
        main_listing("local t = {1, x = 2, ...}"),
        "new_table r0 1 1; load_int r1 1; set_field_k r0 k0 k1; vararg r2 0; set_list r0 0 0"
    );
    assert_eq!(
        main_listing("local s; s:m(1)"),
        "load_nil r0 1; self r1 r0 k0; load_int r3 1; call r1 3 1"
    );
}

#[test]
fn returns_close_only_what_may_be_open() {
    assert_eq!(function_ops("function f(a) return a end"), "return1");
    assert_eq!(function_ops("function f(a) return end"), "return0");
    assert_eq!(
        function_ops("function f(a) return a() end"),
        "move tail_call return"
    );
    assert_eq!(
        function_ops("function f(a) return (a()) end"),
        "move call return1"
    );
    let flags = |source: &str| {
        let code = &proto(source).protos[0].code.clone();
        let is_return = |ins: &Instr| {
            matches!(
                ins.op(),
                Some(Op::Return | Op::Return0 | Op::Return1 | Op::TailCall)
            )
        };
        let returns = code.iter().map(|&word| Instr(word)).filter(is_return);
        returns.map(|ins| ins.f().to_string()).collect::<String>()
    };
    // Before, inside and after the scope of a captured variable.
    assert_eq!(
        flags(
            "function f(a) if a then return end do local b; if a then return b() end
             g(function() return b end) end return a end"
        ),
        "01100"
    );
    assert_eq!(
        flags("function f(a) for k in a do if k then return k end end return a() end"),
        "1000"
    );
    assert_eq!(
        flags("function f(a) local b <close> = a; return a() end"),
        "11"
    );
    assert_eq!(
        flags("function f(a) local function g() return a end return g() end"),
        "111"
    );
    // Within the scope of a variable to be closed, nothing is a tail call.
    assert_eq!(
        function_ops("function f(a) local b <close> = a; return a() end"),
        "move tbc move call return"
    );
}

#[test]
fn every_round_of_a_loop_has_variables_of_its_own() {
    assert_eq!(
        main_ops("while x do local a; f(function() return a end) end"),
        "get_upfield test load_nil get_upfield closure call close loop_back"
    );
    assert_eq!(
        main_ops("repeat local a = f(); g(function() return a end) until a"),
        "get_upfield call get_upfield closure call test close loop_back close"
    );
    assert_eq!(
        main_listing("for i = 1, 3 do f(function() return i end) end"),
        "load_int r0 1; load_int r1 3; load_int r2 1; for_prep r0 -> 11; \
         get_upfield r4 u0 k0; closure r5 p0; call r4 2 1; close r3; for_loop r0 -> 5"
    );
    assert_eq!(
        main_listing("for k, v in f do end"),
        "get_upfield r0 u0 k0; load_nil r1 3; tfor_prep r0 -> 5; tfor_call r0 2; \
         tfor_loop r0 -> 5; close r0"
    );
}

#[test]
fn jumps_out_of_scopes_close_them() {
    assert_eq!(
        main_ops("while x do local a; f(function() return a end) if a then break end end"),
        "get_upfield test load_nil get_upfield closure call test close loop_back close"
    );
    assert_eq!(
        main_ops(
            "for i = 1, 2 do local a; if i then goto c end f(function() return a end) ::c:: end"
        ),
        "load_int load_int load_int for_prep load_nil test get_upfield closure call close for_loop"
    );
    assert_eq!(
        main_listing("::top:: local a; if a then goto top end"),
        "load_nil r0 1; test r0 -> 5; close r0; loop_back -> 1"
    );
}

#[test]
fn loops_jump_forward_to_leave_and_backward_to_go_on() {
    assert_eq!(
        main_listing("local a; while a do a = f() end"),
        "load_nil r0 1; test r0 -> 8; get_upfield r1 u0 k0; call r1 1 2; move r0 r1; \
         loop_back -> 2"
    );
    assert_eq!(main_ops("while true do end"), "loop_back");
    assert_eq!(
        main_ops("while nil do x() end").split(' ').next(),
        Some("jump")
    );
    assert_eq!(
        main_listing("local a; repeat a = f() until a"),
        "load_nil r0 1; get_upfield r1 u0 k0; call r1 1 2; move r0 r1; test r0 -> 8 F=1; \
         loop_back -> 2"
    );
    // A jump to a jump goes to the end at once; no jump follows a return.
    assert_eq!(
        main_listing("local a; while a do if a then f() else g() end end"),
        "load_nil r0 1; test r0 -> 12; test r0 -> 8; get_upfield r1 u0 k0; call r1 1 1; \
         loop_back -> 2; get_upfield r1 u0 k1; call r1 1 1; loop_back -> 2"
    );
    assert_eq!(
        function_ops("function f(a) if a then return 1 else return 2 end end"),
        "test load_int return1 load_int return1"
    );
}

#[test]
fn multiple_assignment_uses_old_values() {
    assert_eq!(
        main_listing("local a, i; a[i], i = 1, 2"),
        "load_nil r0 2; move r2 r1; load_int r3 1; load_int r1 2; set_index r0 r2 r3"
    );
    assert_eq!(
        main_listing("local a; a.x, a = 1, 2"),
        "load_nil r0 1; move r1 r0; load_int r2 1; load_int r0 2; set_field r1 k0 r2"
    );
    assert_eq!(
        function_ops("local a; function f() a.x, a = 1, 2 end"),
        "get_upval load_int load_int set_upval set_field"
    );
    assert_eq!(
        main_listing("local a, b; a, b = b, a"),
        "load_nil r0 2; move r2 r1; move r1 r0; move r0 r2"
    );
    assert_eq!(
        main_listing("local a, b, c; a, b, c = f()"),
        "load_nil r0 3; get_upfield r3 u0 k0; call r3 1 4; move r2 r5; move r1 r4; move r0 r3"
    );
}

#[test]
fn concatenations_are_done_in_one() {
    assert_eq!(
        main_listing("local a; local b = a .. 1 .. a .. 'x'"),
        "load_nil r0 1; move r1 r0; load_int r2 1; move r3 r0; load_k r4 k0; concat r1 4"
    );
    assert_eq!(
        main_listing("local a; local b = (a .. a) .. a"),
        "load_nil r0 1; move r1 r0; move r2 r0; concat r1 2; move r2 r0; concat r1 2"
    );
}

#[test]
fn long_ways_are_made_of_inverted_tests_and_jumps() {
    let items = "1,".repeat(70_000);
    let far = main_listing(&format!("local a; if a == 1 then f{{{items}}} end"));
    let far: Vec<&str> = far.split("; ").take(3).collect();
    assert_eq!(far[1], "eq_i r0 1 -> 4 F=1");
    assert!(far[2].starts_with("jump -> 72808"), "{}", far[2]);
    let carries = main_listing(&format!("local a; local b = a or {{{items}}}"));
    let carries: Vec<&str> = carries.split("; ").take(4).collect();
    assert_eq!(carries[1], "test r0 -> 5");
    assert_eq!(carries[2], "move r1 r0");
    assert!(carries[3].starts_with("jump -> 7"), "{}", carries[3]);
    // The last distance that fits 16 bits, and the first that does not.
    for (more, op) in [("", "eq_i r0 1 -> 65538"), ("a = -a", "eq_i r0 1 -> 4 F=1")] {
        let body = "a = -a; x = a;".repeat(65_535 / 3);
        let listing = main_listing(&format!("local a; if a == 1 then {body} {more} end"));
        assert!(listing.contains(op), "{}", &listing[..100]);
    }
}

#[test]
fn large_programs_compile() {
    let mut elseif = String::from("if a == 0 then b = 0 ");
    let mut names = String::new();
    for n in 0..40_000 {
        elseif.push_str(&format!("elseif a == {n} then b = {n} "));
        names.push_str(&format!("x{n} = {n}.5 "));
    }
    proto(&format!("while true do {elseif} end end"));
    proto(&names);
    let table = proto(&format!("return {{{}}}", "0,".repeat(263_000)));
    assert_eq!(Instr(table.code[1]).b(), u16::MAX);
    proto(&format!("return a{}", " or a".repeat(100_000)));
    proto(&format!("return a{}", ".a()".repeat(100_000)));
}

#[test]
fn deep_nesting_needs_little_stack() {
    let nested = |start: &str, open: &str, inside: &str, close: &str| {
        // The deepest that the parser lets through.
        let source = |n: usize| format!("{start}{}{inside}{}", open.repeat(n), close.repeat(n));
        let n = (1..200)
            .rev()
            .find(|&n| error(&source(n)) == "fine")
            .unwrap_or_default();
        assert!(n >= 45, "{n} {open}");
        source(n)
    };
    let sources = [
        nested("", "local function f() ", "", " end"),
        nested(
            "",
            "if x then while y do for i = 1, 2 do ",
            "",
            " end end end",
        ),
        nested("", "repeat ", "", " until x"),
        nested("x = ", "(", "1", ")"),
        nested("x = ", "{f(", "", ")}"),
        nested("x = ", "function() return ", "1", " end"),
        nested("x = ", "a[1 + #", "{}", "]"),
        nested("x = ", "a .. (b and ", "1", ")"),
    ];
    for source in sources {
        let run = move || {
            let _ = error(&source);
        };
        let thread = std::thread::Builder::new()
            .stack_size(512 << 10)
            .spawn(run)
            .unwrap();
        thread.join().unwrap();
    }
}

#[test]
fn instructions_have_the_lines_of_what_they_do() {
    let lines = |source: &str| {
        let lines = proto(source).lines;
        let shown: Vec<String> = lines.iter().skip(1).map(u32::to_string).collect();
        shown.join(" ")
    };
    // A call has the line where its arguments begin, an operator its own.
    assert_eq!(lines("local f\n\nf(\n1\n)"), "1 3 5 3 5");
    assert_eq!(lines("local a\n= b\n+\nc"), "3 3 4 4 3 4");
    // A compare has the line where its right operand ends.
    assert_eq!(lines("local a, b\nlocal c = a\n<\nb"), "1 4 4 4 4");
    assert_eq!(lines("for i\n=\n1, 2\ndo local a\nend"), "3 3 3 4 4 1 5");
    assert_eq!(lines("for i\nin\nf\ndo\nend"), "3 3 3 4 3 3 5 5");
    // A loop goes on where it began, a function is made where it ends.
    assert_eq!(lines("for i = 1, 2 do\nlocal a\nend"), "1 1 1 1 2 1 3");
    assert_eq!(lines("local f = function()\n\nend"), "3 3");
    assert_eq!(lines("function f()\n\nend"), "3 1 1 3");
}

#[test]
fn debug_information_names_locals_and_upvalues() {
    let main =
        proto("local a, b = 1; do local c end for i = 1, 2 do end function f() return a end");
    let spans: Vec<String> = main
        .locals
        .iter()
        .map(|local| {
            let name = String::from_utf8_lossy(&local.name);
            format!(
                "{name} r{} {}-{}",
                local.register, local.start_pc, local.end_pc
            )
        })
        .collect();
    assert_eq!(
        spans,
        [
            "a r0 3-12",
            "b r1 3-12",
            "c r2 3-3",
            "(for state) r2 6-8",
            "(for state) r3 6-8",
            "(for state) r4 6-8",
            "i r5 7-7",
        ]
    );
    let nested = &main.protos[0];
    assert_eq!(nested.upvals[0].name[..], *b"a");
    assert!(nested.upvals[0].in_stack && nested.source.is_empty());
    assert_eq!(main.upvals[0].name[..], *b"_ENV");
    assert_eq!(main.source, b"=x");
}

#[test]
fn errors_have_the_official_words() {
    for (source, words) in [
        ("goto l1", "x:1: no visible label 'l1' for <goto> at line 1"),
        (
            "goto l1; local aa ::l1:: print(3)",
            "x:1: <goto l1> at line 1 jumps into the scope of local 'aa'",
        ),
        ("::a:: ::a::", "x:1: label 'a' already defined on line 1"),
        (
            "::a::\n;::a:: ;\n\nx = 1",
            "x:4: label 'a' already defined on line 2",
        ),
        (
            "::a:: do ::a:: end",
            "x:1: label 'a' already defined on line 1",
        ),
        ("break", "x:1: break outside loop at line 1"),
        (
            "while x do function f()\nbreak end\nend",
            "x:3: break outside loop at line 2",
        ),
        ("do goto a; local x ::a:: ; end", "fine"),
        (
            "repeat goto a; local x ::a:: until x",
            "x:1: <goto a> at line 1 jumps into the scope of local 'x'",
        ),
        (
            "do ::a:: end goto a",
            "x:1: no visible label 'a' for <goto> at line 1",
        ),
        (
            "local x <const> = 1; x = 2",
            "x:1: attempt to assign to const variable 'x'",
        ),
        (
            "local x <const> = f()\nfunction x() end",
            "x:2: attempt to assign to const variable 'x'",
        ),
        (
            "local x <close> = f(); function g() y, x\n\n, z = 1 end",
            "x:3: attempt to assign to const variable 'x'",
        ),
        ("local x <const> = {}; x.y = 1", "fine"),
        ("x =", "x:1: unexpected symbol near <eof>"),
    ] {
        assert_eq!(error(source), words, "{source}");
    }
}

#[test]
fn limits_are_errors_with_the_next_token() {
    let locals = |n: usize| (0..n).map(|n| format!("local a{n}\n")).collect::<String>();
    assert_eq!(error(&locals(200)), "fine");
    assert_eq!(
        error(&locals(201)),
        "x:202: too many local variables (limit is 200) in main function near <eof>"
    );
    assert_eq!(
        error(&format!("{} for i = 1, 2 do end", locals(197))),
        "x:198: too many local variables (limit is 200) in main function near '='"
    );
    let params = (0..201)
        .map(|n| format!("a{n}"))
        .collect::<Vec<_>>()
        .join(",");
    assert_eq!(
        error(&format!("\nlocal function f({params}) end")),
        "x:2: too many local variables (limit is 200) in function at line 2 near ')'"
    );
    let args = |n: usize| vec!["0"; n].join(",\n");
    assert_eq!(error(&format!("f({})", args(253))), "fine");
    assert_eq!(
        error(&format!("f({})", args(255))),
        "x:255: function or expression needs too many registers near '0'"
    );
    let vars = |c: char| (0..128).map(|n| format!("{c}{n}")).collect::<Vec<_>>();
    let (a, b) = (vars('a'), vars('b'));
    let uses = a
        .iter()
        .chain(&b)
        .map(|name| format!("{name} = 1 "))
        .collect::<String>();
    let source = format!(
        "local {} function f() local {}\nfunction g()\n\n {uses} end end",
        a.join(","),
        b.join(",")
    );
    assert_eq!(
        error(&source),
        "x:4: too many upvalues (limit is 255) in function at line 2 near '='"
    );
}

#[test]
fn running_out_of_memory_is_an_error_at_every_step() {
    let conditions = "x and not y == z or (a < b and c) or ".repeat(30);
    let branches = "elseif x or y and z then goto l ".repeat(30);
    for source in [
        "local t = {1, x = 2}\nfor k, v in f(t) do goto l; ::l:: t[k] = function() return v, 'x' end end",
        &format!("local v = {conditions} nil; return f({conditions} nil), {conditions} nil"),
        &format!("while {conditions} x do if x then break {branches} end end ::l::"),
        &format!("local v, w = 1; repeat v = {conditions} w until {conditions} v"),
    ] {
        let (mut limit, mut failures) = (0, 0);
        loop {
            match compile(source.as_bytes(), b"=x", &mut Meter::new(limit)) {
                Ok(_) => break,
                Err(error) => assert_eq!(error, CompileError::OutOfMemory),
            }
            failures += 1;
            limit += 16 + limit / 512 * 16;
        }
        assert!(failures > 50, "{source}");
    }
}
