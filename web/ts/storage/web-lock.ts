/** Web Locks: what keeps pages from writing to one store at the same time. */

import { LuaStorageError, WATCHDOG_MS } from "./storage.ts";

/** A lock that somebody has. */
export interface Lock {
  isStolen: boolean;
  release(): void;
}

/** The name of a store's database, and of the lock of whoever may write to it. */
export function nameOf(store: string): string {
  return `cu:${store}`;
}

/** The name of the lock that those who read share. */
export function readers(name: string): string {
  return `${name} read`;
}

/** Takes a lock, or fails with `locked` after some milliseconds. Where there are no locks there is nothing to take. */
export async function taken(name: string, mode: LockMode, waitMs: number): Promise<Lock | undefined> {
  const locks = navigator.locks as LockManager | undefined;
  if (locks === undefined) return undefined;
  return new Promise((resolve, reject) => {
    const giveUp = new AbortController();
    const refused = (): void => reject(new LuaStorageError("locked"));
    const options: LockOptions = waitMs > 0 ? { mode, signal: giveUp.signal } : { mode, ifAvailable: true };
    const timer = setTimeout(() => {
      // What cannot be given up is let go as soon as it comes.
      giveUp.abort();
      refused();
    }, waitMs > 0 ? waitMs : WATCHDOG_MS);
    const lock: Lock = { isStolen: false, release: () => undefined };
    const held = locks.request(name, options, (granted) => {
      clearTimeout(timer);
      if (granted === null) {
        refused();
        return undefined;
      }
      if (giveUp.signal.aborted) return undefined;
      return new Promise<void>((release) => {
        lock.release = release;
        resolve(lock);
      });
    });
    held.catch((error: unknown) => {
      // After it was granted, this means that somebody else has stolen it.
      lock.isStolen = true;
      clearTimeout(timer);
      reject(giveUp.signal.aborted ? new LuaStorageError("locked") : new LuaStorageError("unavailable", "there are no locks here", error));
    });
  });
}
