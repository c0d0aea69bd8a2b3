/**
 * One instance of the raw module (`wasm_api/README.md`) with its external tables: what both faces of the original stand on.
 *
 * What it is not: it has no promises, for the module has none; what a program does is done when `compute` returns. It
 * knows nothing of where tables are kept (`snapshots.ts`).
 */

import { LuaError, LuaLimitError, LuaStateError } from "../errors.ts";
import { decode, encode, integerAt, memberKey, reference, shown, tableOf, textOf, utf8 } from "./codec.ts";
import { Tables } from "./tables.ts";

/** The module's exports that are used here. */
interface Exports {
  memory: WebAssembly.Memory;
  init(): number;
  compute(address: number, length: number): number;
  get_buffer_ptr(): number;
  get_buffer_size(): number;
  get_memory_stats(address: number): void;
  run_gc(): void;
  attach_memory_table(id: number): void;
  get_memory_table_id(): number;
  get_io_table_id(): number;
  clear_io_table(): void;
  sync_external_table_counter(next: number): void;
  set_memory_alias_enabled(flag: number): void;
  set_memory_limit(bytes: number): void;
  set_fuel(fuel: bigint): void;
  fuel_left(): bigint;
  set_time(milliseconds: number): void;
  set_seed(first: bigint, second: bigint): void;
  alloc(length: number): number;
  free(address: number, length: number): void;
  set_output_limit(bytes: number): void;
  output_len(): number;
  read_output(from: number): number;
  result_len(): number;
  read_result(from: number): number;
  allow_binary_chunks(flag: number): void;
}

/** What bounds a unit. */
export interface UnitOptions {
  /** How large the module's memory may become, in bytes: 16 MiB at least. The default is 256 MiB. */
  memorySize?: number;
  /** Most bytes that external tables may take beside that. The default is 256 MiB. */
  tableSize?: number;
  /** Units of work for each `compute`; about one for each call and turn of a loop. The default is no limit. */
  fuel?: number;
}

/** A limit that makes sense; nothing if there is none. */
export function limitOf(value: number | undefined, name: string): number | undefined {
  if (value === undefined || value === Infinity) return undefined;
  if (typeof value !== "number" || !(value >= 0)) throw new RangeError(`${name} has to be a number from 0 up`);
  return value;
}

/** What a program came to. */
export interface Response {
  /** What it printed. */
  output: string;
  /** Its last result; functions are given as `functions` says. */
  value: unknown;
}

/** Most output that is kept. */
const OUTPUT = 64 << 20;
/** Fuel for programs of ours: those of users may have put something in the way. */
const OURS = 1_000_000_000n;
/** How many tables are made before it is looked which are not needed any more: so many, and as many again as there are. */
const GARBAGE = 1000;

/** Where `_io` refers to the table of a response meanwhile: no program has this key. */
const RESPONSE = "\u0001response";

/** Tags of results. */
const NIL = 0;
const BOOLEAN = 1;
const INTEGER = 2;
const FLOAT = 3;
const STRING = 4;
const TABLE = 5;
const FUNCTION = 6;
const ERROR = 255;

export class Unit {
  readonly tables: Tables;
  private readonly cu: Exports;
  /** For each `compute`; below 0 there is no limit. */
  private readonly fuel: bigint;
  private isReady = false;
  private death: unknown;
  private nKept = 0;
  /** What the last `compute` returned, while its response is in the buffer. */
  private last = 0;
  /** Whether it was the last program that has run: then the module knows all of its response. */
  private isLast = false;

  constructor(module: WebAssembly.Module, tables: Tables, options: UnitOptions = {}) {
    this.tables = tables;
    const fuel = limitOf(options.fuel, "fuel");
    const size = limitOf(options.memorySize, "memorySize") ?? 256 << 20;
    this.fuel = fuel === undefined ? -1n : BigInt(Math.floor(Math.min(fuel, Number.MAX_SAFE_INTEGER)));
    const imports = tables.imports(() => this.cu.memory);
    const instance = new WebAssembly.Instance(module, { env: { ...imports, js_time_now: () => Date.now() } });
    this.cu = instance.exports as unknown as Exports;
    if (typeof this.cu.set_memory_limit !== "function") throw new TypeError("this is not the module of this package: cu.wasm of this version is wanted");
    this.cu.set_memory_limit(Math.min(size, 0xffff0000));
    this.cu.set_output_limit(OUTPUT);
    this.cu.allow_binary_chunks(0);
    const seed = crypto.getRandomValues(new BigInt64Array(2));
    this.cu.set_seed(seed[0], seed[1]);
  }

  /** Calls the module. It never throws; if it does, the unit is of no use any more. */
  private call<T>(act: (cu: Exports) => T): T {
    if (this.death !== undefined) throw new LuaStateError("dead", this.death);
    try {
      return act(this.cu);
    } catch (error) {
      this.death = error;
      throw new LuaStateError("dead", error);
    }
  }

  /** Makes the Lua state: 0, or another number if there is no memory for it. */
  init(): number {
    const status = this.call((cu) => cu.init());
    this.isReady = status === 0;
    if (this.isReady) {
      this.tables.make(this.homeId);
      this.tables.make(this.ioId);
    }
    return status;
  }

  /** The number of `_home`; 0 before `init`. */
  get homeId(): number {
    return this.call((cu) => cu.get_memory_table_id()) >>> 0;
  }

  /** The number of `_io`; 0 before `init`. */
  get ioId(): number {
    return this.call((cu) => cu.get_io_table_id()) >>> 0;
  }

  attachHome(id: number): void {
    this.call((cu) => cu.attach_memory_table(id));
  }

  setMemoryAlias(enabled: boolean): void {
    this.call((cu) => cu.set_memory_alias_enabled(enabled ? 1 : 0));
    if (!this.isReady) return;
    if (enabled) this.attachHome(this.homeId);
    else this.quietly("if rawequal(rawget(_G, 'Memory'), rawget(_G, '_home')) then Memory = nil end");
  }

  // ---- programs -----------------------------------------------------------------------------------------

  /** Runs a program: the number that the module's `compute` returns. */
  compute(code: string): number {
    const source = utf8(code);
    this.check();
    if (this.tables.nMade > GARBAGE + this.nKept) this.collectTables();
    this.last = this.run(source, this.fuel);
    this.isLast = true;
    return this.last;
  }

  /** The table that the response in the buffer refers to. */
  private get responseTable(): number | undefined {
    if (this.last < 9) return undefined;
    const bytes = this.bytes(this.bufferPtr, this.last);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const at = 4 + view.getUint32(0, true);
    return bytes[at] === TABLE && at + 5 <= bytes.length ? view.getUint32(at + 1, true) : undefined;
  }

  private check(): void {
    if (!this.isReady) throw new Error("Lua is not initialized: call init() first");
  }

  private run(source: Uint8Array, fuel: bigint): number {
    const told = this.call((cu) => {
      cu.sync_external_table_counter(this.tables.next);
      cu.set_time(Date.now());
      cu.set_fuel(fuel);
      const isShort = source.length <= cu.get_buffer_size();
      const address = isShort ? cu.get_buffer_ptr() : cu.alloc(source.length) >>> 0;
      if (address === 0) return undefined;
      new Uint8Array(cu.memory.buffer, address, source.length).set(source);
      const told = cu.compute(address, source.length);
      if (!isShort) cu.free(address, source.length);
      return told;
    });
    if (told === undefined) throw new LuaError(`not enough memory for a source of ${source.length} bytes`, "memory", undefined);
    return told;
  }

  /** Runs a program of ours, without a trace in the buffer. */
  private quietly(source: string): boolean {
    const kept = this.bytes(this.bufferPtr, this.bufferSize).slice();
    const told = this.run(utf8(source), OURS);
    this.bytes(this.bufferPtr, this.bufferSize).set(kept);
    this.isLast = false;
    return told >= 0;
  }

  /** The response of the last `compute`. */
  response(functions: unknown = null): Response {
    return this.read(this.bufferPtr, this.last, functions);
  }

  /** The message of the last `compute`, which failed. */
  failure(): Error {
    if (this.fuel >= 0n && this.call((cu) => cu.fuel_left()) === 0n) return new LuaLimitError("fuel");
    const message = shown(this.whole(-this.last - 1, this.call((cu) => cu.result_len()), (cu, from) => cu.read_result(from), this.bufferPtr));
    return new LuaError(message, message === "not enough memory" ? "memory" : "runtime", message);
  }

  /** What the last `compute` printed, also if it failed. */
  printed(): string {
    const n = this.call((cu) => cu.output_len());
    return n <= 0 ? "" : shown(this.whole(0, n, (cu, from) => cu.read_output(from), this.bufferPtr));
  }

  /** The bytes from `address` on if they are all, or else what `read` gives piece by piece; the buffer stays as it is. */
  private whole(length: number, wanted: number, read: (cu: Exports, from: number) => number, address: number): string | Uint8Array {
    if (wanted <= length) return textOf(this.bytes(address, length));
    const kept = this.bytes(this.bufferPtr, this.bufferSize).slice();
    const all = new Uint8Array(wanted);
    for (let from = 0; from < wanted; ) {
      const n = this.call((cu) => read(cu, from));
      if (n <= 0) break;
      all.set(this.bytes(this.bufferPtr, Math.min(n, wanted - from)), from);
      from += n;
    }
    this.bytes(this.bufferPtr, this.bufferSize).set(kept);
    return textOf(all);
  }

  /** Reads a response of `length` bytes at `address`; that of the last `compute` as a whole, also where the buffer was too small. */
  read(address: number, length: number, functions: unknown): Response {
    const bytes = this.bytes(address, length).slice();
    const isLast = this.isLast && address === this.bufferPtr && length === this.last && length > 0;
    const view = new DataView(bytes.buffer);
    const n = length >= 4 ? view.getUint32(0, true) : Infinity;
    if (n > length - 4) return { output: "", value: null };
    let output = shown(textOf(bytes.subarray(4, 4 + n)));
    if (isLast && this.call((cu) => cu.output_len()) > n) output = this.printed();
    // The original put three dots behind output that it had cut.
    const dots = bytes[4 + n] === 46 && bytes[5 + n] === 46 && bytes[6 + n] === 46 ? 3 : 0;
    return { output, value: this.result(bytes, 4 + n + dots, isLast, functions) };
  }

  private result(bytes: Uint8Array, at: number, isLast: boolean, functions: unknown): unknown {
    const view = new DataView(bytes.buffer);
    const left = bytes.length - at - 1;
    const text = (): string | Uint8Array => {
      const n = left >= 4 ? view.getUint32(at + 1, true) : 0;
      return textOf(bytes.subarray(at + 5, at + 5 + n));
    };
    switch (bytes[at]) {
      case NIL:
        return null;
      case BOOLEAN:
        return left >= 1 ? bytes[at + 1] !== 0 : null;
      case INTEGER:
        return left >= 8 ? integerAt(view, at + 1) : null;
      case FLOAT:
        return left >= 8 ? view.getFloat64(at + 1, true) : null;
      case STRING: {
        const n = left >= 4 ? view.getUint32(at + 1, true) : 0;
        const whole = isLast ? this.call((cu) => cu.result_len()) : n;
        return whole > n ? this.whole(n, whole, (cu, from) => cu.read_result(from), this.bufferPtr) : text();
      }
      case TABLE:
        return left >= 4 ? decode(this.tables, reference(view.getUint32(at + 1, true))) : null;
      case FUNCTION:
        return functions;
      case ERROR:
        return new Error(shown(text()));
      default:
        return null;
    }
  }

  // ---- memory -------------------------------------------------------------------------------------------

  get bufferPtr(): number {
    return this.call((cu) => cu.get_buffer_ptr()) >>> 0;
  }

  get bufferSize(): number {
    return this.call((cu) => cu.get_buffer_size()) >>> 0;
  }

  /** Bytes of the module's memory, as they are: not a copy. */
  bytes(address: number, length: number): Uint8Array {
    return new Uint8Array(this.cu.memory.buffer, address, length);
  }

  get memorySize(): number {
    return this.cu.memory.buffer.byteLength;
  }

  /** Bytes that Lua uses. */
  get memoryUsed(): number {
    const address = this.bufferPtr;
    const place = this.bytes(address, 12);
    const kept = place.slice();
    this.call((cu) => cu.get_memory_stats(address));
    const used = new DataView(place.buffer, address).getUint32(4, true);
    place.set(kept);
    return used;
  }

  /** Collects garbage in Lua's memory. */
  collect(): void {
    this.call((cu) => cu.run_gc());
  }

  /** Removes the external tables that nothing needs any more, as far as the program lets its `ext.collect` be. */
  collectTables(): void {
    if (this.isReady) {
      const { responseTable, io, tables } = this;
      // A response may be read later than this.
      if (responseTable !== undefined) tables.set(io, RESPONSE, reference(responseTable));
      const done = this.quietly("local e = rawget(_G, 'ext') if type(e) == 'table' then e.collect() end");
      tables.delete(io, RESPONSE);
      if (done) tables.forgetEmpty();
    }
    this.tables.nMade = 0;
    this.nKept = this.tables.map.size;
  }

  // ---- _io ----------------------------------------------------------------------------------------------

  private get io(): number {
    this.check();
    return this.ioId;
  }

  /** Gives an entry of `_io` a value. */
  setIo(key: string, value: unknown): void {
    const { io } = this;
    const bytes = encode(this.tables, value);
    if (bytes[0] === NIL) this.tables.delete(io, key);
    else if (!this.tables.set(io, key, bytes)) throw new RangeError("external tables take more room than they may");
  }

  /** The value of an entry of `_io`; null if there is none. */
  getIo(key: string): unknown {
    const bytes = this.tables.get(this.io, key);
    return bytes === undefined ? null : decode(this.tables, bytes);
  }

  /** Gives a field of a table in `_io` a value; a table is made if there is none. */
  setIoField(key: string, name: string, value: unknown): void {
    const { io, tables } = this;
    const bytes = encode(tables, value);
    const before = tables.get(io, key);
    let table = tableOf(before);
    if (table === undefined) {
      if (before !== undefined && before[0] !== NIL) throw new TypeError(`_io.${key} is not a table`);
      table = tables.newId();
      if (!tables.set(io, key, reference(table))) throw new RangeError("external tables take more room than they may");
      tables.make(table);
    }
    const field = memberKey(name);
    if (bytes[0] === NIL) tables.delete(table, field);
    else if (!tables.set(table, field, bytes)) throw new RangeError("external tables take more room than they may");
  }

  /** The value of a field of a table in `_io`; null if there is none. */
  getIoField(key: string, name: string): unknown {
    const table = tableOf(this.tables.get(this.io, key));
    const bytes = table === undefined ? undefined : this.tables.get(table, memberKey(name));
    return bytes === undefined ? null : decode(this.tables, bytes);
  }

  clearIo(): void {
    const { io } = this;
    // The program may have given `_io` entries of its own; these three are what the host's functions use.
    for (const key of ["input", "output", "meta"]) this.tables.delete(io, key);
  }
}
