/**
 * What both faces of the original share: one unit, its tables and snapshots, and the functions that are the same in both.
 *
 * As in the original there is one of it for each module that is imported (`cu-api.ts`, `lua-api.ts`); `LuaWASM.init` makes
 * more.
 */

import { LuaStorageError, type Storage } from "../storage/storage.ts";
import { type MigrationReport, readOriginal } from "./original.ts";
import { type OpenSnapshot, problemOf, Snapshots } from "./snapshots.ts";
import { Tables } from "./tables.ts";
import { limitOf, Unit, type UnitOptions } from "./unit.ts";

/** How the module is loaded. */
export interface LoadOptions extends UnitOptions {
  /** Whether what was saved last is there again. The default is true. */
  autoRestore?: boolean;
  /** Where the raw module (`cu.wasm`) is, if not in this package. */
  wasmPath?: string | URL | WebAssembly.Module | BufferSource;
  /**
   * Where `saveState` saves: the name of a store, as `"idb://NAME"` in browsers or `"file:PATH"` in Node, or a function that
   * opens the store of a snapshot. In browsers the default is `"idb://lua-state"`; elsewhere there is none.
   */
  storage?: string | OpenSnapshot;
  /** Whether what the original itself has saved is read when nothing has been saved since. The default is true. */
  migrate?: boolean;
  /** Accepted, as in the original: checks are always made. */
  validation?: boolean;
  /** Whether what is saved is compressed. The default is true. */
  compression?: boolean;
}

/** Where things come from in an environment. */
export interface CompatPlatform {
  /** The compiled module: the package's own, or the one that was asked for. */
  module(path: LoadOptions["wasmPath"]): Promise<WebAssembly.Module>;
  /** Opens the store of a name, if it knows this kind. */
  storage(name: string): Promise<Storage> | undefined;
  /** The store of the snapshot `default`, and in front of the names of others. */
  defaultStore: string | undefined;
}

/** A table, for `getTableInfo`. */
export interface TableDescription {
  id: number;
  size: number;
  keys: string[];
}

/** What `getTableInfo` tells, in both forms that were documented. */
export interface TableInfo {
  tableCount: number;
  homeTableId: number | null;
  memoryTableId: number | null;
  nextTableId: number;
  tableIds: number[];
  tables: TableDescription[];
}

/** What `getMemoryStats` tells: of the module's memory, and in the form of the module's own export. */
export interface MemoryStats {
  /** Bytes of the module's memory. */
  total: number;
  /** Bytes of it that Lua uses. */
  used: number;
  /** The others. */
  free: number;
  io_buffer_size: number;
  cu_memory_used: number;
  wasm_pages: number;
}

const DEFAULT = "default";
const PAGE = 65536;
const TABLE_SIZE = 256 << 20;

export class Facade {
  /** What was taken over of the original's database when it was last read; nothing if it was not. */
  migration: MigrationReport | undefined;
  private readonly platform: CompatPlatform;
  private tables = new Tables(TABLE_SIZE);
  private snapshots: Snapshots;
  private loaded: Unit | undefined;
  private module: WebAssembly.Module | undefined;
  private options: LoadOptions = {};
  private isReady = false;
  private memoryAlias: boolean | undefined;

  constructor(platform: CompatPlatform) {
    this.platform = platform;
    this.snapshots = this.newSnapshots();
  }

  private newSnapshots(): Snapshots {
    // A browser of before compression saves without.
    const compress = this.options.compression !== false && typeof CompressionStream !== "undefined";
    return new Snapshots(this.tables, (name) => this.openStore(name), {
      compress,
      // What is stored may be twice as long as what is up to date, and some.
      limit: 2 * (this.options.tableSize ?? TABLE_SIZE) + 1_000_000,
    });
  }

  private async openStore(name: string): Promise<Storage> {
    const base = this.options.storage ?? this.platform.defaultStore;
    if (typeof base === "function") return base(name);
    if (base === undefined) throw new LuaStorageError("unavailable", "there is no IndexedDB; give load() the option storage");
    const full = name === DEFAULT ? base : `${base}${base.startsWith("file:") ? "." : "/"}${encodeURIComponent(name)}`;
    const storage = await this.platform.storage(full);
    if (storage === undefined) throw new LuaStorageError("unavailable", full);
    return storage;
  }

  /** The unit, after `load`. */
  get unit(): Unit {
    if (this.loaded === undefined) throw new Error("WASM not loaded. Call loadLuaWasm() first.");
    return this.loaded;
  }

  /** Loads the module, and what was saved last. */
  async load(options: LoadOptions = {}): Promise<true> {
    if (typeof options.wasmPath === "string" && options.wasmPath.includes("lua.wasm")) {
      console.warn("lua.wasm is the old name of cu.wasm");
    }
    const module = await this.platform.module(options.wasmPath);
    const tableSize = limitOf(options.tableSize, "tableSize") ?? TABLE_SIZE;
    const tables = new Tables(tableSize);
    const unit = new Unit(module, tables, options);
    if (this.memoryAlias !== undefined) unit.setMemoryAlias(this.memoryAlias);
    this.options = options;
    this.module = module;
    this.tables = tables;
    this.snapshots = this.newSnapshots();
    this.isReady = false;
    this.migration = undefined;
    if (options.autoRestore !== false) {
      try {
        await this.restore(DEFAULT);
      } catch (error) {
        if (problemOf(error) !== "unavailable") console.warn("the saved state could not be restored:", error);
      }
    }
    this.loaded = unit;
    return true;
  }

  /** Makes the Lua state: 0, or another number if there is no memory for it. */
  init(): number {
    const status = this.unit.init();
    this.isReady = status === 0;
    return status;
  }

  // ---- saved states -------------------------------------------------------------------------------------

  /** Reads a snapshot, or what the original has kept; false if there is neither. */
  private async restore(name: string): Promise<boolean> {
    return this.snapshots.load(name, async () => {
      if (name !== DEFAULT || this.options.migrate === false || this.module === undefined) return undefined;
      const migration = await readOriginal(this.module, undefined, this.options.tableSize ?? TABLE_SIZE);
      if (migration === undefined) return undefined;
      this.migration = migration.report;
      for (const error of migration.report.errors) console.warn(error.message);
      if (migration.report.usesMemory) console.warn("the saved state is of a version that had Memory in the place of _home; both names are there");
      return migration.entries;
    });
  }

  /** Saves `_home` and all that it leads to; false, and why on the console, if that could not be done. */
  async saveState(name: string = DEFAULT): Promise<boolean> {
    try {
      // What nothing needs any more is not saved.
      if (this.isReady) this.unit.collectTables();
      await this.snapshots.save(checked(name));
      return true;
    } catch (error) {
      console.error("the state could not be saved:", error);
      return false;
    }
  }

  /** Puts what was saved in the place of what is there; false, and why on the console, if that could not be done. */
  async loadState(name: string = DEFAULT): Promise<boolean> {
    try {
      return await this.restore(checked(name));
    } catch (error) {
      console.error("the state could not be loaded:", error);
      return false;
    }
  }

  /** Empties what is saved; what is there stays. */
  async clearPersistedState(name: string = DEFAULT): Promise<boolean> {
    try {
      await this.snapshots.clear(checked(name));
      return true;
    } catch (error) {
      console.error("the saved state could not be cleared:", error);
      return false;
    }
  }

  // ---- what there is ------------------------------------------------------------------------------------

  getHomeTableId(): number | null {
    return this.isReady ? this.unit.homeId : null;
  }

  getIoTableId(): number {
    const { unit } = this;
    if (!this.isReady) throw new Error("_io table not initialized");
    return unit.ioId;
  }

  getTableInfo(): TableInfo {
    const { map, next } = this.tables;
    const home = this.getHomeTableId();
    const tables = [...map].map(([id, entries]) => ({ id, size: entries.size, keys: [...entries.keys()] }));
    return { tableCount: map.size, homeTableId: home, memoryTableId: home, nextTableId: next, tableIds: [...map.keys()], tables };
  }

  getMemoryStats(): MemoryStats {
    const { unit } = this;
    const [total, used] = [unit.memorySize, unit.memoryUsed];
    return { total, used, free: total - used, io_buffer_size: unit.bufferSize, cu_memory_used: used, wasm_pages: total / PAGE };
  }

  runGc(): boolean {
    this.unit.collectTables();
    this.unit.collect();
    return true;
  }

  setMemoryAliasEnabled(enabled: boolean): void {
    this.memoryAlias = enabled;
    this.loaded?.setMemoryAlias(enabled);
  }

  // ---- memory -------------------------------------------------------------------------------------------

  getBufferPtr(): number {
    return this.unit.bufferPtr;
  }

  getBufferSize(): number {
    return this.unit.bufferSize;
  }

  /** Bytes of the module's memory; nothing, and why on the console, if there are no such. */
  range(address: number, length: number): Uint8Array | undefined {
    const { unit } = this;
    if (isRange(address, length, unit.memorySize)) return unit.bytes(address, length);
    console.error(`there are no ${length} bytes at ${address} in the module's memory`);
    return undefined;
  }

  readBuffer(address: number, length: number): string {
    const bytes = this.range(address, length);
    return bytes === undefined ? "" : new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
  }

  /** Writes text into the I/O buffer: how many bytes it has. */
  writeBuffer(address: number, text: string): number {
    const bytes = new TextEncoder().encode(text);
    const { unit } = this;
    const [first, end] = [unit.bufferPtr, unit.bufferPtr + unit.bufferSize];
    if (!isRange(address, bytes.length, unit.memorySize) || address < first || address + bytes.length > end) throw new Error("Buffer overflow");
    unit.bytes(address, bytes.length).set(bytes);
    return bytes.length;
  }

  // ---- _io ----------------------------------------------------------------------------------------------

  setInput(data: unknown): void {
    this.unit.setIo("input", data);
  }

  getOutput(): unknown {
    return this.unit.getIo("output");
  }

  setMetadata(meta: unknown): void {
    this.unit.setIo("meta", meta);
  }

  setInputField(key: string, value: unknown): void {
    this.unit.setIoField("input", key, value);
  }

  getOutputField(key: string): unknown {
    return this.unit.getIoField("output", key);
  }

  clearIo(): void {
    this.unit.clearIo();
  }
}

function isRange(address: number, length: number, end: number): boolean {
  return Number.isInteger(address) && Number.isInteger(length) && address >= 0 && length >= 0 && address + length <= end;
}

function checked(name: string): string {
  if (typeof name !== "string" || name === "" || name.length > 200) throw new TypeError("the name of a snapshot has to be a text of 1 to 200 characters");
  return name;
}

/** Source text, as both faces want it. */
export function checkedCode(code: unknown): string {
  if (typeof code !== "string" || code === "") throw new Error("Code must be a non-empty string");
  return code;
}
