/** Stores, and states that are kept in them. */

import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, readFile, rename, rmdir, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { checkStorage } from "../../dist/npm/conformance.js";
import { killProcess } from "./store-campaigns.mjs";
import { FileStorage, Lua, LuaStorageError, MemoryStorage } from "./package.mjs";

const folder = await mkdtemp(join(tmpdir(), "cu-store-"));
const memory = new MemoryStorage();

for (const [kind, open] of Object.entries({ memory: async () => memory, file: () => FileStorage.open(join(folder, "conformance")) })) {
  test(`a store of the kind ${kind} passes every check for stores`, async () => {
    const checks = await checkStorage(open);
    assert.ok(checks.length > 9);
    assert.deepEqual(checks.filter(({ error }) => error !== undefined), []);
  });
}

test("the checks for stores find what is wrong with one", async () => {
  /** A store that does one thing wrong, and the checks that say so. */
  const wrong = {
    get: (right) => async (name) => (await right(name)) ?? new Uint8Array(),
    list: (right) => async (prefix) => (await right(prefix)).slice(0, 2),
    put: (right) => (batch) => right({ ...batch, guard: undefined }),
    delete: () => async () => undefined,
  };
  for (const [method, change] of Object.entries(wrong)) {
    const storage = new MemoryStorage();
    storage[method] = change(storage[method].bind(storage));
    const failed = (await checkStorage(async () => storage)).filter(({ error }) => error !== undefined);
    assert.ok(failed.length > 0, method);
  }
});

const problem = (name) => (error) => error instanceof LuaStorageError && error.problem === name;

test("a state is what it was when it was saved", async () => {
  const store = `file:${join(folder, "state")}`;
  let lua = await Lua.open({ store });
  assert.equal(lua.generation, 0);
  await lua.run(`
    _home.users = {ada = {name = "Ada", tags = {"x", "y"}}, [1] = 1.0, [true] = "\\xff"}
    _home.users.ada.self = _home.users
    local count = 0
    function _home.counter() count = count + 1 return count end
    _home.counter()`);
  assert.equal(lua.hasChanges, true);
  assert.equal(await lua.save(), 1);
  assert.equal(lua.hasChanges, false);
  assert.equal(await lua.save(), 1);
  await lua.run("_home.lost = true");
  await lua[Symbol.asyncDispose]();

  lua = await Lua.open({ store });
  assert.equal(lua.generation, 1);
  assert.equal(await lua.run("return _home.lost"), undefined);
  assert.equal(await lua.run("return _home.users.ada.self.ada.tags[2]"), "y");
  assert.equal(await lua.run("return math.type(_home.users[1])"), "float");
  assert.deepEqual(await lua.run("return _home.users[true]"), Uint8Array.of(255));
  assert.equal(await lua.run("return _home.counter()"), 2);
  assert.equal(await lua.save(), 2);
  await lua[Symbol.asyncDispose]();
});

test("external tables are copied to JavaScript like others", async () => {
  const lua = await Lua.open({ store: new MemoryStorage() });
  await lua.run("_home.t = {1, 2, {x = 'y'}} _home.o = {a = 1}");
  const t = await lua.run("return _home.t");
  assert.ok(Array.isArray(t));
  assert.equal(t[2].x, "y");
  assert.deepEqual({ ...(await lua.run("return _home.o")) }, { a: 1 });
  lua.global.set("v", { deep: [{ a: 1 }] });
  assert.equal(await lua.run("_home.v = v return _home.v.deep[1].a"), 1);
  lua.close();
});

test("a save writes what has changed and nothing else", async () => {
  const storage = new MemoryStorage();
  const batches = [];
  const put = storage.put.bind(storage);
  storage.put = (batch) => (batches.push(batch), put(batch));
  const lua = await Lua.open({ store: storage });
  await lua.run("_home.big = {} for i = 1, 1000 do _home.big[i] = i end");
  await lua.save();
  await lua.run("_home.big[500] = 'changed' _home.big[1] = nil");
  await lua.save();
  const sizes = batches.map(({ set }) => [...set.values()].reduce((sum, bytes) => sum + bytes.length, 0));
  assert.ok(sizes[0] > 20_000);
  assert.ok(sizes[1] < 500, `${sizes[1]} bytes`);
  lua.close();
  const again = await Lua.open({ store: storage });
  assert.equal(await again.run("return _home.big[500]"), "changed");
  assert.equal(await again.run("return _home.big[1]"), undefined);
});

test("a save that fails is an error, and nothing is lost", async () => {
  const storage = new MemoryStorage();
  const put = storage.put.bind(storage);
  const lua = await Lua.open({ store: storage });
  await lua.run("_home.x = 1");
  await lua.save();
  // It fails before, or after, it has been written.
  for (const [i, fail] of [
    () => Promise.reject(new LuaStorageError("quota")),
    async (batch) => {
      await put(batch);
      throw new LuaStorageError("timeout");
    },
  ].entries()) {
    storage.put = fail;
    await lua.run(`_home.x = ${i + 2}`);
    await assert.rejects(lua.save(), LuaStorageError);
    assert.equal(lua.hasChanges, true);
    storage.put = put;
    await lua.save();
    const reader = await Lua.open({ store: storage });
    assert.equal(await reader.run("return _home.x"), i + 2);
    reader.close();
  }
});

test("two writers do not mix", async () => {
  const storage = new MemoryStorage();
  const [a, b] = [await Lua.open({ store: storage }), await Lua.open({ store: storage })];
  await a.run("_home.x = 'a'");
  await b.run("_home.x = 'b' _home.y = 'b'");
  await a.save();
  await assert.rejects(b.save(), problem("conflict"));
  const c = await Lua.open({ store: storage });
  assert.equal(await c.run("return _home.x .. tostring(_home.y)"), "anil");
  const path = join(folder, "locked");
  const file = await FileStorage.open(path);
  await assert.rejects(FileStorage.open(path), problem("locked"));
  await file.close();
  await (await FileStorage.open(path)).close();
  // A lock that a dead process has left behind.
  await writeFile(`${path}.lock`, "999999999");
  await (await FileStorage.open(path)).close();
});

test("what is damaged is refused", async () => {
  const storage = new MemoryStorage();
  const lua = await Lua.open({ store: storage });
  await lua.run("_home.a = 'some text' _home.b = {1, 2, 3}");
  await lua.save();
  lua.close();
  const whole = new Map(await storage.list(""));
  for (const [name, value] of whole) {
    for (let i = 0; i < value.length; i++) {
      const changed = value.slice();
      changed[i] ^= 1 << i % 8;
      await storage.put({ set: new Map([...whole, [name, changed]]), remove: [] });
      await assert.rejects(Lua.open({ store: storage }), (e) => problem("damaged")(e) || problem("version")(e), `${name} ${i}`);
    }
    await storage.put({ set: whole, remove: [] });
    await storage.put({ set: new Map(), remove: [name] });
    await assert.rejects(Lua.open({ store: storage }), problem("damaged"));
  }
  await storage.put({ set: whole, remove: [] });
  assert.equal(await (await Lua.open({ store: storage })).run("return _home.a"), "some text");
  const path = join(folder, "damaged");
  const file = await FileStorage.open(path);
  await file.put({ set: whole, remove: [] });
  await file.close();
  const bytes = await readFile(path);
  for (let i = 0; i < bytes.length; i += 7) {
    const changed = Uint8Array.from(bytes);
    changed[i] ^= 1;
    await writeFile(path, changed);
    await assert.rejects(FileStorage.open(path), (e) => problem("damaged")(e) || problem("version")(e));
  }
});

test("a process that is killed while it saves loses nothing that was acknowledged", async () => {
  const { saves, problems } = await killProcess(Number(process.env.CU_KILLS ?? 10));
  assert.deepEqual(problems, []);
  assert.ok(saves > 0);
});

test("of many that open a file at once one gets it, and the next when that one is gone", async () => {
  const path = join(folder, "contended");
  // A lock that a dead process has left behind is in the way of all of them.
  await writeFile(`${path}.lock`, `999999999 1 ${hostname()} /x`);
  for (let round = 0; round < 5; round++) {
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => FileStorage.open(path).catch((error) => error)));
    const open = outcomes.filter((outcome) => outcome instanceof FileStorage);
    assert.equal(open.length, 1);
    for (const outcome of outcomes) if (outcome !== open[0]) assert.ok(problem("locked")(outcome), String(outcome));
    const waiting = FileStorage.open(path, { access: "wait" });
    await open[0].close();
    await (await waiting).close();
  }
  await assert.rejects(
    (async () => {
      const storage = await FileStorage.open(path);
      await writeFile(`${path}.lock`, "somebody else's");
      await storage.put({ set: new Map([["x", new Uint8Array(1)]]), remove: [] });
    })(),
    problem("locked"),
  );
  assert.deepEqual((await readdir(folder)).filter((name) => name.startsWith("contended")), ["contended.lock"]);
});

test("a file that somebody else has put there is not written over", async () => {
  const path = join(folder, "replaced");
  const storage = await FileStorage.open(path);
  await storage.put({ set: new Map([["x", new Uint8Array(1)]]), remove: [] });
  await writeFile(`${path}.other`, await readFile(path));
  await rename(`${path}.other`, path);
  await assert.rejects(storage.put({ set: new Map(), remove: ["x"] }), problem("conflict"));
  const reader = await FileStorage.open(path, { access: "read" });
  assert.equal((await reader.list("")).length, 1);
  await assert.rejects(reader.put({ set: new Map(), remove: ["x"] }), problem("readonly"));
});

test("a file that cannot be written is a typed error, and the old one is whole", async () => {
  const path = join(folder, "unwritable");
  const lua = await Lua.open({ store: `file:${path}` });
  await lua.run("_home.x = 1");
  await lua.save();
  // Where the new file is to be, there is a folder.
  await mkdir(`${path}.new`);
  await lua.run("_home.x = 2");
  await assert.rejects(lua.save(), problem("aborted"));
  const reader = await Lua.open({ store: `file:${path}`, storeOptions: { access: "read" } });
  assert.equal(await reader.run("return _home.x"), 1);
  await rmdir(`${path}.new`);
  await lua.save();
  await lua[Symbol.asyncDispose]();
  const again = await Lua.open({ store: `file:${path}` });
  assert.equal(await again.run("return _home.x"), 2);
});
