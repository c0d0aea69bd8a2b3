/**
 * Where the tables of a unit are kept: named snapshots, each a store of its own, written as every state of this package
 * is (`../storage/persist.ts`). So `Lua.open` can open what was saved here.
 *
 * A store is open only while something is read or written, so that pages can take turns, as they could with the
 * original. A page that would overwrite what another has saved since is told so (`conflict`) and saves nothing.
 *
 * The tables of a snapshot, beside the program's own: `_io` is not kept. The last number is, for a table without
 * entries is known by its number alone.
 */

import { type Change, Persistence, type PersistenceOptions } from "../storage/persist.ts";
import { type Batch, LuaStorageError, type Storage, type StorageProblem } from "../storage/storage.ts";
import { Changes, type Tables } from "./tables.ts";

/** The table that is `_io`. */
const IO = 2;
/** Where the next free number stands: no table can have this one. */
const NUMBERS = 0xffffffff;
const NEXT = new TextEncoder().encode("next");
/** Milliseconds to wait for another page, and between attempts. */
const PATIENCE = 3000;
const PAUSE = 25;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Opens the store of a snapshot. */
export type OpenSnapshot = (name: string) => Promise<Storage>;

/** What a store says is wrong; stores may come from another copy of this package. */
export function problemOf(error: unknown): StorageProblem | undefined {
  const it = error as { name?: unknown; problem?: StorageProblem } | null | undefined;
  return it?.name === "LuaStorageError" ? it.problem : undefined;
}

/** A store that is open only while something is done with it. */
class Visited implements Storage {
  private readonly open: () => Promise<Storage>;

  constructor(open: () => Promise<Storage>) {
    this.open = open;
  }

  private async visit<T>(act: (storage: Storage) => Promise<T>): Promise<T> {
    const storage = await this.opened();
    try {
      return await act(storage);
    } finally {
      await storage.close();
    }
  }

  private async opened(): Promise<Storage> {
    for (const end = Date.now() + PATIENCE; ; ) {
      try {
        return await this.open();
      } catch (error) {
        if (problemOf(error) !== "locked" || Date.now() > end) throw error;
        await new Promise((resolve) => setTimeout(resolve, PAUSE));
      }
    }
  }

  get(name: string): Promise<Uint8Array | undefined> {
    return this.visit((storage) => storage.get(name));
  }
  put(batch: Batch): Promise<void> {
    return this.visit((storage) => storage.put(batch));
  }
  delete(): Promise<void> {
    return this.visit((storage) => storage.delete());
  }
  list(prefix: string): Promise<[string, Uint8Array][]> {
    return this.visit((storage) => storage.list(prefix));
  }
  async close(): Promise<void> {
    // Nothing is open.
  }
}

/** What is known of a snapshot. */
interface Known {
  persistence: Persistence;
  /** What has changed since it was written or read. */
  changes: Changes;
  /** The number that it has for the next table. */
  next: number;
  /** Somebody else has written it. */
  isOvertaken: boolean;
}

/** The entry that says which number the next table gets. */
export function nextNumber(next: number): Change {
  const value = new Uint8Array(4);
  new DataView(value.buffer).setUint32(0, next, true);
  return { table: NUMBERS, key: NEXT, value };
}

export class Snapshots {
  private readonly tables: Tables;
  private readonly open: OpenSnapshot;
  private readonly options: PersistenceOptions;
  private readonly known = new Map<string, Known>();
  /** Snapshots that were to be read and could not be: they are not written before somebody has seen to that. */
  private readonly unread = new Set<string>();
  /** One thing after the other. */
  private working: Promise<unknown> = Promise.resolve();

  constructor(tables: Tables, open: OpenSnapshot, options: PersistenceOptions) {
    this.tables = tables;
    this.open = open;
    this.options = options;
  }

  private persistence(name: string): Persistence {
    return new Persistence(this.storage(name), this.options);
  }

  private next<T>(act: () => Promise<T>): Promise<T> {
    const done = this.working.then(act);
    this.working = done.catch(() => undefined);
    return done;
  }

  private storage(name: string): Storage {
    return new Visited(() => this.open(name));
  }

  /**
   * Reads a snapshot into the tables, in the place of what is there. If it was never written, what `other` gives is taken;
   * if that is nothing, false is the answer, and nothing has changed.
   */
  load(name: string, other: () => Promise<readonly Change[] | undefined>): Promise<boolean> {
    return this.next(async () => {
      try {
        const isThere = await this.read(name, other);
        this.unread.delete(name);
        return isThere;
      } catch (error) {
        // Where there is no store there is nothing to be overwritten.
        if (problemOf(error) !== "unavailable") this.unread.add(name);
        throw error;
      }
    });
  }

  private async read(name: string, other: () => Promise<readonly Change[] | undefined>): Promise<boolean> {
    const persistence = this.persistence(name);
    const entries = await persistence.load();
    if (persistence.generation > 0) {
      this.fill(entries);
      this.watch(name, persistence, this.tables.next);
      return true;
    }
    const others = await other();
    if (others !== undefined) this.fill(others);
    // Who writes it first is known by its being empty still.
    this.noteAll(this.watch(name, persistence, -1).changes);
    return others !== undefined;
  }

  private noteAll(changes: Changes): void {
    for (const [table, entries] of this.tables.map) for (const key of entries.keys()) changes.note(table, key);
  }

  private fill(entries: readonly Change[]): void {
    const { tables } = this;
    if (!tables.hasRoom(entries)) throw new LuaStorageError("damaged", "the snapshot takes more room than external tables may take");
    tables.clear();
    let next = 0;
    for (const { table, key, value } of entries) {
      if (value === undefined) continue;
      if (table === NUMBERS) next = value.length === 4 ? new DataView(value.buffer, value.byteOffset).getUint32(0, true) : 0;
      else tables.set(table, decoder.decode(key), value);
    }
    tables.saw(next - 1);
    tables.make(1);
    tables.make(IO);
  }

  private watch(name: string, persistence: Persistence, next: number): Known {
    this.forget(name);
    const known: Known = { persistence, changes: new Changes(), next, isOvertaken: false };
    this.known.set(name, known);
    this.tables.watchers.add(known.changes);
    return known;
  }

  private forget(name: string): void {
    const known = this.known.get(name);
    if (known === undefined) return;
    this.tables.watchers.delete(known.changes);
    this.known.delete(name);
  }

  /** Writes the tables into a snapshot: what has changed since it was written or read, or else all of it. */
  save(name: string): Promise<number> {
    return this.next(async () => {
      if (this.unread.has(name)) throw new LuaStorageError("conflict", "what is stored could not be read, and is not overwritten");
      const known = this.known.get(name) ?? (await this.firstSave(name));
      if (known.isOvertaken) throw new LuaStorageError("conflict");
      const { persistence, changes } = known;
      const { keys } = changes;
      const { next } = this.tables;
      const list = this.listed(keys);
      if (next !== known.next || persistence.generation === 0) list.push(nextNumber(next));
      if (list.length === 0) return persistence.generation;
      const taken = new Map(keys);
      keys.clear();
      try {
        const generation = await persistence.save(list);
        known.next = next;
        return generation;
      } catch (error) {
        for (const [table, names] of taken) for (const key of names) changes.note(table, key);
        if (problemOf(error) === "conflict") known.isOvertaken = true;
        throw error;
      }
    });
  }

  private listed(keys: ReadonlyMap<number, ReadonlySet<string>>): Change[] {
    const list: Change[] = [];
    for (const [table, names] of keys) {
      if (table === IO) continue;
      for (const key of names) list.push({ table, key: encoder.encode(key), value: this.tables.get(table, key) });
    }
    return list;
  }

  /** Finds out how what is stored under a name differs from the tables. */
  private async firstSave(name: string): Promise<Known> {
    const persistence = this.persistence(name);
    const stored = await persistence.load();
    const known = this.watch(name, persistence, -1);
    const { changes } = known;
    this.noteAll(changes);
    for (const { table, key } of stored) if (table !== NUMBERS) changes.note(table, decoder.decode(key));
    return known;
  }

  /** Makes a snapshot empty, whatever is stored. The tables stay as they are. */
  clear(name: string): Promise<void> {
    return this.next(async () => {
      this.forget(name);
      this.unread.delete(name);
      await this.storage(name).delete();
      const persistence = this.persistence(name);
      await persistence.load();
      // A generation without entries: what was there before this package is not read again.
      await persistence.save([]);
    });
  }
}
