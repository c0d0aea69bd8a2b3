/**
 * What the original has kept in the browser: reading its database, which is only ever read, and making of it entries as
 * this package keeps them.
 *
 * Everything in it is taken for untrusted: anybody who could run a script on the page could write it. An entry that does
 * not make sense is left out and named in the report; the rest is taken.
 *
 * ```text
 *   database LuaPersistentDB, store externalTables, key path id
 *     { id: NUMBER, data: { KEY: { _type: "binary", data: [BYTE, …] }, … } }       a table
 *     { id: "__metadata__", data: { homeTableId, memoryTableId, … } }               which of them is _home
 * ```
 */

import type { Change } from "../storage/persist.ts";
import { LuaStorageError } from "../storage/storage.ts";
import { keyValue, reference, stringKey, tableOf } from "./codec.ts";
import { nextNumber } from "./snapshots.ts";
import { Tables } from "./tables.ts";
import { Unit } from "./unit.ts";

/** The original's database. */
export const ORIGINAL = "LuaPersistentDB";
const STORE = "externalTables";
const METADATA = "__metadata__";
/** Milliseconds that any one step may take. */
const WATCHDOG = 10_000;

const HOME = 1;
const IO = 2;
/** Tables with higher numbers get new ones. */
const LAST_KEPT = 1 << 24;
const NO_TABLE = 0xffffffff;
/** What the bytes of a function begin with, and where the byte is that is zero in chunks of ours alone. */
const CHUNK = [0x1b, 0x4c, 0x75, 0x61, 0x54];
const MARK = 5 + 32;

const encoder = new TextEncoder();

/** An entry, or a whole table, that could not be taken over. */
export class LuaMigrationError extends Error {
  static override readonly name: string = "LuaMigrationError";
  override readonly name = "LuaMigrationError";
  /** The table's number in the original's database; nothing if that is what makes no sense. */
  readonly table: number | undefined;
  /** The entry's key there; nothing if it is about the whole table. */
  readonly key: string | undefined;
  /** What is wrong with it. */
  readonly reason: string;

  constructor(table: number | undefined, key: string | undefined, reason: string) {
    const where = table === undefined ? "a record" : `table ${table}`;
    const what = key === undefined ? where : `the entry ${JSON.stringify(shortened(key))} of ${where}`;
    super(`${what} cannot be taken over: ${reason}`);
    this.table = table;
    this.key = key;
    this.reason = reason;
  }
}

/** What was found, and what was not taken over. */
export interface MigrationReport {
  /** Tables, `_home` included. */
  tables: number;
  /** Their entries. */
  entries: number;
  /** Functions among them. */
  functions: number;
  /** The state was saved by a version that had `Memory` in the place of `_home`. */
  usesMemory: boolean;
  /** When it was saved, if that is known. */
  savedAt: string | undefined;
  /** What was left out. It is still in the original's database. */
  errors: LuaMigrationError[];
}

/** What the original has kept, as entries of this package. */
export interface Migration {
  entries: Change[];
  report: MigrationReport;
}

function shortened(text: string): string {
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value);
}

/** A table's number, if it is one. */
function tableNumber(id: unknown): number | undefined {
  const number = typeof id === "string" && /^[1-9][0-9]{0,9}$/.test(id) ? Number(id) : id;
  return typeof number === "number" && Number.isInteger(number) && number >= 1 && number < NO_TABLE ? number : undefined;
}

/** Puts together what the records of the database say. */
export class OriginalReader {
  private readonly tables = new Map<number, Map<string, Uint8Array>>();
  private readonly errors: LuaMigrationError[] = [];
  private metadata: Record<string, unknown> = {};
  private room: number;

  /** Reads at most `limit` bytes. */
  constructor(limit: number) {
    this.room = limit;
  }

  private take(n: number): void {
    this.room -= n;
    if (this.room < 0) throw new LuaStorageError("damaged", "the original's database has more than a state may have");
  }

  private fail(table: number | undefined, key: string | undefined, reason: string): void {
    this.take(100);
    this.errors.push(new LuaMigrationError(table, key, reason));
  }

  /** Adds a record. */
  add(record: unknown): void {
    this.take(100);
    if (!isObject(record)) return this.fail(undefined, undefined, "it is not an object");
    const { id, data } = record;
    if (id === METADATA) {
      if (isObject(data)) this.metadata = data;
      else this.fail(undefined, undefined, "the metadata is not an object");
      return;
    }
    const table = tableNumber(id);
    if (table === undefined) return this.fail(undefined, undefined, `its number is ${shortened(typeof id === "string" ? JSON.stringify(id) : String(id))}`);
    if (!isObject(data)) return this.fail(table, undefined, "its entries are not an object");
    if (this.tables.has(table)) return this.fail(table, undefined, "there are two of this number");
    const entries = new Map<string, Uint8Array>();
    this.tables.set(table, entries);
    for (const key of Object.keys(data)) {
      this.take(100 + 2 * key.length);
      const reason = this.entry(entries, key, data[key]);
      if (reason !== undefined) this.fail(table, key, reason);
    }
  }

  /** Adds an entry; or says why not. */
  private entry(entries: Map<string, Uint8Array>, key: string, value: unknown): string | undefined {
    if (key === "" || key === "__ext_table_id") return "no entry can have this key";
    if (/\p{Surrogate}/u.test(key)) return "its key has a lone surrogate";
    const bytes = this.bytes(value);
    if (typeof bytes === "string") return bytes;
    const reason = wrong(bytes);
    if (reason === undefined && bytes[0] !== 0) entries.set(stringOrNumber(key), bytes);
    return reason;
  }

  /** The bytes of a value in any of the forms that there have been; or why there are none. */
  private bytes(value: unknown): Uint8Array | string {
    if (typeof value === "string") {
      this.take(3 * value.length);
      return encoder.encode(value);
    }
    const list = isObject(value) && value._type === "binary" ? value.data : value;
    if (list instanceof Uint8Array) {
      this.take(list.length);
      return list.slice();
    }
    if (!Array.isArray(list) || list === value) return "its value is not of bytes";
    // A list may say that it is longer than anything.
    this.take(list.length);
    const bytes = new Uint8Array(list.length);
    for (let i = 0; i < list.length; i++) {
      const byte: unknown = list[i];
      if (typeof byte !== "number" || !Number.isInteger(byte) || byte < 0 || byte > 255) return "its value is not of bytes";
      bytes[i] = byte;
    }
    return bytes;
  }

  /** What all records come to. `check` says what is wrong with the bytes of a function. */
  finish(check: (bytes: Uint8Array) => string | undefined): Migration {
    const { tables, metadata } = this;
    const usesMemory = metadata.homeTableId === undefined && metadata.memoryTableId !== undefined;
    const named = usesMemory ? metadata.memoryTableId : metadata.homeTableId;
    const home = named === undefined ? HOME : tableNumber(named);
    if (home === undefined) this.fail(undefined, undefined, "the metadata names no table as _home");
    const numbers = this.numbers(home ?? HOME, usesMemory);
    const entries: Change[] = [];
    const report: MigrationReport = { tables: 0, entries: 0, functions: 0, usesMemory, savedAt: undefined, errors: this.errors };
    if (typeof metadata.savedAt === "string") report.savedAt = metadata.savedAt.slice(0, 40);
    for (const [table, of] of tables) {
      const number = numbers.get(table);
      if (number === undefined || number === IO) continue;
      report.tables++;
      for (const [key, bytes] of of) {
        if (bytes[0] === 5) {
          const reason = check(bytes);
          if (reason !== undefined) {
            this.fail(table, String(keyValue(key)), reason);
            continue;
          }
          report.functions++;
        }
        const referred = tableOf(bytes);
        const value = referred === undefined ? bytes : reference(numbers.get(referred) as number);
        entries.push({ table: number, key: encoder.encode(key), value });
      }
    }
    report.entries = entries.length;
    // A table that is only referred to has no entry that would say so.
    let next = IO + 1;
    for (const number of numbers.values()) if (number >= next) next = number + 1;
    entries.push(nextNumber(next));
    return { entries, report };
  }

  /** The number that each table gets: `_home` is 1, `_io` is 2 and not taken over, as it was never meant to be kept. */
  private numbers(home: number, usesMemory: boolean): Map<number, number> {
    const { tables } = this;
    const all = new Set([home, ...tables.keys()]);
    for (const entries of tables.values()) for (const bytes of entries.values()) all.add(tableOf(bytes) ?? home);
    const numbers = new Map([[home, HOME]]);
    // Before there was `_io`, its number was that of an ordinary table; and programs may have kept `_io` itself.
    if (home !== IO && !usesMemory && !this.reachable(home).has(IO)) all.delete(IO);
    const rest = [...all].filter((table) => table !== home).sort((a, b) => a - b);
    const isKept = home === HOME && !rest.includes(IO) && (rest.at(-1) ?? 0) <= LAST_KEPT;
    let next = IO + 1;
    for (const table of rest) numbers.set(table, isKept ? table : next++);
    // What refers to `_io` from a table that nothing needs may as well refer to the new one.
    if (!numbers.has(IO)) for (const entries of tables.values()) for (const bytes of entries.values()) if (tableOf(bytes) === IO) numbers.set(IO, IO);
    return numbers;
  }

  /** The tables that can be reached from one. */
  private reachable(from: number): Set<number> {
    const reached = new Set([from]);
    // A set that grows while it is gone through is gone through to its end.
    for (const table of reached) {
      for (const bytes of this.tables.get(table)?.values() ?? []) {
        const referred = tableOf(bytes);
        if (referred !== undefined) reached.add(referred);
      }
    }
    return reached;
  }
}

/** The key here of a key there: numbers were texts, everything else was a string. */
function stringOrNumber(key: string): string {
  return key.startsWith("\u0001") || typeof keyValue(key) === "string" ? stringKey(key) : key;
}

/** What is wrong with the bytes of a value, functions' insides left aside. */
function wrong(bytes: Uint8Array): string | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const least = [1, 2, 9, 9, 5, 5, 3, 5][bytes[0]];
  if (bytes.length === 0) return "its value is empty";
  if (least === undefined) return `its value is of the unknown kind ${bytes[0]}`;
  if (bytes.length < least) return "its value is cut off";
  if ((bytes[0] === 4 || bytes[0] === 5) && view.getUint32(1, true) > bytes.length - 5) return "its value is cut off";
  if (bytes[0] === 5 && (CHUNK.some((byte, i) => bytes[5 + i] !== byte) || bytes[MARK] === 0)) return "its value is not a function of Lua 5.4";
  if (bytes[0] === 7 && (view.getUint32(1, true) === 0 || view.getUint32(1, true) >= NO_TABLE)) return "it refers to a table that cannot be";
  return undefined;
}

/** Finds out what is wrong with functions, with a machine of its own: it reads them, and runs nothing of them. */
export function functionCheck(module: WebAssembly.Module): (bytes: Uint8Array) => string | undefined {
  let unit: Unit | undefined;
  return (bytes) => {
    unit ??= new Unit(module, new Tables(1 << 30));
    if (unit.homeId === 0 && unit.init() !== 0) return "there is no memory to look at it";
    unit.tables.set(HOME, "f", bytes);
    const told = unit.compute("local ok, f = pcall(function() return _home.f end) return ok and type(f) == 'function' or tostring(f)");
    const result = told < 0 ? unit.failure().message : unit.response().value;
    if (result === true) return undefined;
    const reason = /cannot read _home\.f: (.*)$/s.exec(String(result))?.[1];
    return reason ?? `it is no function that can be read (${String(result)})`;
  };
}

function timed<T>(start: (resolve: (value: T) => void, reject: (error: unknown) => void) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new LuaStorageError("timeout", "the original's database")), WATCHDOG);
    start(
      (value) => (clearTimeout(timer), resolve(value)),
      (error) => (clearTimeout(timer), reject(error)),
    );
  });
}

/** Opens the database if it is there; it is not made if it is not. */
function opened(name: string): Promise<IDBDatabase | undefined> {
  return timed((resolve, reject) => {
    const request = indexedDB.open(name);
    let isNew = false;
    request.onupgradeneeded = (event) => {
      isNew = event.oldVersion === 0;
      if (isNew) request.transaction?.abort();
    };
    request.onerror = (event) => {
      // Without this the page would hear of it.
      event.preventDefault();
      if (isNew) resolve(undefined);
      else reject(new LuaStorageError("aborted", "the original's database cannot be opened", request.error));
    };
    request.onsuccess = () => resolve(request.result);
  });
}

/** Reads the original's database of this name; nothing if there is none, or nothing in it. It stays as it is. */
export async function readOriginal(module: WebAssembly.Module, name = ORIGINAL, limit = 256 << 20): Promise<Migration | undefined> {
  if (typeof indexedDB === "undefined") return undefined;
  const database = await opened(name);
  if (database === undefined) return undefined;
  try {
    if (!database.objectStoreNames.contains(STORE)) return undefined;
    const reader = new OriginalReader(limit);
    let n = 0;
    const transaction = database.transaction(STORE, "readonly");
    const request = transaction.objectStore(STORE).openCursor();
    for (;;) {
      const isMore = await timed<boolean>((resolve, reject) => {
        request.onsuccess = () => {
          const cursor = request.result;
          if (cursor === null) return resolve(false);
          try {
            // One record at a time: nobody knows how large they are.
            reader.add(cursor.value);
            n++;
            cursor.continue();
            resolve(true);
          } catch (error) {
            reject(error);
          }
        };
        request.onerror = () => reject(new LuaStorageError("aborted", "the original's database cannot be read", request.error));
        transaction.onabort = () => reject(new LuaStorageError("aborted", "the original's database cannot be read", transaction.error));
      });
      if (!isMore) break;
    }
    return n === 0 ? undefined : reader.finish(functionCheck(module));
  } finally {
    database.close();
  }
}
