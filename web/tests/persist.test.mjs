/** Generations of a kept state: what is stored of them, how they fall back, how they are sealed, and files of them. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { Lua, LuaStateError, LuaStorageError, MemoryStorage } from "./package.mjs";

const problem = (name) => (error) => error instanceof LuaStorageError && error.problem === name;

/** Numbers that look random and are the same each time. */
function randomness(seed) {
  return (n) => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return Math.floor((seed / 2 ** 32) * n);
  };
}

function crc32(bytes) {
  let c = ~0;
  for (const byte of bytes) {
    c ^= byte;
    for (let k = 0; k < 8; k++) c = (c & 1) === 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1;
  }
  return ~c >>> 0;
}

const contentOf = async (storage) => new Map((await storage.list("")).sort(([a], [b]) => (a < b ? -1 : 1)));

async function put(storage, content) {
  await storage.delete();
  await storage.put({ set: content, remove: [] });
}

test("hundreds of saves and loads give what the program has, and what is stored stays small", async () => {
  for (const storeOptions of [{}, { compress: true, key: new Uint8Array(32).fill(7) }]) {
    const random = randomness(5);
    const storage = new MemoryStorage();
    const model = new Map();
    let lua = await Lua.open({ store: storage, storeOptions });
    let generation = 0;
    for (let round = 0; round < 250; round++) {
      const big = random(40) === 0;
      for (let n = big ? 500 : 1 + random(6); n > 0; n--) {
        const key = `k${random(800)}`;
        if (random(4) === 0) {
          model.delete(key);
          lua.runSync("_home[...] = nil", { args: [key] });
        } else {
          const value = `${round} ${"x".repeat(random(200))}`;
          model.set(key, value);
          lua.runSync("local k, v = ... _home[k] = v", { args: [key, value] });
        }
      }
      const saved = await lua.save();
      assert.ok(saved === generation + 1 || saved === generation);
      generation = saved;
      if (random(10) === 0) {
        await lua[Symbol.asyncDispose]();
        lua = await Lua.open({ store: storage, storeOptions });
        assert.equal(lua.generation, generation);
        const found = await lua.run("local t = {} for k, v in pairs(_home) do t[k] = v end return t");
        assert.deepEqual(new Map(Object.entries(found)), model);
      }
      const stored = await storage.list("");
      const size = stored.reduce((sum, [, bytes]) => sum + bytes.length, 0);
      let live = 0;
      for (const [key, value] of model) live += key.length + value.length + 30;
      // Two generations, each at most twice what is up to date and some.
      assert.ok(stored.length <= 2 + 2 * 24, `${stored.length} records`);
      assert.ok(size <= 4 * live + 300_000, `${size} bytes for ${live}`);
    }
    lua.close();
  }
});

test("the last generation but one is whole, and taken only when asked for", async () => {
  const storage = new MemoryStorage();
  const lua = await Lua.open({ store: storage });
  for (let n = 1; n <= 5; n++) {
    await lua.run("_home.n = ... _home['only' .. ...] = true", { args: [n] });
    await lua.save();
  }
  lua.close();
  const whole = await contentOf(storage);
  assert.deepEqual([...whole.keys()], ["h0", "h1", "s/1", "s/2", "s/3", "s/4", "s/5"]);
  const damage = {
    "its segment is changed": (content) => (content.get("s/5")[9] ^= 1),
    "its segment is missing": (content) => content.delete("s/5"),
    "its header is changed": (content) => (content.get("h1")[20] ^= 1),
    "its header is missing": (content) => content.delete("h1"),
  };
  for (const [what, change] of Object.entries(damage)) {
    const content = new Map(Array.from(whole, ([name, bytes]) => [name, bytes.slice()]));
    change(content);
    await put(storage, content);
    await assert.rejects(Lua.open({ store: storage }), (error) => problem("damaged")(error) && error.previous === 4, what);
    assert.deepEqual(await contentOf(storage), content, "opening changes nothing");
    const before = await Lua.open({ store: storage, storeOptions: { recover: true } });
    assert.equal(before.generation, 4);
    assert.equal(await before.run("return _home.n"), 4);
    assert.equal(await before.run("return _home.only5"), undefined);
    await before.run("_home.n = 'after'");
    assert.equal(await before.save(), 5);
    before.close();
    const after = await Lua.open({ store: storage });
    assert.equal(await after.run("return _home.n"), "after");
    after.close();
  }
  // What both have in common is damaged: there is nothing to fall back to.
  const content = new Map(Array.from(whole, ([name, bytes]) => [name, bytes.slice()]));
  content.get("s/1")[9] ^= 1;
  await put(storage, content);
  for (const recover of [false, true]) {
    await assert.rejects(Lua.open({ store: storage, storeOptions: { recover } }), (error) => problem("damaged")(error) && error.previous === undefined);
  }
});

test("segments that turn out to be damaged when they are merged are written anew", async () => {
  const storage = new MemoryStorage();
  const lua = await Lua.open({ store: storage });
  await lua.run("_home.first = 'first'");
  await lua.save();
  const damaged = (await storage.get("s/1")).map((byte) => byte ^ 255);
  await storage.put({ set: new Map([["s/1", damaged]]), remove: [] });
  for (let n = 1; n <= 60; n++) {
    await lua.run("_home['n' .. ...] = ...", { args: [n] });
    await lua.save();
  }
  lua.close();
  const again = await Lua.open({ store: storage });
  assert.equal(await again.run("return _home.first .. _home.n1 .. _home.n60"), "first160");
});

test("what is encrypted can be read with its key only, and a wrong one touches nothing", async () => {
  const storage = new MemoryStorage();
  const key = crypto.getRandomValues(new Uint8Array(32));
  let lua = await Lua.open({ store: storage, storeOptions: { key } });
  await lua.run("_home.secret = 'the treasure is under the tree' _home['secret key'] = 1");
  await lua.save();
  await lua.run("_home.more = ('more '):rep(1000)");
  await lua.save();
  lua.close();
  const whole = await contentOf(storage);
  for (const bytes of whole.values()) assert.ok(!Buffer.from(bytes).includes("secret") && !Buffer.from(bytes).includes("tree"));
  const other = key.slice();
  other[31] ^= 1;
  for (const wrong of [other, undefined, await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"])]) {
    await assert.rejects(Lua.open({ store: storage, storeOptions: { key: wrong } }), problem("key"));
    assert.deepEqual(await contentOf(storage), whole);
  }
  await assert.rejects(Lua.open({ store: storage, storeOptions: { key: new Uint8Array(5) } }), problem("key"));
  // A record in another one's place is no record.
  await put(storage, new Map([...whole, ["s/1", whole.get("s/2")], ["s/2", whole.get("s/1")]]));
  await assert.rejects(Lua.open({ store: storage, storeOptions: { key } }), LuaStorageError);
  await put(storage, whole);
  const imported = await crypto.subtle.importKey("raw", key, "AES-GCM", false, ["encrypt", "decrypt"]);
  lua = await Lua.open({ store: storage, storeOptions: { key: imported } });
  assert.equal(await lua.run("return _home.secret"), "the treasure is under the tree");
  lua.close();
  // What is not encrypted is not what was stored with a key.
  const plain = new MemoryStorage();
  lua = await Lua.open({ store: plain });
  await lua.run("_home.x = 1");
  await lua.save();
  lua.close();
  await assert.rejects(Lua.open({ store: plain, storeOptions: { key } }), problem("key"));
});

test("what is compressed is smaller, and no more than it says", async () => {
  const size = async (compress) => {
    const storage = new MemoryStorage();
    const lua = await Lua.open({ store: storage, storeOptions: { compress } });
    await lua.run("for i = 1, 1000 do _home[i] = 'the same text again' end");
    await lua.save();
    lua.close();
    // Whether it is compressed is known from the records.
    const again = await Lua.open({ store: storage });
    assert.equal(await again.run("return _home[1000]"), "the same text again");
    again.close();
    return [(await storage.get("s/1")).length, storage];
  };
  const [plain] = await size(false);
  const [small, storage] = await size(true);
  assert.ok(small * 4 < plain, `${small} of ${plain}`);
  await assert.rejects(Lua.open({ store: storage, limits: { memoryBytes: 1000 } }), LuaStateError);
  // A length that is not what comes out, with checksums that are right.
  const segment = await storage.get("s/1");
  for (const length of [0, 1, plain - 6, plain + 1, 0xffffffff]) {
    const changed = segment.slice();
    new DataView(changed.buffer).setUint32(1, length, true);
    await put(storage, resealed(await contentOf(storage), changed));
    await assert.rejects(Lua.open({ store: storage }), (error) => problem("damaged")(error) || error instanceof LuaStateError);
  }
});

/** The records of a store with one generation, with another segment and the checksums of that. */
function resealed(content, segment) {
  const header = content.get("h1");
  const json = JSON.parse(Buffer.from(header.subarray(13, -4)).toString());
  json.segments = [[1, segment.length, crc32(segment)]];
  const body = Buffer.from(JSON.stringify(json));
  const fresh = new Uint8Array(17 + body.length);
  fresh.set(header.subarray(0, 13));
  fresh.set(body, 13);
  new DataView(fresh.buffer).setUint32(fresh.length - 4, crc32(fresh.subarray(0, -4)), true);
  return new Map([["h1", fresh], ["s/1", segment]]);
}

test("whatever is stored is a state or a typed error", async () => {
  const random = randomness(11);
  const storage = new MemoryStorage();
  let lua = await Lua.open({ store: storage });
  await lua.run("_home.a = {1, 2.5, 'x', {deep = true}} local n = 0 function _home.f(...) n = n + 1 return n, ... end _home[2^53] = -0.0 _home.g = _home.f");
  await lua.save();
  lua.close();
  const whole = await contentOf(storage);
  const counts = { state: 0, refused: 0 };
  for (let round = 0; round < Number(process.env.CU_MUTATIONS ?? 1500); round++) {
    let segment = whole.get("s/1").slice();
    for (let n = 1 + random(3); n > 0; n--) {
      const at = 1 + random(segment.length - 1);
      if (random(5) === 0) segment = Uint8Array.from([...segment.subarray(0, at), ...segment.subarray(Math.min(segment.length, at + random(6)))]);
      else segment[at] = random(2) === 0 ? random(256) : segment[at] ^ (1 << random(8));
    }
    await put(storage, resealed(whole, segment));
    try {
      lua = await Lua.open({ store: storage, limits: { memoryBytes: 8 << 20, fuel: 100_000 } });
      counts.state++;
    } catch (error) {
      assert.ok(error instanceof LuaStorageError || error instanceof LuaStateError || error.name === "LuaError", String(error));
      counts.refused++;
      continue;
    }
    // Reading every entry, and calling what is a function, may fail; it may not break the state.
    lua.runSync(`
      local function walk(t, depth)
        for k, v in pairs(t) do
          if type(v) == "table" and depth < 5 then pcall(walk, v, depth + 1) elseif type(v) == "function" then pcall(v, 1) end
        end
      end
      pcall(walk, _home, 1)`, { fuel: 1_000_000 });
    assert.equal(lua.runSync("return 1"), 1);
    lua.close();
  }
  assert.ok(counts.state > 0 && counts.refused > 0, JSON.stringify(counts));
});

test("everything goes into a file and comes out of it", async () => {
  const key = new Uint8Array(16).fill(3);
  const lua = await Lua.open({ store: new MemoryStorage() });
  await lua.run("_home.list = {1, 2.0, '\\xff', {x = 'y'}} local n = 0 function _home.count() n = n + 1 return n end _home.count()");
  await lua.save();
  await lua.run("_home.unsaved = 'too'");
  const files = { plain: [await lua.export(), undefined], sealed: [await lua.export({ compress: true, key }), key] };
  assert.equal(lua.hasChanges, true, "an export is no save");
  for (const [file, with_] of Object.values(files)) {
    const store = new MemoryStorage();
    const again = await Lua.import(file, { store, storeOptions: { key: with_ } });
    assert.equal(await again.run("return _home.unsaved .. _home.count() .. _home.list[4].x .. math.type(_home.list[2])"), "too2yfloat");
    assert.equal(again.generation, 1);
    again.close();
    const stored = await Lua.open({ store, storeOptions: { key: with_ } });
    assert.equal(await stored.run("return _home.unsaved"), "too");
    await assert.rejects(Lua.import(file, { store, storeOptions: { key: with_ } }), problem("occupied"));
    const replaced = await Lua.import(file, { store, storeOptions: { key: with_ }, replace: true });
    assert.equal(replaced.generation, 2);
    assert.equal(await replaced.run("return _home.count()"), 2);
  }
  // Without a store it is a state that can be saved nowhere else.
  assert.equal(await (await Lua.import(files.plain[0])).run("return _home.unsaved"), "too");
  // What is damaged, of another key, or no file at all touches no store.
  const store = new MemoryStorage();
  const before = await contentOf(store);
  await assert.rejects(Lua.import(files.sealed[0], { store, storeOptions: { key: new Uint8Array(16) } }), problem("key"));
  await assert.rejects(Lua.import(files.sealed[0], { store }), problem("key"));
  await assert.rejects(Lua.import(files.plain[0], { store, storeOptions: { key } }), problem("key"));
  await assert.rejects(Lua.import(new Uint8Array(), { store }), problem("damaged"));
  for (const [file, with_] of Object.values(files)) {
    for (let i = 0; i < file.length; i++) {
      const changed = file.slice();
      changed[i] ^= 1 << i % 8;
      await assert.rejects(Lua.import(changed, { store, storeOptions: { key: with_ } }), LuaStorageError, `byte ${i}`);
      if (i % 16 === 0) await assert.rejects(Lua.import(file.subarray(0, i), { store, storeOptions: { key: with_ } }), LuaStorageError);
    }
  }
  assert.deepEqual(await contentOf(store), before);
});

test("a state that was opened for reading has what is saved, and saves nothing", async () => {
  const store = new MemoryStorage();
  const writer = await Lua.open({ store });
  await writer.run("_home.x = 1");
  await writer.save();
  const reader = await Lua.open({ store, storeOptions: { access: "read" } });
  assert.equal(await reader.run("return _home.x"), 1);
  await reader.run("_home.x = 2");
  await assert.rejects(reader.save(), problem("readonly"));
  await writer.run("_home.x = 3");
  assert.equal(await writer.save(), 2);
});

test("a store that never answers is an error, and one that answers late is no harm", async (t) => {
  const storage = new MemoryStorage();
  const lua = await Lua.open({ store: storage });
  await lua.run("_home.x = 1");
  await lua.save();
  const put = storage.put.bind(storage);
  for (const [i, method] of ["put", "get", "list"].entries()) {
    const original = storage[method].bind(storage);
    t.mock.timers.enable({ apis: ["setTimeout"] });
    storage[method] = () => new Promise(() => undefined);
    await lua.run("_home.x = ...", { args: [i] });
    const outcome = method === "list" ? Lua.open({ store: storage }) : lua.save();
    const seen = assert.rejects(outcome, problem("timeout"));
    for (let n = 0; n < 50; n++) await new Promise((resolve) => setImmediate(resolve));
    t.mock.timers.tick(10_000);
    await seen;
    t.mock.timers.reset();
    storage[method] = original;
  }
  // The batch is written after the save was given up.
  let late;
  storage.put = (batch) => {
    late = () => put(batch);
    return Promise.reject(new LuaStorageError("timeout"));
  };
  await lua.run("_home.x = 'late'");
  await assert.rejects(lua.save(), problem("timeout"));
  await assert.rejects(lua.save(), problem("timeout"));
  await late();
  storage.put = put;
  await lua.run("_home.y = 'later'");
  await lua.save();
  const reader = await Lua.open({ store: storage });
  assert.equal(await reader.run("return _home.x .. _home.y"), "latelater");
});
