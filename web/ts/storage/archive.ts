/**
 * Everything that a state keeps as one file.
 *
 * ```text
 *   "cu-state"   u32 n   header of n bytes, which says how long the segment is and what its checksum is   segment
 * ```
 *
 * Headers and segments are those of `records.ts`.
 */

import { crc32 } from "./crc32.ts";
import { type Change, ENGINE, importedKey, readChanges, readHeader, seal, unseal, writeChanges, writeHeader } from "./records.ts";
import { LuaStorageError } from "./storage.ts";

const MAGIC = new TextEncoder().encode("cu-state");
const HEADER = "file header";
const SEGMENT = "file";

/** How a file is written. */
export interface ExportOptions {
  /** Makes it smaller. */
  compress?: boolean;
  /** Encrypts it: 16 or 32 bytes, or a key for AES-GCM. */
  key?: CryptoKey | Uint8Array;
}

/** A file with these entries. */
export async function writeArchive(entries: readonly Change[], generation: number, options: ExportOptions): Promise<Uint8Array> {
  const sealing = { compress: options.compress === true, key: await importedKey(options.key), limit: Infinity };
  const segment = await seal(SEGMENT, writeChanges(entries), sealing);
  const content = { engine: ENGINE, profile: "web", generation, length: segment.length, checksum: crc32(segment) };
  const header = await writeHeader(HEADER, content, sealing);
  const bytes = new Uint8Array(MAGIC.length + 4 + header.length + segment.length);
  bytes.set(MAGIC);
  new DataView(bytes.buffer).setUint32(MAGIC.length, header.length, true);
  bytes.set(header, MAGIC.length + 4);
  bytes.set(segment, MAGIC.length + 4 + header.length);
  return bytes;
}

/** What is in a file: entries of at most `limit` bytes, and the same as a segment's payload. */
export async function readArchive(bytes: Uint8Array, key: CryptoKey | undefined, limit: number): Promise<{ entries: Change[]; payload: Uint8Array }> {
  const damaged = (what: string): LuaStorageError => new LuaStorageError("damaged", what);
  const start = MAGIC.length + 4;
  if (bytes.length < start || !MAGIC.every((byte, i) => bytes[i] === byte)) throw damaged("the file is no saved state");
  const end = start + new DataView(bytes.buffer, bytes.byteOffset).getUint32(MAGIC.length, true);
  if (end > bytes.length) throw damaged("the file ends in the middle");
  const sealing = { compress: false, key, limit };
  const content = (await readHeader(HEADER, bytes.subarray(start, end), sealing)) as { length?: unknown; checksum?: unknown } | null;
  const segment = bytes.subarray(end);
  if (segment.length !== content?.length || crc32(segment) !== content.checksum) throw damaged("the file's checksum is wrong");
  const payload = await unseal(SEGMENT, segment, sealing);
  const entries = readChanges(payload);
  if (entries.some(({ value }) => value === undefined)) throw damaged("an entry of the file has no value");
  return { entries, payload };
}
