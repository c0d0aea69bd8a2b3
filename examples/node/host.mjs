// Runs Lua in cu.wasm under Node, without any package; what programs keep in `_home` lies in a file.
//
// node examples/node/host.mjs dist/cu.wasm home.store [program.lua]

import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";

/** What every host here runs, under the name with which it shows the outcome. */
const PROGRAMS = [
  ["arithmetic", "return 2 + 2"],
  ["print", "print('hello from Lua') return 6 * 7"],
  ["mistake", "local t = {}\nreturn t.missing.field"],
  ["fuel", "while true do end"],
  ["memory", "local t = {} for i = 1, math.huge do t[i] = ('x'):rep(1000) .. i end"],
  ["counter", "_home.counter = (_home.counter or 0) + 1 return _home.counter"],
];

const [moduleFile, storeFile, programFile] = process.argv.slice(2);
if (!storeFile) {
  console.error("usage: node host.mjs MODULE STORE [PROGRAM]");
  process.exit(1);
}

// The external tables: a Map of Maps. Keys are kept as Latin-1 text, one character for each byte, so that every key is
// its own; values are Buffers.
const tables = load();
const { exports: lua } = (await WebAssembly.instantiate(readFileSync(moduleFile), { env: lendStore() })).instance;

if (lua.init() !== 0) throw new Error("there is no memory for Lua");
lua.sync_external_table_counter(Math.max(0, ...tables.keys()) + 1);
if (programFile) {
  console.log(run(readFileSync(programFile)));
} else {
  lua.set_fuel(1_000_000n);
  lua.set_memory_limit(8 << 20);
  for (const [name, program] of PROGRAMS) console.log(`${name}: ${run(program)}`);
}
save();

/** Runs a program: what it printed, and its result or error. */
function run(program) {
  const source = Buffer.from(program);
  const start = lua.get_buffer_ptr();
  memory().set(source, start);
  const told = lua.compute(start, source.length);
  const response = memory().subarray(start);
  if (told < 0) return `error: ${response.toString("utf8", 0, -told - 1)}`;
  const n = response.readUInt32LE(0);
  return response.toString("utf8", 4, 4 + n) + show(response.subarray(4 + n));
}

/** A result as text. */
function show(value) {
  switch (value[0]) {
    case 0: return "nil";
    case 1: return String(value[1] !== 0);
    case 2: return String(value.readBigInt64LE(1));
    case 3: return String(value.readDoubleLE(1));
    case 4: return value.toString("utf8", 5, 5 + value.readUInt32LE(1));
    case 5: return `table ${value.readUInt32LE(1)}`;
    default: return "function";
  }
}

/** The module's memory; a view is good until the memory grows, so each access takes a new one. */
function memory() {
  return Buffer.from(lua.memory.buffer);
}

/** The five functions by which the module reaches the tables. Numbers that come from it are made unsigned. */
function lendStore() {
  const part = (at, length) => memory().subarray(at >>> 0, (at >>> 0) + (length >>> 0));
  const name = (key, length) => part(key, length).toString("latin1");
  // Written if there is room; the length tells the module how much it needs in any case.
  const answer = (at, room, bytes) => {
    if (bytes.length <= room >>> 0) memory().set(bytes, at >>> 0);
    return bytes.length;
  };
  return {
    js_ext_table_get(table, key, keyLength, value, room) {
      const found = tables.get(table >>> 0)?.get(name(key, keyLength));
      return found === undefined ? -1 : answer(value, room, found);
    },
    js_ext_table_set(table, key, keyLength, value, valueLength) {
      const id = table >>> 0;
      if (!tables.has(id)) tables.set(id, new Map());
      // A copy: what lies in the module's memory is overwritten.
      tables.get(id).set(name(key, keyLength), Buffer.from(part(value, valueLength)));
      return 0;
    },
    js_ext_table_delete(table, key, keyLength) {
      return tables.get(table >>> 0)?.delete(name(key, keyLength)) ? 0 : -1;
    },
    js_ext_table_size(table) {
      return tables.get(table >>> 0)?.size ?? 0;
    },
    js_ext_table_keys(table, keys, room) {
      const entries = tables.get(table >>> 0);
      if (!entries) return -1;
      const list = [u32(entries.size)];
      for (const key of entries.keys()) list.push(u32(key.length), Buffer.from(key, "latin1"));
      return answer(keys, room, Buffer.concat(list));
    },
  };
}

function u32(n) {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(n);
  return bytes;
}

/** The file has a line for each entry: the table's number, the key and the value in hexadecimal, with tabs between. */
function load() {
  const tables = new Map();
  if (!existsSync(storeFile)) return tables;
  for (const line of readFileSync(storeFile, "utf8").split("\n").slice(0, -1)) {
    const [id, key, value] = line.split("\t");
    if (!tables.has(+id)) tables.set(+id, new Map());
    tables.get(+id).set(Buffer.from(key, "hex").toString("latin1"), Buffer.from(value, "hex"));
  }
  return tables;
}

function save() {
  let text = "";
  for (const [id, entries] of tables) {
    for (const [key, value] of entries) {
      text += `${id}\t${Buffer.from(key, "latin1").toString("hex")}\t${value.toString("hex")}\n`;
    }
  }
  // Another name first: the old state is there until the new one is complete.
  writeFileSync(`${storeFile}.new`, text);
  renameSync(`${storeFile}.new`, storeFile);
}
