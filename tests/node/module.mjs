// The raw module as a Node host sees it: instances with external tables in maps, and one call to compute.
//
// Knows the module's interface; knows neither suites nor benchmarks.

import { readFileSync } from "node:fs";

const MEMORY_LIMIT = 256 << 20;
const OUTPUT_LIMIT = 64 << 20;

/** The functions over external tables for `tables`, a map: id -> map of key to bytes of the value. */
export function tableFunctions(tables, memory) {
  const bytes = (ptr, len) => new Uint8Array(memory().buffer, ptr >>> 0, len >>> 0);
  const key = (ptr, len) => {
    const all = bytes(ptr, len);
    if (all.length > 40) return Buffer.from(all.buffer, all.byteOffset, all.length).latin1Slice();
    // Short keys are had quicker byte by byte.
    let text = "";
    for (let i = 0; i < all.length; i++) text += String.fromCharCode(all[i]);
    return text;
  };
  return {
    js_ext_table_set(id, keyPtr, keyLen, valPtr, valLen) {
      if (!tables.has(id)) tables.set(id, new Map());
      tables.get(id).set(key(keyPtr, keyLen), bytes(valPtr, valLen).slice());
      return 0;
    },
    js_ext_table_get(id, keyPtr, keyLen, valPtr, maxLen) {
      const value = tables.get(id)?.get(key(keyPtr, keyLen));
      if (value === undefined || value.length > maxLen >>> 0) return -1;
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

/** The exports of a new instance before `init`; `functions` replace or add to those over `tables`. */
export function instantiateBare(module, { tables = new Map(), functions = {} } = {}) {
  let instance;
  const offered = {
    js_time_now: () => Date.now(),
    ...tableFunctions(tables, () => instance.exports.memory),
    ...functions,
  };
  const env = {};
  for (const { module: from, name } of WebAssembly.Module.imports(module)) {
    if (from !== "env" || !(name in offered)) throw new Error(`the module wants ${from}.${name}`);
    env[name] = offered[name];
  }
  instance = new WebAssembly.Instance(module, { env });
  return instance.exports;
}

/** The exports of a ready instance: initialised, with room to grow and to keep output. */
export function instantiate(module, options) {
  const cu = instantiateBare(module, options);
  const status = cu.init();
  if (status !== 0) throw new Error(`init gave ${status}`);
  cu.set_memory_limit(MEMORY_LIMIT);
  cu.set_output_limit(OUTPUT_LIMIT);
  return cu;
}

/** Runs a chunk given as bytes and returns what compute returned. */
export function call(cu, source) {
  const fits = source.length <= cu.get_buffer_size();
  const at = fits ? cu.get_buffer_ptr() : cu.alloc(source.length);
  if (at === 0) throw new Error(`no memory for ${source.length} bytes of source`);
  new Uint8Array(cu.memory.buffer, at, source.length).set(source);
  const told = cu.compute(at, source.length);
  if (!fits) cu.free(at, source.length);
  return told;
}

/** The bytes of the response of a call that returned `told`. */
export function response(cu, told) {
  // Memory may have grown: take a fresh view, and copy, for the next call overwrites it.
  const length = told < 0 ? -told - 1 : told;
  return Buffer.from(new Uint8Array(cu.memory.buffer, cu.get_buffer_ptr(), length).slice());
}

/** What `read`, which puts pieces into the buffer, gives from byte 0 to `length`. */
function inPieces(cu, length, read) {
  const pieces = [];
  for (let from = 0; from < length; ) {
    const n = read(from);
    if (n <= 0) throw new Error(`${n} bytes at ${from} of ${length}`);
    pieces.push(response(cu, n));
    from += n;
  }
  return Buffer.concat(pieces);
}

/**
 * Runs a chunk: {error, output, value}, all of it, whether or not it fits the buffer; either error or value is null.
 * They are Buffers: the message, what was printed, and tag and payload as the interface writes them.
 */
export function compute(cu, source) {
  const told = call(cu, source);
  // No source is no program: the call succeeds and leaves what the buffer holds.
  if (told === 0 && source.length === 0) return { error: null, output: Buffer.alloc(0), value: Buffer.from([0]) };
  if (told >= 0 && told < 4) throw new Error(`compute gave ${told} bytes`);
  const first = response(cu, told);
  const n = cu.output_len();
  const printed = told < 0 ? -1 : first.readUInt32LE(0);
  const output = printed === n ? first.subarray(4, 4 + n) : inPieces(cu, n, cu.read_output);
  const text = told < 0 || first[4 + printed] === 4 ? cu.result_len() : -1;
  if (told < 0) {
    const error = text > first.length ? inPieces(cu, text, cu.read_result) : first;
    return { error, output, value: null };
  }
  let value = first.subarray(4 + printed);
  if (value.length !== 5 + text && text >= 0) {
    const head = Buffer.from([4, 0, 0, 0, 0]);
    head.writeUInt32LE(text, 1);
    value = Buffer.concat([head, inPieces(cu, text, cu.read_result)]);
  }
  return { error: null, output, value };
}

/** The value of a response as text, for checksums: numbers, strings, booleans and nil. */
export function valueText(value) {
  switch (value[0]) {
    case 0: return "nil";
    case 1: return value[1] ? "true" : "false";
    case 2: return String(value.readBigInt64LE(1));
    case 3: return String(value.readDoubleLE(1));
    case 4: return value.subarray(5, 5 + value.readUInt32LE(1)).toString("utf8");
    case 5: return `<table ${value.readUInt32LE(1)}>`;
    case 6: return "<function>";
    default: return `<tag ${value[0]}>`;
  }
}
