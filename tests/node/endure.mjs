// Endurance of the raw module: node endure.mjs MODULE [CALLS].
//
//   mixed programs     one instance, CALLS calls of compute, errors among them: no trap, right answers, and memory
//                      that stays as it is after the first tenth (at most 10,000 calls)
//   hostile answers    CALLS answers of a store that lies: random bytes, wrong lengths, wrong numbers, sizes that do not
//                      add up; no trap, no endless program, and `return 1` is 1 afterwards
//   hosts that call back   every export, from inside an import
//
// CALLS is 20,000 unless it is given. The last line of the output says how many of these tests passed and failed.

import { call, compileModule, compute, instantiateBare, response, tableFunctions, valueText } from "./module.mjs";

const [modulePath, calls = "20000"] = process.argv.slice(2);
const CALLS = Number(calls);
const module = compileModule(modulePath);
let passed = 0;
let failed = 0;

function test(name, body) {
  const started = performance.now();
  try {
    const told = body();
    passed += 1;
    console.error(`${name}: ${told} (${((performance.now() - started) / 1000).toFixed(1)} s)`);
  } catch (error) {
    failed += 1;
    console.error(`${name}: FAILED: ${error.stack}`);
  }
}

function expect(right, message) {
  if (!right) throw new Error(message());
}

/** Random numbers that are the same in each run: xorshift32. */
function randomNumbers(seed) {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

// ---- mixed programs --------------------------------------------------------------------------------------

/** Programs and what each gives: a value as text, or an error's message without its position. */
const PROGRAMS = [
  ["return 1", "1"],
  ["local t = {} for i = 1, 100 do t[i] = i * 2 end return #t", "100"],
  ["return ('x'):rep(20000):len()", "20000"],
  ["local s = '' for i = 1, 50 do s = s .. i end return #s", "91"],
  ["error('boom', 0)", "error boom"],
  ["error({})", "error (error object is a table value)"],
  ["local x = nil; return x.y", "error attempt to index a nil value (local 'x')"],
  ["return 1 +", "error unexpected symbol near <eof>"],
  ["return pcall(error, 'caught')", "caught"],
  // Which of them it is depends on how free memory lies.
  ["local function f() return f() + 1 end f()", "error stack overflow|not enough memory", 100],
  ["return ('x'):rep(1 << 26)", "error not enough memory", 100],
  ["local t = {} for i = 1, 1e9 do t[i] = ('x'):rep(1000) .. i end", "error not enough memory", 1000],
  ["while true do end", "error out of fuel", 100],
  ["local co = coroutine.wrap(function(a) local b = coroutine.yield(a + 1) return b * 2 end) return co(1) + co(10)", "22"],
  ["local co = coroutine.create(function() error('in') end) return coroutine.resume(co)", "error? in"],
  ["counter = (counter or 0) + 1 return counter > 0", "true"],
  ["_home.n = (_home.n or 0) + 1 return _home.n > 0", "true"],
  ["_home.t = {1, 2, {3}} return #_home.t", "3"],
  ["_home.t = nil return _home.t", "nil"],
  ["function _home.f(x) return x * x end return _home.f(7)", "49"],
  ["return load('return 6 * 7')()", "42"],
  ["setmetatable({}, {__gc = function() end}) return 0", "0"],
  ["local t <close> = setmetatable({}, {__close = function() closed = true end}) return 5", "5"],
  ["return string.format('%5.2f|%-5s|%x', 3.14159, 'ab', 255)", " 3.14|ab   |ff"],
  ["return ('hello world'):gsub('o', '0')", "2"],
  ["print(('line\\n'):rep(100)) return 3", "3"],
  ["print(('y'):rep(70000)) return 3", "3", 10],
  ["io.write('x') return select('#', table.unpack({1, 2, 3}))", "3"],
  ["return math.type(2^53)", "float"],
  ["return tostring(require('bigint').new('123456789012345678901234567890') + require('bigint').new(1))", "123456789012345678901234567891"],
];

test(`mixed programs, ${CALLS} calls`, () => {
  const tables = new Map();
  const cu = instantiateBare(module, { tables });
  cu.init();
  cu.set_fuel(20_000_000n);
  const random = randomNumbers(42);
  const at = cu.get_buffer_ptr();
  const used = () => {
    cu.run_gc();
    cu.get_memory_stats(at);
    return new DataView(cu.memory.buffer).getUint32(at + 4, true);
  };
  const settled = Math.min(10_000, Math.ceil(CALLS / 10));
  const pages = cu.memory.buffer.byteLength;
  let base = 0;
  for (let i = 0; i < CALLS; i++) {
    const [source, wanted, rarity = 1] = PROGRAMS[random(PROGRAMS.length)];
    // What takes long comes seldom.
    if (rarity > 1 && random(rarity) !== 0) continue;
    // Each text is another: nothing is ever the same chunk twice.
    const told = call(cu, Buffer.from(`${source} -- ${i}`));
    const bytes = response(cu, told);
    const text = told < 0 ? bytes.toString() : valueText(bytes.subarray(4 + bytes.readUInt32LE(0)));
    const [verb, rest] = wanted.startsWith("error") ? ["error", wanted.slice(wanted.indexOf(" ") + 1)] : ["", wanted];
    const ends = () => rest.split("|").some((end) => text.endsWith(end));
    const isRight = verb === "" ? told >= 0 && text === rest : ends() && (told < 0 || wanted.startsWith("error?"));
    expect(isRight, () => `call ${i}: ${source}: ${told} ${text} instead of ${wanted}`);
    if (i === settled) base = used();
    if (i > settled && i % Math.ceil(CALLS / 20) === 0) {
      const now = used();
      expect(now <= base * 1.05 + 65536, () => `call ${i}: Lua uses ${now} bytes, ${base} after ${settled} calls`);
    }
  }
  expect(cu.memory.buffer.byteLength === pages, () => "the memory has grown");
  return `${base} bytes after ${settled} calls, ${used()} at the end`;
});

// ---- hostile answers -------------------------------------------------------------------------------------

/** Programs that ask the store for all it has. */
const QUESTIONS = [
  "for k, v in pairs(_home) do local _ = k, v end",
  "for i, v in ipairs(_home) do if i > 100 then break end end",
  "local n = 0 for k, v in next, _home do n = n + 1 if n > 100 then break end end return n",
  "return #_home, #_io",
  "return _home.a, _home[1], _home[1.5], _home[true], _home['']",
  "local v = _home.x return type(v) == 'table' and v.y or v",
  "local f = _home.f if type(f) == 'function' then return f(1, 2) end return f",
  "_home.t = {1, {2}, a = {b = 'c'}} return _home.t",
  "_home.f = function(x) return x + n end return _home.f",
  "_home.x = nil _home[1] = nil return table.remove(_home)",
  "return table.concat(_home, ',')",
  "return {a = 1, b = {_home.q}}",
  "table.sort(_home) return table.unpack(_home, 1, 10)",
  "local t = ext.table() t.a = t return t.a == t, t.b",
  "_home.c = (_home.c or 0) + 1 return _home.c",
  "local c = 0 _home.g = function() c = c + 1 return c end return _home.g()",
];

test(`hostile answers, ${CALLS}`, () => {
  const random = randomNumbers(7);
  let answers = 0;
  let cu;
  const bytes = (at, length) => new Uint8Array(cu.memory.buffer, at, length);
  // Mutations of what a store really holds get further than noise.
  const valid = [];
  const anything = (longest) => {
    let value;
    if (valid.length > 0 && random(4) !== 0) {
      value = Buffer.from(valid[random(valid.length)]);
      for (let n = random(4); n > 0 && value.length > 0; n--) value[random(value.length)] = random(256);
      if (random(4) === 0) value = value.subarray(0, random(value.length + 1));
    } else {
      value = Buffer.alloc(random(random(20) === 0 ? 5000 : 40));
      for (let i = 0; i < value.length; i++) value[i] = random(256);
      if (value.length > 0 && random(2) === 0) value[0] = random(10);
    }
    return value.subarray(0, longest);
  };
  const length = (true_) => {
    switch (random(8)) {
      case 0: return -1;
      case 1: return [0x7fffffff, -0x80000000, 65537, 16385, 49153, 1 << 20, 3, 1][random(8)];
      case 2: return random(0x100000000) | 0;
      default: return true_;
    }
  };
  const give = (at, room, value) => {
    answers += 1;
    const given = value.subarray(0, room >>> 0);
    bytes(at >>> 0, given.length).set(given);
    return length(given.length);
  };
  const functions = {
    js_ext_table_get: (id, key, keyLength, at, room) => give(at, room, anything(60000)),
    js_ext_table_set: (id, key, keyLength, at, n) => {
      answers += 1;
      if (valid.length < 500) valid.push(bytes(at >>> 0, n >>> 0).slice());
      else valid[random(500)] = bytes(at >>> 0, n >>> 0).slice();
      return random(8) === 0 ? length(0) : 0;
    },
    js_ext_table_delete: () => ((answers += 1), random(8) === 0 ? length(0) : 0),
    js_ext_table_size: () => ((answers += 1), random(2) === 0 ? random(20) : length(random(70000))),
    js_ext_table_keys(id, at, room) {
      const n = random(20);
      const keys = Array.from({ length: n }, () => (random(2) === 0 ? Buffer.from(String(random(30))) : anything(30)));
      if (random(2) === 0) return give(at, room, Buffer.concat(keys.flatMap((key) => [key, Buffer.from("\n")])));
      const u32 = (value) => Buffer.from(Uint32Array.of(random(50) === 0 ? random(0x100000000) : value).buffer);
      return give(at, room, Buffer.concat([u32(n), ...keys.flatMap((key) => [u32(key.length), key])]));
    },
  };
  const start = () => {
    cu = instantiateBare(module, { functions });
    cu.init();
    cu.set_fuel(1_000_000n);
  };
  start();
  let n = 0;
  while (answers < CALLS) {
    const told = call(cu, Buffer.from(QUESTIONS[random(QUESTIONS.length)]));
    n += 1;
    const size = cu.get_buffer_size();
    expect(told <= size && told >= -size, () => `compute gave ${told}`);
    if (n % 64 === 0) {
      call(cu, Buffer.from("collectgarbage()"));
      const alive = call(cu, Buffer.from("return 1"));
      const text = valueText(response(cu, alive).subarray(4));
      expect(alive === 13 && text === "1", () => `return 1 gave ${alive}`);
    }
    // A state in which many lies have been believed is as good as a new one, and the other way round.
    if (n % 5000 === 0) start();
  }
  return `${answers} answers to ${n} programs`;
});

// ---- hosts that call back --------------------------------------------------------------------------------

test("hosts that call back", () => {
  const tables = new Map();
  let cu;
  const seen = new Map();
  const meddle = () => {
    for (const [name, act] of Object.entries(cu)) {
      if (typeof act !== "function") continue;
      const zero = ["set_fuel", "set_seed"].includes(name) ? 0n : 8;
      // The buffer holds a key now: `compute` may not run it.
      seen.set(name, act(zero, name === "set_seed" ? 0n : 8, 0));
    }
  };
  const inner = tableFunctions(tables, () => cu.memory);
  const functions = Object.fromEntries(
    Object.entries(inner).map(([name, act]) => [name, (...args) => { const told = act(...args); if (name !== "js_ext_table_get") meddle(); return told; }]),
  );
  cu = instantiateBare(module, { tables, functions });
  cu.init();
  const { error, value } = compute(cu, Buffer.from("_home.a = 1 _home.b = 'x' return #_home .. _home.b .. collectgarbage('count')"));
  expect(!error && valueText(value).startsWith("2x"), () => `${error}`);
  expect(seen.size >= 30, () => `only ${[...seen.keys()]}`);
  const refused = "compute was called while a program is running";
  expect(seen.get("compute") === -(refused.length + 1), () => `compute gave ${seen.get("compute")}`);
  expect(seen.get("alloc") === 0 && seen.get("init") === -1, () => "alloc or init did something");
  expect(seen.get("get_memory_table_id") === 1, () => "the number of _home was not told");
  const after = compute(cu, Buffer.from("return 1"));
  expect(valueText(after.value) === "1", () => "the module is not as it was");
  return `${seen.size} exports`;
});

console.log(`${passed} passed, ${failed} failed`);
