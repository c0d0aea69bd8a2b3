/** The faces of the original in Node: what each function promises, and every example of the original's README. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import cu, * as named from "../../dist/npm/compat/cu-api.node.js";
import IoWrapperAlone from "../../dist/npm/compat/io-wrapper.node.js";
import lua, { IoWrapper, LuaError, LuaLimitError, LuaWASM } from "../../dist/npm/compat/lua-api.node.js";
import { MODULES, PACKAGE, userFolder } from "./kit/user.mjs";
import { FileStorage, Lua, MemoryStorage } from "./package.mjs";
import { examples } from "./readme-examples.mjs";

const folder = await mkdtemp(join(tmpdir(), "cu-compat-"));
const quiet = { print: null, autoRestore: false };

/** A state whose snapshots live as long as this. */
async function kept(stores, options) {
  const storage = (name) => {
    if (!stores.has(name)) stores.set(name, new MemoryStorage());
    return stores.get(name);
  };
  return LuaWASM.init({ storage, print: null, ...options });
}

/** What is said on the console meanwhile. */
async function said(act) {
  const [error, warn] = [console.error, console.warn];
  const lines = [];
  console.error = console.warn = (...all) => lines.push(all.map(String).join(" "));
  try {
    await act();
  } finally {
    [console.error, console.warn] = [error, warn];
  }
  return lines;
}

// ---- entries ----------------------------------------------------------------------------------------------

test("the entries are found by the package's name, in both kinds of module, with their types", async () => {
  const user = await userFolder("@types");
  const run = async (file, source) => {
    await writeFile(join(user, file), source);
    return execFileSync(process.execPath, ["--disallow-code-generation-from-strings", join(user, file)], { encoding: "utf8" });
  };
  const program = `
    lua.load({ autoRestore: false }).then(async () => {
      lua.init();
      await lua.compute("print(20 + 22)");
      console.log((await new IoWrapper().computeWithIo("_io.output = _io.input + 1", 1)).output, typeof cu.compute, typeof migrateOriginal);
    });`;
  const base = "@compute-unit/cu/compat";
  const esm = `import lua from "${base}/lua-api"; import { IoWrapper } from "${base}/io-wrapper"; import * as cu from "${base}/cu-api"; import { migrateOriginal } from "${base}/migrate"; ${program}`;
  const cjs = `const { default: lua } = require("${base}/lua-api"); const { IoWrapper } = require("${base}/io-wrapper"); const cu = require("${base}/cu-api"); const { migrateOriginal } = require("${base}/migrate"); ${program}`;
  assert.equal(await run("import.mjs", esm), "42\n2 function function\n");
  assert.equal(await run("require.cjs", cjs), "42\n2 function function\n");
  const typed = `
    import lua, { LuaWASM, type LuaInstance, type TableInfo } from "${base}/lua-api";
    import { compute, readResult, type ReadResult } from "${base}/cu-api";
    import { IoWrapper } from "${base}/io-wrapper";
    import { migrateOriginal, type MigrationReport } from "${base}/migrate";
    export async function main(): Promise<unknown> {
      const state: LuaInstance = await LuaWASM.init({ memorySize: 16 << 20, storage: "file:x" });
      const n: number = await state.compute<number>("return 1");
      const info: TableInfo = lua.getTableInfo();
      const read: ReadResult = readResult(0, await compute("return 1"));
      const report: MigrationReport | undefined = await migrateOriginal({ to: "idb://x" });
      return [n + info.tableCount, read.value, report?.errors[0]?.key, (await new IoWrapper(state).request("f")).output];
    }`;
  for (const file of ["user.mts", "user.cts"]) {
    await writeFile(join(user, file), typed);
    const options = ["--noEmit", "--strict", "--module", "nodenext", "--target", "es2022", "--lib", "es2023,esnext.disposable,dom", "--types", "node"];
    assert.equal(execFileSync(process.execPath, [join(MODULES, "typescript/bin/tsc"), ...options, join(user, file)], { encoding: "utf8", cwd: user }), "");
  }
  for (const name of ["cu-api", "lua-api", "migrate"]) assert.doesNotMatch(await readFile(join(PACKAGE, `compat/${name}.js`), "utf8"), /\beval\(|new Function\(|node:/);
});

// ---- cu-api -----------------------------------------------------------------------------------------------

test("cu-api: what has to be there is there, by name and on the default export", () => {
  const names = `load init compute getBufferPtr getBufferSize getMemoryStats runGc readBuffer readResult writeBuffer saveState loadState
    clearPersistedState getTableInfo getMemoryTableId setMemoryAliasEnabled getIoTableId setInput getOutput setMetadata clearIo
    loadLuaWasm getHomeTableId setInputField getOutputField`.split(/\s+/);
  for (const name of names) {
    assert.equal(typeof cu[name], "function", name);
    assert.equal(named[name], cu[name], name);
  }
});

test("cu-api: before load and before init", async () => {
  assert.throws(() => cu.init(), /WASM not loaded/);
  assert.throws(() => cu.getBufferPtr(), /WASM not loaded/);
  assert.throws(() => cu.getIoTableId(), /WASM not loaded/);
  await assert.rejects(cu.compute("return 1"), /WASM not loaded/);
  assert.equal(cu.getMemoryTableId(), null);
  assert.equal(cu.getTableInfo().homeTableId, null);
  assert.equal(await cu.load({ autoRestore: false }), true);
  assert.throws(() => cu.getIoTableId(), /_io table not initialized/);
  assert.equal(cu.init(), 0);
  assert.equal(cu.init(), 0);
});

test("cu-api: compute counts bytes, and readResult reads them", async () => {
  const run = async (code) => {
    const n = await cu.compute(code);
    return n < 0 ? cu.readBuffer(cu.getBufferPtr(), -n - 1) : cu.readResult(cu.getBufferPtr(), n);
  };
  assert.equal(await cu.compute("return 2 + 2"), 13);
  assert.deepEqual(cu.readResult(cu.getBufferPtr(), 13), { output: "", result: 4, value: 4 });
  assert.deepEqual(await run("print('a', 1) return 'x'"), { output: "a\t1\n", result: "x", value: "x" });
  assert.equal((await run("return 10, 20, 30")).value, 30);
  assert.equal((await run("return ''")).value, "");
  assert.equal((await run("return 2^53 | 1")).value, 9007199254740993n);
  assert.equal((await run("return 2^60")).value, 2 ** 60);
  assert.equal((await run("return 1.5")).value, 1.5);
  assert.equal((await run("return print")).value, "<function>");
  assert.equal((await run("return nil")).value, null);
  assert.deepEqual((await run("return {1, {x = 'y'}}")).value, [1, { x: "y" }]);
  assert.equal(await run("error('oh')"), '[string "error(\'oh\')"]:1: oh');
  assert.equal(await run("x ="), '[string "x ="]:1: unexpected symbol near <eof>');
  // What does not fit into 64 KB is there all the same.
  const long = await run("print(('p'):rep(100000)) return ('r'):rep(200000)");
  assert.equal(long.output.length, 100001);
  assert.equal(long.value, "r".repeat(200000));
  assert.equal((await run(`return #'${"s".repeat(100000)}'`)).value, 100000);
  for (const code of ["", undefined, 1, null]) await assert.rejects(cu.compute(code), { message: "Code must be a non-empty string" });
});

test("cu-api: a response can be read after other things were done", async () => {
  const n = await cu.compute("print('x') return {1, {y = 'z'}}");
  cu.runGc();
  await said(() => cu.saveState());
  cu.getMemoryStats();
  cu.setInput({ a: [1] });
  assert.deepEqual(cu.readResult(cu.getBufferPtr(), n), { output: "x\n", result: [1, { y: "z" }], value: [1, { y: "z" }] });
  assert.deepEqual(await cu.compute("local n = 0 for k in pairs(_io) do n = n + 1 end return n").then((m) => cu.readResult(cu.getBufferPtr(), m).value), 1);
});

test("cu-api: what a program does is done before its promise is settled", async () => {
  cu.setInput({ n: 20 });
  const promise = cu.compute("_io.output = _io.input.n + 22");
  assert.equal(cu.getOutput(), 42);
  assert.ok((await promise) > 0);
});

test("cu-api: the buffer", async () => {
  const at = cu.getBufferPtr();
  assert.equal(cu.getBufferSize(), 65536);
  assert.equal(cu.writeBuffer(at, "grüße"), 7);
  assert.equal(cu.readBuffer(at, 7), "grüße");
  assert.throws(() => cu.writeBuffer(at + 65530, "too long"), /Buffer overflow/);
  assert.throws(() => cu.writeBuffer(0, "x"), /Buffer overflow/);
  const lines = await said(() => {
    assert.equal(cu.readBuffer(-1, 5), "");
    assert.equal(cu.readBuffer(0, 1e12), "");
    assert.deepEqual(cu.readResult(at, -14), { output: "", result: null, value: null });
    assert.deepEqual(cu.readResult(NaN, 4), { output: "", result: null, value: null });
  });
  assert.equal(lines.length, 4);
});

test("cu-api: numbers about memory and tables are true", async () => {
  cu.runGc();
  const before = cu.getMemoryStats();
  assert.equal(before.io_buffer_size, 65536);
  assert.equal(before.wasm_pages * 65536, before.total);
  assert.equal(before.used + before.free, before.total);
  assert.equal(before.used, before.cu_memory_used);
  await cu.compute("big = ('x'):rep(1 << 20)");
  assert.ok(cu.getMemoryStats().used > before.used + (1 << 20) - 1);
  await cu.compute("big = nil");
  assert.equal(cu.runGc(), true);
  assert.ok(cu.getMemoryStats().used < before.used + (1 << 16));

  await cu.compute("_home.users = {ada = 1}");
  const info = cu.getTableInfo();
  assert.equal(info.homeTableId, 1);
  assert.equal(info.memoryTableId, 1);
  assert.equal(cu.getHomeTableId(), 1);
  assert.equal(cu.getMemoryTableId(), 1);
  assert.equal(cu.getIoTableId(), 2);
  assert.equal(info.tableCount, info.tableIds.length);
  assert.deepEqual(info.tables.find(({ id }) => id === 1), { id: 1, size: 1, keys: ["users"] });
  const users = info.tables.find(({ keys }) => keys.includes("ada"));
  assert.ok(users.id >= 3 && users.id < info.nextTableId);
});

test("cu-api: Memory is another name of _home, unless that is not wanted", async () => {
  const value = async (code) => cu.readResult(cu.getBufferPtr(), await cu.compute(code)).value;
  assert.equal(await value("return rawequal(Memory, _home)"), true);
  cu.setMemoryAliasEnabled(false);
  assert.equal(await value("return Memory == nil"), true);
  cu.setMemoryAliasEnabled(true);
  assert.equal(await value("Memory.x = 7 return _home.x"), 7);
});

test("binary chunks are refused", async () => {
  await lua.load(quiet);
  lua.init();
  assert.equal(await lua.compute("return (select(2, load(string.dump(function() end))))"), "attempt to load a binary chunk (mode is 't')");
});

// ---- _io --------------------------------------------------------------------------------------------------

test("values go through _io as they are", async () => {
  const state = await LuaWASM.init(quiet);
  const through = async (value) => {
    state.setInput(value);
    await state.compute("_io.output = _io.input");
    return state.getOutput();
  };
  const values = [0, 1, -1, 1.75, -1.5, 2 ** 53, 1e300, 5e-324, Infinity, -Infinity, NaN, -0, true, false, "", "text", "ß€😀", "\0a", "x".repeat(100_000), 9007199254740993n, -(2n ** 63n)];
  for (const value of values) assert.deepEqual(await through(value), value, String(value));
  for (const value of [2 ** 63, -(2 ** 63)]) assert.equal(Number(await through(value)), value);
  const tables = [[1, 2, 3], { a: 1 }, { nested: { deep: [{ x: [1.5, "y"] }] } }, [[], [[]]], [1, null, 3], { "": 1, "__proto__x": 2, "a b": 3, "é": 4 }, { 1: "a", x: "b" }, { constructor: 1, hasOwnProperty: 2 }];
  for (const table of tables) assert.deepEqual(await through(table), table);
  assert.deepEqual(await through({}), []);
  assert.equal(await through(null), null);
  assert.equal(await through(undefined), null);
  assert.equal(await through(() => 1), null);
  assert.deepEqual(await through({ f() {}, a: 1, n: null }), { a: 1 });
  assert.deepEqual(await through(Uint16Array.of(7, 8)), { 0: 7, 1: 8 });
  assert.deepEqual(await through(new Set(["a"])), ["a"]);
  assert.deepEqual(await through(new Map([["a", 1]])), { a: 1 });
  const odd = new Map([[1, "integer"], ["1", "string"], [true, "boolean"], [1.5, "float"], [1e100, "large"]]);
  assert.deepEqual(await through(odd), odd);
  assert.equal(await state.compute("return _io.input[1] .. _io.input['1'] .. _io.input[true] .. _io.input[1.5] .. _io.input[1e100]"), "integerstringbooleanfloatlarge");
  const own = JSON.parse('{"__proto__": 1, "b": 2}');
  const back = await through(own);
  assert.equal(Object.getOwnPropertyDescriptor(back, "__proto__").value, 1);
  assert.equal({}.b, undefined);
  const cyclic = { name: "x", list: [] };
  cyclic.list.push(cyclic);
  const again = await through(cyclic);
  assert.equal(again.list[0], again);
  for (const value of [new Date(), /x/, Promise.resolve(), 2n ** 64n, "\ud800", { "\udfff": 1 }, { __ext_table_id: 3 }, new Map([[NaN, 1]]), new Map([[{}, 1]])]) {
    state.setInput("before");
    assert.throws(() => state.setInput(value), TypeError);
    assert.equal(await state.compute("return _io.input"), "before");
  }
  let deep = {};
  const top = deep;
  for (let i = 0; i < 100_000; i++) deep = deep.x = {};
  state.setInput(top);
  assert.equal(await state.compute("local t, n = _io.input, 0 while t.x do t, n = t.x, n + 1 end return n"), 100_000);
});

test("random values go through _io as they are", async () => {
  const state = await LuaWASM.init(quiet);
  let seed = 12345;
  const random = (n) => ((seed = (Math.imul(seed, 1103515245) + 12345) >>> 0) >>> 8) % n;
  const make = (depth) => {
    switch (random(depth > 3 ? 5 : 8)) {
      case 0:
        return random(1000) - 500;
      case 1:
        return (random(1 << 20) - 5e5) * 10 ** (random(600) - 300) + 0.5;
      case 2:
        return String.fromCharCode(...Array.from({ length: random(20) }, () => random(0xd000)));
      case 3:
        return random(2) === 0;
      case 4:
        return BigInt(random(1 << 20)) * 2n ** 40n + 2n ** 60n;
      case 5:
        return Array.from({ length: 1 + random(5) }, () => make(depth + 1));
      default:
        return Object.fromEntries(Array.from({ length: 1 + random(5) }, (_, i) => [`k${i}${String.fromCharCode(random(0xd000))}`, make(depth + 1)]));
    }
  };
  for (let i = 0; i < 2000; i++) {
    const value = make(0);
    state.setInput(value);
    await state.compute("_io.output = _io.input");
    assert.deepStrictEqual(state.getOutput(), value);
    if (i % 10 === 0 && typeof value !== "bigint") assert.deepStrictEqual(await state.compute("local function copy(t) if type(t) ~= 'table' then return t end local c = {} for k, v in pairs(t) do c[k] = copy(v) end return c end return copy(_io.input)"), value);
  }
  assert.ok(state.getTableInfo().tableCount < 20_000);
});

test("what the original got wrong about numbers of tables", async () => {
  const state = await LuaWASM.init(quiet);
  state.setInput({ a: 1 });
  assert.equal(await state.compute("return _io.a"), null);
  state.setInput({ a: { x: 1 }, b: { y: 2 } });
  await state.compute("_io.output = {z = 9}");
  assert.deepEqual(state.getOutput(), { z: 9 });
  assert.equal(await state.compute("return _io.input.a.z"), null);
  // A table of the program's that nothing is in yet keeps its number, too.
  await state.compute("t = ext.table()");
  state.setInput({ secret: 1 });
  assert.equal(await state.compute("return t.secret"), null);
});

test("fields, metadata and clearIo", async () => {
  const state = await LuaWASM.init(quiet);
  state.setInputField("a", 1);
  state.setInputField("b", { c: [1.5] });
  state.setMetadata({ requestId: "req-123" });
  assert.equal(await state.compute("return _io.input.a + _io.input.b.c[1]"), 2.5);
  assert.equal(await state.compute("return _io.meta.requestId"), "req-123");
  await state.compute("_io.output = {result = 'success', items = {1, 2, 3}, [5] = 'five'}");
  assert.equal(state.getOutputField("result"), "success");
  assert.deepEqual(state.getOutputField("items"), [1, 2, 3]);
  assert.equal(state.getOutputField("5"), "five");
  assert.equal(state.getOutputField("nothing"), null);
  state.clearIo();
  assert.equal(await state.compute("return _io.input == nil and _io.meta == nil and _io.output == nil"), true);
  assert.equal(state.getOutput(), null);
  assert.equal(state.getOutputField("result"), null);
  state.setInput(5);
  assert.throws(() => state.setInputField("x", 1), /_io\.input is not a table/);
});

// ---- the README -------------------------------------------------------------------------------------------

for (const { name, run, expected } of examples) {
  test(`README: ${name}`, async () => {
    const stores = new Map();
    assert.deepEqual(await run({ start: () => kept(stores), IoWrapper }), expected);
  });
}

test("IoWrapper: results, metadata, batches, errors, and several at the same time", async () => {
  await lua.loadLuaWasm(quiet);
  lua.init();
  const io = new IoWrapper();
  const sums = await io.computeWithIo("print('done') _io.output = {_io.input * 2} return _io.input", 21, { metadata: { user: "ada" } });
  assert.deepEqual(sums, { returnValue: 21, output: [42], printed: "done\n", metadata: { user: "ada" } });
  assert.equal(await lua.compute("return _io.meta.user .. #_io.meta.requestId // 20"), "ada1");
  const batches = await io.processStream("_io.output = {#_io.input.batch, _io.input.batchIndex, _io.input.hasMore}", [1, 2, 3, 4, 5], { batchSize: 2 });
  assert.deepEqual(batches, [[2, 0, true], [2, 1, true], [1, 2, false]]);
  await assert.rejects(io.computeWithIo("error('no')"), { name: "LuaError", message: /no$/ });
  assert.equal((await new IoWrapperAlone().computeWithIo("return 1")).returnValue, 1);
  // Wrappers at work at the same time do not see each other's input.
  const all = await Promise.all([1, 2, 3].map((n) => io.computeWithIo("_io.output = _io.input", n)));
  assert.deepEqual(all.map(({ output }) => output), [1, 2, 3]);
});

test("errors are rejections, and an instance does not wear out", async () => {
  const state = await kept(new Map());
  await assert.rejects(state.compute('return _home.getValue("key")'), (error) => error instanceof LuaError && /attempt to call a nil value \(field 'getValue'\)/.test(error.message));
  await assert.rejects(state.compute("x ="), LuaError);
  await assert.rejects(state.compute(""), { message: "Code must be a non-empty string" });
  for (let i = 0; i < 20_000; i++) await state.compute("return 2 + 2");
  const { tableCount } = state.getTableInfo();
  for (let i = 0; i < 5000; i++) await state.compute("return {i = {}}");
  assert.ok(state.getTableInfo().tableCount < tableCount + 3000);
  assert.equal(state.getMemoryStats().total, 16 << 20);
});

// ---- states -----------------------------------------------------------------------------------------------

test("named snapshots", async () => {
  const stores = new Map();
  const state = await kept(stores);
  const value = () => state.compute("return _home.v");
  for (const [v, name] of [[1, "one"], [2, "two"], [3, undefined]]) {
    await state.compute(`_home.v = ${v} _home.t${v} = {}`);
    assert.equal(await state.saveState(name), true);
  }
  await state.compute("_home.v = 4");
  assert.equal(await state.loadState("one"), true);
  assert.equal(await value(), 1);
  assert.equal(await state.compute("return _home.t2"), null);
  assert.equal(await state.loadState("two"), true);
  assert.equal(await value(), 2);
  assert.equal(await state.loadState(), true);
  assert.equal(await value(), 3);
  assert.equal(await state.loadState("never"), false);
  assert.equal(await value(), 3);
  await state.compute("_home.v = 'one again' _home.t1 = nil");
  assert.equal(await state.saveState("one"), true);
  assert.equal(await state.loadState("one"), true);
  assert.equal(await value(), "one again");
  assert.equal(await state.compute("return _home.t1"), null);
  assert.equal(await state.clearPersistedState(), true);
  assert.equal(await value(), "one again");
  assert.equal(await (await kept(stores)).compute("return _home.v"), null);
  assert.equal((await said(async () => assert.equal(await state.saveState(""), false))).length, 1);
});

test("_io and garbage are not saved, and a save writes what has changed", async () => {
  const stores = new Map();
  const state = await kept(stores);
  state.setInput({ big: "x".repeat(50_000), list: [1, 2, 3] });
  await state.compute("_home.a = {} for i = 1, 100 do _home.a['k' .. i] = {i} end _home.gone = {1} _home.gone = nil _io.output = {1}");
  await state.saveState();
  const again = await kept(stores);
  assert.equal(await again.compute("return _io.input == nil and _io.output == nil"), true);
  const store = stores.get("default");
  let written = 0;
  const put = store.put.bind(store);
  store.put = (batch) => {
    for (const bytes of batch.set.values()) written += bytes.length;
    return put(batch);
  };
  await state.compute("_home.a.k50[1] = 'changed'");
  assert.equal(await state.saveState(), true);
  assert.ok(written < 2000, `${written} bytes`);
  assert.equal(await (await kept(stores)).compute("return _home.a.k50[1]"), "changed");
});

test("what is saved is compressed, unless that is not wanted", async () => {
  const size = async (options) => {
    const stores = new Map();
    const state = await kept(stores, options);
    await state.compute("for i = 1, 500 do _home['key' .. i] = {text = 'the same text again and again'} end");
    assert.equal(await state.saveState(), true);
    assert.equal(await (await kept(stores, { compression: false })).compute("return _home.key500.text"), "the same text again and again");
    return (await stores.get("default").list("")).reduce((n, [, bytes]) => n + bytes.length, 0);
  };
  const [small, large] = [await size({}), await size({ compression: false })];
  assert.ok(small * 3 < large, `${small} of ${large}`);
});

test("who would overwrite what somebody else has saved since is told so", async () => {
  const stores = new Map();
  const first = await kept(stores);
  await first.compute("_home.from = 'first'");
  assert.equal(await first.saveState(), true);
  const second = await kept(stores);
  await second.compute("_home.from = 'second'");
  assert.equal(await second.saveState(), true);
  await first.compute("_home.from = 'first again'");
  const lines = await said(async () => {
    assert.equal(await first.saveState(), false);
    assert.equal(await first.saveState(), false);
  });
  assert.match(lines[0], /LuaStorageError: the store was written by somebody else meanwhile/);
  assert.equal(await (await kept(stores)).compute("return _home.from"), "second");
  assert.equal(await first.loadState(), true);
  await first.compute("_home.from = 'both'");
  assert.equal(await first.saveState(), true);
});

test("who is the first to save is the only first", async () => {
  const stores = new Map();
  const [first, second] = [await kept(stores), await kept(stores)];
  await first.compute("_home.from = 'first'");
  await second.compute("_home.from = 'second'");
  assert.equal(await second.saveState(), true);
  await said(async () => assert.equal(await first.saveState(), false));
  // Also when another snapshot was loaded meanwhile.
  assert.equal(await second.saveState("other"), true);
  assert.equal(await first.loadState("other"), true);
  await said(async () => assert.equal(await first.saveState(), false));
  await second.compute("_home.from = 'third' _home.t = {1}");
  assert.equal(await second.saveState(), true);
  assert.equal(await first.loadState(), true);
  await first.compute("_home.t[1] = _home.t[1] + 1");
  assert.equal(await first.loadState("other"), true);
  assert.equal(await first.compute("return _home.from"), "second");
  assert.equal(await first.saveState(), true);
  assert.deepEqual(await (await kept(stores)).compute("return {_home.from, _home.t == nil}"), ["second", true]);
});

test("a store that fails is reported, and nothing is lost", async () => {
  const stores = new Map();
  const state = await kept(stores);
  await state.compute("_home.x = 1");
  await state.saveState();
  const store = stores.get("default");
  const { put } = store;
  store.put = () => Promise.reject(new Error("disk full"));
  await state.compute("_home.x = 2");
  const lines = await said(async () => assert.equal(await state.saveState(), false));
  assert.match(lines[0], /disk full/);
  store.put = put;
  assert.equal(await (await kept(stores)).compute("return _home.x"), 1);
  assert.equal(await state.saveState(), true);
  assert.equal(await (await kept(stores)).compute("return _home.x"), 2);
});

test("what could not be read is not overwritten", async () => {
  const stores = new Map();
  const state = await kept(stores);
  await state.compute("_home.x = 1");
  await state.saveState();
  const store = stores.get("default");
  const broken = { get: () => Promise.reject(new Error("not now")), list: () => Promise.reject(new Error("not now")) };
  Object.assign(store, broken);
  let second;
  const lines = await said(async () => {
    second = await kept(stores);
    for (const name of Object.keys(broken)) delete store[name];
    await second.compute("_home.y = 2");
    assert.equal(await second.saveState(), false);
  });
  assert.match(lines[0], /could not be restored.*not now/);
  assert.match(lines[1], /could not be read, and is not overwritten/);
  assert.equal(await second.loadState(), true);
  assert.equal(await second.compute("return _home.x"), 1);
  assert.equal(await second.saveState(), true);
});

test("functions and tables that a program holds are those of the state that was loaded", async () => {
  const state = await kept(new Map());
  await state.compute("local n = 0 function _home.count() n = n + 1 return n end _home.list = {1} held, list = _home.count, _home.list held()");
  await state.saveState();
  assert.equal(await state.compute("held() held() list[2] = 2 return _home.count() + #_home.list"), 6);
  assert.equal(await state.loadState(), true);
  assert.deepEqual(await state.compute("return {_home.count(), held(), #list}"), [2, 3, 1]);
});

test("states in files, which Lua.open can open", async () => {
  const storage = `file:${join(folder, "state")}`;
  const state = await LuaWASM.init({ storage, print: null });
  await state.compute("_home.list = {1, 2} _home.empty = {} local n = 0 function _home.count() n = n + 1 return n end _home.count()");
  assert.equal(await state.saveState(), true);
  assert.equal(await state.saveState("other"), true);
  const open = await Lua.open({ store: storage });
  assert.deepEqual(await open.run("return _home.list"), [1, 2]);
  assert.equal(await open.run("return _home.count()"), 2);
  await open.run("_home.more = {'x'}");
  assert.equal(await open.run("return #_home.empty"), 0);
  await open.save();
  await open[Symbol.asyncDispose]();
  const again = await LuaWASM.init({ storage, print: null });
  assert.equal(await again.compute("_home.newest = {1} return #_home.empty + #_home.more * 10"), 10);
  assert.equal(await again.compute("return _home.count()"), 3);
  const other = await FileStorage.open(join(folder, "state.other"));
  assert.ok((await other.list("")).length > 0);
  await other.close();
});

test("without a store there is none, and that is said", async () => {
  const state = await LuaWASM.init({ print: null });
  const lines = await said(async () => {
    assert.equal(await state.saveState(), false);
    assert.equal(await state.loadState(), false);
  });
  assert.match(lines[0], /there is no IndexedDB/);
});

// ---- options ----------------------------------------------------------------------------------------------

test("options", async () => {
  const printed = [];
  const state = await LuaWASM.init({ autoRestore: false, print: (text) => printed.push(text), fuel: 100_000, memorySize: 16 << 20, validation: true, compression: true });
  await state.compute("print(1, 2) io.write('x')");
  await assert.rejects(state.compute("print 'before' error 'x'"), LuaError);
  assert.deepEqual(printed, ["1\t2\nx", "before\n"]);
  await assert.rejects(state.compute("while true do end"), (error) => error instanceof LuaLimitError && error.limit === "fuel");
  assert.equal(await state.compute("return 1"), 1);
  assert.equal(await state.compute("return loadstring('return unpack{1, 2}')()"), 2);
  const small = await LuaWASM.init({ ...quiet, memorySize: 16 << 20 });
  await assert.rejects(small.compute("local s = 'x' while true do s = s .. s end"), { kind: "memory" });
  assert.equal(await small.compute("return 1"), 1);
  for (const option of ["fuel", "memorySize", "tableSize"]) await assert.rejects(LuaWASM.init({ ...quiet, [option]: NaN }), RangeError);
  const plain = await LuaWASM.init({ ...quiet, compat51: false });
  assert.equal(await plain.compute("return unpack == nil and loadstring == nil"), true);
  const narrow = await LuaWASM.init({ ...quiet, tableSize: 10_000 });
  await assert.rejects(narrow.compute("for i = 1, 1000 do _home[i] = i end"), /cannot write _home\[\d+\]: refused by the store/);
  assert.throws(() => narrow.setInput("x".repeat(20_000)), RangeError);
  assert.throws(() => narrow.setInput({ x: "x".repeat(20_000) }), TypeError);
});

test("states of LuaWASM.init are their own", async () => {
  const [a, b] = [await LuaWASM.init(quiet), await LuaWASM.init(quiet)];
  await a.compute("x = 1 _home.y = 2");
  assert.equal(await b.compute("return x == nil and _home.y == nil"), true);
  const io = new IoWrapper(a);
  assert.equal((await io.computeWithIo("return x")).returnValue, 1);
  assert.equal((await new b.IoWrapper().computeWithIo("return x")).returnValue, null);
  const { compute, setInput, getOutput } = a;
  setInput(20);
  await compute("_io.output = _io.input + 22");
  assert.equal(getOutput(), 42);
});

test("the clock goes and random numbers are random", async () => {
  const state = await LuaWASM.init(quiet);
  assert.ok(Math.abs((await state.compute("return os.time()")) - Date.now() / 1000) < 3);
  const numbers = await state.compute("local t = {} for i = 1, 20 do t[i] = math.random(1 << 30) end return t");
  assert.ok(new Set(numbers).size > 15);
  const other = await LuaWASM.init(quiet);
  assert.notDeepEqual(await other.compute("local t = {} for i = 1, 20 do t[i] = math.random(1 << 30) end return t"), numbers);
});
