/**
 * Where saved states are kept: the interface that every store has, and the errors that they may answer with.
 *
 * A store maps names to bytes. It knows nothing of Lua or of what the bytes mean (`persist.ts`). `conformance.ts` has
 * the tests that any store can be put to.
 *
 * Operations follow one another in the order of the calls: a `get` or `list` after a `put` sees it, also when nobody has
 * waited for the `put`.
 */

/** What is to be true for a batch to be written: this name has these bytes, or nothing. */
export interface Guard {
  name: string;
  bytes: Uint8Array | undefined;
}

/** Changes that are made together or not at all. */
export interface Batch {
  set: ReadonlyMap<string, Uint8Array>;
  remove: readonly string[];
  /** Otherwise nothing is written and the store answers with a `conflict`. */
  guard?: Guard;
}

/**
 * A place for bytes by name. Names are short texts of ASCII. An operation that fails is rejected, with a
 * {@link LuaStorageError} where one fits; a `put` that is rejected has changed nothing, or, if its `problem` is `timeout`
 * or `lost`, everything.
 */
export interface Storage {
  /** The bytes of a name, or nothing. */
  get(name: string): Promise<Uint8Array | undefined>;
  /** Makes all changes of a batch or none. When the promise is fulfilled they survive whatever happens next. */
  put(batch: Batch): Promise<void>;
  /** Removes everything. */
  delete(): Promise<void>;
  /** All names that begin with `prefix`, and their bytes. */
  list(prefix: string): Promise<[string, Uint8Array][]>;
  /** Gives the store up, for others to open it. */
  close(): Promise<void>;
}

/** What can be wrong with a store. */
export type StorageProblem =
  /** Somebody else has it. */
  | "locked"
  /** Somebody else has written meanwhile. */
  | "conflict"
  /** There is no room; what was there before is still there. */
  | "quota"
  /** The store gave up; what was there before is still there. */
  | "aborted"
  /** The connection to the store is gone. */
  | "lost"
  /** The store did not answer in time. */
  | "timeout"
  /** What is stored does not make sense. */
  | "damaged"
  /** What is stored is of a later version. */
  | "version"
  /** What is stored is encrypted and the key does not fit, or it is not encrypted and a key was given. */
  | "key"
  /** The state was opened for reading. */
  | "readonly"
  /** Something is stored already where something else is to be. */
  | "occupied"
  /** There is no such store here. */
  | "unavailable"
  /** It has been closed. */
  | "closed";

const TEXTS: Record<StorageProblem, string> = {
  locked: "the store is in use elsewhere",
  conflict: "the store was written by somebody else meanwhile",
  quota: "there is no room for the save; the last one is still there",
  aborted: "the save was aborted; the last one is still there",
  lost: "the connection to the store is gone",
  timeout: "the store did not answer in time",
  damaged: "what is stored is damaged",
  version: "what is stored was written by a later version",
  key: "what is stored cannot be read with this key",
  readonly: "the store was opened for reading",
  occupied: "the store is not empty",
  unavailable: "this kind of store is not available here",
  closed: "the store is closed",
};

/** For `quota`: how many bytes the save has, and what the browser says of the room there is. */
export interface QuotaDetails {
  needed?: number;
  usage?: number;
  quota?: number;
}

/** A store could not do it. */
export class LuaStorageError extends Error {
  static override readonly name: string = "LuaStorageError";
  override readonly name = "LuaStorageError";
  readonly problem: StorageProblem;
  readonly quota?: QuotaDetails;
  /** For `damaged`: the generation before, if that one is whole. `Lua.open` with `recover` takes it. */
  previous?: number;

  constructor(problem: StorageProblem, detail?: string, cause?: unknown, quota?: QuotaDetails) {
    super(detail === undefined ? TEXTS[problem] : `${TEXTS[problem]}: ${detail}`, cause === undefined ? undefined : { cause });
    this.problem = problem;
    this.quota = quota;
  }
}

/** The record of a store that knows that what it had is gone: a text that says so. The first save removes it. */
export const LOST = "lost";

/** Whether two names have the same bytes, or none. */
export function sameBytes(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

/** How many bytes a batch has. */
export function sizeOf(batch: Batch): number {
  let n = 0;
  for (const [name, bytes] of batch.set) n += name.length + bytes.length;
  return n;
}

/** Milliseconds that any one step of a store may take. */
export const WATCHDOG_MS = 10_000;

/** What a promise comes to, or a `timeout` if that takes too long; then `late` is told what it came to after all. */
export function watched<T>(promise: Promise<T>, late?: (value: T) => void, ms = WATCHDOG_MS): Promise<T> {
  return new Promise((resolve, reject) => {
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      reject(new LuaStorageError("timeout"));
    }, ms);
    promise.then(
      (value) => {
        clearTimeout(timer);
        if (isLate) late?.(value);
        else resolve(value);
      },
      (error: unknown) => {
        clearTimeout(timer);
        reject(error);
      },
    );
  });
}
