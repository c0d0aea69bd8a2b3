/**
 * A store in the browser's database: one object store, in which every batch is one transaction.
 *
 * A batch is stored when its transaction is complete, with strict durability: not before. The transaction's `abort`, the
 * connection's `close` and `versionchange`, and a watchdog end every wait. A connection that is gone is opened once more
 * for each operation; that is safe for a batch, because its guard does not let it be written twice.
 *
 * Whoever may write has a Web Lock for as long as the store is open, and whoever reads has another one, which they share.
 * Where there are no locks, the guard is what is left.
 */

import { type Batch, LOST, LuaStorageError, sameBytes, sizeOf, type Storage, WATCHDOG_MS } from "./storage.ts";
import { type Lock, nameOf, readers, taken } from "./web-lock.ts";

const ENTRIES = "entries";
/** How long the news that a connection was closed may come behind the abort of its transactions. */
const NEWS_MS = 50;

export interface IndexedDbOptions {
  /** `"relaxed"` is quicker and may lose the last saves when the power fails. */
  durability?: "strict" | "relaxed";
  /**
   * `"write"` (the default) fails with `locked` when another page may write, `"wait"` waits until it does not any more,
   * and `"read"` reads, whoever writes.
   */
  access?: "write" | "wait" | "read";
  /** The most milliseconds that `"wait"` waits. The default is 60,000. */
  waitMs?: number;
  /** Whoever started this worker has the lock. */
  owner?: string;
}

/** A transaction was aborted, and its connection may be gone. */
class Aborted extends Error {}

/** What a failed request or transaction means. */
async function problem(error: unknown, needed?: number): Promise<LuaStorageError> {
  const name = (error as { name?: string } | null)?.name;
  if (error instanceof LuaStorageError) return error;
  switch (name) {
    case "QuotaExceededError": {
      const estimate = await timed<StorageEstimate | undefined>((resolve) => {
        const asked = navigator.storage?.estimate?.() ?? Promise.resolve(undefined);
        asked.then(resolve, () => resolve(undefined));
      }).catch(() => undefined);
      return new LuaStorageError("quota", undefined, error, { needed, usage: estimate?.usage, quota: estimate?.quota });
    }
    case "InvalidStateError":
    case "UnknownError":
    case "TransactionInactiveError":
      return new LuaStorageError("lost", undefined, error);
    case "VersionError":
      return new LuaStorageError("version", undefined, error);
    case "SecurityError":
      return new LuaStorageError("unavailable", "the browser does not allow it here", error);
    default:
      return new LuaStorageError("aborted", name, error);
  }
}

/** A promise that is rejected when it takes too long; then `late` is called. */
function timed<T>(start: (resolve: (value: T) => void, reject: (error: unknown) => void) => void, late?: () => void): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      late?.();
      reject(new LuaStorageError("timeout"));
    }, WATCHDOG_MS);
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

/** What Chromium says when it has found its files damaged and begins anew: the first database that is opened then hears of it. */
interface LossyUpgrade extends IDBVersionChangeEvent {
  readonly dataLoss?: "none" | "total";
  readonly dataLossMessage?: string;
}

/** A store in IndexedDB. */
export class IndexedDbStorage implements Storage {
  static readonly name: string = "IndexedDbStorage";
  private readonly name: string;
  private readonly options: IndexedDbOptions;
  private connection: IDBDatabase | undefined;
  /** The connection that is being opened. */
  private opening: Promise<IDBDatabase> | undefined;
  private isClosed = false;
  private lock: Lock | undefined;

  private constructor(name: string, options: IndexedDbOptions) {
    this.name = name;
    this.options = options;
  }

  /** Opens the store of this name, which need not be there. */
  static async open(name: string, options: IndexedDbOptions = {}): Promise<IndexedDbStorage> {
    if (typeof indexedDB === "undefined") throw new LuaStorageError("unavailable", "there is no IndexedDB");
    const storage = new IndexedDbStorage(nameOf(name), options);
    // A connection changes nothing, so it need not wait for the lock.
    const connecting = storage.connect();
    connecting.catch(() => undefined);
    try {
      storage.lock = await lockFor(storage.name, options);
      await connecting;
      return storage;
    } catch (error) {
      await storage.close();
      throw await problem(error);
    }
  }

  private connect(): Promise<IDBDatabase> {
    if (this.connection !== undefined) return Promise.resolve(this.connection);
    this.opening ??= this.newConnection().finally(() => (this.opening = undefined));
    return this.opening;
  }

  private newConnection(): Promise<IDBDatabase> {
    return timed((resolve, reject) => {
      const request = indexedDB.open(this.name, 1);
      let isGivenUp = false;
      const fail = (error: unknown): void => {
        isGivenUp = true;
        reject(error);
      };
      request.onupgradeneeded = ({ dataLoss, dataLossMessage }: LossyUpgrade) => {
        const entries = request.result.createObjectStore(ENTRIES);
        // It says so only once, so it is written down.
        if (dataLoss === "total") entries.put(new TextEncoder().encode(`the browser has lost what its databases held here (${dataLossMessage})`), LOST);
      };
      request.onblocked = () => fail(new LuaStorageError("locked", "another page has it open in another version"));
      request.onerror = () => fail(request.error);
      request.onsuccess = () => {
        const connection = request.result;
        if (isGivenUp || this.isClosed) {
          // It comes too late.
          connection.close();
          fail(new LuaStorageError("closed"));
          return;
        }
        const gone = (): void => {
          if (this.connection === connection) this.connection = undefined;
        };
        connection.addEventListener("close", gone);
        connection.addEventListener("versionchange", () => {
          connection.close();
          gone();
        });
        this.connection = connection;
        resolve(connection);
      };
    });
  }

  /** Runs `act` in a transaction; once more if the connection turns out to be gone. */
  private async transact<T>(mode: IDBTransactionMode, act: (store: IDBObjectStore, fail: (error: unknown) => void) => () => T, needed?: number): Promise<T> {
    for (let attempt = 0; ; attempt++) {
      if (this.isClosed) throw new LuaStorageError("closed");
      if (this.lock?.isStolen === true) throw new LuaStorageError("locked", "another page has taken it");
      let connection: IDBDatabase | undefined;
      try {
        connection = await this.connect();
        return await this.attempt(connection, mode, act);
      } catch (error) {
        let known = await problem(error, needed);
        if (error instanceof Aborted && connection !== undefined) {
          if (!this.isClosed && (await isGone(connection, () => this.connection !== connection))) known = new LuaStorageError("lost", undefined, error.cause);
          else known = await problem(error.cause, needed);
        }
        if (known.problem !== "lost" || attempt > 0) throw known;
        connection?.close();
        if (this.connection === connection) this.connection = undefined;
      }
    }
  }

  private attempt<T>(connection: IDBDatabase, mode: IDBTransactionMode, act: (store: IDBObjectStore, fail: (error: unknown) => void) => () => T): Promise<T> {
    let transaction: IDBTransaction;
    let failure: unknown;
    const fail = (error: unknown): void => {
      // Requests of a transaction that has been aborted fail with these: why it was is another matter.
      const name = (error as { name?: string } | null)?.name;
      if (name !== "InvalidStateError" && name !== "TransactionInactiveError") failure ??= error;
      try {
        transaction.abort();
      } catch {
        // It has ended already; that is told by its events.
      }
    };
    return timed<T>(
      (resolve, reject) => {
        transaction = connection.transaction(ENTRIES, mode, { durability: this.options.durability ?? "strict" });
        const lost = (): void => reject(new LuaStorageError("lost"));
        connection.addEventListener("close", lost);
        let result: (() => T) | undefined;
        transaction.oncomplete = () => {
          connection.removeEventListener("close", lost);
          try {
            resolve((result as () => T)());
          } catch (error) {
            reject(error);
          }
        };
        transaction.onabort = () => {
          connection.removeEventListener("close", lost);
          if (failure !== undefined) reject(failure);
          else if (transaction.error !== null && transaction.error.name !== "AbortError") reject(transaction.error);
          else reject(new Aborted(undefined, { cause: transaction.error }));
        };
        try {
          result = act(transaction.objectStore(ENTRIES), fail);
        } catch (error) {
          // Without this, what was asked for until now would be stored.
          fail(error);
        }
      },
      () => fail(new LuaStorageError("timeout")),
    );
  }

  get(name: string): Promise<Uint8Array | undefined> {
    return this.transact("readonly", (store) => {
      const request = store.get(name) as IDBRequest<unknown>;
      return () => (request.result === undefined ? undefined : bytesOf(name, request.result));
    });
  }

  list(prefix: string): Promise<[string, Uint8Array][]> {
    return this.transact("readonly", (store) => {
      const range = IDBKeyRange.bound(prefix, `${prefix}\uffff`);
      const names = store.getAllKeys(range);
      const values = store.getAll(range) as IDBRequest<unknown[]>;
      return () => names.result.map((name, i): [string, Uint8Array] => [String(name), bytesOf(String(name), values.result[i])]);
    });
  }

  async put(batch: Batch): Promise<void> {
    if (this.options.access === "read") throw new LuaStorageError("readonly");
    const { guard, remove } = batch;
    // The transaction begins later: the bytes are to be those of now.
    const set = Array.from(batch.set, ([name, bytes]) => [name, bytes.slice()] as const);
    const write = (store: IDBObjectStore): void => {
      for (const name of remove) store.delete(name);
      for (const [name, bytes] of set) store.put(bytes, name);
    };
    const act = (store: IDBObjectStore, fail: (error: unknown) => void): (() => void) => {
      if (guard === undefined) {
        write(store);
        return () => undefined;
      }
      const request = store.get(guard.name) as IDBRequest<unknown>;
      request.onsuccess = () => {
        const before = request.result instanceof Uint8Array ? request.result : undefined;
        try {
          if (sameBytes(before, guard.bytes)) write(store);
          // The batch was written before the connection went away: there is nothing left to do.
          else if (before === undefined || !sameBytes(before, batch.set.get(guard.name))) fail(new LuaStorageError("conflict"));
        } catch (error) {
          fail(error);
        }
      };
      return () => undefined;
    };
    await this.transact("readwrite", act, sizeOf(batch));
  }

  async delete(): Promise<void> {
    if (this.options.access === "read") throw new LuaStorageError("readonly");
    // Those who read would find nothing.
    const lock = await taken(readers(this.name), "exclusive", 0);
    try {
      await this.transact("readwrite", (store) => {
        store.clear();
        return () => undefined;
      });
    } finally {
      lock?.release();
    }
  }

  async close(): Promise<void> {
    if (this.isClosed) return;
    this.isClosed = true;
    // It ends when its transactions have.
    this.connection?.close();
    this.connection = undefined;
    this.lock?.release();
  }
}

/** The lock that an access needs. */
async function lockFor(name: string, { access, waitMs = 60_000, owner }: IndexedDbOptions): Promise<Lock | undefined> {
  if (access === "read") return taken(readers(name), "shared", WATCHDOG_MS);
  return owner === undefined ? taken(name, "exclusive", access === "wait" ? waitMs : 0) : undefined;
}

function bytesOf(name: string, value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value;
  throw new LuaStorageError("damaged", `the record ${name.slice(0, 80)} is not of bytes`);
}

/** Whether a connection whose transaction was aborted is gone; its `close` event may come a little later. */
function isGone(connection: IDBDatabase, known: () => boolean): Promise<boolean> {
  return new Promise((resolve) => {
    if (known()) {
      resolve(true);
      return;
    }
    const end = (): void => {
      clearTimeout(timer);
      connection.removeEventListener("close", end);
      resolve(known());
    };
    const timer = setTimeout(end, NEWS_MS);
    connection.addEventListener("close", end);
  });
}

/** Opens the store of a name such as `idb://notes`; nothing if it is another kind of name. */
export function indexedDbOf(name: string, options?: IndexedDbOptions): Promise<IndexedDbStorage> | undefined {
  return name.startsWith("idb://") ? IndexedDbStorage.open(name.slice(6), options) : undefined;
}
