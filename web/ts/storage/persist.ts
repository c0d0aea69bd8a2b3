/**
 * How a state's external tables are kept in a store.
 *
 * ```text
 *   header         magic, format, generation, number of entries, sum of their checksums, checksum of all this
 *   e/TABLE/KEY    checksum of name and value, value          KEY in hexadecimal
 * ```
 *
 * Each save writes what has changed and the header of the next generation in one batch, guarded by the header before:
 * so there is always exactly one generation, and two writers never mix. Loading checks every checksum and the sum, and
 * refuses rather than guesses.
 */

import { crc32 } from "./crc32.ts";
import { LuaStorageError, sameBytes, type Storage } from "./storage.ts";

const MAGIC = "cu-state";
const FORMAT = 1;
const HEADER = "header";
const PREFIX = "e/";

/** An entry of a table; without a value it is gone. */
export interface Change {
  table: number;
  key: Uint8Array;
  value: Uint8Array | undefined;
}

interface Header {
  generation: number;
  entries: number;
  sum: number;
}

const encoder = new TextEncoder();

function nameOf(table: number, key: Uint8Array): string {
  let hex = "";
  for (const byte of key) hex += (byte < 16 ? "0" : "") + byte.toString(16);
  return `${PREFIX}${table}/${hex}`;
}

function parsedName(name: string): { table: number; key: Uint8Array } {
  const match = /^e\/([1-9][0-9]{0,9})\/((?:[0-9a-f]{2})*)$/.exec(name);
  const table = Number(match?.[1]);
  if (match === null || table > 0xffffffff) throw new LuaStorageError("damaged", `an entry has the name ${name.slice(0, 80)}`);
  const hex = match[2];
  const key = new Uint8Array(hex.length / 2);
  for (let i = 0; i < key.length; i++) key[i] = Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16);
  return { table, key };
}

function sealed(name: string, value: Uint8Array): { bytes: Uint8Array; checksum: number } {
  const checksum = crc32(value, crc32(encoder.encode(name)));
  const bytes = new Uint8Array(4 + value.length);
  new DataView(bytes.buffer).setUint32(0, checksum, true);
  bytes.set(value, 4);
  return { bytes, checksum };
}

function writtenHeader(header: Header): Uint8Array {
  const bytes = new Uint8Array(MAGIC.length + 24);
  bytes.set(encoder.encode(MAGIC));
  const view = new DataView(bytes.buffer, MAGIC.length);
  view.setUint32(0, FORMAT, true);
  view.setFloat64(4, header.generation, true);
  view.setUint32(12, header.entries, true);
  view.setUint32(16, header.sum, true);
  view.setUint32(20, crc32(bytes.subarray(0, -4)), true);
  return bytes;
}

function readHeader(bytes: Uint8Array): Header {
  const magic = new TextDecoder().decode(bytes.subarray(0, MAGIC.length));
  if (magic !== MAGIC || bytes.length < MAGIC.length + 24) throw new LuaStorageError("damaged", "the header is no header");
  const view = new DataView(bytes.buffer, bytes.byteOffset + MAGIC.length);
  const format = view.getUint32(0, true);
  if (format !== FORMAT) throw new LuaStorageError("version", `format ${format}`);
  if (view.getUint32(20, true) !== crc32(bytes.subarray(0, MAGIC.length + 20))) throw new LuaStorageError("damaged", "the header's checksum is wrong");
  return { generation: view.getFloat64(4, true), entries: view.getUint32(12, true), sum: view.getUint32(16, true) };
}

/** A generation that is being written: its header, and checksums of what has changed. */
interface Save {
  header: Header;
  headerBytes: Uint8Array;
  checksums: Map<string, number | undefined>;
}

/** The saved generation of a state, and how the next one is written. */
export class Persistence {
  private readonly storage: Storage;
  private header: Header = { generation: 0, entries: 0, sum: 0 };
  private headerBytes: Uint8Array | undefined;
  /** A save of which nobody knows whether it was stored. */
  private uncertain: Save | undefined;
  /** Checksums of the stored entries, by name. */
  private readonly checksums = new Map<string, number>();

  constructor(storage: Storage) {
    this.storage = storage;
  }

  /** The number of the last save that is known to be stored; 0 if there is none. */
  get generation(): number {
    return this.header.generation;
  }

  /** Reads everything that is stored. */
  async load(): Promise<Change[]> {
    this.headerBytes = await this.storage.get(HEADER);
    const stored = await this.storage.list(PREFIX);
    if (this.headerBytes === undefined) {
      if (stored.length > 0) throw new LuaStorageError("damaged", "there are entries but no header");
      return [];
    }
    this.header = readHeader(this.headerBytes);
    if (stored.length !== this.header.entries) throw new LuaStorageError("damaged", `there are ${stored.length} entries instead of ${this.header.entries}`);
    let sum = 0;
    const entries: Change[] = [];
    for (const [name, bytes] of stored) {
      const { table, key } = parsedName(name);
      const value = bytes.slice(4);
      const { checksum } = sealed(name, value);
      if (bytes.length < 4 || new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true) !== checksum) {
        throw new LuaStorageError("damaged", `the checksum of an entry of table ${table} is wrong`);
      }
      sum = (sum + checksum) >>> 0;
      this.checksums.set(name, checksum);
      entries.push({ table, key, value });
    }
    if (sum !== this.header.sum) throw new LuaStorageError("damaged", "the entries are not of one generation");
    return entries;
  }

  /** Writes the next generation. When this is fulfilled it is stored; when it is rejected the last one is. */
  async save(changes: readonly Change[]): Promise<number> {
    if (this.uncertain !== undefined) {
      if (sameBytes(await this.storage.get(HEADER), this.uncertain.headerBytes)) this.done(this.uncertain);
      this.uncertain = undefined;
    }
    const set = new Map<string, Uint8Array>();
    const remove: string[] = [];
    let { sum, entries } = this.header;
    const checksums = new Map<string, number | undefined>();
    for (const { table, key, value } of changes) {
      const name = nameOf(table, key);
      const before = checksums.has(name) ? checksums.get(name) : this.checksums.get(name);
      if (before !== undefined) {
        sum = (sum - before) >>> 0;
        entries--;
      }
      if (value === undefined) {
        if (before !== undefined) remove.push(name);
        checksums.set(name, undefined);
      } else {
        const { bytes, checksum } = sealed(name, value);
        set.set(name, bytes);
        sum = (sum + checksum) >>> 0;
        entries++;
        checksums.set(name, checksum);
      }
    }
    const header: Header = { generation: this.header.generation + 1, entries, sum };
    const headerBytes = writtenHeader(header);
    set.set(HEADER, headerBytes);
    const save = { header, headerBytes, checksums };
    try {
      await this.storage.put({ set, remove, guard: { name: HEADER, bytes: this.headerBytes } });
    } catch (error) {
      this.uncertain = save;
      throw error;
    }
    this.done(save);
    return header.generation;
  }

  private done({ header, headerBytes, checksums }: Save): void {
    for (const [name, checksum] of checksums) {
      if (checksum === undefined) this.checksums.delete(name);
      else this.checksums.set(name, checksum);
    }
    this.header = header;
    this.headerBytes = headerBytes;
  }

  async close(): Promise<void> {
    await this.storage.close();
  }
}
