/** The module `bigint` over JavaScript's arithmetic: what it does in `cu.wasm`, and what BigInts become. */

import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { test } from "node:test";

import { compute, compileModule, instantiate } from "../../tests/node/module.mjs";
import { Lua, MemoryStorage } from "./package.mjs";

const SUITE = new URL("../../tests/suite/lib/", import.meta.url);
const RAW = new URL("../../dist/npm/cu.wasm", import.meta.url);

const lua = await Lua.open();
await lua.run("big = require 'bigint'");

/** The same numbers in every run. */
let state = 20261129;
function below(n) {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  return (state >>> 0) % n;
}

/** A number of any length up to so many bytes, or one beside a power of two. */
function random(most) {
  let n = 0n;
  if (below(4) === 0) n = (1n << BigInt(below(8 * most))) + BigInt(below(3)) - 1n;
  else for (let i = below(most + 1); i > 0; i--) n = (n << 8n) | BigInt(below(5) === 0 ? 255 * below(2) : below(256));
  return below(2) === 0 ? n : -n;
}

const floored = (a, b) => a / b - ((a % b !== 0n && a < 0n !== b < 0n) ? 1n : 0n);

test("the programs of the suite print what they print elsewhere", async () => {
  const names = (await readdir(SUITE)).filter((name) => name.startsWith("bigint_"));
  assert.ok(names.length >= 8, String(names));
  for (const name of names) {
    const source = await readFile(new URL(name, SUITE), "utf8");
    const expected = [...source.matchAll(/-->(?: (.*))?$/gm)].map(([, text]) => text ?? "");
    let output = "";
    const decoder = new TextDecoder();
    const own = await Lua.open({ stdout: (bytes) => (output += typeof bytes === "string" ? bytes : decoder.decode(bytes, { stream: true })) });
    await own.run(source, { name: `@${name}` });
    own.close();
    assert.deepEqual(output.trimEnd().split("\n"), expected, name);
  }
});

test("arithmetic is that of BigInts", async () => {
  const calculate = await lua.run(`return function(a, b, n)
    local x, y = type(a) == "number" and big.new(a) or a, type(b) == "number" and big.new(b) or b
    if n then return {x ^ n} end
    return {x + y, x - y, x * y, -x, x:compare(y), x < y, x == y, x <= y, y ~= big.new(0) and {x / y, x % y, x // y} or nil}
  end`);
  for (let i = 0; i < 5000; i++) {
    const [a, b] = [random(1 + below(i % 50 === 0 ? 3000 : 40)), random(1 + below(i % 50 === 0 ? 1500 : 20))];
    const expected = [a + b, a - b, a * b, -a, a < b ? -1 : a > b ? 1 : 0, a < b, a === b, a <= b];
    if (b !== 0n) expected.push([a / b, a % b, floored(a, b)]);
    assert.deepEqual(calculate(a, b), expected, `${a} ${b}`);
    if (i % 10 === 0) {
      const n = below(60);
      assert.deepEqual(calculate(a, b, n), [a ** BigInt(n)], `${a} ^ ${n}`);
    }
  }
});

test("texts in any base are those of BigInts, both ways", async () => {
  const write = await lua.run("return function(a, base) return (type(a) == 'number' and big.new(a) or a):tostring(base) end");
  const read = await lua.run("return function(text, base) return big.new(text, base) end");
  for (let i = 0; i < 3000; i++) {
    const a = random(1 + below(i % 50 === 0 ? 3000 : 40));
    const base = 2 + below(35);
    const text = a.toString(base);
    assert.equal(write(a, base), text);
    assert.equal(read(text.toUpperCase(), base), a, `${text} ${base}`);
    if (a >= 0n) assert.equal(read(`000_${text.replace(/(?=(..)+$)/g, "_")}`, base), a);
  }
});

test("floats are the nearest", async () => {
  const [float, compare] = await lua.run("return function(a) return a:tonumber() end, function(a, b) return a:compare(b) end", { all: true });
  for (let i = 0; i < 2000; i++) {
    const a = (random(140) << 64n) + (below(2) === 0 ? 1n << 63n : random(30));
    if (BigInt.asIntN(64, a) === a) continue;
    const f = Number(a);
    assert.equal(float(a), f, String(a));
    const whole = Number.isFinite(f) ? BigInt(f) : a * 2n;
    assert.equal(compare(a, f), a < whole ? -1 : a > whole ? 1 : 0);
  }
});

test("what becomes of numbers on their way", () => {
  assert.deepEqual(lua.runSync("return big.new(5), {big.new(0), -big.new(7)}, big.new(1) + big.new(math.maxinteger)", { all: true }), [5n, [0n, -7n], 2n ** 63n]);
  assert.equal(lua.runSync("return math.type(...)", { args: [lua.runSync("return big.new(5)")] }), "integer");
  const kinds = "local a, b = ... return getmetatable(a).__name, a == big.new(2) ^ 64, math.type(b)";
  assert.deepEqual(lua.runSync(kinds, { args: [2n ** 64n, 2n ** 63n - 1n], all: true }), ["Cu.BigInt", true, "integer"]);
  // Numbers of 63 bytes and more, in messages that have to grow.
  const long = Array.from({ length: 300 }, (_, i) => 7n ** BigInt(2000 + i));
  assert.deepEqual(lua.runSync("local t = ... for i, v in ipairs(t) do t[i] = v * v end return t", { args: [long] }), long.map((n) => n * n));
  assert.equal(lua.library("bigint.add")(2n ** 80n, 2n ** 80n), 2n ** 81n);
});

test("the module is where require is, and BigInts are everywhere", async () => {
  const bare = await Lua.open({ libs: ["string"] });
  assert.equal(bare.runSync("return require"), undefined);
  assert.equal(bare.runSync("local a = ... return (a * a):tostring(16)", { args: [2n ** 80n] }), (2n ** 160n).toString(16));
  bare.close();
  assert.equal(await lua.run("return _G.bigint == nil and package.loaded.bigint == big and type(package.preload.bigint)"), "function");
});

test("what is too large is a memory error, and the state goes on", async () => {
  const small = await Lua.open({ limits: { memoryBytes: 16 << 20 } });
  for (const program of ["return b.new(7) ^ (1 << 30)", "return b.new(7) ^ b.new(2) ^ 100", "local x = b.new(3) while true do x = x * x end", "return b.new(('7'):rep(4e6))", "return (b.new(2) ^ 5e6):tostring(2)"]) {
    const error = await small.run(`local b = require "bigint" ${program}`).catch((error) => error);
    assert.match(error.message, /not enough memory$/, program);
    assert.equal(await small.run("return select(2, pcall(function() local b = require 'bigint' return b.new(9) ^ 1e9 end))"), "not enough memory");
    assert.equal(await small.run("return (require 'bigint'.new(7) ^ 30)"), 7n ** 30n);
  }
  small.close();
});

test("what is too large for the engine's BigInts is a memory error, too", async () => {
  // As engines whose BigInts have at most 2^20 bits, when numbers are made of text; in the others a number so large takes a gigabyte.
  const original = globalThis.BigInt;
  const limit = (value) => {
    if (typeof value === "string" && value.length > 2 ** 18 + 2) throw new RangeError("Maximum BigInt size exceeded");
    return original(value);
  };
  await lua.run("most = big.new(2) ^ (2 ^ 20 - 1)");
  try {
    globalThis.BigInt = Object.assign(limit, { asIntN: original.asIntN });
    const [ok, error] = lua.runSync("local more = most * big.new(4) return pcall(function() return more + more end)", { all: true });
    assert.deepEqual([ok, error], [false, "not enough memory"]);
    assert.equal(lua.runSync("return #(most + (most - big.new(1))):tostring(16)"), 2 ** 18);
  } finally {
    globalThis.BigInt = original;
  }
  assert.equal(lua.runSync("return most * most < most ^ 3"), true);
});

test("a result that is not what was asked for does no harm", () => {
  // A page can replace what arithmetic stands on; what then comes is refused, and nothing is written outside of its place.
  const original = BigInt.prototype.toString;
  const add = lua.runSync("return function(a, b) return pcall(big.add, a, b) end");
  for (const [answer, wanted] of [["f".repeat(1 << 20), /not enough memory/], ["0", /malformed answer/]]) {
    const [a, b] = [2n ** 70n, 3n ** 45n];
    BigInt.prototype.toString = function (base) {
      return base === 16 && this > 2n ** 75n ? answer : original.call(this, base);
    };
    let error;
    try {
      error = lua.runSync("return select(2, pcall(function(a, b) return tostring(a * b) end, ...))", { args: [a, b] });
    } finally {
      BigInt.prototype.toString = original;
    }
    assert.match(error.slice(0, 100), wanted);
    assert.equal(add(a, b), true);
  }
});

test("work takes fuel before it begins, as in cu.wasm", async () => {
  const hungry = "local big = require 'bigint' local x = big.new(3) ^ 1000 while true do x = x * x end";
  await assert.rejects(lua.run(hungry, { fuel: 1_000_000 }), (error) => error.limit === "fuel");
  await assert.rejects(lua.run("return (big.new(7) ^ 3000000):tostring()", { fuel: 50_000_000 }), (error) => error.limit === "fuel");
  assert.equal(await lua.run("return big.new(7) ^ 30", { fuel: 10_000 }), 7n ** 30n);

  const raw = instantiate(compileModule(RAW));
  const used = async (program) => {
    let told;
    await lua.run(program, { onProgress: ({ fuel }) => (told = fuel) });
    raw.set_fuel(1n << 40n);
    assert.equal(compute(raw, Buffer.from(program)).error, null);
    return [told, Number((1n << 40n) - raw.fuel_left())];
  };
  const program = (body) => `local big = require 'bigint' local a, b = big.new(('7'):rep(300)), big.new(('3'):rep(200), 9) local function f() ${body} end f()`;
  const idle = await used(program(""));
  for (const body of [
    "local _ = a + b",
    "local _ = a - b",
    "local _ = a * b",
    "local _ = a / b, a // b, a % b",
    "local _ = a ^ 20",
    "local _ = -a",
    "local _ = a:tostring(), a:tostring(16), tostring(b)",
    "local _ = big.new(('z'):rep(500), 36)",
    "local _ = a:tonumber(), a:compare(b), a < 2.5, a == b, a .. b",
  ]) {
    const [here, there] = await used(program(body));
    assert.equal(here - idle[0], there - idle[1], body);
  }
});

test("no long work is begun that a deadline would end", async () => {
  for (const body of ["x = x * x", "s = s .. s big.new(s, 9)", "x = x * x local _ = tostring(x)"]) {
    const begun = performance.now();
    const program = `local x, s = big.new(7) ^ 1e4, '7' pcall(function() while true do ${body} end end)`;
    await assert.rejects(lua.run(program, { deadlineMs: 100 }), (error) => error.limit === "deadline");
    // Ten times the deadline, for machines that do other things.
    assert.ok(performance.now() - begun < 1000, body);
    assert.equal(await lua.run("return 1"), 1);
  }
});

test("numbers and the module's functions are kept", async () => {
  const store = new MemoryStorage();
  let kept = await Lua.open({ store });
  await kept.run(`local big = require "bigint"
    local total = big.new(1)
    _home.n, _home.zero, _home.minus = big.new(3) ^ 200, big.new(0), -big.new(2) ^ 64
    _home.add = big.add
    function _home.double() total = total + total return total end
    for i = 1, 70 do _home.double() end`);
  await kept.save();
  kept.close();
  kept = await Lua.open({ store });
  const found = await kept.run("return _home.n, _home.zero, _home.minus, _home.add(_home.n, _home.minus), _home.double()", { all: true });
  assert.deepEqual(found, [3n ** 200n, 0n, -(2n ** 64n), 3n ** 200n - 2n ** 64n, 2n ** 71n]);
  kept.close();
});

test("what cu.wasm stores is what the package stores", async () => {
  const tables = new Map();
  const raw = instantiate(compileModule(RAW), { tables });
  const program = "local big = require 'bigint' for i = 0, 70 do _home[i + 1] = big.new(-3) ^ i * (big.new(256) ^ (i // 3)) end";
  assert.equal(compute(raw, Buffer.from(program)).error, null);
  const stored = new Map([...tables].flatMap(([, table]) => [...table]).map(([key, value]) => [key, Buffer.from(value).toString("hex")]));
  const store = new MemoryStorage();
  const own = await Lua.open({ store, storeOptions: { compress: false } });
  await own.run(program);
  await own.save();
  const records = Buffer.concat((await store.list("")).map(([, bytes]) => bytes)).toString("hex");
  const numbers = [...stored.values()].filter((value) => value.startsWith("0a"));
  assert.equal(numbers.length, 71);
  for (const value of numbers) assert.ok(records.includes(value), value);
  own.close();
});
