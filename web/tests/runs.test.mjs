/** Runs: results, functions both ways, promises, iterators, isolation, closing. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { Lua, LuaError, LuaStateError, multi } from "./package.mjs";

const later = (value, ms = 1) => new Promise((resolve) => setTimeout(resolve, ms, value));

test("a run gives its last value, or all", async () => {
  const lua = await Lua.open();
  assert.equal(await lua.run("return 1, 2, 3"), 3);
  assert.deepEqual(await lua.run("return 1, nil, 3", { all: true }), [1, undefined, 3]);
  assert.equal(await lua.run("x = 1"), undefined);
  assert.equal(await lua.run("local a, b = ... return b .. a", { args: ["x", 7] }), "7x");
  assert.equal(await lua.run(new TextEncoder().encode("return '\xe9'")), "é");
  assert.equal(lua.runSync("return 5"), 5);
});

test("globals", async () => {
  const lua = await Lua.open({ globals: { answer: 42 } });
  assert.equal(lua.global.get("answer"), 42);
  lua.global.set("t", { list: [1, 2] });
  assert.equal(await lua.run("return t.list[2]"), 2);
  lua.global.set("t", undefined);
  assert.equal(await lua.run("return t"), undefined);
  assert.equal(lua.global.get("nothing"), undefined);
  await lua.run("setmetatable(_G, {__index = function() error 'strict' end})");
  assert.equal(lua.global.get("nothing"), undefined);
});

test("functions of JavaScript's", async () => {
  const lua = await Lua.open();
  lua.global.set("f", (...args) => args.length);
  assert.equal(await lua.run("return f(), f(nil), f(1, 2, 3)", { all: true }).then(String), "0,1,3");
  lua.global.set("two", () => multi(1, undefined, 3));
  assert.equal(await lua.run("return select('#', two())"), 3);
  lua.global.set("nothing", () => undefined);
  assert.equal(await lua.run("return select('#', nothing())"), 1);
});

test("functions of Lua's", async () => {
  const lua = await Lua.open();
  const add = await lua.run("return function(a, b) return a + b, 'second' end");
  assert.equal(add(1, 2), 3);
  assert.equal(await add.async(1, 2), 3);
  assert.equal(add.sync(1, 2), 3);
  assert.deepEqual(await add.all(1, 2), [3, "second"]);
  assert.deepEqual([1, 2, 3].map(await lua.run("return function(x) return x * x end")), [1, 4, 9]);
  assert.throws(() => add({}, 1), LuaError);
  assert.equal(lua.load("return ... + 1")(4), 5);
  assert.throws(() => lua.load("return return"), /unexpected symbol|expected/);
  assert.equal(lua.library("string.upper")("é1a"), "é1A");
});

test("calls inside calls", async () => {
  const lua = await Lua.open();
  lua.global.set("apply", (f, ...args) => f(...args));
  assert.equal(await lua.run("return apply(function(a) return apply(function(b) return b * 2 end, a) + 1 end, 5)"), 11);
  assert.equal(await lua.run("local function down(n) if n == 0 then return 0 end return 1 + apply(down, n - 1) end return down(50)"), 50);
  await assert.rejects(lua.run("local function down(n) return apply(down, n + 1) end down(1)"), /stack overflow|too many/);
  assert.equal(await lua.run("return 1"), 1);
  assert.equal(await lua.run("return select(2, pcall(apply, error, 'x'))"), "x");
});

test("Lua waits for promises everywhere", async () => {
  const lua = await Lua.open({ globals: { wait: (x) => later(x), fail: () => later().then(() => Promise.reject(new RangeError("late"))) } });
  assert.equal(await lua.run("return wait(1) + wait(2)"), 3);
  assert.equal(await lua.run("local ok, v = pcall(wait, 5) return ok and v"), 5);
  assert.equal(await lua.run("local ok, e = pcall(fail) return tostring(e)"), "RangeError: late");
  assert.equal(await lua.run("return select(2, xpcall(fail, function(e) return 'handled' end))"), "handled");
  assert.equal(await lua.run("local co = coroutine.wrap(function() for i = 1, 3 do coroutine.yield(wait(i)) end end) return co() + co() + co()"), 6);
  assert.equal(await lua.run("local t = setmetatable({}, {__index = function(_, k) return wait(k) end, __add = function() return wait(9) end}) return t.x .. t + 1"), "x9");
  assert.equal(await lua.run("local s = 0 for v in function(_, i) i = (i or 0) + 1 return wait(i <= 3 and i or nil) end do s = s + v end return s"), 6);
  assert.equal(await lua.run("do local c <close> = setmetatable({}, {__close = function() x = wait('closed') end}) end return x"), "closed");
  // In a function that JavaScript calls.
  const f = await lua.run("return function(x) return wait(x) * 2 end");
  assert.equal(await f(4), 8);
  const all = await Promise.all(Array.from({ length: 50 }, (_, i) => f(i)));
  assert.deepEqual(all, Array.from({ length: 50 }, (_, i) => i * 2));
  lua.global.set("each", async (list, g) => {
    const results = [];
    for (const x of list) results.push(await g(x));
    return results;
  });
  assert.deepEqual(await lua.run("return each({1, 2}, function(x) return wait(x + 1) end)"), [2, 3]);
});

test("several results of a promise", async () => {
  const lua = await Lua.open({ globals: { two: async () => multi(1, 2) } });
  assert.deepEqual(await lua.run("return two()", { all: true }), [1, 2]);
});

test("where Lua cannot wait it says so", async () => {
  const lua = await Lua.open({ globals: { wait: () => later(1) } });
  for (const source of ["table.sort({3, 2, 1}, function() wait() end)", "('x'):gsub('x', function() wait() end)"]) {
    await assert.rejects(lua.run(source), /cannot wait for a promise here/);
  }
  assert.throws(() => lua.runSync("wait()"), /has to wait for a promise/);
  const f = await lua.run("return function() return wait() end");
  assert.throws(() => f.sync(), /has to wait for a promise/);
  assert.equal(await lua.run("return wait()"), 1);
});

test("errors keep their identity", async () => {
  const error = new RangeError("mine");
  const lua = await Lua.open({ globals: { fail: () => { throw error; }, text: () => { throw "plain"; } } });
  await assert.rejects(lua.run("fail()"), (e) => e instanceof LuaError && e.cause === error && e.message === "RangeError: mine");
  await assert.rejects(lua.run("local ok, e = pcall(fail) error(e)"), (e) => e.cause === error);
  assert.equal(await lua.run("local ok, e = pcall(fail) return e.name .. '/' .. e.message .. '/' .. type(e)"), "RangeError/mine/userdata");
  await assert.rejects(lua.run("text()"), (e) => e.value === "plain");
  // An error of Lua's passes through JavaScript as what it was.
  lua.global.set("through", (f) => f());
  assert.equal(await lua.run("local t = {} return select(2, pcall(through, function() error(t) end)) == t"), true);
  assert.equal(await lua.run("return select(2, pcall(through, function() error('x', 0) end))"), "x");
});

test("errors say where", async () => {
  const lua = await Lua.open();
  await assert.rejects(lua.run("local x\n\nlocal y = x.z", { name: "game.lua" }), (e) => {
    assert.equal(e.message, "game.lua:3: attempt to index a nil value (local 'x')");
    assert.deepEqual([e.kind, e.chunk, e.line, e.column], ["runtime", "game.lua", 3, undefined]);
    assert.match(e.traceback, /^game.lua:3: .*\nstack traceback:\n\tgame.lua:3: in main chunk/);
    return true;
  });
  await assert.rejects(lua.run("local é = 1 local = 2", { name: "game.lua" }), (e) => {
    assert.deepEqual([e.kind, e.line], ["syntax", 1]);
    return e.column > 1;
  });
  await assert.rejects(lua.run("return f ==\n   = 2", { name: "=x" }), (e) => e.line === 2 && e.column === 4);
  await assert.rejects(lua.run("error({code = 7})"), (e) => e.value.code === 7 && e.message === "(error object is a table value)");
  await assert.rejects(lua.run("error(setmetatable({}, {__tostring = function() return 'shown' end}))"), /shown/);
  await assert.rejects(lua.run("error()"), (e) => e.value === undefined);
});

test("iterators", async () => {
  const lua = await Lua.open();
  const collect = await lua.run("return function(it) local t = {} for v in it do t[#t + 1] = v end return t end");
  function* numbers() {
    yield 1;
    yield 2;
  }
  assert.deepEqual(collect(numbers()), [1, 2]);
  assert.deepEqual(collect(new Map([["a", 1]]).keys()), ["a"]);
  async function* slow() {
    yield await later("x");
    yield await later("y");
  }
  assert.deepEqual(await collect(slow()), ["x", "y"]);
  assert.deepEqual([...(await lua.run("local i = 0 return function() i = i + 1 if i <= 3 then return i end end"))], [1, 2, 3]);
  assert.deepEqual([...(await lua.run("return string.gmatch('a=1,b=2', '(%w)=(%w)')"))], [["a", "1"], ["b", "2"]]);
});

test("states know nothing of one another", async () => {
  const states = await Promise.all(Array.from({ length: 100 }, () => Lua.open()));
  states.forEach((lua, i) => lua.global.set("x", i));
  for (const lua of states) await lua.run("string.mine = x");
  states.forEach((lua, i) => assert.equal(lua.runSync("return x + string.mine"), 2 * i));
  for (const lua of states) lua.close();
});

test("a closed state says so", async () => {
  const lua = await Lua.open({ globals: { wait: () => later(1, 10_000) } });
  const f = await lua.run("return function() end");
  const waiting = lua.run("wait()");
  lua.close();
  lua.close();
  assert.equal(lua.isClosed, true);
  await assert.rejects(waiting, (e) => e instanceof LuaStateError && e.problem === "closed");
  await assert.rejects(lua.run("return 1"), (e) => e.problem === "closed");
  assert.throws(() => f(), (e) => e.problem === "closed");
  assert.throws(() => lua.global.get("x"), (e) => e.problem === "closed");
});

test("a state may be closed by a function that it calls", async () => {
  const lua = await Lua.open();
  lua.global.set("close", () => lua.close());
  assert.equal(await lua.run("close() return 7"), 7);
  await assert.rejects(lua.run("return 1"), /closed/);
});

test("finalizers run when the state is closed", async () => {
  let text = "";
  const lua = await Lua.open({ stdout: (t) => (text += t) });
  await lua.run("keep = setmetatable({}, {__gc = function() print 'gone' end})");
  lua.close();
  assert.equal(text, "gone\n");
});

test("what JavaScript forgets Lua can collect", async () => {
  const lua = await Lua.open();
  const before = lua.memoryUsed;
  let f = await lua.run("local big = string.rep('x', 1000000) return function() return big end");
  assert.ok(lua.memoryUsed > before + 900_000);
  f = undefined;
  for (let i = 0; i < 20 && lua.memoryUsed > before + 500_000; i++) {
    gc();
    await later();
    lua.collectGarbage();
  }
  assert.ok(lua.memoryUsed < before + 500_000, `${lua.memoryUsed}`);
});

test("what Lua forgets JavaScript can collect", async () => {
  const lua = await Lua.open();
  const weak = (() => {
    const f = () => 1;
    lua.global.set("f", f);
    return new WeakRef(f);
  })();
  lua.global.set("f", undefined);
  lua.collectGarbage();
  lua.collectGarbage();
  // Looking at it keeps it for the rest of the job.
  for (let i = 0; i < 5; i++) {
    await later();
    gc();
  }
  assert.equal(weak.deref(), undefined);
});

test("a run tells how far it is", async () => {
  const lua = await Lua.open({ globals: { wait: (x) => new Promise((resolve) => setTimeout(resolve, 1, x)) } });
  const told = [];
  await lua.run("local start = os.clock() while os.clock() - start < 0.3 do end wait(1) s = ('x'):rep(1 << 20)", { onProgress: (progress) => told.push(progress) });
  assert.ok(told.length >= 4, `${told.length} times`);
  const last = told.at(-1);
  assert.ok(last.fuel > 100_000 && last.ms >= 300 && last.memoryBytes > 1 << 20, JSON.stringify(last));
  for (const key of ["fuel", "ms"]) assert.ok(told.every((p, i) => i === 0 || p[key] >= told[i - 1][key]), key);
  await assert.rejects(lua.run("while true do end", { fuel: 500_000, onProgress: (progress) => told.push(progress) }), /fuel/);
  assert.equal(told.at(-1).fuel, 500_000);
  // It may not use the state, and what it throws is its own.
  let problem;
  await lua.run("for i = 1, 100 do end", { onProgress: () => { try { lua.runSync("return 1"); } catch (error) { problem = error; } } });
  assert.equal(problem, undefined);
});
