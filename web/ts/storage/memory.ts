/** A store in memory: for tests, and for states that live as long as the page. */

import { type Batch, LuaStorageError, sameBytes, type Storage } from "./storage.ts";

/** A store that lives as long as this object; states may open it one after the other. */
export class MemoryStorage implements Storage {
  static readonly name: string = "MemoryStorage";
  private readonly entries = new Map<string, Uint8Array>();

  async get(name: string): Promise<Uint8Array | undefined> {
    return this.entries.get(name)?.slice();
  }

  async put(batch: Batch): Promise<void> {
    const { guard } = batch;
    if (guard !== undefined && !sameBytes(this.entries.get(guard.name), guard.bytes)) throw new LuaStorageError("conflict");
    for (const name of batch.remove) this.entries.delete(name);
    for (const [name, bytes] of batch.set) this.entries.set(name, new Uint8Array(bytes));
  }

  async delete(): Promise<void> {
    this.entries.clear();
  }

  async list(prefix: string): Promise<[string, Uint8Array][]> {
    return [...this.entries].filter(([name]) => name.startsWith(prefix)).map(([name, bytes]) => [name, bytes.slice()]);
  }

  async close(): Promise<void> {
    // There is nothing to give up.
  }
}
