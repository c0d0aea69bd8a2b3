/**
 * The lock of a file store: a file that says who has the store, as `PID START HOST MARK`.
 *
 * It is made whole, under another name, and then linked to its own: so nobody ever reads half of it, and of several that
 * want it one gets it. A lock is left behind by a process that was killed; then it is moved away before it is removed,
 * which again only one of several can do. Processes of other machines cannot be looked for: their locks stay.
 */

import { randomUUID } from "node:crypto";
import { link, open, readFile, rename, unlink } from "node:fs/promises";
import { hostname } from "node:os";

import { LuaStorageError, watched } from "./storage.ts";

/** Milliseconds between two looks at a lock that somebody has. */
const LOOK_MS = 20;

function codeOf(error: unknown): string | undefined {
  return (error as { code?: string } | null)?.code;
}

/** When a process began, where that can be known: another process may have got its number since. */
async function startOf(pid: number | "self"): Promise<string> {
  const text = await readFile(`/proc/${pid}/stat`, "latin1").catch(() => "");
  // The name of the command, in parentheses, may contain anything.
  return text.slice(text.lastIndexOf(")") + 2).split(" ")[19] ?? "0";
}

export class FileLock {
  private readonly path: string;
  private readonly text: string;

  private constructor(path: string, text: string) {
    this.path = path;
    this.text = text;
  }

  /** Takes the lock, or fails with `locked` after some milliseconds. */
  static async take(path: string, waitMs: number, owner = ""): Promise<FileLock> {
    const lock = new FileLock(path, `${process.pid} ${await startOf("self")} ${hostname()} ${owner}/${randomUUID()}`);
    const end = Date.now() + waitMs;
    for (;;) {
      const holder = await watched(lock.tried(owner));
      if (holder === undefined) return lock;
      if (Date.now() >= end) throw new LuaStorageError("locked", `process ${holder.split(" ")[0]} has it open`);
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }

  /** Nothing if it is taken now; otherwise who has it. */
  private async tried(owner: string): Promise<string | undefined> {
    for (let attempt = 0; ; attempt++) {
      if (await this.made()) return undefined;
      const holder = await readFile(this.path, "utf8").catch(() => undefined);
      if (holder === undefined) continue;
      if (attempt > 8 || (await isHeld(holder, owner))) return holder;
      await this.removeStale(holder);
    }
  }

  private async made(): Promise<boolean> {
    const own = `${this.path}.${randomUUID()}`;
    try {
      const file = await open(own, "wx");
      try {
        await file.writeFile(this.text);
      } finally {
        await file.close();
      }
      await link(own, this.path);
      return true;
    } catch (error) {
      if (codeOf(error) === "EEXIST") return false;
      throw new LuaStorageError("unavailable", codeOf(error), error);
    } finally {
      await unlink(own).catch(() => undefined);
    }
  }

  /** Removes the lock of a process that is dead, and no other. */
  private async removeStale(holder: string): Promise<void> {
    const away = `${this.path}.${randomUUID()}`;
    try {
      await rename(this.path, away);
    } catch (error) {
      if (codeOf(error) === "ENOENT") return;
      throw new LuaStorageError("unavailable", codeOf(error), error);
    }
    // Somebody may have taken it in between; then it goes back.
    if ((await readFile(away, "utf8").catch(() => holder)) !== holder) await link(away, this.path).catch(() => undefined);
    await unlink(away).catch(() => undefined);
  }

  /** Fails with `locked` if it is not this one's any more. */
  async check(): Promise<void> {
    const text = await readFile(this.path, "utf8").catch(() => undefined);
    if (text !== this.text) throw new LuaStorageError("locked", "the lock is somebody else's now");
  }

  /** Gives it up. */
  async release(): Promise<void> {
    const text = await readFile(this.path, "utf8").catch(() => undefined);
    if (text === this.text) await unlink(this.path).catch(() => undefined);
  }
}

async function isHeld(holder: string, owner: string): Promise<boolean> {
  const [pid, start, host, mark] = holder.split(" ");
  if (owner !== "" && mark?.split("/")[0] === owner) return false;
  if (host !== undefined && host !== hostname()) return true;
  const number = Number(pid);
  if (!Number.isInteger(number) || number <= 0) return false;
  try {
    process.kill(number, 0);
  } catch (error) {
    return codeOf(error) === "EPERM";
  }
  const now = await startOf(number);
  return now === "0" || start === undefined || start === "0" || start === now;
}
