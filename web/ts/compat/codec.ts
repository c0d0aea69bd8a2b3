/**
 * Values and keys of external tables, in JavaScript and as bytes: what `ext_table/README.md` describes.
 *
 * JavaScript's values become entries as the original did it, with what it lost put right: fractions, large integers, text
 * of any length, cycles. Nothing recurses: what is still to be done lies in lists.
 */

import { LuaValueError } from "../errors.ts";
import { type Entries, utf8Bytes, type Tables } from "./tables.ts";

/** First bytes of values. */
const NIL = 0;
const BOOLEAN = 1;
const INTEGER = 2;
const FLOAT = 3;
const STRING = 4;
const TABLE = 7;
const BIG_INTEGER = 10;

/** First character of keys that are not plain text. */
const ESCAPE = "\u0001";
/** Longest text of a float. */
const MOST_DECIMAL = 32;
const MIN_I64 = -(2n ** 63n);
const MAX_I64 = 2n ** 63n - 1n;

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const strict = new TextDecoder("utf-8", { ignoreBOM: true, fatal: true });

/** The bytes of a text; one with a lone surrogate has none. */
export function utf8(text: string): Uint8Array {
  const bytes = utf8Bytes(text);
  if (bytes.length !== text.length && /\p{Surrogate}/u.test(text)) throw new LuaValueError("a string with a lone surrogate has no UTF-8 and cannot be given to Lua");
  return bytes;
}

/** Text, or the bytes as they are if they are no UTF-8. */
export function textOf(bytes: Uint8Array): string | Uint8Array {
  try {
    return strict.decode(bytes);
  } catch {
    return bytes.slice();
  }
}

// ---- keys -----------------------------------------------------------------------------------------------

/** The shortest decimal without an exponent; nothing if it is too long. */
function decimal(value: number): string | undefined {
  if (!Number.isFinite(value)) return undefined;
  const [mantissa, exponent] = Math.abs(value).toExponential().split("e");
  const digits = mantissa.replace(".", "");
  const places = Number(exponent);
  const whole = places < 0 ? "0" : digits.slice(0, places + 1).padEnd(places + 1, "0");
  const rest = places < 0 ? "0".repeat(-places - 1) + digits : digits.slice(places + 1);
  const text = `${value < 0 ? "-" : ""}${whole}${rest === "" ? "" : `.${rest}`}`;
  return text.length <= MOST_DECIMAL ? text : undefined;
}

/** The number whose key this is. */
function numberOf(key: string): number | bigint | undefined {
  if (key.length > MOST_DECIMAL || !/^-?[0-9]/.test(key)) return undefined;
  if (/^-?[0-9]+$/.test(key)) {
    const integer = BigInt(key);
    if (integer >= MIN_I64 && integer <= MAX_I64) {
      if (String(integer) !== key) return undefined;
      const number = Number(integer);
      return Number.isSafeInteger(number) ? number : integer;
    }
  } else if (!/^-?[0-9.]+$/.test(key)) return undefined;
  const number = Number(key);
  return decimal(number) === key ? number : undefined;
}

/** The key of a string. */
export function stringKey(text: string): string {
  const needsEscape = text === "" || text.startsWith(ESCAPE) || text === "__proto__" || numberOf(text) !== undefined;
  if (text.includes("\0")) return `${ESCAPE}x${[...utf8(text)].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
  return needsEscape ? `${ESCAPE}s${text}` : text;
}

/** The key of a member of an object: as in the original, members with a number's name are found under the number. */
export function memberKey(name: string): string {
  if (name === "__ext_table_id") throw new LuaValueError("the name __ext_table_id is taken: it is where external tables have their number");
  utf8(name);
  return numberOf(name) === undefined ? stringKey(name) : name;
}

/** The key of a Map. */
function mapKey(key: unknown): string {
  switch (typeof key) {
    case "string":
      // A Map tells the string from the number.
      memberKey(key);
      return stringKey(key);
    case "boolean":
      return `${ESCAPE}b${key ? "1" : "0"}`;
    case "bigint":
      if (key >= MIN_I64 && key <= MAX_I64) return String(key);
      break;
    case "number": {
      if (Number.isNaN(key)) break;
      if (Number.isInteger(key) && key >= -(2 ** 63) && key < 2 ** 63) return String(BigInt(key));
      const text = decimal(key);
      if (text !== undefined) return text;
      const view = new DataView(new ArrayBuffer(8));
      view.setFloat64(0, key);
      return `${ESCAPE}f${view.getBigUint64(0).toString(16).padStart(16, "0")}`;
    }
  }
  throw new LuaValueError(`a Map with the key ${String(key)} cannot be a table`);
}

function fromHexadecimal(digits: string): Uint8Array | undefined {
  if (!/^(?:[0-9a-f]{2})*$/.test(digits)) return undefined;
  return Uint8Array.from({ length: digits.length / 2 }, (_, i) => Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16));
}

/** What a key stands for. */
export function keyValue(key: string): string | number | bigint | boolean | Uint8Array {
  if (!key.startsWith(ESCAPE)) return numberOf(key) ?? key;
  const rest = key.slice(2);
  switch (key[1]) {
    case "b":
      if (rest === "0" || rest === "1") return rest === "1";
      break;
    case "s":
      return rest;
    case "x": {
      const bytes = fromHexadecimal(rest);
      if (bytes !== undefined) return textOf(bytes);
      break;
    }
    case "f": {
      const bytes = fromHexadecimal(rest);
      if (bytes?.length === 8) return new DataView(bytes.buffer).getFloat64(0);
    }
  }
  return key;
}

// ---- values to bytes ------------------------------------------------------------------------------------

function tagged(tag: number, n: number): { bytes: Uint8Array; view: DataView } {
  const bytes = new Uint8Array(1 + n);
  bytes[0] = tag;
  return { bytes, view: new DataView(bytes.buffer, 1) };
}

function integer(value: bigint): Uint8Array {
  const { bytes, view } = tagged(INTEGER, 8);
  view.setBigInt64(0, value, true);
  return bytes;
}

function string(text: Uint8Array): Uint8Array {
  const { bytes, view } = tagged(STRING, 4 + text.length);
  view.setUint32(0, text.length, true);
  bytes.set(text, 5);
  return bytes;
}

/** A reference to a table. */
export function reference(table: number): Uint8Array {
  const { bytes, view } = tagged(TABLE, 4);
  view.setUint32(0, table, true);
  return bytes;
}

/** The bytes of a value without parts; nothing if it has parts. */
function simple(value: unknown): Uint8Array | undefined {
  switch (typeof value) {
    case "boolean":
      return Uint8Array.of(BOOLEAN, value ? 1 : 0);
    case "number": {
      // Beyond that it would come back as a BigInt.
      if (Number.isSafeInteger(value) && !Object.is(value, -0)) return integer(BigInt(value));
      const { bytes, view } = tagged(FLOAT, 8);
      view.setFloat64(0, value, true);
      return bytes;
    }
    case "bigint":
      if (value < MIN_I64 || value > MAX_I64) throw new LuaValueError(`the integer ${value} does not fit the 64 bits of Lua's integers`);
      return integer(value);
    case "string":
      return string(utf8(value));
    case "object":
      return value === null ? Uint8Array.of(NIL) : undefined;
    default:
      // As in JSON: nothing, functions and symbols are no data.
      return Uint8Array.of(NIL);
  }
}

/** Keys of an object's parts, and the parts. */
function* partsOf(value: object): Generator<[string, unknown]> {
  if (Array.isArray(value)) {
    const names = Object.keys(value);
    if (names.length >= value.length) for (let i = 0; i < value.length; i++) yield [String(i + 1), value[i]];
    else for (const name of names) if (/^[0-9]+$/.test(name)) yield [String(Number(name) + 1), (value as unknown as Record<string, unknown>)[name]];
  } else if (value instanceof Map) {
    for (const [key, part] of value) yield [mapKey(key), part];
  } else if (value instanceof Set) {
    let n = 0;
    for (const part of value) yield [String(++n), part];
  } else {
    const names = Object.keys(value);
    const prototype: unknown = Object.getPrototypeOf(value);
    if (names.length === 0 && prototype !== null && Object.getPrototypeOf(prototype) !== null && !ArrayBuffer.isView(value)) {
      const name = (prototype as { constructor?: { name?: unknown } }).constructor?.name;
      throw new LuaValueError(`an object of class ${String(name)} has no counterpart in Lua: give its data`);
    }
    for (const name of names) yield [memberKey(name), (value as Record<string, unknown>)[name]];
  }
}

/**
 * Puts a value into the tables: its bytes, which refer to tables made for its parts. If it cannot be done there is an
 * error, and nothing has been written.
 */
export function encode(tables: Tables, value: unknown): Uint8Array {
  const ids = new Map<object, number>();
  const due: object[] = [];
  const bytesOf = (part: unknown): Uint8Array => {
    const bytes = simple(part);
    if (bytes !== undefined) return bytes;
    const object = part as object;
    let id = ids.get(object);
    if (id === undefined) {
      ids.set(object, (id = tables.newId()));
      due.push(object);
    }
    return reference(id);
  };
  const root = bytesOf(value);
  const made: [number, Entries][] = [];
  for (let object = due.pop(); object !== undefined; object = due.pop()) {
    const entries: Entries = new Map();
    const isList = Array.isArray(object);
    for (const [key, part] of partsOf(object)) {
      const bytes = bytesOf(part);
      // Lists keep their places; elsewhere nil is no entry.
      if (isList || bytes[0] !== NIL) entries.set(key, bytes);
    }
    made.push([ids.get(object) as number, entries]);
  }
  for (const [id, entries] of made) {
    tables.make(id);
    for (const [key, bytes] of entries) {
      if (tables.set(id, key, bytes)) continue;
      for (const [written, { size }] of made) {
        if (size > 0) for (const name of [...(tables.map.get(written)?.keys() ?? [])]) tables.delete(written, name);
      }
      throw new LuaValueError("the value takes more room than external tables may take");
    }
  }
  return root;
}

// ---- bytes to values ------------------------------------------------------------------------------------

/** The number of the table that a value refers to. */
export function tableOf(bytes: Uint8Array | undefined): number | undefined {
  if (bytes === undefined || bytes[0] !== TABLE || bytes.length < 5) return undefined;
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(1, true);
}

function bigInteger(bytes: Uint8Array): bigint {
  let hex = "0x0";
  for (let i = bytes.length - 1; i > 0; i--) hex += bytes[i].toString(16).padStart(2, "0");
  return bytes[0] === 1 ? -BigInt(hex) : BigInt(hex);
}

/** An integer of 64 bits: a number, if that is exact. */
export function integerAt(view: DataView, at: number): number | bigint {
  const value = view.getBigInt64(at, true);
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** A value without parts: functions, and what makes no sense, are null. */
function simpleValue(bytes: Uint8Array): unknown {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const counted = (): Uint8Array | undefined => {
    const n = bytes.length >= 5 ? view.getUint32(1, true) : Infinity;
    return n <= bytes.length - 5 ? bytes.subarray(5, 5 + n) : undefined;
  };
  switch (bytes[0]) {
    case BOOLEAN:
      return bytes.length > 1 ? bytes[1] !== 0 : null;
    case INTEGER:
      return bytes.length > 8 ? integerAt(view, 1) : null;
    case FLOAT:
      return bytes.length > 8 ? view.getFloat64(1, true) : null;
    case STRING: {
      const text = counted();
      return text === undefined ? null : textOf(text);
    }
    case BIG_INTEGER: {
      const digits = counted();
      return digits === undefined ? null : bigInteger(digits);
    }
    default:
      return null;
  }
}

/** A table's form in JavaScript, without its parts. */
interface Shell {
  value: unknown;
  fill(part: (bytes: Uint8Array) => unknown): void;
}

function shell(entries: Entries | undefined): Shell {
  if (entries === undefined || entries.size === 0) return { value: [], fill: () => undefined };
  let isList = true;
  for (let i = 1; isList && i <= entries.size; i++) isList = entries.has(String(i));
  if (isList) {
    const list = new Array<unknown>(entries.size);
    return {
      value: list,
      fill(part) {
        for (let i = 0; i < list.length; i++) list[i] = part(entries.get(String(i + 1)) as Uint8Array);
      },
    };
  }
  const keys = new Map<string, ReturnType<typeof keyValue>>();
  for (const key of entries.keys()) keys.set(key, keyValue(key));
  const isPlain = (key: unknown): boolean => typeof key === "string" || typeof key === "number" || typeof key === "bigint";
  const names = new Set([...keys.values()].map(String));
  if (names.size === entries.size && [...keys.values()].every(isPlain)) {
    const object = {};
    return {
      value: object,
      fill(part) {
        for (const [key, bytes] of entries) {
          if (bytes[0] === NIL) continue;
          // A member named `__proto__` is a member like any other.
          Object.defineProperty(object, String(keys.get(key)), { value: part(bytes), writable: true, enumerable: true, configurable: true });
        }
      },
    };
  }
  const map = new Map<unknown, unknown>();
  return {
    value: map,
    fill(part) {
      for (const [key, bytes] of entries) if (bytes[0] !== NIL) map.set(keys.get(key), part(bytes));
    },
  };
}

/** The value of an entry, with the tables that it leads to: lists are arrays, others objects, or Maps if names are not enough. */
export function decode(tables: Tables, bytes: Uint8Array): unknown {
  const shells = new Map<number, unknown>();
  const due: Shell[] = [];
  const part = (value: Uint8Array): unknown => {
    const table = tableOf(value);
    if (table === undefined) return simpleValue(value);
    if (table === 0) return null;
    if (!shells.has(table)) {
      const made = shell(tables.map.get(table));
      shells.set(table, made.value);
      due.push(made);
    }
    return shells.get(table);
  };
  const root = part(bytes);
  for (let made = due.pop(); made !== undefined; made = due.pop()) made.fill(part);
  return root;
}

/** A text shown in messages. */
export function shown(text: string | Uint8Array): string {
  return typeof text === "string" ? text : decoder.decode(text);
}
