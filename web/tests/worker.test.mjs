/** States in workers, in Node and in Chromium: what they are asked, and how they are ended. */

import assert from "node:assert/strict";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { LuaError, LuaExit, LuaLimitError, LuaStateError, LuaStorageError, LuaValueError, LuaWorker } from "../../dist/npm/node-worker.js";
import { launch } from "./kit/chromium.mjs";
import { MemoryStorage } from "./package.mjs";
import { servePackage } from "./store-campaigns.mjs";
import { STUCK } from "./stuck.mjs";

const folder = await mkdtemp(join(tmpdir(), "cu-worker-"));

let browser;
let server;

before(async () => {
  server = await servePackage();
  browser = await launch();
});

after(async () => {
  await browser?.close();
  server?.close();
});

test("a state in a worker runs programs, and values come back as they were", async () => {
  const lines = [];
  const lua = await LuaWorker.open({ stdout: (text) => lines.push(text), globals: { base: 40, add: async (a, b) => a + b, fail: () => Promise.reject(new RangeError("no")) } });
  assert.equal(await lua.run("print('out') return add(base, 2)"), 42);
  assert.deepEqual(await lua.run("return 1, 2.5, 'x'", { all: true }), [1, 2.5, "x"]);
  const value = await lua.run("return {list = {1, {a = 'b'}}, bytes = '\\xff', big = math.maxinteger, map = {[1.5] = true}}");
  assert.equal(Object.getPrototypeOf(value), null);
  assert.equal(Object.getPrototypeOf(value.list[1]), null);
  assert.deepEqual([value.list[0], value.list[1].a, value.bytes, value.big, value.map.get(1.5)], [1, "b", Uint8Array.of(255), 2n ** 63n - 1n, true]);
  await lua.set("shared", { n: [1, 2] });
  assert.equal(await lua.run("return shared.n[2]"), 2);
  assert.deepEqual(await lua.get("base"), 40);
  assert.deepEqual(lines, ["out\n"]);
  await assert.rejects(lua.run("return print"), LuaValueError);
  await assert.rejects(lua.set("f", () => 1), LuaValueError);
  await assert.rejects(lua.run("local x = nil\nx.y = 1", { name: "test" }), (e) => e instanceof LuaError && e.line === 2 && e.chunk === "test" && /nil value/.test(e.message));
  await assert.rejects(lua.run("error({code = 7})"), (e) => e instanceof LuaError && e.value.code === 7);
  await assert.rejects(lua.run("fail()"), (e) => e.cause.name === "RangeError" && /no/.test(e.cause.message));
  await assert.rejects(lua.run("while true do end", { fuel: 10_000 }), (e) => e instanceof LuaLimitError && e.limit === "fuel");
  await assert.rejects(lua.run("os.exit(3)"), (e) => e instanceof LuaExit && e.status === 3);
  await assert.rejects(lua.save(), (e) => e instanceof LuaStorageError && e.problem === "unavailable");
  await lua.close();
  await assert.rejects(lua.run("return 1"), LuaStateError);
});

test("abort ends anything, and the state is what was saved last", async () => {
  const store = `file:${join(folder, "state")}`;
  const lua = await LuaWorker.open({ store, globals: { never: () => new Promise(() => undefined) } });
  let n = 0;
  for (const [what, program] of Object.entries(STUCK)) {
    await lua.run("_home.n = ... global = ...", { args: [++n] });
    await lua.save();
    await lua.run("_home.n = 'never saved'");
    const run = lua.run(program).then(() => assert.fail(`${what} has ended`), (error) => [error, performance.now()]);
    await new Promise((resolve) => setTimeout(resolve, 30));
    const start = performance.now();
    const aborted = lua.abort("enough");
    const [error, end] = await run;
    assert.ok(error instanceof LuaLimitError && error.limit === "aborted" && error.cause === "enough", what);
    assert.ok(end - start <= 100, `${what}: ${end - start} ms`);
    // What is asked meanwhile is answered by the next one.
    assert.deepEqual(await lua.run("return _home.n, global", { all: true }), [n, undefined], what);
    await aborted;
  }
  await lua.close();
  // The store is free.
  const again = await LuaWorker.open({ store });
  assert.equal(await again.run("return _home.n"), n);
  await again.close();
});

test("a save that is aborted is stored whole or not at all", async () => {
  const store = `file:${join(folder, "saving")}`;
  const lua = await LuaWorker.open({ store });
  let last = 0;
  for (let n = 1; n <= 15; n++) {
    await lua.run("for i = 1, 200 do _home[i] = ... .. ('x'):rep(1000) end", { args: [n] });
    const saved = lua.save().then(() => (last = n), () => undefined);
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 15));
    await lua.abort();
    await saved;
    const found = await lua.run("local n = _home[1] for i = 1, 200 do assert(_home[i] == n) end return tonumber(n and n:match('%d+') or 0)");
    assert.ok(found === last || found === n, `${found} after ${last} was acknowledged and ${n} begun`);
    last = found;
  }
  await lua.close();
});

test("a store of the page's own lives on when its worker is ended", async () => {
  const store = new MemoryStorage();
  const lua = await LuaWorker.open({ store });
  await lua.run("_home.x = 1");
  await lua.save();
  await lua.run("_home.x = 2");
  await lua.abort();
  assert.equal(await lua.run("return _home.x"), 1);
  const file = await lua.export();
  await lua.close();
  const other = await LuaWorker.import(file, { store: new MemoryStorage() });
  assert.equal(await other.run("return _home.x"), 1);
  await other.close();
});

test("a worker that cannot open its state says why, and one that is stuck can be closed", async () => {
  await assert.rejects(LuaWorker.open({ store: "nowhere:x" }), (e) => e instanceof LuaStorageError && e.problem === "unavailable");
  const lua = await LuaWorker.open();
  const run = lua.run("while true do end");
  const seen = assert.rejects(run, LuaStateError);
  await lua.close(50);
  await seen;
});

test("in a browser abort ends anything, and the state is what was saved last", async () => {
  const page = await (await browser.newContext()).newPage();
  page.on("pageerror", (error) => console.error(error));
  await page.goto(server.address);
  const told = await page.evaluate(async (stuck) => {
    const { LuaWorker } = await import("/worker.js");
    const lua = await LuaWorker.open({ store: "idb://worker", globals: { never: () => new Promise(() => undefined), twice: (x) => 2 * x } });
    const told = [await lua.run("return twice(21)")];
    let n = 0;
    for (const [what, program] of Object.entries(stuck)) {
      await lua.run("_home.n = ...", { args: [++n] });
      await lua.save();
      await lua.run("_home.n = 'never saved'");
      const run = lua.run(program).then(() => ["it has ended"], (e) => [`${e.name} ${e.limit}`, performance.now()]);
      await new Promise((resolve) => setTimeout(resolve, 50));
      const start = performance.now();
      const aborted = lua.abort();
      const [error, end] = await run;
      await aborted;
      told.push([what, error, end - start, performance.now() - start, (await lua.run("return _home.n")) === n]);
    }
    await lua.close();
    return told;
  }, STUCK);
  assert.equal(told[0], 42);
  for (const [what, error, end, , isLast] of told.slice(1)) {
    assert.equal(error, "LuaLimitError aborted", what);
    assert.ok(end <= 100, `${what}: ${end} ms`);
    assert.ok(isLast, what);
  }
  assert.equal(told.length, 1 + Object.keys(STUCK).length);
  if (process.env.CU_SHOW !== undefined) console.log(told);
  await page.context().close();
});
