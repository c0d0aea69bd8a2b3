/**
 * What a page and a worker with a Lua state say to each other.
 *
 * Both sides ask and answer, with numbers that tell which answer is whose:
 *
 * ```text
 *   page -> worker   { ask: 1, what: "run", args: [...] }       { answer: 7, value }   { answer: 7, error }
 *   worker -> page   { answer: 1, value }   { answer: 1, error }   { ask: 7, what: "function", args: [...] }
 *   worker -> page   { output: bytes, isError }
 * ```
 *
 * The first question to a worker is `open`. Values are copied as `postMessage` does; errors are taken apart and put
 * together again.
 */

import { LuaError, type LuaErrorKind, LuaExit, type LuaLimit, LuaLimitError, LuaStateError, type LuaStateProblem, LuaValueError } from "../errors.ts";
import { LuaStorageError, type QuotaDetails, type StorageProblem } from "../storage/storage.ts";

/** An error that is under way. */
export interface Packed {
  name: string;
  message: string;
  stack?: string;
  /** What the error has beside its message, by name. */
  fields: Record<string, unknown>;
}

export type Message =
  | { ask: number; what: string; args: unknown[] }
  | { answer: number; value?: unknown; error?: Packed }
  | { output: Uint8Array; isError: boolean };

/** The way to the other side: a worker, or the page as a worker sees it. */
export interface Channel {
  post(message: Message): void;
  listen(receive: (message: Message) => void, fail: (error: unknown) => void): void;
  /** Whether an answer is waited for. */
  hold?(isWaiting: boolean): void;
}

const FIELDS = ["kind", "value", "chunk", "line", "column", "traceback", "limit", "status", "problem", "quota", "previous"] as const;

function canBeCopied(value: unknown): boolean {
  try {
    structuredClone(value);
    return true;
  } catch {
    return false;
  }
}

/** Takes an error apart. */
export function packed(error: unknown): Packed {
  if (!(error instanceof Error)) return { name: "", message: String(error), fields: { value: canBeCopied(error) ? error : String(error) } };
  const fields: Record<string, unknown> = {};
  for (const field of FIELDS) {
    const value = (error as unknown as Record<string, unknown>)[field];
    if (value !== undefined) fields[field] = value instanceof Error || !canBeCopied(value) ? String(value) : value;
  }
  if (error.cause instanceof Error) fields["cause"] = packed(error.cause);
  return { name: error.name, message: error.message, stack: error.stack, fields };
}

/** Puts an error together. */
export function unpacked({ name, message, stack, fields }: Packed): unknown {
  let error: Error;
  switch (name) {
    case "":
      return fields["value"];
    case "LuaError":
      error = new LuaError(message, fields["kind"] as LuaErrorKind, fields["value"], fields);
      break;
    case "LuaLimitError":
      error = new LuaLimitError(fields["limit"] as LuaLimit);
      break;
    case "LuaExit":
      error = new LuaExit(fields["status"] as number);
      break;
    case "LuaStateError":
      error = new LuaStateError(fields["problem"] as LuaStateProblem);
      break;
    case "LuaStorageError":
      error = new LuaStorageError(fields["problem"] as StorageProblem, undefined, undefined, fields["quota"] as QuotaDetails | undefined);
      (error as LuaStorageError).previous = fields["previous"] as number | undefined;
      break;
    case "LuaValueError":
      error = new LuaValueError(message);
      break;
    default:
      error = new Error(message);
      error.name = name;
  }
  const { cause } = fields;
  Object.defineProperty(error, "message", { value: message, configurable: true, writable: true });
  if (stack !== undefined) Object.defineProperty(error, "stack", { value: stack, configurable: true, writable: true });
  if (cause !== undefined) Object.defineProperty(error, "cause", { value: unpacked(cause as Packed), configurable: true, writable: true });
  return error;
}

/** A value as it was before it was copied: objects have no prototype again. */
export function restored(value: unknown): unknown {
  const seen = new Set<object>();
  const left: unknown[] = [value];
  for (let item = left.pop(); left.length > 0 || item !== undefined; item = left.pop()) {
    if (typeof item !== "object" || item === null || seen.has(item)) continue;
    seen.add(item);
    if (Array.isArray(item)) left.push(...item.filter((inner) => typeof inner === "object"));
    else if (item instanceof Map) for (const [key, inner] of item) left.push(key, inner);
    else if (Object.getPrototypeOf(item) === Object.prototype) {
      Object.setPrototypeOf(item, null);
      left.push(...Object.values(item));
    }
  }
  return value;
}

/** Asks the other side, and answers it. */
export class Conversation {
  private readonly channel: Channel;
  private readonly pending = new Map<number, { resolve(value: unknown): void; reject(error: unknown): void }>();
  private last = 0;
  private end: { reason: unknown } | undefined;

  constructor(channel: Channel, act: (what: string, args: unknown[]) => unknown, output?: (bytes: Uint8Array, isError: boolean) => void) {
    this.channel = channel;
    channel.listen(
      (message) => {
        if (this.end !== undefined) return;
        if ("output" in message) output?.(message.output, message.isError);
        else if ("ask" in message) void this.act(message.ask, () => act(message.what, message.args));
        else this.settle(message.answer, message);
      },
      (error) => this.giveUp(error),
    );
  }

  private async act(id: number, act: () => unknown): Promise<void> {
    let answer: Message;
    try {
      answer = { answer: id, value: await act() };
    } catch (error) {
      answer = { answer: id, error: packed(error) };
    }
    try {
      this.channel.post(answer);
    } catch (error) {
      this.channel.post({ answer: id, error: packed(new LuaValueError("the value cannot leave its worker: functions, coroutines and userdata stay there", { cause: error })) });
    }
  }

  private settle(id: number, { value, error }: { value?: unknown; error?: Packed }): void {
    const waiting = this.pending.get(id);
    this.pending.delete(id);
    if (this.pending.size === 0) this.channel.hold?.(false);
    if (error === undefined) waiting?.resolve(restored(value));
    else waiting?.reject(unpacked(error));
  }

  /** A promise of the other side's answer. */
  ask(what: string, args: unknown[]): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.end !== undefined) throw this.end.reason;
      const id = ++this.last;
      try {
        this.channel.post({ ask: id, what, args });
      } catch (error) {
        throw new LuaValueError("the value cannot be sent to a worker", { cause: error });
      }
      this.pending.set(id, { resolve, reject });
      this.channel.hold?.(true);
    });
  }

  /** Nothing will be answered any more. */
  giveUp(reason: unknown): void {
    if (this.end !== undefined) return;
    this.end = { reason };
    for (const { reject } of this.pending.values()) reject(reason);
    this.pending.clear();
    this.channel.hold?.(false);
  }
}
