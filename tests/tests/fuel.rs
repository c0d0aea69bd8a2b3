//! Fuel: what stops a program, that nothing in Lua catches the stop, and that the count is the program's alone.

use std::time::{Duration, Instant};

use cu::ErrorKind;

use crate::machine::Machine;

/// Programs that never end, each inside something that might catch or outlive the stop.
const ENDLESS: &[(&str, &str)] = &[
    ("a while loop", "while true do end"),
    ("a repeat loop", "repeat until false"),
    ("a goto loop", "::again:: goto again"),
    ("a long numeric loop", "for i = 1, math.maxinteger do end"),
    ("a float loop", "for x = 0, math.huge do end"),
    ("a generic loop", "for _ in function() return 1 end do end"),
    (
        "a loop over next",
        "for _ in next, {1}, nil do for _ in function() return 1 end do end end",
    ),
    ("tail calls", "local function f() return f() end f()"),
    (
        "pcall",
        "print(pcall(function() while true do end end)) print('on')",
    ),
    (
        "nested pcalls",
        "print(pcall(pcall, pcall, function() while true do end end)) print('on')",
    ),
    ("a loop of pcalls", "while true do pcall(error) end"),
    (
        "xpcall",
        "xpcall(function() while true do end end, function() print('handled') end) print('on')",
    ),
    (
        "a message handler",
        "xpcall(error, function() while true do end end) print('on')",
    ),
    (
        "a handler after a handler",
        "xpcall(function() xpcall(error, function() while true do end end) end, print) print('on')",
    ),
    (
        "a __close method",
        "do local x <close> = setmetatable({}, {__close = function() while true do end end}) end print('on')",
    ),
    (
        "a __close method after an error",
        "pcall(function() local x <close> = setmetatable({}, {__close = function() while true do end end}) error('e') end) print('on')",
    ),
    (
        "a pending __close",
        "local x <close> = setmetatable({}, {__close = function() print('closed') end}) while true do end",
    ),
    (
        "a pending __close in a coroutine",
        "coroutine.wrap(function() local x <close> = setmetatable({}, {__close = function() print('closed') end}) while true do end end)() print('on')",
    ),
    (
        "coroutine.wrap",
        "coroutine.wrap(function() while true do end end)() print('on')",
    ),
    (
        "coroutine.resume",
        "print(coroutine.resume(coroutine.create(function() while true do end end))) print('on')",
    ),
    (
        "coroutines in coroutines",
        "local function nest(n) if n == 0 then while true do end end coroutine.wrap(nest)(n - 1) end pcall(nest, 50) print('on')",
    ),
    (
        "coroutine.close",
        "local co = coroutine.create(function() local x <close> = setmetatable({}, {__close = function() while true do end end}) coroutine.yield() end) coroutine.resume(co) coroutine.close(co) print('on')",
    ),
    (
        "yields for ever",
        "local co = coroutine.wrap(function() while true do coroutine.yield() end end) while true do co() end",
    ),
    (
        "a sort comparator",
        "print(pcall(table.sort, {3, 2, 1, 4}, function() while true do end end)) print('on')",
    ),
    (
        "a gsub callback",
        "print(pcall(string.gsub, 'abc', '.', function() while true do end end)) print('on')",
    ),
    (
        "a __gc method",
        "setmetatable({}, {__gc = function() while true do end end}) collectgarbage() while true do end",
    ),
    (
        "a __tostring method",
        "print(pcall(tostring, setmetatable({}, {__tostring = function() while true do end end}))) print('on')",
    ),
    (
        "a __index function",
        "print(pcall(function() return setmetatable({}, {__index = function() while true do end end}).x end)) print('on')",
    ),
    (
        "an __add method",
        "print(pcall(function() return setmetatable({}, {__add = function() while true do end end}) + 1 end)) print('on')",
    ),
    (
        "an __eq method",
        "local m = {__eq = function() while true do end end} print(pcall(function() return setmetatable({}, m) == setmetatable({}, m) end)) print('on')",
    ),
    (
        "a __concat method",
        "print(pcall(function() return setmetatable({}, {__concat = function() while true do end end}) .. 'x' end)) print('on')",
    ),
    (
        "a __len method",
        "print(pcall(function() return #setmetatable({}, {__len = function() while true do end end}) end)) print('on')",
    ),
    (
        "a __call method",
        "print(pcall(setmetatable({}, {__call = function() while true do end end}))) print('on')",
    ),
    (
        "a __pairs method",
        "print(pcall(pairs, setmetatable({}, {__pairs = function() while true do end end}))) print('on')",
    ),
    (
        "a reader for load",
        "print(pcall(load, function() while true do end end)) print('on')",
    ),
    (
        "a reader without end",
        "print(pcall(load, function() return ' ' end)) print('on')",
    ),
    ("loads without end", "while true do load('x = 1')() end"),
    (
        "an iterator",
        "print(pcall(function() for _ in function() while true do end end do end end)) print('on')",
    ),
    (
        "a gmatch loop",
        "while true do for w in ('a b c'):gmatch('%a') do end end",
    ),
    (
        "string building",
        "local s = '' while true do s = s .. 'x' end",
    ),
];

#[test]
fn nothing_catches_the_stop() {
    for (what, program) in ENDLESS {
        let mut machine = Machine::new();
        machine.vm.set_fuel(Some(20_000));
        let ended = machine.run(program);
        let kind = ended.as_ref().err().and_then(|failure| failure.kind);
        assert_eq!(kind, Some(ErrorKind::Fuel), "{what}: {ended:?}");
        assert_eq!(machine.take_output(), "", "{what}");
        assert_eq!(machine.vm.fuel_left(), 0, "{what}");
        let again = machine.run("return 1");
        let kind = again.err().and_then(|failure| failure.kind);
        assert_eq!(kind, Some(ErrorKind::Fuel), "{what}: without new fuel");
        machine.assert_usable(what);
    }
}

/// Calls whose work grows with their data: what is prepared without a limit, and the call.
const LIBRARY: &[(&str, &str)] = &[
    ("", "return ('x'):rep(1e7)"),
    ("", "return ('x'):rep(1e6, ', ')"),
    (
        "t = {} for i = 1, 1e5 do t[i] = 'item' end",
        "return table.concat(t)",
    ),
    (
        "t = {} for i = 1, 1e5 do t[i] = i end",
        "return table.concat(t, ',')",
    ),
    ("t = {} for i = 1, 1e5 do t[i] = -i end", "table.sort(t)"),
    (
        "t = {} for i = 1, 1e5 do t[i] = tostring(i) end",
        "table.sort(t)",
    ),
    (
        "t = {} for i = 1, 1e5 do t[i] = -i end",
        "table.sort(t, math.ult)",
    ),
    (
        "t = {} for i = 1, 1e6 do t[i] = i end",
        "table.move(t, 1, #t, 2)",
    ),
    (
        "t = {} for i = 1, 1e6 do t[i] = i end",
        "table.move(t, 1, #t, 1, {})",
    ),
    (
        "t = {} for i = 1, 5e5 do t[i] = i end",
        "table.insert(t, 1, 0)",
    ),
    (
        "t = {} for i = 1, 5e5 do t[i] = i end",
        "table.remove(t, 1)",
    ),
    (
        "t = {} for i = 1, 2e5 do t[i] = i end",
        "return select('#', table.unpack(t))",
    ),
    (
        "t = {} for i = 1, 2e5 do t[i] = i end",
        "return #table.pack(table.unpack(t))",
    ),
    ("s = ('a'):rep(30)", "return s:find(('a?'):rep(30) .. s)"),
    ("s = ('a'):rep(1e4)", "return s:find('.-b')"),
    ("s = ('a'):rep(1e4)", "return s:find('.*.*b')"),
    ("s = ('a'):rep(1e6)", "return s:find('b', 1, true)"),
    ("s = ('a'):rep(1e6)", "return s:find('b')"),
    ("s = ('('):rep(1e4)", "return s:find('%b()')"),
    ("s = ('a'):rep(1e6)", "return s:gsub('a', 'b')"),
    ("s = ('a'):rep(1e6)", "return s:gsub('', 'b')"),
    ("s = ('a'):rep(1e6)", "for w in s:gmatch('b') do end"),
    ("s = ('a'):rep(1e6)", "return s:match('^(.*)$')"),
    ("s = ('a'):rep(1e7)", "return s:upper()"),
    ("s = ('a'):rep(1e7)", "return s:lower()"),
    ("s = ('a'):rep(1e7)", "return s:reverse()"),
    ("s = ('a'):rep(1e7)", "return s:sub(2)"),
    ("s = ('a'):rep(1e7)", "return s .. 'x'"),
    ("s = ('a'):rep(1e7)", "return ('%s'):format(s .. 'y')"),
    ("s = ('a'):rep(1e6)", "return ('%q'):format(s)"),
    ("s = ('a'):rep(2e5)", "return s:byte(1, -1)"),
    ("s = ('a'):rep(1e7)", "return string.pack('s', s)"),
    (
        "s = string.pack('s', ('a'):rep(1e7))",
        "return string.unpack('s', s)",
    ),
    ("s = ('a'):rep(1e7)", "return utf8.len(s)"),
    ("s = ('a'):rep(2e5)", "return utf8.codepoint(s, 1, -1)"),
    ("s = ('a'):rep(1e7)", "return utf8.offset(s, 9e6)"),
    ("s = ('a'):rep(1e6)", "for p, c in utf8.codes(s) do end"),
    ("s = ('x = 1 '):rep(1e5)", "return load(s)"),
    ("s = ('-- comment'):rep(1e5)", "return load(s)"),
    ("s = ('x = 1 '):rep(1e4)", "return load(s)"),
    (
        "s = string.dump(load(('x = 1 '):rep(1e5)))",
        "return load(s)",
    ),
    ("f = load(('x = 1 '):rep(1e5))", "return string.dump(f)"),
    (
        "t = {} for i = 1, 1e6 do t[i] = i end for i = 2, 1e6 do t[i] = nil end",
        "return next(t, 1)",
    ),
    (
        "t = {} for i = 1, 1e5 do t['k' .. i] = i end for k in pairs(t) do t[k] = nil end",
        "for i = 1, 1e4 do next(t) end",
    ),
    (
        "s = ('a'):rep(1e6) t = setmetatable({}, {__lt = function() return true end})",
        "return s .. 'x' < s .. 'y'",
    ),
    ("s = ('1'):rep(1e6)", "return tonumber(s)"),
    ("s = ('1'):rep(1e6)", "return tonumber(s, 7)"),
    ("s = ('1'):rep(1e6)", "for _ = 1, 2 do local x = s + 1 end"),
    ("", "for _ = 1, 20 do local s = 5e-324 .. 'x' end"),
    ("", "for _ = 1, 20 do local s = tostring(5e-324) end"),
    ("", "for _ = 1, 20 do local s = ('%.99f'):format(1e300) end"),
    (
        "s = ('1'):rep(1e6)",
        "for _ = 1, 2 do local x = math.floor(s) end",
    ),
    (
        "s = ('1'):rep(1e6)",
        "for _ = 1, 2 do local x = ('x'):rep(1 - s) end",
    ),
    (
        "s = ('1'):rep(1e6)",
        "for _ = 1, 2 do for i = s, 1 do end end",
    ),
    (
        "s = ('a'):rep(1e6) a, b = s .. 'x', s .. 'x'",
        "for _ = 1, 2 do local x = a == b end",
    ),
    (
        "s = ('a'):rep(1e6) a, b = s .. 'x', s .. 'x'",
        "for _ = 1, 2 do local x = rawequal(a, b) end",
    ),
    (
        "s = ('a'):rep(1e6) f = load('return ... == [[' .. s .. ']]') a = s .. ''",
        "for _ = 1, 2 do f(a) end",
    ),
    (
        "s = ('a'):rep(1e6) a, b = s .. 'x', s .. 'x' t = {[a] = 1}",
        "for _ = 1, 2 do local x = t[b] end",
    ),
    (
        "s = ('a'):rep(1e6) a, b = s .. 'x', s .. 'x' t = {[a] = 1}",
        "for _ = 1, 2 do local x = rawget(t, b) end",
    ),
    (
        "s = ('a'):rep(1e6) a, b = s .. 'x', s .. 'x' t = {[a] = 1}",
        "for _ = 1, 2 do t[b] = 2 end",
    ),
    (
        "t = {} for i = 1, 1900 do t = setmetatable({}, {__index = t}) end",
        "for i = 1, 400 do local x = t.x end",
    ),
    (
        "f = function() end for i = 1, 100 do f = setmetatable({}, {__call = f}) end t = {}",
        "return f(table.unpack(t, 1, 1500))",
    ),
    (
        "s = ('a'):rep(1e6)",
        "for i = 1, 100 do local t = {} t[s .. i] = 1 end",
    ),
    ("b, s = require 'bigint', ('7'):rep(1e6)", "return b.new(s)"),
    (
        "b, s = require 'bigint', ('f'):rep(1e6)",
        "return b.new(s, 16)",
    ),
    ("x = require 'bigint'.new(3) ^ 1e5", "return x + x"),
    ("x = require 'bigint'.new(3) ^ 1e5", "return -x"),
    ("x = require 'bigint'.new(3) ^ 1e5", "return x * x"),
    (
        "x = require 'bigint'.new(3) ^ 1e5 y = x * x",
        "return y / x",
    ),
    ("x = require 'bigint'.new(3) ^ 1e5", "return x ^ 10"),
    ("x = require 'bigint'.new(3)", "return x ^ 1e5"),
    ("x = require 'bigint'.new(3) ^ 1e5", "return tostring(x)"),
    ("x = require 'bigint'.new(3) ^ 1e5", "return x .. ''"),
    ("x = require 'bigint'.new(3) ^ 1e5", "return x:tonumber()"),
    (
        "x = require 'bigint'.new(3) ^ 1e5 y = -x y = -y",
        "return x < y",
    ),
    (
        "x = require 'bigint'.new(3) ^ 1e5 y = -x y = -y",
        "return x == y",
    ),
];

#[test]
fn library_loops_are_charged() {
    /// What the calls may use: far less than their data ask for.
    const LITTLE: u64 = 500;
    let mut free = Vec::new();
    for (prepare, call) in LIBRARY {
        let mut machine = Machine::new();
        let prepared = machine.run(prepare);
        assert_eq!(prepared.as_deref(), Ok(""), "{prepare}");
        machine.vm.set_fuel(Some(LITTLE));
        let started = Instant::now();
        let ended = machine.run(call);
        let took = started.elapsed();
        let kind = ended.as_ref().err().and_then(|failure| failure.kind);
        if kind != Some(ErrorKind::Fuel) || took > Duration::from_secs(2) {
            free.push(format!("{prepare} | {call}: {took:?}"));
        }
        machine.assert_usable(call);
    }
    assert!(free.is_empty(), "not stopped:\n{}", free.join("\n"));
}

/// Functions that call themselves without a call instruction; each counts its calls in `n`.
const UNPAID: [&str; 14] = [
    "m.__index = function(t) n = n + 1 return t.x end return o.x",
    "m.__newindex = function(t) n = n + 1 t.x = 1 end o.x = 1",
    "m.__add = function(a) n = n + 1 return a + 1 end return o + 1",
    "m.__unm = function(a) n = n + 1 return -a end return -o",
    "m.__concat = function(a) n = n + 1 return a .. 'x' end return o .. 'x'",
    "m.__len = function(a) n = n + 1 return #a end return #o",
    "m.__eq = function(a, b) n = n + 1 return a == b end return o == setmetatable({}, m)",
    "m.__lt = function(a, b) n = n + 1 return a < b end return o < 1",
    "m.__le = function(a, b) n = n + 1 return a <= b end return o <= 1",
    "m.__close = function() n = n + 1 local x <close> = o end local x <close> = o",
    "m.__close = function() n = n + 1 local x <close> = o local y = nil .. 1 end local x <close> = o",
    "local function f() n = n + 1 for _ in f do end end for _ in f do end",
    "m.__index = function(t) n = n + 1 for _ in t.x do end end return o.x",
    "getmetatable('').__index = function(s) n = n + 1 s:rep(2) end ('x'):rep(2)",
];

#[test]
fn no_call_is_free() {
    const LITTLE: u64 = 500;
    for body in UNPAID {
        let mut machine = Machine::new();
        machine.vm.set_fuel(Some(LITTLE));
        let program = format!("n = 0 local m = {{}} local o = setmetatable({{}}, m) {body}");
        let ended = machine.run(&program);
        let kind = ended.as_ref().err().and_then(|failure| failure.kind);
        assert_eq!(kind, Some(ErrorKind::Fuel), "{body}: {ended:?}");
        machine.vm.set_fuel(None);
        let n = machine.run("return n").unwrap_or_default();
        let n: u64 = n.parse().unwrap_or(u64::MAX);
        assert!((1..=LITTLE).contains(&n), "{body}: {n} calls");
    }
}

#[test]
fn a_compilation_can_be_interrupted() {
    const TOKENS: usize = 200_000;
    let sources = [
        "x = 1 ".repeat(TOKENS / 3),
        format!("return {}1", "1 + x * ".repeat(TOKENS / 4)),
        format!("return {{{}}}", "x, ".repeat(TOKENS / 2)),
        format!("f({}1)", "1, ".repeat(TOKENS / 2)),
        format!("return x{}", "[x][1]".repeat(TOKENS / 6)),
        format!("{} end", "x = 1 ".repeat(TOKENS / 3)),
    ];
    for source in sources {
        let start = &source[..20];
        let mut machine = Machine::new();
        let _ = machine.vm.load_bytes(source.as_bytes(), b"=x", b"t");
        let n_asked = machine.n_asked.get();
        assert!(
            n_asked as usize >= TOKENS / 10_000,
            "{start}: asked {n_asked} times"
        );
        // At the first question, in the middle, and at the last, which is in the compiler.
        for end in [0, n_asked / 2, n_asked - 1] {
            let mut machine = Machine::new();
            machine.ends_at.set(end);
            let ended = machine.run(&source);
            let kind = ended.as_ref().err().and_then(|failure| failure.kind);
            assert_eq!(kind, Some(ErrorKind::Interrupt), "{start}: {ended:?}");
            assert_eq!(machine.n_asked.get(), end + 1, "{start}");
            machine.ends_at.set(u32::MAX);
            machine.assert_usable(start);
        }
    }
}

#[test]
fn collections_that_a_program_asks_for_can_be_interrupted() {
    const COLLECTIONS: u32 = 20;
    let mut machine = Machine::new();
    let prepared = machine.run("t = {} for i = 1, 1e5 do t[i] = {i} end");
    assert_eq!(prepared.as_deref(), Ok(""));
    machine.n_asked.set(0);
    let collect = format!("for i = 1, {COLLECTIONS} do collectgarbage() end");
    assert_eq!(machine.run(&collect).as_deref(), Ok(""));
    let n_asked = machine.n_asked.get();
    assert!(n_asked >= COLLECTIONS, "asked {n_asked} times");
}

#[test]
fn hooks_of_a_stopped_program_are_gone() {
    const HOOKS: [&str; 3] = [
        "debug.sethook(function() while true do end end, 'l') local x = 1\nlocal y = 1",
        "debug.sethook(function() while true do end end, 'crl', 1) print()",
        "local main = coroutine.running() coroutine.wrap(function()
            debug.sethook(main, function() error('left') end, 'crl', 1) while true do end end)()",
    ];
    for program in HOOKS {
        let mut machine = Machine::new();
        machine.vm.set_fuel(Some(1_000));
        let ended = machine.run(program);
        let kind = ended.as_ref().err().and_then(|failure| failure.kind);
        assert_eq!(kind, Some(ErrorKind::Fuel), "{program}: {ended:?}");
        machine.vm.set_fuel(Some(1_000));
        assert_eq!(
            machine.run("return debug.gethook() == nil"),
            Ok("true".to_owned()),
            "{program}"
        );
    }
}

/// Work of many kinds, with enough garbage for many collections.
const MIXED: &str = "
    local kept = {}
    for i = 1, 20000 do
        local t = {i, tostring(i), function() return i end}
        kept[i % 100] = t
        if i % 50 == 0 then
            kept[('k'):rep(i % 7)] = table.concat({t[2], '-', i})
            local co = coroutine.wrap(function(a) local b = coroutine.yield(a + 1) return b .. a end)
            co(i) co('x')
            pcall(error, t)
            table.sort(kept[0] and {3, 1, 2} or {2, 1})
            local s = ('%d:%s'):format(i, t[2]):gsub('%d', '<%0>')
            setmetatable(t, {__index = kept, __mode = 'k'})
        end
    end
    local n = 0
    for k, v in pairs(kept) do n = n + #tostring(k) end
    return n";

/// Fuel that `program` uses after `prepare`.
fn used(
    prepare: impl Fn(&mut Machine),
    program: &str,
) -> (u64, Result<String, crate::machine::Failure>) {
    const PLENTY: u64 = 1 << 40;
    let mut machine = Machine::new();
    prepare(&mut machine);
    machine.vm.set_fuel(Some(PLENTY));
    let result = machine.run(program);
    (PLENTY - machine.vm.fuel_left(), result)
}

#[test]
fn the_same_program_uses_the_same_fuel() {
    let first = used(|_| {}, MIXED);
    assert!(first.1.is_ok() && first.0 > 20_000, "{first:?}");
    assert_eq!(used(|_| {}, MIXED), first, "a second time");
    let stopped = used(|machine| machine.vm.gc_stop(), MIXED);
    assert_eq!(stopped, first, "without collections");
    let stressed = |machine: &mut Machine| {
        machine.vm.gc_set_pause(0);
        machine.vm.gc_set_step_multiplier(25);
    };
    assert_eq!(used(stressed, MIXED), first, "with many small steps");
    let generational = |machine: &mut Machine| {
        machine.vm.gc_set_mode(cu_vm::GcMode::Generational);
    };
    assert_eq!(used(generational, MIXED), first, "in the other mode");
}

#[test]
fn what_a_program_uses_is_what_it_needs() {
    let (needed, result) = used(|_| {}, MIXED);
    let mut machine = Machine::new();
    machine.vm.set_fuel(Some(needed + 1));
    assert_eq!(machine.run(MIXED), result);
    for less in [1, 2, 10, 1000, needed / 2, needed - 1] {
        let mut machine = Machine::new();
        machine.vm.set_fuel(Some(needed - less));
        let kind = machine.run(MIXED).err().and_then(|failure| failure.kind);
        assert_eq!(kind, Some(ErrorKind::Fuel), "{less} less than {needed}");
    }
}

#[test]
fn slices_of_fuel_do_not_change_the_program() {
    // The stop is final: what was running is gone, and the globals are as they were left.
    let mut machine = Machine::new();
    machine.vm.set_fuel(Some(5_000));
    let ended = machine.run("n = 0 while true do n = n + 1 end");
    assert!(ended.is_err());
    machine.vm.set_fuel(None);
    let n = machine.run("return n").unwrap_or_default();
    let n: u64 = n.parse().unwrap_or_default();
    assert!((4_000..=5_000).contains(&n), "{n} rounds with 5,000 units");
}

#[test]
fn coroutines_that_a_stop_has_ended_show_no_frames() {
    let mut machine = Machine::new();
    machine.vm.set_fuel(Some(1_000));
    let program = "co = coroutine.create(function() local function f() while true do end end load('local f = ... f()')(f) end) coroutine.resume(co)";
    let stopped = machine.run(program).map_err(|failure| failure.kind);
    assert_eq!(stopped, Err(Some(ErrorKind::Fuel)));
    machine.vm.set_fuel(None);
    let looked_at = machine.run(
        "collectgarbage() local all = {} for i = 1, 1000 do all[i] = load('return ' .. i) end
        return coroutine.status(co), debug.traceback(co), debug.getinfo(co, 0, 'f'), (coroutine.close(co))",
    );
    assert_eq!(
        looked_at.as_deref(),
        Ok("dead, stack traceback:, nil, false")
    );
}
