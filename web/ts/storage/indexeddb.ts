/**
 * A store in the browser's database: one object store, in which every batch is one transaction.
 *
 * A batch is stored when its transaction is complete, with strict durability: not before. The transaction's `abort`, the
 * connection's `close` and `versionchange`, and a watchdog end every wait. A connection that is gone is opened once more
 * for each operation; that is safe for a batch, because its guard does not let it be written twice.
 *
 * A Web Lock keeps other pages out for as long as the store is open. Where there are none, the guard is what is left.
 */

import { type Batch, LuaStorageError, sameBytes, type Storage } from "./storage.ts";

const ENTRIES = "entries";
/** Milliseconds that any one step may take. */
const WATCHDOG = 10_000;

export interface IndexedDbOptions {
  /** `"relaxed"` is quicker and may lose the last saves when the power fails. */
  durability?: "strict" | "relaxed";
  /** What to do when another page has the store: fail, or wait until it is free. */
  locked?: "fail" | "wait";
}

/** What a failed request or transaction means. */
async function problem(error: unknown): Promise<LuaStorageError> {
  const name = (error as { name?: string } | null)?.name;
  if (error instanceof LuaStorageError) return error;
  if (name === "QuotaExceededError") {
    const estimate = await navigator.storage?.estimate?.().catch(() => undefined);
    return new LuaStorageError("quota", undefined, error, estimate);
  }
  if (name === "InvalidStateError" || name === "UnknownError" || name === "TransactionInactiveError") return new LuaStorageError("lost", undefined, error);
  return new LuaStorageError("aborted", name, error);
}

/** A promise that is rejected when it takes too long. */
function timed<T>(start: (resolve: (value: T) => void, reject: (error: unknown) => void) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new LuaStorageError("timeout")), WATCHDOG);
    const end =
      <A>(then: (value: A) => void) =>
      (value: A): void => {
        clearTimeout(timer);
        then(value);
      };
    try {
      start(end(resolve), end(reject));
    } catch (error) {
      end(reject)(error);
    }
  });
}

/** A store in IndexedDB. */
export class IndexedDbStorage implements Storage {
  private readonly name: string;
  private readonly durability: "strict" | "relaxed";
  private connection: IDBDatabase | undefined;
  private isClosed = false;
  private readonly unlock: () => void;

  private constructor(name: string, durability: "strict" | "relaxed", unlock: () => void) {
    this.name = name;
    this.durability = durability;
    this.unlock = unlock;
  }

  /** Opens the store of this name, which need not be there. */
  static async open(name: string, options: IndexedDbOptions = {}): Promise<IndexedDbStorage> {
    if (typeof indexedDB === "undefined") throw new LuaStorageError("unavailable", "there is no IndexedDB");
    const unlock = await locked(`cu:${name}`, options.locked === "wait");
    const storage = new IndexedDbStorage(`cu:${name}`, options.durability ?? "strict", unlock);
    try {
      await storage.connect();
      return storage;
    } catch (error) {
      unlock();
      throw await problem(error);
    }
  }

  private connect(): Promise<IDBDatabase> {
    if (this.connection !== undefined) return Promise.resolve(this.connection);
    return timed((resolve, reject) => {
      const request = indexedDB.open(this.name, 1);
      request.onupgradeneeded = () => void request.result.createObjectStore(ENTRIES);
      request.onblocked = () => reject(new LuaStorageError("locked", "another page has it open in an older version"));
      request.onerror = () => reject(request.error);
      request.onsuccess = () => {
        const connection = request.result;
        const gone = (): void => {
          if (this.connection === connection) this.connection = undefined;
        };
        connection.onclose = gone;
        connection.onversionchange = () => {
          connection.close();
          gone();
        };
        this.connection = connection;
        resolve(connection);
      };
    });
  }

  /** Runs `act` in a transaction; once more if the connection turns out to be gone. */
  private async transact<T>(mode: IDBTransactionMode, act: (store: IDBObjectStore, fail: (error: unknown) => void) => () => T): Promise<T> {
    if (this.isClosed) throw new LuaStorageError("closed");
    for (let attempt = 0; ; attempt++) {
      try {
        const connection = await this.connect();
        return await timed<T>((resolve, reject) => {
          const transaction = connection.transaction(ENTRIES, mode, { durability: this.durability });
          let failure: unknown;
          const fail = (error: unknown): void => {
            failure = error;
            transaction.abort();
          };
          const result = act(transaction.objectStore(ENTRIES), fail);
          transaction.oncomplete = () => resolve(result());
          transaction.onabort = () => reject(failure ?? transaction.error);
          transaction.onerror = () => undefined;
          connection.addEventListener("close", () => reject(new LuaStorageError("lost")), { once: true });
        });
      } catch (error) {
        const known = await problem(error);
        if (known.problem !== "lost" || attempt > 0) throw known;
        this.connection?.close();
        this.connection = undefined;
      }
    }
  }

  get(name: string): Promise<Uint8Array | undefined> {
    return this.transact("readonly", (store) => {
      const request = store.get(name) as IDBRequest<Uint8Array | undefined>;
      return () => request.result;
    });
  }

  list(prefix: string): Promise<[string, Uint8Array][]> {
    return this.transact("readonly", (store) => {
      const range = IDBKeyRange.bound(prefix, `${prefix}\uffff`);
      const names = store.getAllKeys(range);
      const values = store.getAll(range) as IDBRequest<Uint8Array[]>;
      return () => names.result.map((name, i): [string, Uint8Array] => [String(name), values.result[i]]);
    });
  }

  async put(batch: Batch): Promise<void> {
    const { guard } = batch;
    const write = (store: IDBObjectStore): void => {
      for (const name of batch.remove) store.delete(name);
      for (const [name, bytes] of batch.set) store.put(bytes, name);
    };
    await this.transact("readwrite", (store, fail) => {
      if (guard === undefined) {
        write(store);
      } else {
        const request = store.get(guard.name) as IDBRequest<Uint8Array | undefined>;
        request.onsuccess = () => {
          const before = request.result;
          if (sameBytes(before, guard.bytes)) write(store);
          // The batch was written before the connection went away: there is nothing left to do.
          else if (!sameBytes(before, batch.set.get(guard.name))) fail(new LuaStorageError("conflict"));
        };
      }
      return () => undefined;
    });
  }

  async delete(): Promise<void> {
    await this.transact("readwrite", (store) => {
      store.clear();
      return () => undefined;
    });
  }

  async close(): Promise<void> {
    if (this.isClosed) return;
    this.isClosed = true;
    this.connection?.close();
    this.connection = undefined;
    this.unlock();
  }
}

/** Opens the store of a name such as `idb://notes`; nothing if it is another kind of name. */
export function indexedDbOf(name: string): Promise<IndexedDbStorage> | undefined {
  return name.startsWith("idb://") ? IndexedDbStorage.open(name.slice(6)) : undefined;
}

/** Takes the lock of this name; what gives it back. */
async function locked(name: string, wait: boolean): Promise<() => void> {
  const locks = navigator.locks as LockManager | undefined;
  if (locks === undefined) return () => undefined;
  return new Promise((resolve, reject) => {
    const held = locks.request(name, { mode: "exclusive", ifAvailable: !wait }, (lock) => {
      if (lock === null) {
        reject(new LuaStorageError("locked"));
        return undefined;
      }
      return new Promise<void>((release) => resolve(release));
    });
    held.catch(reject);
  });
}
