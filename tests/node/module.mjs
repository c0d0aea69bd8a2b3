// The raw module as a Node host sees it: instances with Map-backed external tables, and one call to compute.
//
// Knows the module's interface; knows neither suites nor benchmarks.

import { readFileSync } from "node:fs";

const MEMORY_LIMIT = 256 << 20;

/** The external tables of one instance: id -> Map of key text to value bytes. */
function externalTables(memory) {
  const tables = new Map();
  const bytes = (ptr, len) => new Uint8Array(memory().buffer, ptr, len);
  const key = (ptr, len) => Buffer.from(bytes(ptr, len)).toString("latin1");
  return {
    js_ext_table_set(id, keyPtr, keyLen, valPtr, valLen) {
      if (!tables.has(id)) tables.set(id, new Map());
      tables.get(id).set(key(keyPtr, keyLen), bytes(valPtr, valLen).slice());
      return 0;
    },
    js_ext_table_get(id, keyPtr, keyLen, valPtr, maxLen) {
      const value = tables.get(id)?.get(key(keyPtr, keyLen));
      if (!value || value.length > maxLen >>> 0) return -1;
      bytes(valPtr, value.length).set(value);
      return value.length;
    },
    js_ext_table_delete(id, keyPtr, keyLen) {
      return tables.get(id)?.delete(key(keyPtr, keyLen)) ? 0 : -1;
    },
    js_ext_table_size(id) {
      return tables.get(id)?.size ?? 0;
    },
    js_ext_table_keys(id, bufPtr, maxLen) {
      const table = tables.get(id);
      if (!table) return -1;
      const text = Buffer.from([...table.keys()].join("\n"), "latin1");
      if (text.length > maxLen >>> 0) return -1;
      bytes(bufPtr, text.length).set(text);
      return text.length;
    },
  };
}

/** Compiles the module once for many instances. */
export function compileModule(path) {
  return new WebAssembly.Module(readFileSync(path));
}

/** The exports of a ready instance: initialised, with room to grow. */
export function instantiate(module) {
  let instance;
  const offered = externalTables(() => instance.exports.memory);
  const env = {};
  for (const { module: from, name } of WebAssembly.Module.imports(module)) {
    if (from !== "env" || !(name in offered)) throw new Error(`the module wants ${from}.${name}`);
    env[name] = offered[name];
  }
  instance = new WebAssembly.Instance(module, { env });
  const status = instance.exports.init();
  if (status !== 0) throw new Error(`init gave ${status}`);
  instance.exports.set_memory_limit?.(MEMORY_LIMIT);
  return instance.exports;
}

/**
 * Runs a chunk: {error, output: null, value: null} or {error: null, output, value}.
 * Texts and the value's bytes are Buffers: tag and payload as the interface writes them.
 */
export function compute(cu, source) {
  const size = cu.get_buffer_size();
  if (source.length > size) throw new Error(`${source.length} bytes of source do not fit the buffer`);
  const at = cu.get_buffer_ptr();
  new Uint8Array(cu.memory.buffer, at, source.length).set(source);
  const length = cu.compute(at, source.length);
  // Memory may have grown: take a fresh view, and copy, for the next call overwrites it.
  const copy = (from, to) => Buffer.from(new Uint8Array(cu.memory.buffer, at + from, to - from).slice());
  if (length < 0) return { error: copy(0, -length - 1), output: null, value: null };
  if (length < 4) throw new Error(`compute gave ${length} bytes`);
  const printed = new DataView(cu.memory.buffer).getUint32(at, true);
  return { error: null, output: copy(4, 4 + printed), value: copy(4 + printed, length) };
}

/** The value of a response as text, for checksums: numbers, strings, booleans and nil. */
export function valueText(value) {
  switch (value[0]) {
    case 0: return "nil";
    case 1: return value[1] ? "true" : "false";
    case 2: return String(value.readBigInt64LE(1));
    case 3: return String(value.readDoubleLE(1));
    case 4: return value.subarray(5, 5 + value.readUInt32LE(1)).toString("utf8");
    default: return `<tag ${value[0]}>`;
  }
}
