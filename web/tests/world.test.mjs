/** Limits, output, input, files, modules, and what Lua may see of objects. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { expose, Lua, LuaError, LuaExit, LuaLimitError, MemoryStorage } from "./package.mjs";

const later = (value, ms = 1) => new Promise((resolve) => setTimeout(resolve, ms, value));
const limit = (name) => (error) => error instanceof LuaLimitError && error.limit === name;

const SWALLOWERS = [
  "while true do end",
  "while true do pcall(function() while true do end end) end",
  "while true do xpcall(error, function() while true do end end) end",
  "local co = coroutine.wrap(function() while true do end end) while true do pcall(co) end",
  "local t <close> = setmetatable({}, {__close = function() while true do end end}) while true do end",
  "setmetatable({}, {__gc = function() while true do end end}) collectgarbage() while true do end",
  "table.sort({3, 2, 1}, function() while true do end end)",
  "string.rep('x', 20):find(string.rep('x?', 20) .. string.rep('x', 20) .. 'y') while true do end",
  "while true do pcall(call, function() while true do end end) end",
  "while true do string.rep('x', 1000000) end",
];

test("nothing swallows the end of fuel", async () => {
  const lua = await Lua.open({ limits: { fuel: 2_000_000 }, globals: { call: (f) => { try { return f(); } catch { return f(); } } } });
  for (const source of SWALLOWERS) {
    await assert.rejects(lua.run(source), limit("fuel"), source);
    assert.equal(await lua.run("return 1"), 1);
  }
});

test("nothing swallows a deadline", async () => {
  const lua = await Lua.open({ globals: { call: (f) => f() } });
  for (const source of SWALLOWERS) {
    const start = performance.now();
    await assert.rejects(lua.run(source, { deadlineMs: 20 }), limit("deadline"), source);
    assert.ok(performance.now() - start < 500, source);
    assert.equal(await lua.run("return 1"), 1);
  }
});

test("deadlines and aborts hold while Lua waits", async () => {
  const lua = await Lua.open({ globals: { wait: (ms) => later(ms, ms) } });
  await assert.rejects(lua.run("wait(10000)", { deadlineMs: 10 }), limit("deadline"));
  const controller = new AbortController();
  const run = lua.run("wait(10000)", { signal: controller.signal });
  controller.abort("enough");
  await assert.rejects(run, (e) => limit("aborted")(e) && e.cause === "enough");
  await assert.rejects(lua.run("return 1", { signal: controller.signal }), limit("aborted"));
  assert.equal(await lua.run("return wait(1)", { deadlineMs: 5000 }), 1);
});

test("fuel is for a run, waiting or not", async () => {
  const lua = await Lua.open({ limits: { fuel: 100_000 }, globals: { wait: (x) => later(x) } });
  for (let i = 0; i < 5; i++) assert.equal(await lua.run("for i = 1, 10000 do end return 1"), 1);
  await assert.rejects(lua.run("while true do for i = 1, 1000 do end wait(1) end"), limit("fuel"));
});

test("memory is limited, and the error can be caught", async () => {
  const lua = await Lua.open({ limits: { memoryBytes: 4 << 20 } });
  await assert.rejects(lua.run("local t = {} while true do t[#t + 1] = {} end"), (e) => e instanceof LuaError && e.kind === "memory" && e.message === "not enough memory");
  assert.equal(await lua.run("return (select(2, pcall(string.rep, 'x', 1 << 30)))"), "not enough memory");
  await assert.rejects(lua.run("return #...", { args: ["x".repeat(8 << 20)] }), /not enough memory/);
  assert.equal(await lua.run("return 1"), 1);
  assert.ok(lua.memoryUsed < 4 << 20);
});

test("binary chunks are for states that ask for them, and functions are stored all the same", async () => {
  const program = "return load(string.dump(function() return 7 end))";
  const lua = await Lua.open({ store: new MemoryStorage() });
  assert.equal((await lua.run(program, { all: true }))[1], "attempt to load a binary chunk (mode is 't')");
  await lua.run("local n = 6 function _home.next() n = n + 1 return n end");
  assert.equal(await lua.run("return _home.next()"), 7);
  const open = await Lua.open({ binaryChunks: true });
  assert.equal((await open.run(program))(), 7);
});

test("profiles say what options are unless they are given", async () => {
  const program = "return debug.getregistry and 'whole' or debug.traceback and 'trimmed', load(string.dump(function() end)) and 'binary' or 'text'";
  const seen = async (options) => (await Lua.open(options)).run(program, { all: true });
  assert.deepEqual(await seen({}), ["trimmed", "text"]);
  assert.deepEqual(await seen({ profile: "sandbox" }), ["trimmed", "text"]);
  assert.deepEqual(await seen({ profile: "full" }), ["whole", "binary"]);
  assert.deepEqual(await seen({ profile: "full", binaryChunks: false }), ["whole", "text"]);
  assert.deepEqual(await seen({ libs: ["string", "debug"] }), ["trimmed", "text"]);
  assert.deepEqual(await seen({ profile: "deterministic" }), ["trimmed", "text"]);
  await assert.rejects(Lua.open({ profile: "none" }), /there is no profile "none"/);
});

test("a deterministic state does the same every time", async () => {
  const program = `local t = {} for i = 1, 50 do t['k' .. i] = i end
    local keys = {} for k in pairs(t) do keys[#keys + 1] = k end
    return table.concat(keys, ' '), os.time(), os.clock(), os.date(), math.random(1 << 40), tostring({})`;
  const seen = async () => (await Lua.open({ profile: "deterministic" })).run(program, { all: true });
  const first = await seen();
  assert.deepEqual(first.slice(1, 4), [0, 0, "Thu Jan  1 00:00:00 1970"]);
  assert.deepEqual(await seen(), first);
});

test("output is limited", async () => {
  let n = 0;
  const lua = await Lua.open({ limits: { outputBytes: 1000 }, stdout: (text) => (n += text.length) });
  await assert.rejects(lua.run("while true do pcall(print, 'xxxxxxxxx') end"), limit("output"));
  assert.equal(n, 1000);
  await lua.run("print 'again'");
});

test("output and input", async () => {
  const out = [];
  const errors = [];
  const pieces = ["one\ntw", "o\n12 ", null];
  const lua = await Lua.open({ stdout: (t) => out.push(t), stderr: (t) => errors.push(t), stdin: () => pieces.shift() });
  await lua.run("print(1, 2) io.write('é') io.stderr:write('oops')");
  assert.equal(out.join(""), "1\t2\né");
  assert.equal(errors.join(""), "oops");
  assert.deepEqual(await lua.run("return io.read(), io.read(), io.read('n'), io.read()", { all: true }).then((a) => a.map(String)), ["one", "two", "12", " "]);
  const bytes = [];
  const raw = await Lua.open({ stdout: { bytes: (b) => bytes.push(...b) }, stdin: "all of it" });
  await raw.run("io.write('\\xff', io.read('a'))");
  assert.deepEqual(bytes.slice(0, 2), [255, 97]);
});

test("output comes before the calls that follow it", async () => {
  const events = [];
  const lua = await Lua.open({ stdout: (t) => events.push(t), globals: { mark: (x) => events.push(x) } });
  await lua.run("print 'a' mark(1) io.stderr:write '' print 'b'");
  assert.deepEqual(events, ["a\n", 1, "b\n"]);
});

test("files, modules and the environment", async () => {
  const lua = await Lua.open({
    files: { "data/x.txt": "hello", "bin": Uint8Array.of(0, 255) },
    modules: { greet: "return {hi = function(x) return 'hi ' .. x end}", "a.b": "return 'a.b is ' .. ..." },
    env: { HOME: "/nowhere" },
  });
  assert.equal(await lua.run("return io.open('data/x.txt'):read('a')"), "hello");
  assert.equal(await lua.run("return require('greet').hi('you')"), "hi you");
  assert.equal(await lua.run("return (require('a.b'))"), "a.b is a.b");
  assert.equal(await lua.run("return os.getenv 'HOME'"), "/nowhere");
  await lua.run("io.open('out', 'w'):write('\\xfe'):close()");
  assert.deepEqual(lua.files.read("out"), Uint8Array.of(0xfe));
  assert.deepEqual(lua.files.list(), ["bin", "data/x.txt", "modules/a/b.lua", "modules/greet.lua", "out"]);
  lua.files.remove("out");
  assert.equal(lua.files.read("out"), undefined);
  assert.throws(() => lua.files.remove("out"), /no such file/);
  await assert.rejects(lua.run("error(require 'missing')"), /module 'missing' not found/);
});

test("libraries are those that are asked for", async () => {
  const lua = await Lua.open();
  assert.equal(await lua.run("local names = {} for name in pairs(debug) do names[#names + 1] = name end table.sort(names) return table.concat(names, ' ')"), "getinfo traceback");
  const small = await Lua.open({ libs: ["math"] });
  assert.equal(await small.run("return string == nil and io == nil and math.floor(1.5)"), 1);
  await assert.rejects(Lua.open({ libs: ["nonsense"] }), /no library/);
});

test("os.exit ends the run", async () => {
  const lua = await Lua.open({ globals: { call: (f) => f() } });
  await assert.rejects(lua.run("pcall(os.exit, 3)"), (e) => e instanceof LuaExit && e.status === 3);
  await assert.rejects(lua.run("pcall(call, function() os.exit(true) end)"), (e) => e instanceof LuaExit && e.status === 0);
  assert.equal(await lua.run("return 1"), 1);
});

test("the clock and randomness are JavaScript's", async () => {
  const lua = await Lua.open();
  assert.ok(Math.abs((await lua.run("return os.time()")) - Date.now() / 1000) < 5);
  assert.notEqual(await lua.run("return math.random(0)"), await lua.run("return math.random(0)"));
  const offset = await lua.run("return os.date('%z', 0)");
  assert.match(offset, /^[+-]\d{4}$/);
});

class Account {
  #balance = 0;
  owner = "me";
  secret = "hidden";
  deposit(n) {
    this.#balance += n;
    return this;
  }
  get balance() {
    return this.#balance;
  }
  async later() {
    return later(this.#balance);
  }
}

test("objects show what is listed and nothing else", async () => {
  const lua = await Lua.open();
  expose(Account, { call: true, instances: { read: ["deposit", "balance", "owner", "later"], write: ["owner"], text: (a) => `Account(${a.balance})` } });
  lua.global.set("Account", Account);
  const account = await lua.run("a = Account() a:deposit(5):deposit(6) return a");
  assert.ok(account instanceof Account && account.balance === 11);
  assert.equal(await lua.run("return a.balance + a:later()"), 22);
  assert.equal(await lua.run("a.owner = 'you' return tostring(a)"), "Account(11)");
  assert.equal(account.owner, "you");
  assert.equal(await lua.run("return ... == a", { args: [account] }), true);
  for (const name of ["secret", "constructor", "__proto__", "prototype", "toString", "valueOf", "#balance", "hasOwnProperty"]) {
    assert.equal(await lua.run("return a[...]", { args: [name] }), undefined, name);
    await assert.rejects(lua.run("a[...] = 1", { args: [name] }), /cannot be written/, name);
  }
  await assert.rejects(lua.run("a.balance = 1"), /cannot be written/);
  await assert.rejects(lua.run("a.deposit({}, 5)"), /has to be called with a colon/);
  await assert.rejects(lua.run("a()"), /attempt to call/);
  assert.equal(await lua.run("return getmetatable(a)"), "JavaScript object");
  assert.equal(await lua.run("return Account.prototype"), undefined);
  assert.throws(() => expose({}, { read: ["constructor"] }), /cannot be shown/);
});

test("objects that are iterable", async () => {
  const lua = await Lua.open();
  lua.global.set("list", expose([10, 20], { iterate: true, length: true }));
  assert.equal(await lua.run("local s = #list for i, v in pairs(list) do s = s + i * v end return s"), 52);
  const map = expose(new Map([["a", 1], ["b", 2]]), { iterate: true });
  lua.global.set("map", map);
  assert.equal(await lua.run("local s = '' for k, v in pairs(map) do s = s .. k .. v end return s"), "a1b2");
});

test("programs cannot reach what is behind JavaScript's values", async () => {
  const before = [Object, Function, Array, Promise, Map].map((c) => Object.getOwnPropertyNames(c.prototype).join());
  const lua = await Lua.open({ globals: { f: () => 1, o: { a: 1 }, e: () => { throw new Error("x"); } } });
  const names = ["constructor", "__proto__", "prototype", "call", "apply", "bind", "caller", "arguments", "stack", "cause", "__defineGetter__", "toString"];
  for (const name of names) {
    await assert.rejects(lua.run("return f[...]", { args: [name] }), /attempt to index a function value/, name);
    assert.equal(await lua.run("return o[...]", { args: [name] }), undefined, name);
    assert.equal(await lua.run("local _, e = pcall(e) return e[...]", { args: [name] }), undefined, name);
  }
  await assert.rejects(lua.run("local _, e = pcall(e) e.message = 'y'"), /cannot be written/);
  await lua.run("o.__proto__ = {x = 1} o.constructor = {prototype = {x = 1}} return o");
  const back = await lua.run("return o");
  assert.equal(Object.getPrototypeOf(back), null);
  assert.equal({}.x, undefined);
  const after = [Object, Function, Array, Promise, Map].map((c) => Object.getOwnPropertyNames(c.prototype).join());
  assert.deepEqual(after, before);
});

test("callbacks that misbehave harm nobody", async () => {
  const lua = await Lua.open({ stdout: () => undefined });
  const f = await lua.run("return function(x) return x end");
  const hostile = { get a() { return f(1); } };
  assert.throws(() => f(hostile), /is running|busy/);
  assert.equal(f(2), 2);
  lua.global.set("bad", () => hostile);
  await assert.rejects(lua.run("bad()"), /is running/);
  lua.global.set("grow", () => { for (let i = 0; i < 20; i++) lua.global.set(`g${i}`, "x".repeat(1 << 20)); return "grown"; });
  assert.equal(await lua.run("return grow()"), "grown");
  lua.close();
});
