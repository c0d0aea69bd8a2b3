/**
 * What the records of a kept state look like. They are read as bytes that anybody may have written.
 *
 * ```text
 *   record    00 payload   |   01 u32 length, deflated payload   |   02 12 bytes, AES-GCM of a record of the kinds above
 *   header    "cu-saved" u32 format   record of JSON   u32 checksum of all before
 *   segment   record of (u32 table   u32 n, key   u32 n, value   or   u32 table   u32 n, key   ff ff ff ff)*
 * ```
 *
 * What AES-GCM protects is bound to the name of the record.
 */

import { LuaStateError } from "../errors.ts";
import { crc32 } from "./crc32.ts";
import { LuaStorageError } from "./storage.ts";

const MAGIC = new TextEncoder().encode("cu-saved");
const FORMAT = 1;
/** The version of the package that writes. */
export const ENGINE = "0.1.0";
/** The length of a value that says that the entry is gone. */
const GONE = 0xffffffff;

const PLAIN = 0;
const DEFLATED = 1;
const ENCRYPTED = 2;
/** Less than this is not worth compressing. */
const WORTHWHILE = 256;

/** An entry of a table; without a value it is gone. */
export interface Change {
  table: number;
  key: Uint8Array;
  value: Uint8Array | undefined;
}

/** A segment as the header names it: who wrote it, how long it is, its checksum. */
export interface Segment {
  generation: number;
  length: number;
  checksum: number;
}

/** A generation: the segments that it consists of, from old to new. */
export interface Header {
  generation: number;
  /** Tells generations of the same number apart. */
  writer: string;
  segments: readonly Segment[];
}

/** How records are written, and what may be read. */
export interface Sealing {
  compress: boolean;
  key: CryptoKey | undefined;
  /** The most bytes that all payloads may have. */
  limit: number;
}

function damaged(what: string): LuaStorageError {
  return new LuaStorageError("damaged", what);
}

// ---- records --------------------------------------------------------------------------------------------

/** The bytes that come out of a stream when some go in, if they are not more than `limit`. */
async function streamed(bytes: Uint8Array, through: CompressionStream | DecompressionStream, limit: number): Promise<Uint8Array> {
  const reader = (new Blob([bytes as BlobPart]).stream() as ReadableStream).pipeThrough(through as TransformStream).getReader() as ReadableStreamDefaultReader<Uint8Array>;
  const parts: Uint8Array[] = [];
  let n = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    n += value.length;
    if (n > limit) {
      void reader.cancel().catch(() => undefined);
      throw damaged("a record is longer than it says");
    }
    parts.push(value);
  }
  return joined(parts, n);
}

function joined(parts: readonly Uint8Array[], n = parts.reduce((sum, part) => sum + part.length, 0)): Uint8Array {
  const all = new Uint8Array(n);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function bound(name: string): Uint8Array {
  return new TextEncoder().encode(`cu ${FORMAT} ${name}`);
}

function subtle(): SubtleCrypto {
  const found = (globalThis.crypto as Crypto | undefined)?.subtle;
  if (found === undefined) throw new LuaStorageError("unavailable", "there is no cryptography here; a page needs https for it");
  return found;
}

/** A record with this payload. */
export async function seal(name: string, payload: Uint8Array, { compress, key }: Sealing): Promise<Uint8Array> {
  let record: Uint8Array | undefined;
  if (compress && payload.length >= WORTHWHILE) {
    if (typeof CompressionStream === "undefined") throw new LuaStorageError("unavailable", "there is no compression here");
    const small = await streamed(payload, new CompressionStream("deflate-raw"), Infinity);
    if (small.length + 4 < payload.length) {
      const head = new Uint8Array(5);
      head[0] = DEFLATED;
      new DataView(head.buffer).setUint32(1, payload.length, true);
      record = joined([head, small]);
    }
  }
  record ??= joined([Uint8Array.of(PLAIN), payload]);
  if (key === undefined) return record;
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const secret = await subtle().encrypt({ name: "AES-GCM", iv, additionalData: bound(name) as BufferSource }, key, record as BufferSource);
  return joined([Uint8Array.of(ENCRYPTED), iv, new Uint8Array(secret)]);
}

/** The payload of a record; it is an error if it has more than `limit` bytes. */
export async function unseal(name: string, record: Uint8Array, { key, limit }: Sealing): Promise<Uint8Array> {
  let inner = record;
  if (record[0] === ENCRYPTED) {
    if (key === undefined) throw new LuaStorageError("key", "it is encrypted, and no key was given");
    if (record.length < 29) throw damaged("an encrypted record is too short");
    try {
      const algorithm = { name: "AES-GCM", iv: record.slice(1, 13), additionalData: bound(name) as BufferSource };
      inner = new Uint8Array(await subtle().decrypt(algorithm, key, record.slice(13)));
    } catch (error) {
      if (error instanceof LuaStorageError) throw error;
      throw new LuaStorageError("key", "it is another key's, or was changed", error);
    }
  } else if (key !== undefined) {
    throw new LuaStorageError("key", "it is not encrypted");
  }
  if (inner[0] === PLAIN) {
    if (inner.length - 1 > limit) throw new LuaStateError("memory");
    return inner.subarray(1);
  }
  if (inner[0] !== DEFLATED || inner.length < 5) throw damaged("a record is of no known kind");
  const length = new DataView(inner.buffer, inner.byteOffset).getUint32(1, true);
  if (length > limit) throw new LuaStateError("memory");
  if (typeof DecompressionStream === "undefined") throw new LuaStorageError("unavailable", "there is no compression here");
  let payload: Uint8Array;
  try {
    payload = await streamed(inner.subarray(5), new DecompressionStream("deflate-raw"), length);
  } catch (error) {
    throw error instanceof LuaStorageError ? error : new LuaStorageError("damaged", "a record cannot be expanded", error);
  }
  if (payload.length !== length) throw damaged("a record is shorter than it says");
  return payload;
}

/** The key that an embedder gave, for AES-GCM: 16 or 32 bytes, or a key of the browser's. */
export async function importedKey(key: CryptoKey | Uint8Array | undefined): Promise<CryptoKey | undefined> {
  if (!(key instanceof Uint8Array)) {
    if (key !== undefined && (key as CryptoKey).algorithm?.name !== "AES-GCM") throw new LuaStorageError("key", "it is not a key for AES-GCM");
    return key;
  }
  if (key.length !== 16 && key.length !== 32) throw new LuaStorageError("key", `it has ${key.length} bytes instead of 16 or 32`);
  return subtle().importKey("raw", key.slice(), "AES-GCM", false, ["encrypt", "decrypt"]);
}

// ---- headers --------------------------------------------------------------------------------------------

/** The bytes of a header, or of anything else that begins like one: `name` is what it is bound to. */
export async function writeHeader(name: string, content: object, sealing: Sealing): Promise<Uint8Array> {
  const body = await seal(name, new TextEncoder().encode(JSON.stringify(content)), { ...sealing, compress: false });
  const start = new Uint8Array(MAGIC.length + 4);
  start.set(MAGIC);
  new DataView(start.buffer).setUint32(MAGIC.length, FORMAT, true);
  const bytes = joined([start, body, new Uint8Array(4)]);
  new DataView(bytes.buffer).setUint32(bytes.length - 4, crc32(bytes.subarray(0, -4)), true);
  return bytes;
}

/** What is written in a header. */
export async function readHeader(name: string, bytes: Uint8Array, sealing: Sealing): Promise<unknown> {
  if (bytes.length < MAGIC.length + 9 || !MAGIC.every((byte, i) => bytes[i] === byte)) throw damaged("the header is no header");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (view.getUint32(bytes.length - 4, true) !== crc32(bytes.subarray(0, -4))) throw damaged("the header's checksum is wrong");
  const format = view.getUint32(MAGIC.length, true);
  if (format !== FORMAT) throw new LuaStorageError("version", `format ${format}`);
  const body = await unseal(name, bytes.subarray(MAGIC.length + 4, -4), sealing);
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch (error) {
    throw new LuaStorageError("damaged", "the header cannot be read", error);
  }
}

/** A header as it was read, if it is one. */
export function checkedHeader(content: unknown): Header {
  const { generation, writer, segments } = (content ?? {}) as Partial<Record<keyof Header, unknown>>;
  const isCount = (n: unknown, most: number): n is number => Number.isInteger(n) && (n as number) >= 0 && (n as number) <= most;
  if (!isCount(generation, Number.MAX_SAFE_INTEGER) || typeof writer !== "string" || !Array.isArray(segments)) throw damaged("the header cannot be read");
  let before = 0;
  const checked = segments.map((segment: unknown): Segment => {
    const [number, length, checksum] = Array.isArray(segment) ? (segment as unknown[]) : [];
    if (!isCount(number, generation) || number <= before || !isCount(length, 0xffffffff) || !isCount(checksum, 0xffffffff)) throw damaged("the header cannot be read");
    before = number;
    return { generation: number, length, checksum };
  });
  return { generation, writer, segments: checked };
}

/** What is written of a header. */
export function headerContent({ generation, writer, segments }: Header): object {
  return { engine: ENGINE, profile: "web", generation, writer, segments: segments.map((s) => [s.generation, s.length, s.checksum]) };
}

// ---- entries --------------------------------------------------------------------------------------------

/** How many bytes an entry takes in a segment. */
export function sizeOfChange({ key, value }: Change): number {
  return 12 + key.length + (value?.length ?? 0);
}

/** The payload of a segment with these entries. */
export function writeChanges(changes: Iterable<Change>): Uint8Array {
  let size = 0;
  for (const change of changes) size += sizeOfChange(change);
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const { table, key, value } of changes) {
    view.setUint32(at, table, true);
    view.setUint32(at + 4, key.length, true);
    bytes.set(key, at + 8);
    at += 8 + key.length;
    view.setUint32(at, value === undefined ? GONE : value.length, true);
    at += 4;
    if (value !== undefined) {
      bytes.set(value, at);
      at += value.length;
    }
  }
  return bytes;
}

/** The entries of a segment. */
export function readChanges(bytes: Uint8Array): Change[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const end = bytes.length;
  let at = 0;
  const word = (): number => {
    if (end - at < 4) throw damaged("a segment ends in the middle");
    at += 4;
    return view.getUint32(at - 4, true);
  };
  const text = (n: number): Uint8Array => {
    if (n > end - at) throw damaged("a segment ends in the middle");
    at += n;
    return bytes.subarray(at - n, at);
  };
  const changes: Change[] = [];
  while (at < end) {
    const table = word();
    if (table === 0) throw damaged("an entry is of no table");
    const key = text(word());
    const n = word();
    changes.push({ table, key, value: n === GONE ? undefined : text(n) });
  }
  return changes;
}
