/** Taking over what the original has kept into a store of this package, for those who leave its faces behind. */

import { Persistence } from "../storage/persist.ts";
import { LuaStorageError, type Storage } from "../storage/storage.ts";
import type { CompatPlatform } from "./facade.ts";
import { type MigrationReport, readOriginal } from "./original.ts";

export interface MigrateOptions {
  /** The store that takes it: a name, as for `Lua.open`, or the store itself. It has to be empty. */
  to: string | Storage;
  /** The name of the original's database. The default is the one that it had. */
  from?: string;
  /** Most bytes that are read. The default is 256 MiB. */
  limit?: number;
  /** Where the raw module (`cu.wasm`) is, if not in this package. */
  wasmPath?: string | URL | WebAssembly.Module | BufferSource;
}

/** Makes the function for an environment. */
export function makeMigrate(platform: CompatPlatform) {
  /**
   * Reads the original's database, which stays as it is, and writes what is in it as the first generation of a store:
   * a report, or nothing if there is no such database. Rejected with `occupied` if the store is not empty.
   */
  return async function migrateOriginal(options: MigrateOptions): Promise<MigrationReport | undefined> {
    const storage = typeof options.to === "string" ? await platform.storage(options.to) : options.to;
    if (storage === undefined) throw new LuaStorageError("unavailable", String(options.to));
    try {
      const persistence = new Persistence(storage);
      await persistence.load();
      if (persistence.generation !== 0) throw new LuaStorageError("occupied");
      const migration = await readOriginal(await platform.module(options.wasmPath), options.from, options.limit);
      if (migration === undefined) return undefined;
      await persistence.save(migration.entries);
      return migration.report;
    } finally {
      if (typeof options.to === "string") await storage.close();
    }
  };
}
