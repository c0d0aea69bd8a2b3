//! Depth: every shape of recursion ends in a Lua error, on a native stack of two megabytes, and the state goes on.

use std::thread;

use crate::machine::Machine;

/// What a host may have: Rust's own default for threads.
const NATIVE_STACK: usize = 2 << 20;

/// Programs that recurse until something stops them; all of them must fail.
const ENDLESS: &[(&str, &str)] = &[
    ("Lua functions", "local function f() return 1 + f() end f()"),
    (
        "Lua functions with many locals",
        "local function f(a, b, c, d) local x, y, z = a, b, c return f(x, y, z, d), 1 end f(1, 2, 3, 4)",
    ),
    (
        "__index functions",
        "local t = setmetatable({}, {}) getmetatable(t).__index = function(t, k) return t[k .. 'x'] end return t.x",
    ),
    (
        "__index chains",
        "local t = setmetatable({}, {}) getmetatable(t).__index = t return t.x",
    ),
    (
        "__newindex functions",
        "local t = setmetatable({}, {}) getmetatable(t).__newindex = function(t, k, v) t[k] = v end t.x = 1",
    ),
    (
        "__call functions",
        "local t = setmetatable({}, {}) getmetatable(t).__call = function(t) return 1 + t() end t()",
    ),
    (
        "__call chains",
        "local t = setmetatable({}, {}) getmetatable(t).__call = t t()",
    ),
    (
        "__add functions",
        "local t = setmetatable({}, {}) getmetatable(t).__add = function(a, b) return a + b end return t + t",
    ),
    (
        "__concat functions",
        "local t = setmetatable({}, {}) getmetatable(t).__concat = function(a, b) return a .. b end return t .. t",
    ),
    (
        "__eq functions",
        "local m = {} m.__eq = function(a, b) return a == b end return setmetatable({}, m) == setmetatable({}, m)",
    ),
    (
        "__lt functions",
        "local m = {} m.__lt = function(a, b) return a < b end return setmetatable({}, m) < setmetatable({}, m)",
    ),
    (
        "__len functions",
        "local t = setmetatable({}, {}) getmetatable(t).__len = function(t) return #t end return #t",
    ),
    (
        "__unm functions",
        "local t = setmetatable({}, {}) getmetatable(t).__unm = function(t) return -t end return -t",
    ),
    (
        "__tostring functions",
        "local t = setmetatable({}, {}) getmetatable(t).__tostring = function(t) return tostring(t) end return tostring(t)",
    ),
    (
        "__tostring through print",
        "local t = setmetatable({}, {}) getmetatable(t).__tostring = function(t) print(t) return '' end print(t)",
    ),
    (
        "__tostring through format",
        "local t = setmetatable({}, {}) getmetatable(t).__tostring = function(t) return ('%s'):format(t) end return tostring(t)",
    ),
    (
        "__pairs functions",
        "local t = setmetatable({}, {}) getmetatable(t).__pairs = function(t) for k in pairs(t) do end end return pairs(t)",
    ),
    (
        "__close functions",
        "local function f() local x <close> = setmetatable({}, {__close = f}) end f() error('closed')",
    ),
    (
        "pcall in pcall",
        "local function f() local ok, e = pcall(f) error(e, 0) end f()",
    ),
    (
        "pcall of pcall",
        "local function f() return pcall(f) end local r = {f()} error(r[#r])",
    ),
    (
        "xpcall in xpcall",
        "local function f() local ok, e = xpcall(f, function(e) return e end) error(e, 0) end f()",
    ),
    (
        "handlers",
        "local function h(e) local x = nil + 1 end local ok, e = xpcall(error, h) error(e, 0)",
    ),
    (
        "gsub in gsub",
        "local function f() return (('x'):gsub('.', f)) end f()",
    ),
    (
        "gsub tables",
        "local t = setmetatable({}, {}) getmetatable(t).__index = function(t, k) return (('x'):gsub('.', t)) end return (('x'):gsub('.', t))",
    ),
    (
        "coroutines in coroutines",
        "local function f() return coroutine.wrap(f)() end f()",
    ),
    (
        "resumes in resumes",
        "local function f() local ok, e = coroutine.resume(coroutine.create(f)) error(e, 0) end f()",
    ),
    (
        "sort in sort",
        "local function f() table.sort({1, 2, 3}, f) end f()",
    ),
    ("iterators", "local function f() for _ in f do end end f()"),
    (
        "load in load",
        "local function f() return load(f) end local g, e = f() error(e, 0)",
    ),
    (
        "chunks that load themselves",
        "s = 'return coroutine.wrap(load(s))()' load(s)()",
    ),
    (
        "require-like globals",
        "setmetatable(_G, {__index = function(_, k) return _G[k .. 'x'] end}) local x = undefined",
    ),
    (
        "table.concat",
        "local t = setmetatable({}, {__len = function() return 1 end}) getmetatable(t).__index = function(t) return table.concat(t) end table.concat(t)",
    ),
    (
        "table.insert",
        "local t = setmetatable({}, {}) getmetatable(t).__newindex = function(t, k, v) table.insert(t, v) end table.insert(t, 1)",
    ),
    (
        "table.unpack",
        "local t = setmetatable({}, {}) getmetatable(t).__index = function(t) return table.unpack(t, 1, 1) end table.unpack(t, 1, 1)",
    ),
    (
        "closing coroutines",
        "local function f() local co = coroutine.wrap(function() local x <close> = setmetatable({}, {__close = f}) coroutine.yield() end) co() local c = coroutine.create(function() local y <close> = setmetatable({}, {__close = f}) coroutine.yield() end) coroutine.resume(c) local ok, e = coroutine.close(c) error(e, 0) end f()",
    ),
    (
        "finalizers",
        "local function f() setmetatable({}, {__gc = f}) collectgarbage() end f() error('finalized')",
    ),
    ("patterns", "return (('a'):rep(3e5)):match(('a?'):rep(3e5))"),
    (
        "patterns with captures",
        "return (('a'):rep(1000)):match(('(a)'):rep(100))",
    ),
    (
        "bracket patterns",
        "return (('('):rep(2000)):match(('%b()'):rep(1000)) .. ''",
    ),
];

#[test]
fn every_recursion_ends_in_an_error() {
    on_a_small_stack(|| {
        for (what, program) in ENDLESS {
            let mut machine = Machine::new();
            machine.vm.set_memory_limit(64 << 20);
            let ended = machine.run(program);
            assert!(ended.is_err(), "{what}: {ended:?}");
            let caught = machine.run(format!("return (pcall(function() {program} end))"));
            assert_eq!(caught.as_deref(), Ok("false"), "{what}");
            let inside = format!(
                "local co = coroutine.create(function() {program} end) return (coroutine.resume(co))"
            );
            assert_eq!(machine.run(inside).as_deref(), Ok("false"), "{what}");
            let _ = machine.run("setmetatable(_G, nil)");
            machine.assert_usable(what);
        }
    });
}

/// What is repeated before a core and after it, to make a deep source.
const NESTED: &[(&str, &str, &str)] = &[
    ("return ", "(", ")"),
    ("return ", "{", "}"),
    ("return ", "{x = ", "}"),
    ("return ", "{[", "] = 1}"),
    ("return ", "- ", ""),
    ("return ", "not ", ""),
    ("return ", "# ~", ""),
    ("return ", "x .. ", ""),
    ("return ", "2 ^ ", ""),
    ("return ", "1 + (", ")"),
    ("return ", "f(", ")"),
    ("return ", "f{", "}"),
    ("return ", "a[", "]"),
    ("return ", "a.b(", ").c"),
    ("return ", "a and ", ""),
    ("return ", "a or b and ", ""),
    ("return ", "function() return ", " end"),
    ("", "do ", " end"),
    ("", "while x do ", " end"),
    ("", "if x then ", " end"),
    ("", "if x then else ", " end"),
    ("", "for i = 1, 2 do ", " end"),
    ("", "for k in f do ", " end"),
    ("", "repeat ", " until x"),
    ("", "local function f() ", " end"),
    ("", "local x <close> = ", ""),
    ("", "::l:: do ", " goto l end"),
    ("", "a.b[", "] = 1"),
];

#[test]
fn deep_sources_are_syntax_errors_or_work() {
    on_a_small_stack(|| {
        for (head, before, after) in NESTED {
            for n in [150, 250, 5_000, 100_000] {
                let core = if head.is_empty() { "" } else { "x" };
                let mut source = format!("{head}{}{core}", before.repeat(n));
                let mut unfinished = Machine::new();
                unfinished.vm.set_memory_limit(64 << 20);
                let _ = unfinished.run(format!("do return end {source}"));
                source.push_str(&after.repeat(n));
                let mut machine = Machine::new();
                machine.vm.set_memory_limit(64 << 20);
                machine.vm.set_fuel(Some(10_000_000));
                let result = machine.run(&source);
                if n > 5_000 && !matches!(*before, "x .. " | "a and " | "a or b and ") {
                    assert!(result.is_err(), "{n} times {before}");
                }
                machine.assert_usable(before);
                unfinished.assert_usable(before);
            }
        }
    });
}

#[test]
fn long_flat_sources_work() {
    on_a_small_stack(|| {
        let mut machine = Machine::new();
        let n = 50_000;
        for source in [
            format!("return #(x{})", " .. x".repeat(150)),
            format!("return 1{}", " + 1".repeat(n)),
            format!("return true{}", " and true".repeat(n)),
            format!("return #{{{}}}", "1, ".repeat(n)),
            format!("local t = {{}} t.t = t return t{} == t", ".t".repeat(n)),
            format!(
                "local f f = function() return f end return f{} == f",
                "()".repeat(n)
            ),
            format!(
                "if false then {} end return 1",
                "elseif false then ".repeat(n)
            ),
            "local x = 1; ".repeat(150) + "return x",
        ] {
            machine.vm.set_memory_limit(64 << 20);
            let _ = machine.run("x = 'x'");
            let result = machine.run(&source);
            let start: String = source.chars().take(40).collect();
            assert!(result.is_ok(), "{start}: {result:?}");
            machine.assert_usable(&start);
        }
    });
}

/// The shapes that take native stack for each level, run to their limit.
const NATIVE: &[(&str, &str)] = &[
    (
        "gsub in gsub",
        "local n = 0 local function f() n = n + 1 return (('x'):gsub('.', f)) end pcall(f) return n",
    ),
    (
        "sort in sort",
        "local n = 0 local function f() n = n + 1 table.sort({1, 2, 3}, f) end pcall(f) return n",
    ),
    (
        "tostring in tostring",
        "local n = 0 local t = setmetatable({}, {}) getmetatable(t).__tostring = function(t) n = n + 1 return tostring(t) end pcall(tostring, t) return n",
    ),
    (
        "concat in concat",
        "local n = 0 local t = setmetatable({}, {__len = function() return 1 end}) getmetatable(t).__index = function(t) n = n + 1 return table.concat(t) end pcall(table.concat, t) return n",
    ),
    (
        "coroutines",
        "local n = 0 local function f() n = n + 1 return coroutine.wrap(f)() end pcall(f) return n",
    ),
];

#[test]
fn two_hundred_nested_runs_fit_into_two_megabytes() {
    on_a_small_stack(|| {
        for (what, program) in NATIVE {
            let mut machine = Machine::new();
            let n = machine
                .run(program)
                .unwrap_or_else(|e| panic!("{what}: {e:?}"));
            let n: u32 = n.parse().unwrap_or_default();
            assert!((150..=250).contains(&n), "{what}: {n} levels");
            machine.assert_usable(what);
        }
    });
}

fn on_a_small_stack(work: fn()) {
    let started = thread::Builder::new().stack_size(NATIVE_STACK).spawn(work);
    let thread = started.unwrap_or_else(|e| panic!("{e}"));
    if let Err(panic) = thread.join() {
        std::panic::resume_unwind(panic);
    }
}
