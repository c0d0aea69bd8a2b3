/**
 * The faces of the original in a real Chromium: its flows with real reloads, and its database, made by hand, taken over.
 * With `CU_ROUNDS=1000` in the environment a thousand databases of random bytes are read instead of 60.
 */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";

import { launch, serve } from "./kit/chromium.mjs";
import { PACKAGE } from "./kit/user.mjs";
import { examples } from "./readme-examples.mjs";

const functions = JSON.parse(await readFile(new URL("original-functions.json", import.meta.url), "utf8"));
const chunks = Object.fromEntries(Object.entries(functions).map(([name, { chunk }]) => [name, [...Buffer.from(chunk, "base64")]]));

const TESTS = new URL(".", import.meta.url).pathname;

let server;
let browser;

before(async () => {
  const policy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'";
  server = await serve({ "/": PACKAGE, "/tests/": TESTS }, { "/": "<!doctype html><title>cu</title>" }, { "content-security-policy": policy });
  browser = await launch();
});

after(async () => {
  await browser?.close();
  server?.close();
});

/** A page with a profile of its own, or another page of the same; what it warns of is in `page.warnings`. */
async function open(context) {
  const page = await (context ?? (await browser.newContext())).newPage();
  page.warnings = [];
  page.on("console", (message) => void (["warning", "error"].includes(message.type()) && page.warnings.push(message.text())));
  page.on("pageerror", (error) => page.warnings.push(String(error)));
  await page.goto(server.address);
  return page;
}

// ---- the original's flows ---------------------------------------------------------------------------------

test("initialisation, computation and errors", async () => {
  const page = await open();
  const found = await page.evaluate(async () => {
    const { default: cu } = await import("/compat/cu-api.js");
    const loaded = await cu.load();
    const status = cu.init();
    const read = async (code) => {
      const n = await cu.compute(code);
      return n < 0 ? cu.readBuffer(cu.getBufferPtr(), -n - 1) : cu.readResult(cu.getBufferPtr(), n).result;
    };
    return [loaded, status, await read("return 2 + 2"), await read("return 'Hello, ' .. 'World!'"), await read("print(1) return {status = 'ok', value = {10, 20, 30}}"), await read("error('x', 0)"), cu.getTableInfo().tables.slice(0, 2)];
  });
  assert.deepEqual(found, [true, 0, 4, "Hello, World!", { status: "ok", value: [10, 20, 30] }, "x", [{ id: 1, size: 0, keys: [] }, { id: 2, size: 0, keys: [] }]]);
  assert.deepEqual(page.warnings, []);
  await page.context().close();
});

for (const [i, { name, expected }] of examples.entries()) {
  test(`README: ${name}`, async () => {
    const page = await open();
    const found = await page.evaluate(async (n) => {
      const { IoWrapper, LuaWASM } = await import("/compat/lua-api.js");
      const { examples } = await import("/tests/readme-examples.mjs");
      return examples[n].run({ start: () => LuaWASM.init({ print: null }), IoWrapper });
    }, i);
    assert.deepEqual(found, expected);
    assert.deepEqual(page.warnings, []);
    await page.context().close();
  });
}

test("data and functions are there after the page was reloaded", async () => {
  const page = await open();
  const before = await page.evaluate(async () => {
    const { default: lua } = await import("/compat/lua-api.js");
    await lua.loadLuaWasm();
    lua.init();
    await lua.compute(`
      function _home.fibonacci(n) if n <= 1 then return n end return _home.fibonacci(n - 1) + _home.fibonacci(n - 2) end
      local count = 0
      function _home.counter() count = count + 1 return count end
      _home.counter()
      _home.users = {user1 = {name = "Alice", age = 30, tags = {"x", "y"}}}
      Memory.old = "name"`);
    return [await lua.saveState(), await lua.saveState("backup"), await lua.compute("return _home.users")];
  });
  assert.deepEqual(before, [true, true, { user1: { name: "Alice", age: 30, tags: ["x", "y"] } }]);
  await page.reload();
  const after = await page.evaluate(async () => {
    const { default: lua } = await import("/compat/lua-api.js");
    await lua.loadLuaWasm();
    lua.init();
    const there = await lua.compute("return {_home.fibonacci(10), _home.counter(), _home.users.user1.tags[2], _home.old}");
    await lua.compute("_home.users = nil");
    const saved = await lua.saveState();
    return [there, saved];
  });
  assert.deepEqual(after, [[55, 2, "y", "name"], true]);
  await page.reload();
  const last = await page.evaluate(async () => {
    const { default: lua } = await import("/compat/lua-api.js");
    await lua.loadLuaWasm();
    lua.init();
    const users = await lua.compute("return _home.users");
    const back = await lua.loadState("backup");
    const { Lua } = await import("/browser.js");
    const state = await Lua.open({ store: "idb://lua-state" });
    return [users, back, await lua.compute("return _home.users.user1.name"), await state.run("return _home.counter()"), await lua.clearPersistedState()];
  });
  // The store is in use by `Lua.open`, so it cannot be cleared meanwhile.
  assert.deepEqual(last, [null, true, "Alice", 3, false]);
  assert.equal(page.warnings.length, 1);
  await page.reload();
  const cleared = await page.evaluate(async () => {
    const { default: lua } = await import("/compat/lua-api.js");
    await lua.loadLuaWasm();
    lua.init();
    return [await lua.clearPersistedState(), await lua.compute("return _home.old"), await lua.loadState(), await lua.compute("return _home.old")];
  });
  assert.deepEqual(cleared, [true, "name", true, null]);
  await page.context().close();
});

test("structured input and output", async () => {
  const page = await open();
  const found = await page.evaluate(async () => {
    const { default: cu, IoWrapper } = await import("/compat/cu-api.js");
    await cu.load({ wasmPath: "/cu.wasm" });
    cu.init();
    const outputs = [];
    for (const [input, code] of [
      [{ name: "Ada", nested: { list: [1.5, 2] } }, "_io.output = {status = 'ok', value = _io.input.nested.list[1]}"],
      [[10, 20, 30], "local s = 0 for _, v in ipairs(_io.input) do s = s + v end _io.output = s"],
      ["text", "_io.output = {10, 20, 30, 40, 50}"],
      [null, "_io.output = {mixed = {1, 'two', true, {x = 3}}, none = _io.input == nil}"],
      [{}, "_io.output = {}"],
    ]) {
      cu.clearIo();
      cu.setInput(input);
      cu.setMetadata({ id: 7 });
      cu.compute(`assert(_io.meta.id == 7) ${code}`);
      outputs.push(cu.getOutput());
    }
    cu.clearIo();
    await cu.compute("_io.output = _io.input == nil and _io.meta == nil");
    outputs.push(cu.getOutput(), (await new IoWrapper().computeWithIo("return _io.input * 2", 21)).returnValue);
    return outputs;
  });
  assert.deepEqual(found, [{ status: "ok", value: 1.5 }, 60, [10, 20, 30, 40, 50], { mixed: [1, "two", true, { x: 3 }], none: true }, [], true, 42]);
  assert.deepEqual(page.warnings, []);
  await page.context().close();
});

test("two pages take turns, and none overwrites what the other has saved", async () => {
  const first = await open();
  const second = await open(first.context());
  const start = (page) =>
    page.evaluate(async () => {
      const { default: lua } = await import("/compat/lua-api.js");
      await lua.loadLuaWasm();
      lua.init();
      window.lua = lua;
    });
  const save = (page, value) => page.evaluate(async (v) => (await window.lua.compute(`_home.v = '${v}'`), window.lua.saveState()), value);
  await start(first);
  assert.equal(await save(first, "a"), true);
  await start(second);
  assert.equal(await save(second, "b"), true);
  assert.equal(await save(second, "c"), true);
  assert.equal(await save(first, "d"), false);
  assert.match(first.warnings.join(), /written by somebody else/);
  assert.deepEqual(await first.evaluate(async () => [await window.lua.loadState(), await window.lua.compute("return _home.v")]), [true, "c"]);
  assert.equal(await save(first, "e"), true);
  await first.context().close();
});

// ---- the original's database ------------------------------------------------------------------------------

/** Makes the original's database in a page, as the original would. */
function make(page, records, version = 1) {
  return page.evaluate(
    async ([list, v]) => {
      const database = await new Promise((resolve, reject) => {
        const request = indexedDB.open("LuaPersistentDB", v);
        request.onupgradeneeded = () => request.result.createObjectStore("externalTables", { keyPath: "id" });
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
      const transaction = database.transaction("externalTables", "readwrite");
      for (const record of list) transaction.objectStore("externalTables").put(record);
      await new Promise((resolve, reject) => {
        transaction.oncomplete = resolve;
        transaction.onabort = () => reject(transaction.error);
      });
      database.close();
    },
    [records, version],
  );
}

const word = (n) => [n & 255, (n >>> 8) & 255, (n >>> 16) & 255, n >>> 24];
const binary = (data) => ({ _type: "binary", data });
const integer = (n) => binary([2, ...word(n), ...word(n < 0 ? -1 : 0)]);
const float = (f) => binary([3, ...new Uint8Array(new Float64Array([f]).buffer)]);
const text = (s) => binary([4, ...word(Buffer.byteLength(s)), ...Buffer.from(s)]);
const table = (id) => binary([7, ...word(id)]);
const lua = (name) => binary([5, ...word(chunks[name].length), ...chunks[name]]);
const metadata = (data) => ({ id: "__metadata__", data });

/** The original's state of a small application. */
const RECORDS = [
  { id: 1, data: { count: integer(42), pi: float(3.25), name: text("Ada ß"), yes: binary([1, 1]), gone: binary([0]), users: table(3), 5: text("five"), 1.5: text("float"), fibonacci: lua("fibonacci"), taxCalculator: lua("taxCalculator"), greet: lua("greet"), factory: lua("factory"), lost: lua("lost"), upper: binary([6, 60, 0]), unknown: binary([6, 255, 255]) } },
  { id: 2, data: { output: text("of the last run") } },
  { id: 3, data: { user1: table(4), user2: table(5), average: lua("average") } },
  { id: 4, data: { name: text("Alice"), age: integer(30) } },
  { id: 5, data: { name: text("Bob"), tags: table(9) } },
  metadata({ homeTableId: 1, memoryTableId: 1, nextTableId: 10, savedAt: "2024-05-06T07:08:09.000Z", stateRestored: false, tableCount: 5, tableIds: [1, 2, 3, 4, 5] }),
];

/** Everything that is in the original's database, byte by byte. */
const dump = (page) =>
  page.evaluate(async () => {
    const database = await new Promise((resolve, reject) => {
      const request = indexedDB.open("LuaPersistentDB");
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
    const request = database.transaction("externalTables").objectStore("externalTables").getAll();
    await new Promise((resolve) => (request.onsuccess = resolve));
    database.close();
    return JSON.stringify(request.result);
  });

test("what the original has kept is there, and stays where it was", async () => {
  const page = await open();
  await make(page, RECORDS);
  const before = await dump(page);
  const found = await page.evaluate(async () => {
    const { default: lua } = await import("/compat/lua-api.js");
    await lua.loadLuaWasm();
    lua.init();
    const values = await lua.compute(`return {
      _home.count, _home.pi, _home.name, _home.yes, _home.gone == nil, _home[5], _home["5"], _home[1.5],
      _home.users.user1.name, _home.users.user1.age, #_home.users.user2.tags, rawequal(Memory, _home), _io.output == nil }`);
    const calls = await lua.compute(`
      local make = _home.factory()
      return { _home.fibonacci(20), _home.taxCalculator(75000, 5000), _home.greet("you"), _home.users.average({1, 2, 6}), make() + make(),
        _home.lost(2) == _G, _home.upper("abc"), (select(2, pcall(_home.unknown))) }`);
    const { errors, ...report } = lua.getMigrationReport();
    // Tables made now are not the empty one that `tags` is.
    const apart = await lua.compute("for i = 1, 20 do _home['new' .. i] = {i} end return #_home.users.user2.tags");
    await lua.compute("for i = 1, 20 do _home['new' .. i] = nil end _home.users.user2.tags[1] = 'x' _home.fresh = {1, 2}");
    return { values, calls, report, apart, errors: errors.map(String), saved: await lua.saveState() };
  });
  assert.deepEqual(found.values, [42, 3.25, "Ada ß", true, true, "five", "five", "float", "Alice", 30, 0, true, true]);
  assert.deepEqual(found.calls, [6765, 7000, "Hello, you! 3", 3, 3, true, "ABC", "Attempted to call deserialized C function (not supported)"]);
  assert.deepEqual(found.report, { tables: 4, entries: 21, functions: 6, usesMemory: false, savedAt: "2024-05-06T07:08:09.000Z" });
  assert.deepEqual(found.errors, []);
  assert.equal(found.apart, 0);
  assert.equal(found.saved, true);
  assert.deepEqual(page.warnings, []);
  assert.equal(await dump(page), before);
  await page.reload();
  const again = await page.evaluate(async () => {
    const { default: cu } = await import("/compat/cu-api.js");
    await cu.load();
    cu.init();
    const n = await cu.compute("return {_home.fibonacci(10), #_home.users.user2.tags, _home.fresh[2]}");
    return [cu.readResult(cu.getBufferPtr(), n).value, cu.getMigrationReport() === undefined];
  });
  assert.deepEqual(again, [[55, 1, 2], true]);
  assert.equal(await dump(page), before);
  await page.context().close();
});

test("states of before _home, with other numbers, and in older forms", async () => {
  const page = await open();
  // Table 2 was an ordinary one, _home had any number, values were texts or bytes.
  await make(page, [{ id: "7", data: { list: table(2), greeting: "\u0004\u0005\0\0\0hello", far: table(4294967000) } }, { id: 2, data: { 1: binary([2, 1, 0, 0, 0, 0, 0, 0, 0]), 2: binary([1, 0]) } }, { id: 4294967000, data: { deep: table(2) } }, metadata({ memoryTableId: 7 })]);
  const found = await page.evaluate(async () => {
    const { default: lua } = await import("/compat/lua-api.js");
    await lua.load();
    lua.init();
    lua.setInput({ a: 1 });
    const { tableIds, nextTableId, memoryTableId } = lua.getTableInfo();
    const values = await lua.compute("return {Memory.list[1], Memory.list[2], Memory.greeting, rawequal(Memory.far.deep, Memory.list), _io.input.a}");
    return [values, lua.getMigrationReport().usesMemory, tableIds.sort(), nextTableId, memoryTableId];
  });
  assert.deepEqual(found, [[1, false, "hello", true, 1], true, [1, 2, 3, 4, 5], 6, 1]);
  assert.equal(page.warnings.length, 1);
  assert.match(page.warnings[0], /Memory/);
  await page.context().close();
});

test("there is no database of the original's afterwards if there was none before", async () => {
  const page = await open();
  const found = await page.evaluate(async () => {
    const { default: lua } = await import("/compat/lua-api.js");
    await lua.load();
    const { migrateOriginal } = await import("/compat/migrate.js");
    const none = await migrateOriginal({ to: "idb://new" });
    return [none === undefined, (await indexedDB.databases()).map(({ name }) => name).includes("LuaPersistentDB")];
  });
  assert.deepEqual(found, [true, false]);
  await page.context().close();
});

test("a store of Lua.open takes it over, if it is empty", async () => {
  const page = await open();
  await make(page, RECORDS);
  const before = await dump(page);
  const found = await page.evaluate(async () => {
    const { migrateOriginal, LuaStorageError } = await import("/compat/migrate.js");
    const { Lua } = await import("/browser.js");
    const { tables, entries, functions, errors } = await migrateOriginal({ to: "idb://notes" });
    const lua = await Lua.open({ store: "idb://notes" });
    const values = await lua.run("return {_home.fibonacci(10), _home.users.user1.name, #_home.users.user2.tags, (_home.factory()())}");
    await lua.run("_home.users.user2.tags[1] = 'x' _home.more = {}");
    const generation = await lua.save();
    await lua[Symbol.asyncDispose]();
    const second = await migrateOriginal({ to: "idb://notes" }).catch((e) => [e instanceof LuaStorageError, e.problem]);
    return { report: [tables, entries, functions, errors.length], values, generation, second };
  });
  assert.deepEqual(found, { report: [4, 21, 6, 0], values: [55, "Alice", 0, 1], generation: 2, second: [true, "occupied"] });
  assert.equal(await dump(page), before);
  await page.context().close();
});

test("entries that cannot be taken over are named, and the rest is", async () => {
  const page = await open();
  const cut = chunks.fibonacci.slice(0, 60);
  const broken = [...chunks.greet];
  broken.fill(255, 40, 80);
  const ours = [...chunks.greet];
  ours[32] = 0;
  const home = {
    good: text("good"),
    fibonacci: lua("fibonacci"),
    cut: binary([5, ...word(cut.length), ...cut]),
    broken: binary([5, ...word(broken.length), ...broken]),
    ours: binary([5, ...word(ours.length), ...ours]),
    nothing: binary([5, 0, 0, 0, 0]),
    text: 17,
    list: [1, 2, 3],
    empty: binary([]),
    bytes: binary([4, 1, 0, 0, 0, 256]),
    fraction: binary([1, 0.5]),
    short: binary([2, 1, 2]),
    long: binary([4, 255, 255, 255, 127, 65]),
    kind: binary([99]),
    zero: table(0),
    huge: table(4294967295),
    other: { _type: "other", data: [0] },
    nested: binary({ length: 3 }),
    "": text("x"),
    __ext_table_id: integer(5),
  };
  const records = [{ id: 1, data: home }, { id: 0, data: {} }, { id: -1, data: {} }, { id: 1.5, data: {} }, { id: 2 ** 53, data: {} }, { id: "x", data: {} }, { id: "00", data: {} }, { id: 3, data: [text("x")] }, { id: 4, data: "text" }, { id: 6, data: null }, { id: "1", data: { twice: integer(1) } }, { id: [1], data: {} }];
  await make(page, records);
  // What JSON has no words for.
  await page.evaluate(async () => {
    const database = await new Promise((resolve) => (indexedDB.open("LuaPersistentDB").onsuccess = (event) => resolve(event.target.result)));
    const transaction = database.transaction("externalTables", "readwrite");
    const sparse = [];
    sparse.length = 2 ** 32 - 1;
    const data = { date: new Date(), map: new Map(), big: 5n, nan: NaN, "\ud800": Uint8Array.of(1, 1), bytes: Uint8Array.of(1, 1), words: Uint16Array.of(1, 1), buffer: new ArrayBuffer(4), undefined: undefined };
    transaction.objectStore("externalTables").put({ id: 7, data: JSON.parse('{"__proto__": {"_type": "binary", "data": [1, 1]}}') });
    const cyclic = {};
    cyclic.cyclic = cyclic;
    transaction.objectStore("externalTables").put({ id: 8, data: { ...data, cyclic } });
    transaction.objectStore("externalTables").put({ id: Infinity, data: {} });
    transaction.objectStore("externalTables").put({ id: new Date(), data: {} });
    transaction.objectStore("externalTables").put({ id: "__metadata__", data: { homeTableId: { no: 1 }, nextTableId: 1e300 } });
    await new Promise((resolve) => (transaction.oncomplete = resolve));
    database.close();
  });
  const found = await page.evaluate(async () => {
    const { default: lua, LuaMigrationError } = await import("/compat/lua-api.js");
    await lua.load();
    lua.init();
    const { errors, entries } = lua.getMigrationReport();
    const keys = await lua.compute("local keys = {} for k in pairs(_home) do keys[#keys + 1] = k end table.sort(keys) return keys");
    return { typed: errors.every((e) => e instanceof LuaMigrationError), errors: errors.map(({ table, key, reason }) => [table ?? null, key ?? null, reason]), entries, keys, fib: await lua.compute("return _home.fibonacci(10)"), polluted: {}._type ?? null, saved: await lua.saveState() };
  });
  assert.equal(found.typed, true);
  assert.deepEqual(found.keys, ["fibonacci", "good"]);
  assert.equal(found.fib, 55);
  assert.equal(found.polluted, null);
  assert.equal(found.saved, true);
  const named = (t) => found.errors.filter(([table]) => table === t).map(([, key]) => key).sort();
  assert.deepEqual(named(1), ["", "__ext_table_id", "broken", "bytes", "cut", "empty", "fraction", "huge", "kind", "list", "long", "nested", "nothing", null, "other", "ours", "short", "text", "zero"]);
  assert.deepEqual(named(8), ["big", "buffer", "cyclic", "date", "map", "nan", "undefined", "words", "\ud800"]);
  assert.deepEqual(named(7), []);
  assert.deepEqual([3, 4, 6].map((t) => named(t).length), [1, 1, 1]);
  assert.equal(named(null).length, 10);
  const why = (key) => found.errors.find(([table, k]) => table === 1 && k === key)[2];
  assert.match(why("cut"), /^not a function of Lua 5\.4: /);
  assert.equal(why("kind"), "its value is of the unknown kind 99");
  assert.equal(page.warnings.filter((line) => line.includes("cannot be taken over")).length, found.errors.length);
  await page.context().close();
});

test("a list that says it is longer than anything, and more than there may be, are refused in time", async () => {
  const page = await open();
  const found = await page.evaluate(async () => {
    const outcomes = [];
    for (const make of [
      () => {
        const data = [];
        data.length = 2 ** 32 - 1;
        return [{ id: 1, data: { x: { _type: "binary", data } } }];
      },
      () => Array.from({ length: 24 }, (_, i) => ({ id: i + 1, data: { x: new Uint8Array(1 << 20) } })),
      () => [{ id: 1, data: Object.fromEntries(Array.from({ length: 220_000 }, (_, i) => [`k${i}`, Uint8Array.of(1)])) }],
    ]) {
      await new Promise((resolve) => (indexedDB.deleteDatabase("LuaPersistentDB").onsuccess = resolve));
      const database = await new Promise((resolve) => {
        const request = indexedDB.open("LuaPersistentDB", 1);
        request.onupgradeneeded = () => request.result.createObjectStore("externalTables", { keyPath: "id" });
        request.onsuccess = () => resolve(request.result);
      });
      const transaction = database.transaction("externalTables", "readwrite");
      for (const record of make()) transaction.objectStore("externalTables").put(record);
      await new Promise((resolve) => (transaction.oncomplete = resolve));
      database.close();
      const { migrateOriginal } = await import("/compat/migrate.js");
      outcomes.push(await migrateOriginal({ to: `idb://s${outcomes.length}`, limit: 20 << 20 }).then(({ errors }) => errors.length, (e) => `${e.name} ${e.problem}`));
    }
    return outcomes;
  });
  assert.deepEqual(found, ["LuaStorageError damaged", "LuaStorageError damaged", "LuaStorageError damaged"]);
  await page.context().close();
});

test("databases of random bytes never do more than be refused", async () => {
  const page = await open();
  const rounds = Number(process.env.CU_ROUNDS ?? 60);
  const found = await page.evaluate(async ([seeds, n]) => {
    const { LuaWASM, LuaMigrationError, LuaError } = await import("/compat/lua-api.js");
    let seed = 1;
    const random = (n) => ((seed = (Math.imul(seed, 1103515245) + 12345) >>> 0) >>> 8) % n;
    const bytes = () => Array.from({ length: random(40) }, () => random(256));
    const damaged = () => {
      const chunk = [...seeds[random(seeds.length)]];
      for (let n = random(6); n >= 0; n--) chunk[random(4) === 0 ? random(chunk.length) : 31 + random(chunk.length - 31)] = random(256);
      if (random(5) === 0) chunk.length = random(chunk.length);
      return [5, chunk.length & 255, chunk.length >> 8, 0, 0, ...chunk];
    };
    const counts = { errors: 0, functions: 0, called: 0 };
    for (let round = 0; round < n; round++) {
      await new Promise((resolve) => (indexedDB.deleteDatabase("LuaPersistentDB").onsuccess = resolve));
      const database = await new Promise((resolve) => {
        const request = indexedDB.open("LuaPersistentDB", 1);
        request.onupgradeneeded = () => request.result.createObjectStore("externalTables", { keyPath: "id" });
        request.onsuccess = () => resolve(request.result);
      });
      const transaction = database.transaction("externalTables", "readwrite");
      for (let id = 1; id < 6; id++) {
        const data = {};
        for (let n = 0; n < 30; n++) {
          const kind = random(4);
          const list = kind === 0 ? bytes() : kind === 1 ? [random(9), ...bytes()] : kind === 2 ? [7, random(9), 0, 0, 0] : damaged();
          data[random(3) === 0 ? String.fromCharCode(...bytes()) : `k${n}`] = random(5) === 0 ? Uint8Array.from(list) : { _type: "binary", data: list };
        }
        transaction.objectStore("externalTables").put({ id: random(20) === 0 ? random(2 ** 23) * 512 : id, data });
      }
      if (random(2) === 0) transaction.objectStore("externalTables").put({ id: "__metadata__", data: { homeTableId: random(8), memoryTableId: random(8) } });
      await new Promise((resolve) => (transaction.oncomplete = resolve));
      database.close();
      const stores = new Map();
      const state = await LuaWASM.init({ print: null, fuel: 5_000_000, memorySize: 32 << 20, storage: `idb://r${round}` });
      const { errors, functions } = state.getMigrationReport();
      if (!errors.every((e) => e instanceof LuaMigrationError)) return "an error of another kind";
      counts.errors += errors.length;
      counts.functions += functions;
      counts.called += await state.compute(`
        local seen, n = {}, 0
        local function walk(t, depth)
          if seen[t.__ext_table_id] or depth > 20 then return end
          seen[t.__ext_table_id] = true
          for k, v in pairs(t) do
            if type(v) == "table" then walk(v, depth + 1)
            elseif type(v) == "function" then n = n + 1 pcall(v, 1, 2, 3) end
          end
        end
        walk(_home, 0)
        return n`).catch((error) => (error instanceof Error ? 0 : NaN));
      if ((await state.compute("return 1 + 1")) !== 2) return "the state is of no use";
      if (!(await state.saveState())) return "it cannot be saved";
    }
    return counts;
  }, [Object.values(chunks), rounds]);
  assert.equal(typeof found, "object", String(found));
  assert.ok(found.errors > 10 * rounds && found.functions > 0 && found.called > 0, JSON.stringify(found));
  await page.context().close();
});
