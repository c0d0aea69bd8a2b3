//! What each library function costs: fuel that grows with its input, or work that does not.
//!
//! The list names every function there is, so that a new one cannot be added without saying what it costs. For those
//! whose work grows there is a program; its fuel is measured for a small and for a large input.

use std::collections::BTreeSet;

use crate::coverage::names;
use crate::machine::Machine;

/// Functions whose work has a bound that no input moves, or that only ask for calls, each of which is charged.
const CONSTANT: &str = "assert bigint.tointeger coroutine.close coroutine.create coroutine.isyieldable \
    coroutine.resume coroutine.running coroutine.status coroutine.wrap coroutine.yield debug.gethook debug.getinfo \
    debug.getlocal debug.getmetatable debug.getregistry debug.getupvalue debug.getuservalue debug.setcstacklimit \
    debug.sethook debug.setlocal debug.setmetatable debug.setupvalue debug.setuservalue debug.traceback \
    debug.upvalueid debug.upvaluejoin error getmetatable ipairs math.abs math.ceil math.floor math.fmod math.max \
    math.min math.modf math.random math.randomseed math.tointeger math.type math.ult math.acos math.asin math.atan \
    math.atan2 math.cos math.cosh math.deg math.exp math.frexp math.ldexp math.log math.log10 math.pow math.rad \
    math.sin math.sinh math.sqrt math.tan math.tanh pairs pcall rawlen select setmetatable \
    string.len type warn xpcall package.loadlib utf8.char os.clock os.difftime os.time";

/// Functions that reach the world, whose work is the host's: files, processes, the environment.
const WORLD: &str = "debug.debug dofile loadfile require package.searchpath io.close io.flush io.input io.lines \
    io.open io.output io.popen io.read io.tmpfile io.type io.write file:close file:flush file:lines file:read \
    file:seek file:setvbuf file:write os.execute os.exit os.getenv os.remove os.rename os.setlocale os.tmpname";

/// Functions whose work grows with `N`: what is prepared, and the call.
const GROWING: &[(&str, &str, &str)] = &[
    (
        "bigint.add",
        "b = require 'bigint' x = b.new(('7'):rep(N))",
        "return x + x",
    ),
    (
        "bigint.compare",
        "b = require 'bigint' x = b.new(('7'):rep(N)) y = b.new(('7'):rep(N))",
        "return b.compare(x, y)",
    ),
    (
        "bigint.div",
        "b = require 'bigint' x = b.new(('7'):rep(N)) y = b.new(('3'):rep(N // 2))",
        "return x / y",
    ),
    (
        "bigint.idiv",
        "b = require 'bigint' x = b.new(('7'):rep(N)) y = b.new(('3'):rep(N // 2))",
        "return x // y",
    ),
    (
        "bigint.mod",
        "b = require 'bigint' x = b.new(('7'):rep(N)) y = b.new(('3'):rep(N // 2))",
        "return x % y",
    ),
    (
        "bigint.mul",
        "b = require 'bigint' x = b.new(('7'):rep(N))",
        "return x * x",
    ),
    (
        "bigint.new",
        "b = require 'bigint' s = ('7'):rep(N)",
        "return b.new(s)",
    ),
    (
        "bigint.pow",
        "b = require 'bigint' x = b.new(3)",
        "return x ^ N",
    ),
    (
        "bigint.sub",
        "b = require 'bigint' x = b.new(('7'):rep(N)) y = b.new(('3'):rep(N))",
        "return x - y",
    ),
    (
        "bigint.tonumber",
        "b = require 'bigint' x = b.new(('7'):rep(N))",
        "return x:tonumber()",
    ),
    (
        "bigint.tostring",
        "b = require 'bigint' x = b.new(('7'):rep(N))",
        "return tostring(x)",
    ),
    (
        "bigint.unm",
        "b = require 'bigint' x = b.new(('7'):rep(N))",
        "return -x",
    ),
    (
        "collectgarbage",
        "t = {} for i = 1, N do t[i] = {} end",
        "collectgarbage()",
    ),
    ("load", "s = ('x = 1 '):rep(N)", "return load(s)"),
    (
        "next",
        "t = {} for i = 1, N do t[i] = i end for i = 2, N do t[i] = nil end",
        "return next(t, 1)",
    ),
    ("print", "s = ('x'):rep(N)", "print(s)"),
    (
        "rawequal",
        "s = ('x'):rep(N) a, b = s .. 'y', s .. 'y'",
        "return rawequal(a, b)",
    ),
    ("rawget", "s = ('x'):rep(N) t = {}", "return rawget(t, s)"),
    ("rawset", "s = ('x'):rep(N) t = {}", "rawset(t, s, 1)"),
    ("os.date", "s = ('%Y'):rep(N // 10)", "return os.date(s)"),
    (
        "string.byte",
        "s = ('x'):rep(N)",
        "return select('#', s:byte(1, -1))",
    ),
    (
        "string.char",
        "t = {('x'):rep(N):byte(1, -1)}",
        "return string.char(table.unpack(t))",
    ),
    (
        "string.dump",
        "f = load(('x = 1 '):rep(N))",
        "return string.dump(f)",
    ),
    ("string.find", "s = ('x'):rep(N)", "return s:find('y')"),
    (
        "string.format",
        "s = ('x'):rep(N)",
        "return ('%s %q'):format(s, s)",
    ),
    (
        "string.gmatch",
        "s = ('x'):rep(N)",
        "for _ in s:gmatch('y') do end",
    ),
    ("string.gsub", "s = ('x'):rep(N)", "return s:gsub('y', '')"),
    ("string.lower", "s = ('x'):rep(N)", "return s:lower()"),
    ("string.match", "s = ('x'):rep(N)", "return s:match('y')"),
    (
        "string.pack",
        "s = ('x'):rep(N)",
        "return string.pack('s', s)",
    ),
    (
        "string.packsize",
        "s = ('i'):rep(N)",
        "return string.packsize(s)",
    ),
    ("string.rep", "", "return ('x'):rep(N)"),
    ("string.reverse", "s = ('x'):rep(N)", "return s:reverse()"),
    ("string.sub", "s = ('x'):rep(N)", "return s:sub(2)"),
    (
        "string.unpack",
        "s = string.pack('s', ('x'):rep(N))",
        "return string.unpack('s', s)",
    ),
    ("string.upper", "s = ('x'):rep(N)", "return s:upper()"),
    (
        "table.concat",
        "t = {} for i = 1, N do t[i] = i end",
        "return table.concat(t)",
    ),
    (
        "table.insert",
        "t = {} for i = 1, N do t[i] = i end",
        "table.insert(t, 1, 0)",
    ),
    (
        "table.move",
        "t = {} for i = 1, N do t[i] = i end",
        "table.move(t, 1, N, 2)",
    ),
    (
        "table.pack",
        "t = {} for i = 1, N do t[i] = i end",
        "return #table.pack(table.unpack(t))",
    ),
    (
        "table.remove",
        "t = {} for i = 1, N do t[i] = i end",
        "table.remove(t, 1)",
    ),
    (
        "table.sort",
        "t = {} for i = 1, N do t[i] = -i end",
        "table.sort(t)",
    ),
    (
        "table.unpack",
        "t = {} for i = 1, N do t[i] = i end",
        "return select('#', table.unpack(t))",
    ),
    (
        "tonumber",
        "s = ('1'):rep(N)",
        "return tonumber(s), tonumber(s, 7)",
    ),
    (
        "tostring",
        "b = require 'bigint' x = b.new(('7'):rep(N))",
        "return tostring(x)",
    ),
    (
        "utf8.codepoint",
        "s = ('x'):rep(N)",
        "return select('#', utf8.codepoint(s, 1, -1))",
    ),
    (
        "utf8.codes",
        "s = ('x'):rep(N)",
        "for _ in utf8.codes(s) do end",
    ),
    ("utf8.len", "s = ('x'):rep(N)", "return utf8.len(s)"),
    (
        "utf8.offset",
        "s = ('x'):rep(N)",
        "return utf8.offset(s, N - 1)",
    ),
];

/// The two sizes.
const SMALL: u64 = 2_000;
const LARGE: u64 = 32_000;
/// How many times the fuel the large input takes at least.
const GROWTH: u64 = 4;

#[test]
fn every_library_function_says_what_it_costs() {
    let mut listed: Vec<String> = Vec::new();
    for list in [CONSTANT, WORLD] {
        listed.extend(list.split_whitespace().map(str::to_owned));
    }
    listed.extend(GROWING.iter().map(|(name, _, _)| (*name).to_owned()));
    let known: BTreeSet<String> = listed.iter().cloned().collect();
    assert_eq!(known.len(), listed.len(), "a function stands in two lists");
    // Values of libraries are no functions.
    let is_function = |name: &String| {
        let mut machine = Machine::new();
        name.contains(':')
            || name.starts_with("bigint.")
            || machine.run(format!("return type({name})")).as_deref() == Ok("function")
    };
    let named: BTreeSet<String> = names().into_iter().filter(is_function).collect();
    let forgotten: Vec<_> = named.difference(&known).collect();
    assert!(forgotten.is_empty(), "what do these cost? {forgotten:?}");
    let gone: Vec<_> = known.difference(&named).collect();
    assert!(gone.is_empty(), "there is no {gone:?}");
}

#[test]
fn fuel_grows_with_the_input() {
    let mut free = Vec::new();
    for (name, prepare, call) in GROWING {
        let fuel = |n: u64| {
            const PLENTY: u64 = 1 << 40;
            let mut machine = Machine::new();
            let prepared = machine.run(format!("N = {n} {prepare}"));
            assert_eq!(prepared.as_deref(), Ok(""), "{name}");
            machine.vm.set_fuel(Some(PLENTY));
            let result = machine.run(call);
            assert!(result.is_ok(), "{name}: {result:?}");
            PLENTY - machine.vm.fuel_left()
        };
        let (small, large) = (fuel(SMALL), fuel(LARGE));
        if large < small * GROWTH {
            free.push(format!(
                "{name}: {small} units for {SMALL}, {large} for {LARGE}"
            ));
        }
    }
    assert!(free.is_empty(), "not charged:\n{}", free.join("\n"));
}
