/** Every kind of value across the border and back: the table in README.md. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { Lua, LuaFloat, LuaValueError, MemoryStorage } from "./package.mjs";
import { roundTrips } from "./random-values.mjs";

const lua = await Lua.open();
const same = await lua.run("return function(...) return ... end");

/** What Lua says of a value: its type, subtype and text. */
const describe = await lua.run(`return function(v)
  if math.type(v) == "float" then return string.format("float %a", v) end
  return (math.type(v) or type(v)) .. " " .. tostring(v)
end`);

test("scalars", () => {
  for (const [value, shown] of [
    [undefined, "nil nil"],
    [null, "nil nil"],
    [true, "boolean true"],
    [false, "boolean false"],
    [0, "integer 0"],
    [-0, "float -0x0p+0"],
    [1, "integer 1"],
    [2147483648, "integer 2147483648"],
    [-2147483649, "integer -2147483649"],
    [Number.MAX_SAFE_INTEGER, "integer 9007199254740991"],
    [Number.MIN_SAFE_INTEGER, "integer -9007199254740991"],
    [2 ** 53, "float 0x1p+53"],
    [1.5, "float 0x1.8p+0"],
    [Infinity, "float inf"],
    [-Infinity, "float -inf"],
    [2n ** 63n - 1n, "integer 9223372036854775807"],
    [-(2n ** 63n), "integer -9223372036854775808"],
    [3n, "integer 3"],
    [new LuaFloat(3), "float 0x1.8p+1"],
    ["", "string "],
    ["a\0b", "string a\0b"],
    ["żółw 🐢", "string żółw 🐢"],
    ["\ufeffbom", "string \ufeffbom"],
  ]) {
    assert.equal(describe(value), shown);
  }
  assert.match(describe(NaN), /^float -?nan$/);
});

test("scalars come back", () => {
  for (const value of [true, false, 0, -0, 1.5, -7, 2 ** 53, 5e-324, Infinity, NaN, 2n ** 62n, "", "\ufeffx", "a\0", "x".repeat(100000), "é".repeat(100)]) {
    assert.ok(Object.is(same(value), value), String(value).slice(0, 20));
  }
  assert.equal(same(null), undefined);
  assert.equal(same(2n ** 53n - 1n), 9007199254740991);
  assert.equal(same(2n ** 53n), 2n ** 53n);
});

test("strings that are no UTF-8 are bytes", () => {
  const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
  assert.deepEqual(same(bytes), bytes);
  assert.deepEqual(lua.runSync("return '\\xed\\xa0\\x80'"), Uint8Array.of(0xed, 0xa0, 0x80));
  assert.equal(lua.runSync("return #...", { args: [bytes.buffer] }), 256);
  // Bytes that are text arrive as text.
  assert.equal(same(Uint8Array.of(0x61)), "a");
});

test("what has no counterpart is refused, and says so", () => {
  for (const [value, words] of [
    ["\ud800", /lone surrogate/],
    ["x".repeat(100) + "\udfff", /lone surrogate/],
    [Symbol("x"), /symbol/],
    [new Date(), /class Date.*expose/],
    [Promise.resolve(1), /promise/],
    [new Set(), /class Set/],
    [[[{ deep: new WeakMap() }]], /class WeakMap/],
    [new Map([[NaN, 1]]), /NaN/],
    [new Map([[undefined, 1]]), /undefined or null/],
  ]) {
    assert.throws(() => same(value), (error) => error instanceof LuaValueError && words.test(error.message), String(words));
  }
  assert.equal(same(1), 1);
});

test("BigInts of more than 64 bits stay what they are", async () => {
  for (const value of [2n ** 63n, -(2n ** 63n) - 1n, 2n ** 64n, 255n << 64n, 2n ** 4096n - 1n, -(16n ** 33n), 10n ** 30n, -(10n ** 300n) - 1n]) {
    assert.equal(same(value), value);
    assert.equal(lua.runSync("return tostring(...)", { args: [value] }), String(value));
    const [first, second] = same([value, { value }]);
    assert.equal(first, value);
    assert.equal(second.value, value);
    // They are ordered among themselves and with integers.
    const compare = "local a, b = ... return a == b, a < b, a <= b, a > b";
    for (const other of [value, value + 1n, value - 1n, -value, value * 2n, value << 64n, 5n, -5n, 0n, 2n ** 63n - 1n]) {
      const told = lua.runSync(compare, { args: [value, other], all: true });
      const isBig = BigInt.asIntN(64, other) !== other;
      assert.deepEqual(told, [isBig && value === other, value < other, value <= other, value > other], `${value} ${other}`);
    }
  }
  assert.equal(lua.runSync("return math.type(...)", { args: [2n ** 63n - 1n] }), "integer");
  const big = { args: [2n ** 80n] };
  assert.equal(lua.runSync("return ... < 1.5", big), false);
  assert.throws(() => lua.runSync("return ... + 1", big), /bad argument #2 to 'add' \(Cu.BigInt expected, got number\)/);
  assert.throws(() => lua.runSync("return getmetatable(...).__tostring(io.stdout)", big), /Cu.BigInt expected, got FILE/);
  const bare = await Lua.open({ libs: [] });
  assert.equal(bare.runSync("return ...", big), 2n ** 80n);
  bare.close();
});

test("BigInts of more than 64 bits are kept", async () => {
  const store = new MemoryStorage();
  const value = -(3n ** 200n);
  let kept = await Lua.open({ store });
  await kept.run("_home.big, _home.list = ..., {...}", { args: [value] });
  await kept.save();
  kept.close();
  kept = await Lua.open({ store });
  assert.deepEqual(await kept.run("return _home.big, _home.list[1], _home.big == _home.list[1]", { all: true }), [value, value, true]);
  kept.close();
});

test("the digits of a large BigInt take fuel", async () => {
  const limited = await Lua.open({ limits: { fuel: 1_000_000 } });
  await assert.rejects(limited.run("return #tostring(...)", { args: [1n << 8_000_000n] }), (error) => error.limit === "fuel");
  assert.equal(await limited.run("return #tostring(...)", { args: [1n << 80_000n] }), String(1n << 80_000n).length);
  limited.close();
});

test("tables", () => {
  const object = lua.runSync("return {a = 1, b = {c = 'x'}}");
  assert.equal(Object.getPrototypeOf(object), null);
  assert.deepEqual({ ...object, b: { ...object.b } }, { a: 1, b: { c: "x" } });
  assert.deepEqual(lua.runSync("return {1, 2, 3}"), [1, 2, 3]);
  assert.deepEqual(lua.runSync("local t = {} for i = 5, 1, -1 do t[i] = i end return t"), [1, 2, 3, 4, 5]);
  assert.deepEqual(lua.runSync("return {1, 2, nil, 4}"), new Map([[1, 1], [2, 2], [4, 4]]));
  assert.deepEqual(lua.runSync("return {1, 2, x = 3}"), new Map([[1, 1], [2, 2], ["x", 3]]));
  assert.deepEqual(lua.runSync("return {[1.5] = 1, [true] = 2}"), new Map([[1.5, 1], [true, 2]]));
  assert.deepEqual(lua.runSync("return {[0] = 1}"), new Map([[0, 1]]));
  assert.deepEqual(lua.runSync("return {['\\xff'] = 1}"), new Map([[Uint8Array.of(255), 1]]));
  assert.deepEqual(lua.runSync("return {}"), Object.create(null));
  const keyed = lua.runSync("local k = {1} return {[k] = k}");
  const [[key, value]] = keyed;
  assert.equal(key, value);
  assert.deepEqual(key, [1]);
});

test("objects, arrays and maps become tables", () => {
  const show = (source, value) => lua.runSync(`local v = ... return ${source}`, { args: [value] });
  assert.equal(show("v.a.b[2]", { a: { b: [1, "x"] } }), "x");
  assert.equal(show("#v", [1, 2, 3]), 3);
  assert.equal(show("v[1] == nil and v[2] == nil and v[3]", [undefined, null, 7]), 7);
  assert.equal(show("next(v)", { a: undefined, b: null }), undefined);
  assert.equal(show("v[v.x]", new Map([["x", true], [true, "yes"]])), "yes");
  assert.equal(show("v[1]", new Map([[1, "integer"]])), "integer");
  assert.equal(show("v['1']", { 1: "text" }), "text");
  class Sub extends Array {}
  assert.equal(show("#v", Sub.of(1, 2)), 2);
});

test("cycles and shared parts are kept, both ways", () => {
  const shared = { n: 1 };
  const value = { a: shared, b: shared, list: [shared] };
  value.self = value;
  const back = same(value);
  assert.equal(back.self, back);
  assert.equal(back.a, back.b);
  assert.equal(back.list[0], back.a);
  const [first, second] = lua.runSync("local a, b = ... return a == b and {a, b}", { args: [shared, shared] });
  assert.equal(first, second);
  const map = new Map();
  map.set(map, map);
  const again = same(map);
  assert.equal(again.get(again), again);
});

test("depth is no matter", () => {
  let deep = {};
  for (let i = 0; i < 200_000; i++) deep = [deep];
  let back = same(deep);
  let n = 0;
  while (Array.isArray(back)) {
    back = back[0];
    n++;
  }
  assert.equal(n, 200_000);
});

test("keys with meanings in JavaScript are keys", () => {
  const object = lua.runSync("return {__proto__ = {polluted = 1}, constructor = 2, toString = 3, hasOwnProperty = 4}");
  assert.deepEqual(Object.keys(object).sort(), ["__proto__", "constructor", "hasOwnProperty", "toString"]);
  assert.equal({}.polluted, undefined);
  const own = JSON.parse('{"__proto__": {"x": 1}, "y": 2}');
  assert.equal(lua.runSync("local v = ... return v.__proto__.x + v.y", { args: [own] }), 3);
});

test("integers as BigInts", async () => {
  const exact = await Lua.open({ ints: "bigint" });
  const kind = await exact.run("return function(v) return math.type(v) end");
  assert.equal(exact.runSync("return 7"), 7n);
  assert.equal(exact.runSync("return 7.0"), 7);
  assert.equal(kind(7), "float");
  assert.equal(kind(7n), "integer");
  assert.deepEqual(exact.runSync("return {10, x = 20}"), new Map([[1n, 10n], ["x", 20n]]));
});

test("marked floats", async () => {
  const exact = await Lua.open({ floats: "marked" });
  const value = exact.runSync("return 3.0");
  assert.ok(value instanceof LuaFloat);
  assert.equal(value.value, 3);
  assert.equal(exact.runSync("return 0.5"), 0.5);
  assert.equal(exact.runSync("return -0.0").value, -0);
});

test("strings as bytes", async () => {
  const exact = await Lua.open({ strings: "bytes" });
  assert.deepEqual(exact.runSync("return 'abc'"), Uint8Array.of(97, 98, 99));
  assert.deepEqual(Object.keys(exact.runSync("return {abc = 1}")), ["abc"]);
});

test("functions keep their identity", () => {
  const f = () => 1;
  assert.equal(same(f), f);
  const g = lua.runSync("function g() end return g");
  assert.equal(lua.global.get("g"), g);
  assert.equal(lua.runSync("return ... == g", { args: [g] }), true);
  assert.equal(lua.runSync("local a, b = ... return a == b", { args: [f, f] }), true);
  const co = lua.runSync("co = coroutine.create(function() end) return co");
  assert.equal(co.type, "thread");
  assert.equal(lua.runSync("return ... == co", { args: [co] }), true);
  assert.equal(lua.runSync("return ... == io.stdout", { args: [lua.runSync("return io.stdout")] }), true);
});

test("a state does not take what belongs to another, but can call it", async () => {
  const other = await Lua.open();
  const f = await other.run("return function(x) return x + 1 end");
  assert.equal(lua.runSync("return (...)(41)", { args: [f] }), 42);
  const co = await other.run("return coroutine.create(print)");
  assert.throws(() => same(co), /another Lua state/);
});

test("20,000 random values come back bit by bit", async () => {
  await roundTrips(20_000, 1);
});

test("no table is taken for a promise", async () => {
  const [thenable, data] = await lua.run("return {['then'] = function() end, a = 1}, {['then'] = 1}", { all: true });
  assert.ok(thenable instanceof Map && thenable.get("a") === 1);
  assert.equal(describe(thenable.get("then")).slice(0, 9), "function ");
  assert.equal(data.then, 1);
  // Otherwise this would wait for ever, whatever the deadline.
  assert.ok((await lua.run("return {['then'] = function() end}")) instanceof Map);
  assert.ok((await lua.run("return {{['then'] = print}}"))[0] instanceof Map);
});
