/**
 * External tables as the host of the raw module keeps them: a map for each, from keys to values, both as the module writes
 * them (`ext_table/README.md`). Keys are UTF-8 there and text here; none is lost, because the module's keys always are.
 *
 * What it is not: it knows nothing of what keys and values mean (`codec.ts`), nor of where they are kept (`snapshots.ts`).
 * Nothing here throws into the module.
 */

/** What an entry is counted as, beyond its bytes. */
const OVERHEAD = 64;
/** The number that no table has. */
const NO_TABLE = 0xffffffff;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Text of this length is had quicker character by character. */
const SHORT = 40;

/** The bytes of a text without lone surrogates. */
export function utf8Bytes(key: string): Uint8Array {
  if (key.length > SHORT) return encoder.encode(key);
  const bytes = new Uint8Array(key.length);
  for (let i = 0; i < key.length; i++) {
    const unit = key.charCodeAt(i);
    if (unit > 127) return encoder.encode(key);
    bytes[i] = unit;
  }
  return bytes;
}

function textOfUtf8(bytes: Uint8Array): string {
  if (bytes.length > SHORT) return decoder.decode(bytes);
  let key = "";
  for (let i = 0; i < bytes.length; i++) {
    if (bytes[i] > 127) return decoder.decode(bytes);
    key += String.fromCharCode(bytes[i]);
  }
  return key;
}

/** A table's entries. */
export type Entries = Map<string, Uint8Array>;

/** What the module imports. */
export interface TableImports extends WebAssembly.ModuleImports {
  js_ext_table_get(table: number, key: number, keyLength: number, value: number, most: number): number;
  js_ext_table_set(table: number, key: number, keyLength: number, value: number, length: number): number;
  js_ext_table_delete(table: number, key: number, keyLength: number): number;
  js_ext_table_size(table: number): number;
  js_ext_table_keys(table: number, keys: number, most: number): number;
}

/** Keys that have changed, by table, since somebody looked. */
export class Changes {
  readonly keys = new Map<number, Set<string>>();

  note(table: number, key: string): void {
    let keys = this.keys.get(table);
    if (keys === undefined) this.keys.set(table, (keys = new Set()));
    keys.add(key);
  }
}

export class Tables {
  readonly map = new Map<number, Entries>();
  /** Every number from here up is free. */
  next = 3;
  /** Tables made since garbage was last collected. */
  nMade = 0;
  /** Who wants to know of changes. */
  readonly watchers = new Set<Changes>();
  private used = 0;
  private readonly limit: number;

  /** Tables that take at most `limit` bytes. */
  constructor(limit: number) {
    this.limit = limit;
  }

  get(table: number, key: string): Uint8Array | undefined {
    return this.map.get(table)?.get(key);
  }

  /** Makes an entry or replaces its value; false if there is no room. */
  set(table: number, key: string, value: Uint8Array): boolean {
    const entries = this.make(table);
    const before = entries.get(key);
    const used = this.used + value.length - (before === undefined ? -(2 * key.length + OVERHEAD) : before.length);
    if (used > this.limit) return false;
    this.used = used;
    entries.set(key, value);
    for (const watcher of this.watchers) watcher.note(table, key);
    return true;
  }

  /** Removes an entry; false if it was not there. */
  delete(table: number, key: string): boolean {
    const entries = this.map.get(table);
    const before = entries?.get(key);
    if (entries === undefined || before === undefined) return false;
    this.used -= before.length + 2 * key.length + OVERHEAD;
    entries.delete(key);
    for (const watcher of this.watchers) watcher.note(table, key);
    return true;
  }

  /** The entries of a table, which is known from now on. */
  make(table: number): Entries {
    let entries = this.map.get(table);
    if (entries === undefined) {
      this.map.set(table, (entries = new Map()));
      this.nMade++;
      this.saw(table);
    }
    return entries;
  }

  /** A number for a new table. */
  newId(): number {
    if (this.next >= NO_TABLE) throw new RangeError("no number is left for another external table");
    return this.next++;
  }

  /** Somebody has spoken of this table, so its number is not free. */
  saw(table: number): void {
    if (table >= this.next && table < NO_TABLE) this.next = table + 1;
  }

  /** Bytes that everything takes. */
  get bytes(): number {
    return this.used;
  }

  /** Forgets tables without entries; `_home` and `_io` stay. */
  forgetEmpty(): void {
    for (const [table, entries] of this.map) if (entries.size === 0 && table > 2) this.map.delete(table);
    this.nMade = 0;
  }

  /** Whether these entries could take the place of everything. */
  hasRoom(entries: readonly { key: Uint8Array; value: Uint8Array | undefined }[]): boolean {
    let bytes = 0;
    for (const { key, value } of entries) bytes += OVERHEAD + 2 * key.length + (value?.length ?? 0);
    return bytes <= this.limit;
  }

  /** Removes everything. */
  clear(): void {
    for (const [table, entries] of this.map) for (const key of [...entries.keys()]) this.delete(table, key);
    this.map.clear();
    this.used = 0;
    this.nMade = 0;
  }

  /** The functions for the module whose memory this is. */
  imports(memory: () => WebAssembly.Memory): TableImports {
    const bytes = (address: number, n: number): Uint8Array => new Uint8Array(memory().buffer, address >>> 0, n >>> 0);
    const text = (address: number, n: number): string => textOfUtf8(bytes(address, n));
    const safely = (act: () => number): number => {
      try {
        return act();
      } catch {
        return -1;
      }
    };
    return {
      js_ext_table_get: (table, key, keyLength, value, most) =>
        safely(() => {
          this.saw(table >>> 0);
          const found = this.get(table >>> 0, text(key, keyLength));
          // No value has no bytes. After -1 the module would ask again, with half of all the memory there may be.
          if (found === undefined) return 0;
          // One that does not fit is asked for again, with as much room as its length says.
          if (found.length <= most >>> 0) bytes(value, found.length).set(found);
          return found.length;
        }),
      js_ext_table_set: (table, key, keyLength, value, length) =>
        safely(() => (this.set(table >>> 0, text(key, keyLength), bytes(value, length).slice()) ? 0 : -1)),
      js_ext_table_delete: (table, key, keyLength) => safely(() => (this.delete(table >>> 0, text(key, keyLength)) ? 0 : -1)),
      js_ext_table_size: (table) =>
        safely(() => {
          // The module asks this of every number before it gives it to a table.
          this.saw(table >>> 0);
          return this.map.get(table >>> 0)?.size ?? 0;
        }),
      js_ext_table_keys: (table, address, most) =>
        safely(() => {
          const entries = this.map.get(table >>> 0);
          if (entries === undefined) return -1;
          const keys: Uint8Array[] = [];
          let length = 4;
          for (const key of entries.keys()) length += 4 + (keys[keys.length] = utf8Bytes(key)).length;
          if (length > most >>> 0) return length;
          const list = bytes(address, length);
          const view = new DataView(list.buffer, list.byteOffset, length);
          view.setUint32(0, keys.length, true);
          let at = 4;
          for (const key of keys) {
            view.setUint32(at, key.length, true);
            list.set(key, at + 4);
            at += 4 + key.length;
          }
          return length;
        }),
    };
  }
}
