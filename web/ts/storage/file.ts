/**
 * A store in a file, for Node and Deno: each save writes a new file, has it reach the disk, and renames it.
 *
 * ```text
 *   "cu-store" u32 format   (u32 n name u32 n bytes)*   u32 checksum of all before
 * ```
 *
 * A process that is killed leaves the old file or the new one, and perhaps a file with the ending `.new`, which means
 * nothing. The file with the ending `.lock` says who has the store open (`file-lock.ts`).
 */

import { type FileHandle, open, rename, stat, unlink } from "node:fs/promises";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

import { crc32 } from "./crc32.ts";
import { FileLock } from "./file-lock.ts";
import { type Batch, LuaStorageError, sameBytes, sizeOf, type Storage, watched } from "./storage.ts";

const MAGIC = new TextEncoder().encode("cu-store\x01\0\0\0");

function codeOf(error: unknown): string | undefined {
  return (error as { code?: string } | null)?.code;
}

/** What a failed operation on files means. */
function problem(error: unknown, needed: number): LuaStorageError {
  if (error instanceof LuaStorageError) return error;
  const code = codeOf(error);
  if (code === "ENOSPC" || code === "EDQUOT" || code === "EFBIG") return new LuaStorageError("quota", undefined, error, { needed });
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

export interface FileOptions {
  /** `"relaxed"` is quicker and may lose the last saves when the power fails. */
  durability?: "strict" | "relaxed";
  /**
   * `"write"` (the default) fails with `locked` when another process may write, `"wait"` waits until it does not any
   * more, and `"read"` reads, whoever writes.
   */
  access?: "write" | "wait" | "read";
  /** The most milliseconds that `"wait"` waits. The default is 60,000. */
  waitMs?: number;
  /** A lock with this mark is taken over: who had it is known to be dead. */
  owner?: string;
}

/** A store in one file. */
export class FileStorage implements Storage {
  static readonly name: string = "FileStorage";
  private readonly path: string;
  private readonly options: FileOptions;
  private readonly lock: FileLock | undefined;
  private entries: Map<string, Uint8Array>;
  /** Which file it was when it was read or written: its number, or nothing if there was none. */
  private file: bigint | undefined;
  private isClosed = false;
  /** What is done to the file is done in turn. */
  private last: Promise<unknown> = Promise.resolve();

  private constructor(path: string, options: FileOptions, lock: FileLock | undefined, content: Content) {
    this.path = path;
    this.options = options;
    this.lock = lock;
    this.entries = content.entries;
    this.file = content.file;
  }

  /** Opens the store in a file, which need not be there. */
  static async open(path: string, options: FileOptions = {}): Promise<FileStorage> {
    const { access = "write", waitMs = 60_000 } = options;
    const lock = access === "read" ? undefined : await FileLock.take(`${path}.lock`, access === "wait" ? waitMs : 0, options.owner);
    try {
      return new FileStorage(path, options, lock, await watched(content(path)));
    } catch (error) {
      await lock?.release();
      throw error;
    }
  }

  private check(): void {
    if (this.isClosed) throw new LuaStorageError("closed");
  }

  async get(name: string): Promise<Uint8Array | undefined> {
    this.check();
    return watched(this.inTurn(async () => this.entries.get(name)?.slice()));
  }

  async list(prefix: string): Promise<[string, Uint8Array][]> {
    this.check();
    return watched(this.inTurn(async () => [...this.entries].filter(([name]) => name.startsWith(prefix)).map(([name, bytes]): [string, Uint8Array] => [name, bytes.slice()])));
  }

  async put(batch: Batch): Promise<void> {
    this.check();
    const copied = new Map(Array.from(batch.set, ([name, bytes]) => [name, new Uint8Array(bytes)]));
    const { guard, remove } = batch;
    await watched(
      this.inTurn(async () => {
        if (guard !== undefined && !sameBytes(this.entries.get(guard.name), guard.bytes)) throw new LuaStorageError("conflict");
        const entries = new Map(this.entries);
        for (const name of remove) entries.delete(name);
        for (const [name, bytes] of copied) entries.set(name, bytes);
        await this.replace(entries, sizeOf(batch));
      }),
    );
  }

  async delete(): Promise<void> {
    this.check();
    await watched(this.inTurn(() => this.replace(new Map(), 0)));
  }

  private inTurn<T>(act: () => Promise<T>): Promise<T> {
    const done = this.last.then(act);
    this.last = done.catch(() => undefined);
    return done;
  }

  /** Puts a new file in the place of the old one. */
  private async replace(entries: Map<string, Uint8Array>, needed: number): Promise<void> {
    if (this.lock === undefined) throw new LuaStorageError("readonly");
    const fresh = `${this.path}.new`;
    const isStrict = this.options.durability !== "relaxed";
    try {
      await this.lock.check();
      if ((await numberOf(this.path)) !== this.file) throw new LuaStorageError("conflict");
      const file = await open(fresh, "w");
      let number: bigint;
      try {
        await file.writeFile(written(entries));
        if (isStrict) await file.sync();
        number = (await file.stat({ bigint: true })).ino;
      } finally {
        await file.close();
      }
      await rename(fresh, this.path);
      // From here on the new file is there, also if what follows fails.
      this.file = number;
      this.entries = entries;
      if (isStrict) await syncFolder(dirname(this.path));
    } catch (error) {
      await unlink(fresh).catch(() => undefined);
      throw problem(error, needed);
    }
  }

  async close(): Promise<void> {
    if (this.isClosed) return;
    this.isClosed = true;
    await watched(this.last);
    await this.lock?.release();
  }
}

interface Content {
  entries: Map<string, Uint8Array>;
  file: bigint | undefined;
}

/** What a file contains. */
async function content(path: string): Promise<Content> {
  let file: FileHandle;
  try {
    file = await open(path, "r");
  } catch (error) {
    if (codeOf(error) === "ENOENT") return { entries: new Map(), file: undefined };
    throw new LuaStorageError("unavailable", codeOf(error), error);
  }
  try {
    const { ino } = await file.stat({ bigint: true });
    // A copy, for a `Buffer` hands out views of itself.
    return { entries: read(new Uint8Array(await file.readFile())), file: ino };
  } catch (error) {
    if (error instanceof LuaStorageError) throw error;
    throw new LuaStorageError("unavailable", codeOf(error), error);
  } finally {
    await file.close();
  }
}

/** The number of a file, if it is there. */
async function numberOf(path: string): Promise<bigint | undefined> {
  try {
    return (await stat(path, { bigint: true })).ino;
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

/** Opens the store of a name such as `file:notes.cu`; nothing if it is another kind of name. */
export function fileOf(name: string, options?: FileOptions): Promise<FileStorage> | undefined {
  if (!name.startsWith("file:")) return undefined;
  return FileStorage.open(name.startsWith("file://") ? fileURLToPath(name) : name.slice(5), options);
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
