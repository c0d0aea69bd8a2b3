/** What a browser says of the room for its pages' stores, and how it is asked to keep them. */

import { watched } from "./storage.ts";

/** What becomes of what this origin has stored, and how much it is. */
export interface StorageStatus {
  /**
   * - `"persistent"`: the browser keeps it until the user removes it.
   * - `"best-effort"`: the browser may remove it when it needs the room. A private window says this, too.
   * - `"unavailable"`: nothing can be stored here, or this is no browser.
   */
  kind: "persistent" | "best-effort" | "unavailable";
  /** How many bytes the origin uses, as the browser estimates it. */
  usage: number | undefined;
  /** How many bytes it may use, as the browser estimates it. */
  quota: number | undefined;
}

function manager(): Partial<StorageManager> | undefined {
  return typeof indexedDB === "undefined" ? undefined : (globalThis.navigator as { storage?: StorageManager } | undefined)?.storage;
}

/** How well `idb://` stores of this origin are kept. It is never rejected. */
export async function storageStatus(): Promise<StorageStatus> {
  const storage = manager();
  // The browser refuses both where it allows no database, as in some frames.
  const asked = Promise.all([storage?.persisted?.() ?? false, storage?.estimate?.()]);
  const [isPersistent, estimate] = await watched(asked).catch((): [undefined, undefined] => [undefined, undefined]);
  const isUnavailable = storage === undefined || isPersistent === undefined;
  return { kind: isUnavailable ? "unavailable" : isPersistent ? "persistent" : "best-effort", usage: estimate?.usage, quota: estimate?.quota };
}

/**
 * Asks the browser to keep what this origin stores: whether it will. Some browsers ask the user, others decide by how
 * much the site is used; so call it when somebody has made something worth keeping. It is never rejected.
 */
export async function persist(): Promise<boolean> {
  try {
    return (await manager()?.persist?.()) === true;
  } catch {
    return false;
  }
}
