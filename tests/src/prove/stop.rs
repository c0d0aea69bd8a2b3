//! Programs that try to catch a stop for lack of fuel, to go on after it, or to put it off: none may succeed.
//!
//! Each is a tower: a loop without end at the bottom, wrapped again and again in something that catches errors, runs
//! when something ends, or calls back, and followed by a loop that nothing leaves. So the host must see the stop, with
//! all of the fuel used, and within reasonable time; anything else means that something was caught or put off.

use crate::differ::random::Random;

use super::{Findings, Host, Kind, Limits, is_usable};

/// Loops without end. `$` stands for a number that no other wrapper has.
const LOOPS: [&str; 22] = [
    "while true do end",
    "repeat until false",
    "::again$:: goto again$",
    "for i = 1, math.huge do end",
    "for _ in function() return 1 end do end",
    "local function f$() return f$() end f$()",
    "while true do pcall(error) end",
    "while true do pcall(error, setmetatable({}, {__tostring = error})) end",
    "while true do pcall(string.rep, 'x', -1) end",
    "while true do local t <close> = setmetatable({}, {__close = function() end}) end",
    "while true do setmetatable({}, {__gc = function() end}) end",
    "while true do coroutine.wrap(function() coroutine.yield() end)() end",
    "while true do load('return 1')() end",
    "while true do ('x'):rep(100):find('.-b') end",
    "while true do table.sort({3, 1, 2}, function(a, b) return a < b end) end",
    "while true do ('abc'):gsub('.', function() end) end",
    "while true do for w in ('a b'):gmatch('%a') do end end",
    "while true do xpcall(error, function() end) end",
    "while true do tostring({}) end",
    "while true do collectgarbage('step') end",
    "local s$ = ('a'):rep(2000) while true do s$:find(('a-'):rep(20) .. 'b') end",
    "local t$ = {} while true do table.concat(t$) table.unpack(t$) table.move(t$, 1, 100, 2) end",
];

/// What may be around them: `@` is the program inside, as statements.
const WRAPPERS: [&str; 46] = [
    "pcall(function() @ end) on()",
    "while true do pcall(function() @ end) on() end",
    "print(pcall(pcall, pcall, function() @ end)) on()",
    "xpcall(function() @ end, function(e) on() return e end) on()",
    "xpcall(function() @ end, function(e) pcall(error) on() end) on()",
    "xpcall(error, function() @ end) on()",
    "xpcall(error, function() @ end, 'x') on()",
    "xpcall(function() xpcall(error, function() @ end) end, function() on() end) on()",
    "do local c$ <close> = setmetatable({}, {__close = function() on() end}) @ end on()",
    "do local c$ <close> = setmetatable({}, {__close = function() @ end}) end on()",
    "pcall(function() local c$ <close> = setmetatable({}, {__close = function() @ end}) error('e') end) on()",
    "for _ in next, {1}, nil, setmetatable({}, {__close = function() on() end}) do @ end on()",
    "for _ in function() @ end, nil, nil, setmetatable({}, {__close = function() on() end}) do end on()",
    "setmetatable({}, {__gc = function() on() end}) @ on()",
    "setmetatable({}, {__gc = function() @ end}) collectgarbage() @ on()",
    "local g$ = {} function g$.make() return setmetatable({}, {__gc = function() g$.x = g$.make() on() end}) end g$.y = g$.make() @ on()",
    "coroutine.wrap(function() @ end)() on()",
    "coroutine.resume(coroutine.create(function() @ end)) on()",
    "local c$ = coroutine.create(function() coroutine.yield() @ end) coroutine.resume(c$) coroutine.resume(c$) on()",
    "local c$ = coroutine.create(function() local x <close> = setmetatable({}, {__close = function() @ end}) coroutine.yield() end) coroutine.resume(c$) coroutine.close(c$) on()",
    "local c$ = coroutine.create(function() local x <close> = setmetatable({}, {__close = function() on() end}) @ end) coroutine.resume(c$) coroutine.close(c$) on()",
    "local w$ = coroutine.wrap(function() while true do pcall(function() @ end) coroutine.yield() on() end end) while true do w$() on() end",
    "pcall(coroutine.wrap(function() pcall(coroutine.wrap(function() @ end)) on() end)) on()",
    "pcall(table.sort, {3, 2, 1}, function(a, b) @ on() return a < b end) on()",
    "pcall(string.gsub, 'abc', '.', function() @ on() end) on()",
    "pcall(string.gsub, 'abc', '.', setmetatable({}, {__index = function() @ end})) on()",
    "pcall(table.concat, setmetatable({}, {__len = function() return 2 end, __index = function() @ on() return 'x' end})) on()",
    "pcall(tostring, setmetatable({}, {__tostring = function() @ on() return 'x' end})) on()",
    "pcall(print, setmetatable({}, {__tostring = function() @ on() return 'x' end})) on()",
    "pcall(load, function() @ on() end) on()",
    "local ok$ = pcall(load('return ...'), (function() @ end)()) on()",
    "pcall(pairs, setmetatable({}, {__pairs = function() @ on() end})) on()",
    "pcall(function() local x = setmetatable({}, {__index = function() @ on() end}).x end) on()",
    "pcall(function() setmetatable({}, {__newindex = function() @ on() end}).x = 1 end) on()",
    "pcall(function() return setmetatable({}, {__add = function() @ on() end}) + 1 end) on()",
    "pcall(function() return setmetatable({}, {__concat = function() @ on() end}) .. 'x' end) on()",
    "pcall(function() return #setmetatable({}, {__len = function() @ on() end}) end) on()",
    "local m$ = {__eq = function() @ on() end, __lt = function() @ on() end} pcall(function() return setmetatable({}, m$) == setmetatable({}, m$) end) on()",
    "pcall(setmetatable({}, {__call = function() @ on() end})) on()",
    "pcall(next, {}, (function() @ end)()) on()",
    "if debug then debug.sethook(function() debug.sethook() on() end, '', 1000) end @ on()",
    "if debug then debug.sethook(function() debug.sethook() @ end, 'l') end local x = 1 @ on()",
    "if debug then debug.sethook(function() on() end, 'r') end pcall(function() @ end) on()",
    "package.preload.p$ = function() @ end pcall(require, 'p$') on()",
    "local e$ = setmetatable({}, {__index = function() @ on() end}) pcall(load('return x', 'c', 't', e$)) on()",
    "getmetatable('').__index = function() @ on() end pcall(function() return ('x').y end) getmetatable('').__index = string on()",
];

/// Wrappers around one loop at most.
const MOST_WRAPPERS: usize = 6;

/// The program that belongs to a seed.
pub fn program(seed: u64) -> String {
    let mut random = Random::new(seed);
    let mut number = 0;
    let mut numbered = |text: &str| {
        number += 1;
        text.replace('$', &number.to_string())
    };
    let mut text = numbered(random.pick(&LOOPS));
    for _ in 0..=random.below(MOST_WRAPPERS) {
        text = numbered(random.pick(&WRAPPERS)).replace('@', &text);
        if random.one_in(4) {
            text = format!("local function f() {text} end f()");
        }
    }
    // Whatever the tower comes to before its fuel is gone: there is no way past this loop.
    format!("function on() n = (n or 0) + 1 end {text} while true do on() end")
}

/// What a program gets.
const FUEL: u64 = 20_000;
/// How many microseconds it may take to use that up, on a machine that does other things as well.
const SLOW: u64 = 5_000_000;

/// Runs programs from `seed` on, all in one state.
pub fn run(host: &mut Host, seed: u64, n_programs: u64) -> Findings {
    let mut found = Findings::default();
    let mut limits = Limits {
        fuel: Some(FUEL),
        memory: Some(64 << 20),
        ..Limits::default()
    };
    let (mut n_stopped, mut slowest) = (0, (0, 0));
    for seed in seed..seed + n_programs {
        let program = program(seed);
        // Hooks, finalizers and metatables of one program are not the next one's.
        limits.fresh = true;
        found.n_programs += 1;
        match host.run(&program, &limits) {
            Err(error) => {
                found.fail(&format!("seed {seed}: {error}"), program.as_bytes());
                continue;
            }
            Ok(answer) => {
                let text = String::from_utf8_lossy(&answer.text);
                let is_stop = answer.kind == Kind::Error && text.ends_with("out of fuel");
                let is_spent = answer.fuel == Some(FUEL);
                n_stopped += u64::from(is_stop && is_spent);
                if !is_stop || !is_spent {
                    let what = format!(
                        "seed {seed}: {:?} after {:?}: {text}",
                        answer.kind, answer.fuel
                    );
                    found.fail(&what, program.as_bytes());
                }
                slowest = slowest.max((answer.micros, seed));
                if answer.micros > SLOW {
                    let what = format!("seed {seed}: {} ms", answer.micros / 1000);
                    found.fail(&what, program.as_bytes());
                }
            }
        }
        if !is_usable(host) {
            found.fail(
                &format!("seed {seed}: the state is of no use afterwards"),
                program.as_bytes(),
            );
        }
        if found.is_enough() {
            break;
        }
    }
    found.notes.push(format!(
        "{}: {n_stopped} of {} programs stopped with all of {FUEL} units used; the slowest after {} ms (seed {})",
        host.name,
        found.n_programs,
        slowest.0 / 1000,
        slowest.1
    ));
    found
}
