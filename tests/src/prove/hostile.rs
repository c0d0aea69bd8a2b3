//! Hostile and broken scripts, all through one state: no trap, memory that stays flat, and a right answer at the end.
//!
//! Sources are random bytes, tokens in no order, programs of the suite and of the comparison with PUC Lua with parts
//! lost, doubled or exchanged, and programs that ask for too much of everything.

use std::io;

use crate::differ::random::Random;
use crate::{differ, suite};

use super::{Findings, Host, Kind, Limits, is_usable};

/// What one script may do.
const FUEL: u64 = 100_000;
/// What the state may use.
const MEMORY: u64 = 24 << 20;
/// After so many scripts the memory that Lua uses is looked at for the first time.
const SETTLED: u64 = 10_000;
/// How much more it may be at any later look.
const SLACK: u64 = 512 << 10;

const TOKENS: [&str; 94] = [
    "and",
    "break",
    "do",
    "else",
    "elseif",
    "end",
    "false",
    "for",
    "function",
    "goto",
    "if",
    "in",
    "local",
    "nil",
    "not",
    "or",
    "repeat",
    "return",
    "then",
    "true",
    "until",
    "while",
    "+",
    "-",
    "*",
    "/",
    "%",
    "^",
    "#",
    "&",
    "~",
    "|",
    "<<",
    ">>",
    "//",
    "==",
    "~=",
    "<=",
    ">=",
    "<",
    ">",
    "=",
    "(",
    ")",
    "{",
    "}",
    "[",
    "]",
    "::",
    ";",
    ":",
    ",",
    ".",
    "..",
    "...",
    "x",
    "t",
    "f",
    "_ENV",
    "_G",
    "self",
    "0",
    "1",
    "-1",
    "1e308",
    "0x7fffffffffffffff",
    "'a'",
    "\"%s\"",
    "[[x]]",
    "[==[",
    "]==]",
    "--",
    "--[[",
    "\n",
    "<close>",
    "<const>",
    "print",
    "pcall",
    "setmetatable",
    "string",
    "table",
    "coroutine",
    "load",
    "error",
    "collectgarbage",
    "'\\xff'",
    "'\\u{7FFFFFFF}'",
    "\0",
    "0x1p-1074",
    "getmetatable('')",
    "debug",
    "utf8",
    "os",
    "io",
];

/// Programs that ask for much. `$` is an integer that may be huge, `~` a value of any kind.
const GREEDY: [&str; 60] = [
    "return ('x'):rep($)",
    "return ('x'):rep($, ('y'):rep($))",
    "return string.format('%' .. $ .. 'd', ~)",
    "return string.format('%99.99f %s %q', ~, ~, ~)",
    "return table.concat(t, ('x'):rep($), $, $)",
    "return table.unpack(t, $, $)",
    "return select($, ~, ~)",
    "return table.move(t, $, $, $)",
    "for i = $, $, $ do local x = i end",
    "t[$] = ~ t[$] = ~ return #t",
    "return table.insert(t, $, ~), table.remove(t, $)",
    "table.sort(t, function(a, b) return ~ end)",
    "for i = 1, 100 do t[i] = $ end table.sort(t, function() return true end)",
    "return ('x'):rep(1000):find(('x-'):rep(20) .. 'y')",
    "return (~):find(~, $, ~)",
    "return ('aXb'):gsub(~, ~, $)",
    "return string.pack('i' .. $, ~), string.unpack('s' .. $, ~)",
    "return string.pack(~, ~, ~)",
    "return utf8.char($), utf8.codepoint(~, $, $), utf8.len(~, $, $, true)",
    "return ('x'):byte($, $), ('x'):sub($, $)",
    "return math.random($, $), math.tointeger(~), $ // ~, $ % ~, $ << ~",
    "return load(~, ~, ~, ~)",
    "return load(function() return ~ end)",
    "return load(string.dump(load('return ~'), ~))",
    "return setmetatable(t, {__index = ~, __newindex = ~, __call = ~, __close = ~, __gc = ~, __mode = ~}).x",
    "setmetatable(_G, {__index = function(_, k) return ~ end}) return y",
    "setmetatable(_G, nil) return y",
    "local x <close> = ~",
    "local x <close> = setmetatable({}, {__close = function() error(~) end}) error(~)",
    "setmetatable({}, {__gc = function() error(~) end}) t = nil collectgarbage() t = {}",
    // Not for ever: what comes back after each collection may be used by nobody, but it is no garbage.
    "local n = 0 setmetatable({}, {__gc = function(o) n = n + 1 if n < 3 then setmetatable(o, getmetatable(o)) end end}) collectgarbage()",
    "return coroutine.wrap(function() coroutine.yield(~) error(~) end)()",
    "local c c = coroutine.wrap(function() c() end) c()",
    "return coroutine.close(coroutine.create(~)), coroutine.resume(coroutine.running())",
    "return pcall(coroutine.yield, ~)",
    "local function f() return f() + 1 end return f()",
    "local function f() return pcall(f) end return f()",
    "return xpcall(~, ~, ~)",
    "return error(~, $)",
    "return collectgarbage(~, $, $)",
    "collectgarbage('generational') collectgarbage('incremental', $, $, $)",
    "return rawset(~, ~, ~), rawget(~, ~), rawlen(~), rawequal(~, ~), next(~, ~)",
    "return tonumber(~, $), tostring(~), type(~), ipairs(~)",
    "return debug.getinfo(~, ~), debug.getlocal(~, $), debug.setlocal($, $, ~)",
    "coroutine.wrap(function() debug.sethook(function() error(~) end, 'crl', 3) local x = 1 end)()",
    "return debug.upvalueid(~, $), debug.upvaluejoin(print, $, print, $), debug.setmetatable(~, ~)",
    "debug.setmetatable(1, {__index = ~, __call = ~}) local a = (1).x debug.setmetatable(1, nil)",
    "return debug.getregistry(), debug.getuservalue(~, $), debug.setuservalue(~, ~, $), debug.traceback(~, $)",
    "return os.date(~, $), os.time({year = $, month = $, day = $}), os.getenv(~), os.rename(~, ~)",
    "local f = io.open('f' .. $ % 3, 'w') f:write(('x'):rep(1000), ~) f:seek('set', $) f:close() return f:read('a')",
    "return io.open('f' .. $ % 3):read($, ~), io.lines(~, ~), io.type(~)",
    "return require(~), package.searchpath(~, ~), package.loadlib(~, ~)",
    "_home[~] = ~ return _home[~], #_home, next(_home, ~)",
    "_home.t = {~, {~}, x = ~} _home.t.x = ~ local y = _home.t _home.t = nil return y.x, y[1]",
    "_home.f = function(a) return a, t, x end return pcall(_home.f, ~)",
    "local b = require 'bigint' return b.new(~) * b.new($) ^ ($ % 1000)",
    "local b = require 'bigint' local x = b.new(~) return x < $, x == ~, tostring(x), x // $, x % ~",
    "s = (s or 'x') .. (s or 'y') return #s",
    "t = {t, t} return t",
    "n = (n or 0) + 1 local a = {} for i = 1, n % 1000 do a[i] = {a} end return a",
];

/// Defines what scripts begin with: an environment of their own with copies of the libraries, and nothing left of what
/// others did to strings, to hooks and to the collector. Without it the first script that assigns to `string` would
/// make all that follow harmless.
///
/// One script in twenty has the globals that all share, and may keep there whatever it likes: `s = s .. s` among
/// them, which doubles. That is no leak, so `RESET` puts everything that scripts can reach back to what it was
/// (globals, libraries, modules, the registry) before memory is looked at: what is in use then is the machine's.
const PREPARE: &str = "
    local originals, copy = {}, function(t) local c = {} for k, v in next, t do c[k] = v end return c end
    for name, value in next, _G do
      if type(value) == 'table' and name ~= '_G' and value ~= _home and value ~= _io then value = copy(value) end
      originals[name] = value
    end
    local type, next, setmetatable, getmetatable = type, next, setmetatable, getmetatable
    local strings, global = string, setmetatable
    local collectgarbage, sethook, debugmeta = collectgarbage, debug.sethook, debug.setmetatable
    local globals, registry, running, debugget = _G, debug.getregistry(), coroutine.running, debug.getmetatable
    local seen, metas = {[_G] = copy(_G), [registry] = copy(registry)}, {}
    for _, root in next, {_G, registry, package} do
      for key, value in next, root do
        if type(value) == 'table' and value ~= _home and value ~= _io and value ~= Memory and not seen[value] then
          seen[value] = copy(value)
        end
      end
    end
    function RESET()
      for t, was in next, seen do
        for key in next, t do
          if was[key] == nil and key ~= '_HOOKKEY' then t[key] = nil end
        end
        for key, value in next, was do
          if t[key] ~= value then t[key] = value end
        end
        if debugget(t) ~= metas[t] then debugmeta(t, metas[t]) end
      end
    end
    function FRESH()
      sethook()
      for _, v in next, {nil, 1, true, print} do debugmeta(v, nil) end
      debugmeta(1, nil) debugmeta(true, nil) debugmeta(FRESH, nil) debugmeta(nil, nil) debugmeta(running(), nil)
      debugmeta('', {__index = originals.string})
      collectgarbage('incremental', 200, 100, 13) collectgarbage('restart')
      local env = {}
      for name, value in next, originals do
        if type(value) == 'table' and name ~= '_home' and name ~= '_io' and name ~= 'Memory' then value = copy(value) end
        env[name] = value
      end
      env._G, env.t = env, {}
      return env
    end
    seen[globals] = copy(globals)
    for t in next, seen do metas[t] = debugget(t) end
    return 1";

/// What most scripts begin with.
const BEGIN: &[u8] = b"local _ENV = FRESH() ";

/// The sources that scripts are made of.
pub struct Corpus {
    programs: Vec<Vec<u8>>,
}

impl Corpus {
    /// The programs of the suite and of the comparison.
    pub fn collect() -> io::Result<Corpus> {
        let mut programs = Vec::new();
        for file in suite::collect(&suite::folder())? {
            // A hook that stays would be Lua's own way to make all that follows fail.
            if file.source.contains("sethook") {
                continue;
            }
            programs.push(file.source.into_bytes());
        }
        for seed in 0..200 {
            for (_, body) in differ::bodies(seed, 26) {
                programs.push(body.into_bytes());
            }
        }
        Ok(Corpus { programs })
    }

    /// What scripts are made from.
    pub fn programs(&self) -> &[Vec<u8>] {
        &self.programs
    }

    /// The script that belongs to a seed.
    pub fn script(&self, seed: u64) -> Vec<u8> {
        let mut random = Random::new(seed);
        let text: Vec<u8> = match random.below(10) {
            0 => (0..random.below(200))
                .map(|_| random.bits() as u8)
                .collect(),
            1 => tokens(&mut random),
            2..=5 => self.broken(&mut random),
            _ => greedy(&mut random),
        };
        match random.below(20) {
            0 => text,
            _ => [BEGIN, &text].concat(),
        }
    }

    /// A program with some of it lost, doubled, exchanged or replaced.
    fn broken(&self, random: &mut Random) -> Vec<u8> {
        let mut text = self.programs[random.below(self.programs.len())].clone();
        for _ in 0..=random.below(4) {
            let (from, to) = part(random, text.len());
            match random.below(6) {
                0 => drop(text.drain(from..to)),
                1 => {
                    let piece = text[from..to].to_vec();
                    let at = random.below(text.len() + 1);
                    text.splice(at..at, piece);
                }
                2 => text.truncate(from),
                3 => {
                    let token = random.pick(&TOKENS);
                    text.splice(from..to, token.bytes());
                }
                4 => {
                    let other = &self.programs[random.below(self.programs.len())];
                    let (start, end) = part(random, other.len());
                    text.splice(from..to, other[start..end].iter().copied());
                }
                _ => {
                    if let Some(byte) = text.get_mut(from) {
                        *byte = random.bits() as u8;
                    }
                }
            }
        }
        text
    }
}

/// A short part of so many bytes.
fn part(random: &mut Random, len: usize) -> (usize, usize) {
    let from = random.below(len + 1);
    let to = (from + random.below(20)).min(len);
    (from, to)
}

fn tokens(random: &mut Random) -> Vec<u8> {
    let mut text = String::new();
    for _ in 0..random.below(60) {
        text.push_str(random.pick(&TOKENS));
        if random.one_in(2) {
            text.push(' ');
        }
    }
    text.into_bytes()
}

fn greedy(random: &mut Random) -> Vec<u8> {
    let mut text = String::new();
    let n = 1 + random.below(3);
    for i in 0..n {
        let program = random.pick(&GREEDY);
        // Only the last one may return.
        text.push_str(if i + 1 < n { "pcall(function() " } else { "" });
        for c in program.chars() {
            match c {
                '$' => text.push_str(&random.integer()),
                // A real `~` is written as `bnot` nowhere in these programs.
                '~' => text.push_str(&random.value()),
                c => text.push(c),
            }
        }
        text.push_str(if i + 1 < n { " end) " } else { "" });
    }
    text.into_bytes()
}

/// Runs scripts from `seed` on through one state.
pub fn run(host: &mut Host, corpus: &Corpus, seed: u64, n_programs: u64) -> Findings {
    let mut found = Findings::default();
    let mut limits = Limits {
        fresh: true,
        fuel: Some(FUEL),
        memory: Some(MEMORY),
        ..Limits::default()
    };
    if let Err(error) = host.run(PREPARE, &limits) {
        found.fail(&error, PREPARE.as_bytes());
    }
    limits.fresh = false;
    let (mut n_ok, mut n_fuel, mut n_memory) = (0, 0, 0);
    let (mut settled, mut most, mut slowest) = (None, 0, (0, 0));
    for seed in seed..seed + n_programs {
        let script = corpus.script(seed);
        found.n_programs += 1;
        match host.run(&script, &limits) {
            Err(error) => {
                found.fail(&format!("seed {seed}: {error}"), &script);
                break;
            }
            Ok(answer) if answer.kind == Kind::Trap => {
                let trap = String::from_utf8_lossy(&answer.text).into_owned();
                found.fail(&format!("seed {seed}: {trap}"), &script);
                break;
            }
            Ok(answer) => {
                n_ok += u64::from(answer.kind == Kind::Ok);
                n_fuel += u64::from(answer.text.ends_with(b"out of fuel"));
                n_memory += u64::from(answer.text.ends_with(b"not enough memory"));
                slowest = slowest.max((answer.micros, seed));
            }
        }
        if found.n_programs % 1000 == 0 {
            match look(host) {
                None => found.fail(
                    &format!("seed {seed}: the state is of no use afterwards"),
                    &script,
                ),
                Some(used) => {
                    most = most.max(used);
                    if found.n_programs >= SETTLED {
                        let settled = *settled.get_or_insert(used);
                        if used > settled + SLACK {
                            let what =
                                format!("seed {seed}: Lua uses {used} bytes, {settled} before");
                            found.fail(&what, &script);
                        }
                    }
                }
            }
        }
        if found.is_enough() {
            break;
        }
    }
    if !is_usable(host) {
        found.fail("the state is of no use at the end", b"");
    }
    let total = found.n_programs.max(1);
    found.notes.push(format!(
        "{}: {} ended with a result, {} with an error, {n_fuel} out of fuel and {n_memory} out of memory among them",
        host.name,
        n_ok,
        total - n_ok,
    ));
    found.notes.push(format!(
        "bytes in use: {} after {SETTLED}, {most} at most; the slowest script took {} ms (seed {})",
        settled.unwrap_or_default(),
        slowest.0 / 1000,
        slowest.1
    ));
    found
}

/// Collects garbage, and says how much memory is in use then.
fn look(host: &mut Host) -> Option<u64> {
    const LOOK: &str = "RESET() local _ENV = FRESH() collectgarbage() collectgarbage() return 1";
    let limits = Limits {
        fuel: Some(10_000_000),
        ..Limits::default()
    };
    for _ in 0..10 {
        let answer = host.run(LOOK, &limits).ok()?;
        if answer.kind == Kind::Ok {
            return Some(answer.memory);
        }
    }
    None
}
