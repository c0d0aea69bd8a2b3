/**
 * Messages between JavaScript and Lua: the other end of `src/wire.rs`, where their form is described.
 *
 * What it is not: it knows no runs (`machine.ts`). What only a machine knows (the numbers of functions, say) it asks of a
 * {@link Border}. Nothing recurses: what is open lies in arrays.
 */

import { LuaStateError, LuaValueError } from "../errors.ts";
import { LuaFloat, LuaHandle, refuse } from "../values.ts";
import * as tag from "../generated/tags.ts";
import { fromBytes, toBytes } from "./bigint.ts";
import type { Instance } from "./instance.ts";

/** What a message needs to know of the machine that it goes to or comes from. */
export interface Border {
  /** Tag and number of a function or object that is not copied; `undefined` if it is to be copied. */
  identify(value: object): { tag: number; id: number } | undefined;
  /** The value in JavaScript for a tag and number. */
  resolve(tag: number, id: number): unknown;
  /** Integers are BigInts, and numbers floats. */
  readonly bigints: boolean;
}

const encoder = new TextEncoder();
// A byte order mark is a part of the string.
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

const TWO_32 = 4294967296;
const MIN_I64 = -(2n ** 63n);
const MAX_I64 = 2n ** 63n - 1n;
/** What the buffer has at least. */
const CAPACITY = 65536;

const isWellFormed: (text: string) => boolean =
  typeof ("" as { isWellFormed?: unknown }).isWellFormed === "function"
    ? (text) => (text as unknown as { isWellFormed(): boolean }).isWellFormed()
    : (text) => !/\p{Surrogate}/u.test(text);

/** Short strings seen lately, by a hash of their bytes. */
const CACHE_SIZE = 2048;
const cache: string[] = new Array<string>(CACHE_SIZE).fill("");

/** Writes a message into the instance's buffer. One at a time: begin, write, and cross the border. */
export class Writer {
  private readonly instance: Instance;
  private base = 0;
  private p = 0;
  private limit = 0;
  private u8: Uint8Array;
  private dv: DataView;
  /** Where the byte is that tells whether tables are referred to. */
  private flag = 0;
  private n = 0;
  private seen: Map<object, number> | undefined;

  constructor(instance: Instance) {
    this.instance = instance;
    this.u8 = instance.u8;
    this.dv = instance.dv;
  }

  /** Begins a message; until it has been sent or dropped nothing else can be written (a getter might try). */
  begin(): void {
    const instance = this.instance;
    if (instance.writing) throw new LuaStateError("busy");
    instance.writing = true;
    this.base = this.p = instance.wire(0);
    this.limit = this.base + CAPACITY;
    this.u8 = instance.u8;
    this.dv = instance.dv;
  }

  /** The message is complete, or given up. */
  end(): void {
    this.instance.writing = false;
    this.seen = undefined;
  }

  private room(n: number): void {
    if (this.p + n > this.limit) this.grow(n);
  }

  private grow(n: number): void {
    const used = this.p - this.base;
    const wanted = Math.max(used + n, (this.limit - this.base) * 2);
    const base = this.instance.wire(wanted);
    this.u8 = this.instance.u8;
    this.dv = this.instance.dv;
    this.flag += base - this.base;
    this.base = base;
    this.p = base + used;
    this.limit = base + wanted;
  }

  word(word: number): void {
    this.room(4);
    this.dv.setUint32(this.p, word, true);
    this.p += 4;
  }

  /** A string or bytes, where the other side wants one. */
  text(text: string | Uint8Array): void {
    if (typeof text === "string") this.string(text);
    else if (text instanceof Uint8Array) this.counted(tag.BYTES, text);
    else throw new LuaValueError("a string or a Uint8Array is wanted here");
  }

  private counted(kind: number, bytes: Uint8Array): void {
    this.room(5 + bytes.length);
    this.u8[this.p] = kind;
    this.dv.setUint32(this.p + 1, bytes.length, true);
    this.u8.set(bytes, this.p + 5);
    this.p += 5 + bytes.length;
  }

  private string(text: string): void {
    const n = text.length;
    if (n < 64) {
      this.room(1 + n);
      const u8 = this.u8;
      const start = this.p + 1;
      let i = 0;
      for (; i < n; i++) {
        const unit = text.charCodeAt(i);
        if (unit > 127) break;
        u8[start + i] = unit;
      }
      if (i === n) {
        u8[this.p] = tag.SHORT | n;
        this.p = start + n;
        return;
      }
    }
    if (!isWellFormed(text)) throw new LuaValueError("a string with a lone surrogate has no UTF-8 and cannot be given to Lua");
    this.room(5 + 3 * n);
    const { written } = encoder.encodeInto(text, this.u8.subarray(this.p + 5, this.p + 5 + 3 * n));
    this.u8[this.p] = tag.STR;
    this.dv.setUint32(this.p + 1, written, true);
    this.p += 5 + written;
  }

  /** The values of a list, as what a run or a function is given. */
  values(border: Border, values: readonly unknown[]): void {
    this.room(1);
    this.flag = this.p;
    this.u8[this.p++] = 0;
    this.n = 0;
    this.seen = undefined;
    for (let i = 0; i < values.length; i++) {
      const value = values[i];
      if (!this.scalar(border, value)) this.graph(border, value as object);
    }
    this.seen = undefined;
  }

  /** An integer of more than 64 bits. */
  private big(value: bigint): true {
    this.counted(tag.BIG, toBytes(value));
    return true;
  }

  private tagged(tag: number, id: number): void {
    this.room(5);
    this.u8[this.p] = tag;
    this.dv.setUint32(this.p + 1, id, true);
    this.p += 5;
  }

  private float(value: number): void {
    this.room(9);
    this.u8[this.p] = tag.F64;
    this.dv.setFloat64(this.p + 1, value, true);
    this.p += 9;
  }

  private number(border: Border, value: number): void {
    if (border.bigints) return this.float(value);
    if ((value | 0) === value && (value !== 0 || 1 / value > 0)) {
      this.room(5);
      this.u8[this.p] = tag.I32;
      this.dv.setInt32(this.p + 1, value, true);
      this.p += 5;
    } else if (Number.isSafeInteger(value) && value !== 0) {
      this.room(9);
      this.u8[this.p] = tag.I64;
      this.dv.setUint32(this.p + 1, value >>> 0, true);
      this.dv.setInt32(this.p + 5, Math.floor(value / TWO_32), true);
      this.p += 9;
    } else {
      this.float(value);
    }
  }

  /** Writes a value unless it is something whose parts have to be written. */
  private scalar(border: Border, value: unknown): boolean {
    switch (typeof value) {
      case "number":
        this.number(border, value);
        return true;
      case "string":
        this.string(value);
        return true;
      case "boolean":
        this.room(1);
        this.u8[this.p++] = value ? tag.TRUE : tag.FALSE;
        return true;
      case "undefined":
        this.room(1);
        this.u8[this.p++] = tag.NIL;
        return true;
      case "bigint":
        if (value < MIN_I64 || value > MAX_I64) return this.big(value);
        this.room(9);
        this.u8[this.p] = tag.I64;
        this.dv.setBigInt64(this.p + 1, value, true);
        this.p += 9;
        return true;
      case "symbol":
        return refuse("a symbol has no counterpart in Lua");
      default:
        return this.object(border, value as object | null);
    }
  }

  private object(border: Border, value: object | null): boolean {
    if (value === null) {
      this.room(1);
      this.u8[this.p++] = tag.NIL;
      return true;
    }
    if (this.seen !== undefined) {
      const n = this.seen.get(value);
      if (n !== undefined) {
        this.u8[this.flag] = 1;
        this.tagged(tag.BACK, n);
        return true;
      }
    }
    // Most objects are plain or arrays.
    const prototype: unknown = Object.getPrototypeOf(value);
    if (typeof value !== "function" && (prototype === Object.prototype || prototype === Array.prototype || prototype === null)) {
      const known = border.identify(value);
      if (known === undefined) return false;
      this.tagged(known.tag, known.id);
      return true;
    }
    if (value instanceof LuaFloat) {
      this.float(value.value);
      return true;
    }
    if (value instanceof Uint8Array) {
      this.counted(tag.BYTES, value);
      return true;
    }
    if (value instanceof ArrayBuffer) {
      this.counted(tag.BYTES, new Uint8Array(value));
      return true;
    }
    const known = border.identify(value);
    if (known !== undefined) {
      this.tagged(known.tag, known.id);
      return true;
    }
    if (Array.isArray(value) || value instanceof Map || isPlain(value)) return false;
    return refuse(whyNot(value));
  }

  /** Writes an array, a map or a plain object, with everything that it leads to. */
  private graph(border: Border, root: object): void {
    const seen = (this.seen ??= new Map<object, number>());
    const outer: Open[] = [];
    let open = this.begun(seen, root);
    for (;;) {
      const inner = open.names === undefined ? this.list(border, open) : this.fields(border, open, open.names);
      if (inner !== undefined) {
        outer.push(open);
        open = this.begun(seen, inner);
        continue;
      }
      // The number of entries is known now: those without a value were left out.
      this.dv.setUint32(this.base + open.head + 5, open.pairs, true);
      const next = outer.pop();
      if (next === undefined) return;
      open = next;
    }
  }

  /** Writes the rest of a list, up to a value whose parts have to be written first. */
  private list(border: Border, open: Open): object | undefined {
    const values = open.values as unknown[];
    while (open.at < values.length) {
      const value = values[open.at++];
      if (!this.scalar(border, value)) return value as object;
    }
    return undefined;
  }

  /** The same for the fields of an object. */
  private fields(border: Border, open: Open, names: string[]): object | undefined {
    const object = open.values as Record<string, unknown>;
    while (open.at < names.length) {
      const name = names[open.at++];
      const value = object[name];
      if (value === undefined || value === null) continue;
      open.pairs++;
      this.string(name);
      if (typeof value === "number") this.number(border, value);
      else if (!this.scalar(border, value)) return value as object;
    }
    return undefined;
  }

  private begun(seen: Map<object, number>, value: object): Open {
    seen.set(value, this.n++);
    this.room(9);
    const head = this.p;
    this.p += 9;
    let a = 0;
    let kind: number = tag.OBJECT;
    let names: string[] | undefined;
    let values: unknown = value;
    let pairs = 0;
    if (Array.isArray(value)) {
      kind = tag.ARRAY;
      a = value.length;
    } else if (value instanceof Map) {
      kind = tag.MAP;
      const list: unknown[] = [];
      for (const [key, entry] of value) {
        if (key === undefined || key === null) refuse("a Map with the key undefined or null cannot be a table");
        if (typeof key === "number" && Number.isNaN(key)) refuse("a Map with the key NaN cannot be a table");
        if (entry !== undefined && entry !== null) list.push(key, entry);
      }
      values = list;
      pairs = list.length / 2;
    } else {
      names = Object.keys(value);
    }
    this.u8[head] = kind;
    this.dv.setUint32(head + 1, a, true);
    this.dv.setUint32(head + 5, names === undefined ? pairs : names.length, true);
    return { head: head - this.base, names, values, at: 0, pairs };
  }
}

/** A list or an object that is being written. */
interface Open {
  /** Where its head is in the message. */
  head: number;
  /** The names of an object's fields. */
  names: string[] | undefined;
  /** The elements of an array, keys and values of a map in turn, or the object. */
  values: unknown;
  at: number;
  pairs: number;
}

/** Whether an object is plain, perhaps of another realm. */
function isPlain(value: object): boolean {
  const prototype: object | null = Object.getPrototypeOf(value);
  if (prototype === null) return true;
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, "hasOwnProperty") && typeof value !== "function";
}

function whyNot(value: object): string {
  if (typeof (value as { then?: unknown }).then === "function") return "a promise has no counterpart in Lua: await it first, or return it from a function that Lua calls";
  if (value instanceof LuaHandle) return "a handle of another Lua state cannot be given to this one";
  const name = Object.getPrototypeOf(value)?.constructor?.name;
  const what = typeof name === "string" && name !== "" ? `an object of class ${name}` : "this object";
  return `${what} has no counterpart in Lua: show it with expose(), or give its data`;
}

/** Reads a message out of the instance's buffer. */
export class Reader {
  private readonly instance: Instance;
  private p = 0;
  private u8: Uint8Array;
  private dv: DataView;
  private tables: unknown[] = [];

  constructor(instance: Instance) {
    this.instance = instance;
    this.u8 = instance.u8;
    this.dv = instance.dv;
  }

  begin(): void {
    this.p = this.instance.wire(0);
    this.u8 = this.instance.u8;
    this.dv = this.instance.dv;
    if (this.tables.length !== 0) this.tables = [];
  }

  word(): number {
    const word = this.dv.getUint32(this.p, true);
    this.p += 4;
    return word;
  }

  private string(n: number): string {
    const { p, u8 } = this;
    this.p = p + n;
    if (n > 32) return n > 200 ? decoder.decode(u8.subarray(p, p + n)) : this.longer(p, n);
    let hash = n;
    for (let i = p; i < p + n; i++) hash = (Math.imul(hash, 31) + u8[i]) | 0;
    const slot = (hash ^ (hash >>> 11)) & (CACHE_SIZE - 1);
    const known = cache[slot];
    if (known.length === n) {
      let i = 0;
      while (i < n && known.charCodeAt(i) === u8[p + i]) i++;
      if (i === n) return known;
    }
    return (cache[slot] = this.longer(p, n));
  }

  private longer(p: number, n: number): string {
    const u8 = this.u8;
    let text = "";
    for (let i = p; i < p + n; i++) {
      const byte = u8[i];
      if (byte > 127) return decoder.decode(u8.subarray(p, p + n));
      text += String.fromCharCode(byte);
    }
    return text;
  }

  /** A string value where there is one. */
  text(): string | Uint8Array {
    return this.scalar(undefined as never, this.u8[this.p++]) as string | Uint8Array;
  }

  /** `n` values. */
  values(border: Border, n: number): unknown[] {
    const values: unknown[] = [];
    for (let i = 0; i < n; i++) values.push(this.value(border));
    return values;
  }

  value(border: Border): unknown {
    const kind = this.u8[this.p++];
    if (kind >= tag.ARRAY && kind <= tag.SPREAD) return this.graph(border, kind);
    return this.scalar(border, kind);
  }

  private scalar(border: Border, kind: number): unknown {
    const { dv, p } = this;
    switch (kind) {
      case tag.NIL:
        return undefined;
      case tag.FALSE:
        return false;
      case tag.TRUE:
        return true;
      case tag.I32: {
        this.p = p + 4;
        const value = dv.getInt32(p, true);
        return border.bigints ? BigInt(value) : value;
      }
      case tag.I64: {
        this.p = p + 8;
        const value = dv.getInt32(p + 4, true) * TWO_32 + dv.getUint32(p, true);
        return Number.isSafeInteger(value) && !border.bigints ? value : dv.getBigInt64(p, true);
      }
      case tag.F64:
        this.p = p + 8;
        return dv.getFloat64(p, true);
      case tag.FLOAT:
        this.p = p + 8;
        return new LuaFloat(dv.getFloat64(p, true));
      case tag.STR:
        return this.string(this.word());
      case tag.BYTES: {
        const n = this.word();
        this.p += n;
        return this.u8.slice(this.p - n, this.p);
      }
      case tag.BIG: {
        const n = this.word();
        this.p += n;
        return fromBytes(this.u8, this.p - n, n);
      }
      case tag.BACK:
        return this.tables[this.word()];
      default:
        if (kind >= tag.SHORT) return this.string(kind & ~tag.SHORT);
        return border.resolve(kind, this.word());
    }
  }

  /** Makes the empty container of a table; its number is that of its beginning. */
  private container(kind: number, a: number, b: number): unknown[] | Map<unknown, unknown> | Record<string, unknown> {
    const made: unknown[] | Map<unknown, unknown> | Record<string, unknown> =
      kind === tag.ARRAY ? [] : kind === tag.SPREAD ? new Array<unknown>(a + b) : kind === tag.MAP ? new Map() : (Object.create(null) as Record<string, unknown>);
    this.tables.push(made);
    return made;
  }

  /** A table that has just been begun, with everything that it leads to. */
  private graph(border: Border, rootKind: number): unknown {
    const open: Frame[] = [];
    let frame = this.begun(rootKind);
    const root = frame.made;
    for (;;) {
      // Values of the array part, then keys and values in turn.
      if (frame.at < frame.n) {
        const kind = this.u8[this.p++];
        let value: unknown;
        if (kind >= tag.ARRAY && kind <= tag.SPREAD) {
          const inner = this.begun(kind);
          value = inner.made;
          put(frame, value, border.bigints);
          open.push(frame);
          frame = inner;
          continue;
        }
        value = this.scalar(border, kind);
        put(frame, value, border.bigints);
        continue;
      }
      const outer = open.pop();
      if (outer === undefined) return root;
      frame = outer;
    }
  }

  private begun(kind: number): Frame {
    const a = this.word();
    const b = this.word();
    return { kind, made: this.container(kind, a, b), a, at: 0, n: a + 2 * b, key: undefined };
  }
}

interface Frame {
  kind: number;
  made: unknown[] | Map<unknown, unknown> | Record<string, unknown>;
  /** Values without keys. */
  a: number;
  /** Values read so far, and how many there are, keys included. */
  at: number;
  n: number;
  key: unknown;
}

/** Puts what has been read into its container: an element, a key, or the value of the key before. */
function put(frame: Frame, value: unknown, bigints: boolean): void {
  const at = frame.at++;
  if (at < frame.a) {
    if (frame.kind === tag.ARRAY) (frame.made as unknown[]).push(value);
    else if (frame.kind === tag.SPREAD) (frame.made as unknown[])[at] = value;
    else (frame.made as Map<unknown, unknown>).set(bigints ? BigInt(at + 1) : at + 1, value);
  } else if (((at - frame.a) & 1) === 0) {
    frame.key = value;
  } else if (frame.kind === tag.OBJECT) {
    (frame.made as Record<string, unknown>)[frame.key as string] = value;
  } else if (frame.kind === tag.MAP) {
    (frame.made as Map<unknown, unknown>).set(frame.key, value);
  } else {
    (frame.made as unknown[])[Number(frame.key) - 1] = value;
  }
}
