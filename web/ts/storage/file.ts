/**
 * A store in a file, for Node and Deno: each save writes a new file, has it reach the disk, and renames it.
 *
 * ```text
 *   "cu-store" u32 format   (u32 n name u32 n bytes)*   u32 checksum of all before
 * ```
 *
 * A file beside it with the ending `.lock` holds the number of the process that has the store open.
 */

import { type FileHandle, open, readFile, rename, unlink } from "node:fs/promises";
import { dirname } from "node:path";

import { crc32 } from "./crc32.ts";
import { type Batch, LuaStorageError, sameBytes, type Storage } from "./storage.ts";

const MAGIC = new TextEncoder().encode("cu-store\x01\0\0\0");

function codeOf(error: unknown): string | undefined {
  return (error as { code?: string } | null)?.code;
}

/** What a failed operation on files means. */
function problem(error: unknown): LuaStorageError {
  const code = codeOf(error);
  if (code === "ENOSPC" || code === "EDQUOT" || code === "EFBIG") return new LuaStorageError("quota", undefined, error);
  return new LuaStorageError("aborted", code, error);
}

function written(entries: ReadonlyMap<string, Uint8Array>): Uint8Array {
  const encoder = new TextEncoder();
  const names = [...entries.keys()].map((name) => encoder.encode(name));
  const values = [...entries.values()];
  const size = names.reduce((n, name, i) => n + 8 + name.length + values[i].length, MAGIC.length + 4);
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  bytes.set(MAGIC);
  let at = MAGIC.length;
  const put = (part: Uint8Array): void => {
    view.setUint32(at, part.length, true);
    bytes.set(part, at + 4);
    at += 4 + part.length;
  };
  names.forEach((name, i) => {
    put(name);
    put(values[i]);
  });
  view.setUint32(at, crc32(bytes.subarray(0, at)), true);
  return bytes;
}

function read(bytes: Uint8Array): Map<string, Uint8Array> {
  const damaged = (what: string): LuaStorageError => new LuaStorageError("damaged", what);
  const end = bytes.length - 4;
  if (end < MAGIC.length || !sameBytes(bytes.subarray(0, 8), MAGIC.subarray(0, 8))) throw damaged("the file is no store");
  if (!sameBytes(bytes.subarray(8, 12), MAGIC.subarray(8, 12))) throw new LuaStorageError("version");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (view.getUint32(end, true) !== crc32(bytes.subarray(0, end))) throw damaged("the file's checksum is wrong");
  const entries = new Map<string, Uint8Array>();
  const decoder = new TextDecoder();
  let at = MAGIC.length;
  const part = (): Uint8Array => {
    if (at + 4 > end) throw damaged("the file ends in the middle");
    const n = view.getUint32(at, true);
    if (n > end - at - 4) throw damaged("the file ends in the middle");
    at += 4 + n;
    return bytes.slice(at - n, at);
  };
  while (at < end) entries.set(decoder.decode(part()), part());
  return entries;
}

/** A store in one file. */
export class FileStorage implements Storage {
  private readonly path: string;
  private entries: Map<string, Uint8Array>;
  private isClosed = false;
  /** Saves follow one another. */
  private last: Promise<unknown> = Promise.resolve();

  private constructor(path: string, entries: Map<string, Uint8Array>) {
    this.path = path;
    this.entries = entries;
  }

  /** Opens the store in a file, which need not be there. */
  static async open(path: string): Promise<FileStorage> {
    await lock(`${path}.lock`);
    try {
      let bytes: Uint8Array | undefined;
      try {
        // A copy, for a `Buffer` hands out views of itself.
        bytes = new Uint8Array(await readFile(path));
      } catch (error) {
        if (codeOf(error) !== "ENOENT") throw new LuaStorageError("unavailable", codeOf(error), error);
      }
      return new FileStorage(path, bytes === undefined ? new Map() : read(bytes));
    } catch (error) {
      await unlink(`${path}.lock`).catch(() => undefined);
      throw error;
    }
  }

  private check(): void {
    if (this.isClosed) throw new LuaStorageError("closed");
  }

  async get(name: string): Promise<Uint8Array | undefined> {
    this.check();
    return this.entries.get(name)?.slice();
  }

  async list(prefix: string): Promise<[string, Uint8Array][]> {
    this.check();
    return [...this.entries].filter(([name]) => name.startsWith(prefix)).map(([name, bytes]) => [name, bytes.slice()]);
  }

  put(batch: Batch): Promise<void> {
    return this.inTurn(async () => {
      const { guard } = batch;
      if (guard !== undefined && !sameBytes(this.entries.get(guard.name), guard.bytes)) throw new LuaStorageError("conflict");
      const entries = new Map(this.entries);
      for (const name of batch.remove) entries.delete(name);
      for (const [name, bytes] of batch.set) entries.set(name, new Uint8Array(bytes));
      await this.replace(written(entries));
      this.entries = entries;
    });
  }

  delete(): Promise<void> {
    return this.inTurn(async () => {
      await this.replace(written(new Map()));
      this.entries = new Map();
    });
  }

  private inTurn(act: () => Promise<void>): Promise<void> {
    this.check();
    const done = this.last.then(act);
    this.last = done.catch(() => undefined);
    return done;
  }

  /** Puts a new file in the place of the old one. */
  private async replace(bytes: Uint8Array): Promise<void> {
    const fresh = `${this.path}.new`;
    try {
      const file = await open(fresh, "w");
      try {
        await file.writeFile(bytes);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(fresh, this.path);
      await syncFolder(dirname(this.path));
    } catch (error) {
      throw problem(error);
    }
  }

  async close(): Promise<void> {
    if (this.isClosed) return;
    this.isClosed = true;
    await this.last;
    await unlink(`${this.path}.lock`).catch(() => undefined);
  }
}

/** Has the new name of a file reach the disk. */
async function syncFolder(path: string): Promise<void> {
  let folder: FileHandle | undefined;
  try {
    folder = await open(path, "r");
    await folder.sync();
  } catch (error) {
    // Windows cannot do this, and needs no such thing.
    if (process.platform !== "win32") throw error;
  } finally {
    await folder?.close();
  }
}

/** Takes the lock, also one that a process has left behind. */
async function lock(path: string): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      const file = await open(path, "wx");
      await file.writeFile(String(process.pid));
      await file.close();
      return;
    } catch (error) {
      if (codeOf(error) !== "EEXIST") throw new LuaStorageError("unavailable", codeOf(error), error);
    }
    const holder = Number(await readFile(path, "utf8").catch(() => ""));
    if (attempt > 2 || isAlive(holder)) throw new LuaStorageError("locked", `process ${holder} has it open`);
    await unlink(path).catch(() => undefined);
  }
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === "EPERM";
  }
}
