// How far programs run past a deadline in the npm package: node deadline.mjs PACKAGE [COUNT] [SEED] [KIND].
//
//   stops      loops of every kind, library calls with the worst arguments, and what tries to outlive a stop
//   patterns   adversarial patterns over subjects that almost match
//
// COUNT programs of each KIND, or of that one (100 unless it is given) run under a deadline of 50 ms. Each must end with a
// LuaLimitError, or by itself before; the state must answer `return 1` afterwards. Printed are the median, the 99th
// percentile and the maximum of the overshoot, in milliseconds. The last line says how many tests passed and failed.

import { pathToFileURL } from "node:url";
import { resolve } from "node:path";

const [folder, count = "100", seed = "1", only] = process.argv.slice(2);
const { Lua, LuaLimitError } = await import(pathToFileURL(resolve(folder, "node.js")));
const COUNT = Number(count);
const DEADLINE = 50;
/** Most milliseconds of overshoot at the 99th percentile; a machine that does other things needs more. */
const BARS = { stops: 10, patterns: 20 };
const SLACK = Number(process.env.CU_SLACK ?? 1);

let state = Number(seed);
function below(n) {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  return (state >>> 0) % n;
}
const pick = (list) => list[below(list.length)];
const repeat = (most, make) => Array.from({ length: 1 + below(most) }, make).join("");

const ITEMS = [".-", ".*", "a*", "a-", "a?", "[ab]-", "[^x]*", "%w*", "(.-)", "(a*)", "%s*", ".+", "%f[%w]", "%b()", "(a-)%1", "(.*)(.-)"];
function pattern() {
  const body = repeat(12, () => pick(ITEMS));
  const subject = pick(["('a'):rep(N)", "('ab'):rep(N)", "('a '):rep(N)", "('('):rep(N) .. ('a'):rep(N)", "('()'):rep(N)"]);
  const text = subject.replaceAll("N", String(pick([30, 300, 3000, 100000])));
  const how = pick(["s:find(p)", "s:match(p)", "s:gsub(p, '%0')", "(function() for _ in s:gmatch(p) do end end)()"]);
  return `local s, p = ${text}, '${body}${pick(["x", "$", "%d", "b", "!"])}' while true do local _ = ${how} end`;
}

const WORK = [
  "while true do end",
  "for i = 1, math.huge do end",
  "local function f() return f() end f()",
  "while true do pcall(function() while true do end end) end",
  "local t = {} while true do t[#t + 1] = #t if #t > 1e5 then t = {} end end",
  "while true do local s = ('x'):rep(1e6) end",
  "while true do local s = ('x'):rep(1e5, ', ') end",
  "local s = ('x'):rep(1e6) while true do s:upper():lower():reverse() end",
  "local s = ('x'):rep(1e6) while true do local a = s .. 'y' end",
  "local a, b = ('x'):rep(1e6) .. 'y', ('x'):rep(1e6) .. 'y' while true do local c = a == b end",
  "local a, b = ('x'):rep(1e6) .. 'y', ('x'):rep(1e6) .. 'z' while true do local c = a < b end",
  "local t = {} for i = 1, 1e5 do t[i] = -i end while true do table.sort(t) table.sort(t, function(a, b) return a > b end) end",
  "local t = {} for i = 1, 1e5 do t[i] = i end while true do table.concat(t, ',') end",
  "local t = {} for i = 1, 1e5 do t[i] = i end while true do table.move(t, 1, #t, 2) t[#t] = nil end",
  "local t = {} for i = 1, 1e5 do t[i] = i end while true do table.insert(t, 1, 0) table.remove(t, 1) end",
  "local t = {} for i = 1, 1e5 do t[i] = i end while true do select('#', table.unpack(t)) end",
  "while true do load(('x = 1 '):rep(3e4)) end",
  "local s = 'return ' .. ('1 + '):rep(1e5) .. '1' while true do load(s) end",
  "while true do string.format('%99.99f', 1e300) end",
  "local s = ('x'):rep(1e5) while true do string.format('%q%s', s, s) end",
  "local s = ('1'):rep(1e6) while true do tonumber(s) tonumber(s, 10) pcall(math.floor, s) end",
  "local s = ('\\u{7FF}'):rep(1e5) while true do utf8.len(s) for _ in utf8.codes(s) do end end",
  "local t = {} for i = 1, 1e5 do t['k' .. i] = {} end while true do collectgarbage() end",
  "local t = {} while true do t = setmetatable({t}, {__gc = function() end}) if #t > 1e5 then t = {} end end",
  "local t = {} for i = 1, 1900 do t = setmetatable({}, {__index = t}) end while true do local x = t.x end",
  "while true do local co = coroutine.wrap(function() coroutine.yield() end) co() co() end",
  "local s = ('a,'):rep(1e5) while true do for w in s:gmatch('[^,]*') do end end",
  "local s = ('x'):rep(1e6) while true do s:find('y', 1, true) s:find('xy', 1, true) end",
  "local b = require 'bigint' local x = b.new(3) ^ 1e5 while true do local y = x * x end",
  "local b = require 'bigint' local x = b.new(3) ^ 1e5 while true do local y = tostring(x) end",
  "local x = require 'bigint'.new(7) ^ 1e4 while true do x = x * x end",
  "local x = require 'bigint'.new(7) ^ 1e5 while true do local s = tostring(x) x = x * x end",
  "local b, s = require 'bigint', '7' while true do s = s .. s b.new(s, 9) end",
  "local n, x = 1, require 'bigint'.new(3) while true do n = n * 2 local y = x ^ n % (x ^ (n // 2)) end",
  "while true do string.pack('s', ('x'):rep(1e6)) end",
  "local f = load(('x = 1 '):rep(1e4)) while true do string.dump(f) end",
  "local function f(n) return n == 0 and 0 or 1 + f(n - 1) end while true do f(1e5) end",
];
const AROUND = [
  "@", "pcall(function() @ end)", "while true do pcall(function() @ end) end", "coroutine.wrap(function() @ end)()",
  "xpcall(function() @ end, function() while true do end end)",
  "local c <close> = setmetatable({}, {__close = function() while true do end end}) @",
  "setmetatable({}, {__gc = function() while true do end end}) collectgarbage() @",
  "table.sort({3, 2, 1}, function() @ end)", "('abc'):gsub('.', function() @ end)", "load(function() @ end)",
];

async function measure(name, make) {
  const overs = [];
  let failure;
  let lua = await Lua.open({ limits: { memoryBytes: 64 << 20 } });
  for (let i = 0; i < COUNT && !failure; i++) {
    const program = make();
    const started = performance.now();
    const outcome = await lua.run(program, { deadlineMs: DEADLINE }).then(() => null, (error) => error);
    const over = performance.now() - started - DEADLINE;
    if (outcome instanceof LuaLimitError) overs.push([over, program]);
    if (over > 500) console.error(`  ${over.toFixed(0)} ms too long: ${program.slice(0, 200)}`);
    const answer = await lua.run("return 1", { fuel: 10_000_000 }).catch((error) => error);
    if (answer !== 1 && !(answer instanceof LuaLimitError)) failure = `${program}: then ${answer}`;
    if (i % 50 === 49) {
      lua.close();
      lua = await Lua.open({ limits: { memoryBytes: 64 << 20 } });
    }
  }
  overs.sort(([a], [b]) => a - b);
  const at = (part) => overs[Math.min(overs.length - 1, Math.floor(overs.length * part))];
  const ms = ([over]) => `${over.toFixed(1)} ms`;
  console.log(`${name}: ${COUNT} programs, ${overs.length} stopped; overshoot: median ${ms(at(0.5))}, p99 ${ms(at(0.99))}, most ${ms(at(1))}`);
  for (const [over, program] of overs.slice(-5)) console.error(`  ${over.toFixed(1)} ms: ${program.slice(0, 150)}`);
  if (failure) console.error(failure);
  return !failure && at(0.99)[0] <= BARS[name] * SLACK;
}

const KINDS = { stops: () => pick(AROUND).replace("@", pick(WORK)), patterns: pattern };
const names = Object.keys(KINDS).filter((name) => name === (only ?? name));
let passed = 0;
for (const name of names) {
  if (await measure(name, KINDS[name])) passed += 1;
}
console.log(`${passed} passed, ${names.length - passed} failed`);
process.exitCode = names.length > 0 && passed === names.length ? 0 : 1;
