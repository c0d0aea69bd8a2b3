//! The memory limit: whatever a program asks for, it gets an error it can catch, and the state goes on.

use cu::ErrorKind;

use crate::machine::Machine;

/// Ways to ask for more than there is.
const HUNGRY: &[(&str, &str)] = &[
    (
        "strings",
        "local t = {} for i = 1, math.huge do t[i] = ('x'):rep(1000) .. i end",
    ),
    ("one string", "local s = 'x' while true do s = s .. s end"),
    ("tables", "local t = {} while true do t = {t} end"),
    (
        "an array",
        "local t = {} for i = 1, math.huge do t[i] = i end",
    ),
    (
        "a hash part",
        "local t = {} for i = 1, math.huge do t[i + 0.5] = i end",
    ),
    (
        "closures",
        "local t = {} for i = 1, math.huge do t[i] = function() return i end end",
    ),
    (
        "coroutines",
        "local t = {} for i = 1, math.huge do t[i] = coroutine.create(print) end",
    ),
    (
        "suspended coroutines",
        "local t = {} for i = 1, math.huge do t[i] = coroutine.wrap(function() coroutine.yield(i) end) t[i]() end",
    ),
    (
        "varargs",
        "local function f(...) return f(1, 2, 3, ...) end f()",
    ),
    ("string.rep", "return ('x'):rep(1 << 40)"),
    (
        "string.rep of something long",
        "return ('abc'):rep(1e9, 'x')",
    ),
    (
        "table.concat",
        "local t, s = {}, ('x'):rep(1e5) for i = 1, 1e3 do t[i] = s end return table.concat(t)",
    ),
    ("gsub", "return ('x'):rep(1e5):gsub('.', ('y'):rep(1e3))"),
    (
        "gsub with a callback",
        "local s = ('y'):rep(1e4) return ('x'):rep(1e5):gsub('.', function() return s end)",
    ),
    (
        "format",
        "local s = ('x'):rep(5e5) return (('%s'):rep(50)):format(table.unpack((function() local t = {} for i = 1, 50 do t[i] = s end return t end)()))",
    ),
    (
        "format with quotes",
        "return ('%q'):format(('\\0'):rep(1e6))",
    ),
    (
        "upper case",
        "local s, t = ('x'):rep(1e6), {} for i = 1, 100 do t[i] = s:upper() end",
    ),
    (
        "string.pack",
        "local s = ('x'):rep(1e6) return string.pack('sssss', s, s, s, s, s)",
    ),
    ("a recursion", "local function f() return 1 + f() end f()"),
    (
        "a recursion in a coroutine",
        "error(select(2, coroutine.resume(coroutine.create(function() local function f(a, b, c, d, e, g) return 1 + f(a, b, c, d, e, g) end f() end))), 0)",
    ),
    (
        "table.pack",
        "local t = {} for i = 1, 1e5 do t[i] = i end local a = {} for i = 1, 100 do a[i] = table.pack(table.unpack(t)) end",
    ),
    (
        "a huge source",
        "local f, e = load(('local x = {1, 2, 3} '):rep(1e5)) error(e, 0)",
    ),
    (
        "a huge constructor",
        "local f, e = load('return {' .. ('1, '):rep(1e6) .. '}') error(e, 0)",
    ),
    (
        "a huge string in a source",
        "local s = ('x'):rep(1e6) local t = {} for i = 1, 100 do t[i] = load('return \"' .. s .. i .. '\"')() end",
    ),
    (
        "chunks",
        "local t = {} for i = 1, math.huge do t[i] = load('local a, b, c = 1, 2, 3 return a + b + c + ' .. i) end",
    ),
    (
        "a reader",
        "local f, e = load(function() return ('x = 1 '):rep(1000) end) error(e, 0)",
    ),
    (
        "string.dump",
        "local f = load(('x = 1.5 '):rep(1e4)) local t = {} for i = 1, 100 do t[i] = string.dump(f) end",
    ),
    (
        "to-be-closed variables",
        "local function f() local x <close> = setmetatable({}, {__close = function() end}) f() end f()",
    ),
    (
        "captures",
        "local t = {} for i = 1, math.huge do t[i] = ('key' .. i):match('(.)(.*)') .. i end",
    ),
    (
        "utf8.char",
        "local t = {} for i = 1, 1e4 do t[i] = 0x10ffff end local s = {} for i = 1, 1e4 do s[i] = utf8.char(table.unpack(t)) .. i end",
    ),
    (
        "a big integer of a long text",
        "return require 'bigint'.new(('7'):rep(1e6))",
    ),
    (
        "a big integer that is squared",
        "local x = require 'bigint'.new(3) while true do x = x * x end",
    ),
    (
        "a big integer that grows by sums",
        "local x = require 'bigint'.new(3) ^ 1e5 while true do x = x * x + x end",
    ),
    (
        "a huge power",
        "local b = require 'bigint' return b.new(2) ^ 1e9",
    ),
    (
        "a power beyond all memory",
        "local b = require 'bigint' return b.new(7) ^ b.new(2) ^ 1000",
    ),
    (
        "the text of a big integer",
        "local x = require 'bigint'.new(2) ^ 2e6 return x:tostring(2)",
    ),
    (
        "big integers",
        "local b, t = require 'bigint', {} for i = 1, math.huge do t[i] = b.new(i) end",
    ),
];

/// Room for a program, beyond what the state needs.
const ROOM: usize = 2 << 20;

#[test]
fn asking_for_too_much_is_an_error() {
    for (what, program) in HUNGRY {
        let mut machine = Machine::new();
        machine.vm.set_memory_limit(machine.vm.memory_used() + ROOM);
        let ended = machine.run(program);
        let failure = ended.clone().err();
        let message = failure.map(|failure| failure.message).unwrap_or_default();
        // Whichever limit comes first.
        let refused = message == "not enough memory"
            || message.contains("resulting string too large")
            || message.contains("stack overflow");
        assert!(refused, "{what}: {ended:?}");
        let caught = machine.run(format!(
            "local ok, e = pcall(function() {program} end) return ok, e"
        ));
        let caught = caught.unwrap_or_else(|e| panic!("{what}: {e:?}"));
        assert!(caught.starts_with("false, "), "{what}: {caught}");
        // The limit still holds, and the state works below it.
        assert_eq!(
            machine
                .run("local t = {} for i = 1, 1000 do t[i] = {i} end return #t")
                .as_deref(),
            Ok("1000"),
            "{what}"
        );
        machine.assert_usable(what);
    }
}

#[test]
fn an_uncaught_lack_of_memory_has_its_own_kind() {
    let mut machine = Machine::new();
    machine.vm.set_memory_limit(machine.vm.memory_used() + ROOM);
    for program in [
        "return ('x'):rep(1 << 30)",
        "local t = {} while true do t = {t} end",
    ] {
        let failure = machine.run(program).err();
        let kind = failure.as_ref().and_then(|failure| failure.kind);
        assert_eq!(kind, Some(ErrorKind::Memory), "{program}");
        assert_eq!(
            failure.map(|f| f.message).as_deref(),
            Some("not enough memory")
        );
    }
    // Also when it is the source that is too large, before anything runs.
    let source = "x = {1, 2, 3} ".repeat(200_000);
    let failure = machine.run(source).err();
    assert_eq!(
        failure.as_ref().and_then(|f| f.kind),
        Some(ErrorKind::Memory)
    );
    assert_eq!(
        failure.map(|f| f.message).as_deref(),
        Some("not enough memory")
    );
    machine.assert_usable("a huge source");
}

#[test]
fn a_collection_gives_everything_back() {
    /// What may stay: grown stacks and string tables.
    const SLACK: usize = 64 << 10;
    for (what, program) in HUNGRY {
        let mut machine = Machine::new();
        let _ = machine.vm.gc_collect();
        let before = machine.vm.memory_used();
        machine.vm.set_memory_limit(before + ROOM);
        let _ = machine.run(program);
        let _ = machine.vm.gc_collect();
        let _ = machine.vm.gc_collect();
        let after = machine.vm.memory_used();
        assert!(
            after <= before + SLACK,
            "{what}: {before} bytes before, {after} after"
        );
    }
}

/// Small programs that touch each kind of allocation.
const SMALL: &[(&str, &str)] = &[
    (
        "tables",
        "local t = {} for i = 1, 60 do t[i] = {i, k = i} end return #t",
    ),
    (
        "strings",
        "local s = '' for i = 1, 60 do s = s .. i .. ',' end return #s",
    ),
    (
        "closures",
        "local t = {} for i = 1, 40 do t[i] = function() i = i + 1 return i end end return t[40]()",
    ),
    (
        "coroutines",
        "local n = 0 for i = 1, 8 do n = n + coroutine.wrap(function(a) return a + coroutine.yield(a) end)(i) end return n",
    ),
    (
        "errors",
        "local n = 0 for i = 1, 20 do local ok, e = pcall(error, {i}) n = n + e[1] end return n",
    ),
    (
        "metatables",
        "local t = setmetatable({}, {__index = function(t, k) return k .. k end}) local n = 0 for i = 1, 30 do n = n + #t['k' .. i] end return n",
    ),
    (
        "closing",
        "local n = 0 for i = 1, 10 do local ok = pcall(function() local x <close> = setmetatable({}, {__close = function() n = n + 1 end}) error('e' .. i) end) end return n",
    ),
    (
        "the library",
        "local t = {} for w in ('the quick brown fox'):gmatch('%a+') do t[#t + 1] = w:upper():rep(3, '-') end table.sort(t, function(a, b) return a < b end) return #table.concat(t, ';'):gsub('%u', '%0%0')",
    ),
    (
        "load",
        "local n = 0 for i = 1, 6 do n = n + load('local a <const> = ' .. i .. ' return function() return a end')()() end return n",
    ),
    (
        "dump",
        "return load(string.dump(load('local t = {1, 2, x = \"y\"} return #t .. t.x')))()",
    ),
    (
        "recursion",
        "local function f(n) if n == 0 then return 0 end return 1 + f(n - 1) end return f(300)",
    ),
    (
        "finalizers",
        "local n = 0 for i = 1, 10 do setmetatable({}, {__gc = function() n = n + 1 end}) end collectgarbage() return 10",
    ),
    (
        "weak tables",
        "local t = setmetatable({}, {__mode = 'kv'}) for i = 1, 30 do t[{}] = {} end collectgarbage() return next(t) == nil",
    ),
    (
        "varargs",
        "local function f(...) return select('#', ...) end local n = 0 for i = 1, 30 do n = n + f(table.unpack({1, 2, 3}, 1, i)) end return n",
    ),
    (
        "packing",
        "local n = 0 for i = 1, 20 do n = n + #string.pack('zs4i8', 'a' .. i, ('b'):rep(i), i) + #('%q %5.2f'):format('x' .. i, i) end return n",
    ),
];

#[test]
fn every_limit_ends_in_a_result_or_in_a_memory_error() {
    const STEP: usize = 256;
    for (what, program) in SMALL {
        let expected = Machine::new().run(program);
        assert!(expected.is_ok(), "{what}: {expected:?}");
        let mut machine = Machine::new();
        let mut n_failures = 0;
        for room in (0..).step_by(STEP) {
            assert!(room < 1 << 20, "{what} does not succeed with a megabyte");
            let _ = machine.vm.gc_collect();
            machine.vm.set_memory_limit(machine.vm.memory_used() + room);
            let result = machine.run(program);
            machine.vm.set_memory_limit(usize::MAX / 2);
            match &result {
                Ok(_) if result == expected => break,
                // A protected call inside may have caught it and gone on.
                Ok(_) => {}
                Err(failure) => {
                    let memory = failure.kind == Some(ErrorKind::Memory)
                        || failure.message.contains("not enough memory");
                    // A caught error can leave a string where the program wants its own table.
                    let follow_up = failure.message.contains("attempt to");
                    assert!(memory || follow_up, "{what} with {room} bytes: {failure:?}");
                }
            }
            n_failures += 1;
            let again = machine.run("return 1");
            assert_eq!(again.as_deref(), Ok("1"), "{what} with {room} bytes");
        }
        assert!(n_failures > 3, "{what}: only {n_failures} limits failed");
        machine.assert_usable(what);
    }
}

#[test]
fn a_state_itself_needs_memory() {
    use cu::{Config, Vm, host::NativeHost};
    let mut n_made = 0;
    for limit in (0..200_000).step_by(512) {
        let config = Config {
            memory_limit: limit,
            ..Config::default()
        };
        let Ok(mut vm) = Vm::new(Box::new(NativeHost::new()), config) else {
            continue;
        };
        if cu::open(&mut vm).is_ok() {
            n_made += 1;
        } else {
            assert_eq!(vm.take_error(), ErrorKind::Memory, "with {limit} bytes");
        }
    }
    assert!(
        n_made > 10,
        "a state with its library fits in 200,000 bytes"
    );
}

#[test]
fn memory_may_run_out_while_a_state_is_closed() {
    for (what, finalizer) in [
        (
            "garbage",
            "local t = {} for i = 1, 1000 do t = {('x'):rep(100) .. i} end",
        ),
        (
            "hoarding",
            "hoard = {hoard} for i = 1, 1000 do hoard[i] = ('x'):rep(100) .. i end",
        ),
        ("one string", "hoard = ('x'):rep(1 << 20)"),
        ("errors", "pcall(string.rep, 'x', 1 << 20) error(o)"),
        ("more objects", "make() make()"),
    ] {
        let mut machine = Machine::new();
        let made = machine.run(format!(
            "function make() return setmetatable({{{{}}, {{}}}}, {{__gc = function(o) n = (n or 0) + 1 o.x = n {finalizer} end}}) end
             keep = {{}} for i = 1, 100 do keep[i] = make() end"
        ));
        assert_eq!(made.as_deref(), Ok(""), "{what}");
        machine
            .vm
            .set_memory_limit(machine.vm.memory_used() + 20_000);
        machine.vm.set_fuel(Some(10_000_000));
        machine.vm.close();
        machine.vm.set_memory_limit(usize::MAX / 2);
        let n = machine.run("return n");
        assert!(
            n.is_ok_and(|n| n.parse::<u32>().is_ok_and(|n| n >= 100)),
            "{what}"
        );
    }
}
