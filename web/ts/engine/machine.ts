/**
 * One machine: runs, and the values that cross its border by number.
 *
 * What it is not: it is not the package's face (`lua.ts`); it has no options but what it is told.
 *
 * Functions and objects of JavaScript that Lua has are in `hosted`, until Lua forgets them. What JavaScript has of
 * Lua's is held in the machine's registry until the object that stands for it is collected here.
 */

import { LuaError, type LuaErrorKind, LuaExit, LuaLimitError, type LuaLimit, LuaStateError } from "../errors.ts";
import * as tag from "../generated/tags.ts";
import { LuaHandle, LuaMulti, type Shape, shapeOf } from "../values.ts";
import { calculate } from "./bigint.ts";
import type { Face } from "./glue.ts";
import type { Instance } from "./instance.ts";
import type { Border } from "./wire.ts";
import type { Change } from "../storage/records.ts";

/** Statuses of runs, as in `bridge.rs`. */
const DONE = 0;
const FAILED = 1;
const WAITING = 2;
const STOPPED = 3;
const BUSY = 4;

/** Answers to Lua, as in `exports.rs`. */
const RETURNED = -1;
const THREW = -2;
const STOP = -3;

/** What Lua does to an object, as in `face.rs`. */
const GET = 0;
const SET = 1;
const TEXT = 2;
const LENGTH = 3;
const CALL = 4;
const NEXT = 5;

const KINDS: readonly LuaErrorKind[] = ["runtime", "syntax", "memory", "handler"];
const LIMITS: readonly (LuaLimit | undefined)[] = [undefined, "fuel", "deadline", "output"];
const EXIT = 4;

/** A function of Lua's in JavaScript. */
export interface LuaFunction {
  /** Calls it: its first result, or a promise of that if Lua has to wait for one. */
  (...args: unknown[]): unknown;
  /** Calls it: a promise of its first result. */
  async(...args: unknown[]): Promise<unknown>;
  /** Calls it: its first result; an error if Lua has to wait. */
  sync(...args: unknown[]): unknown;
  /** Calls it: a promise of all its results. */
  all(...args: unknown[]): Promise<unknown[]>;
  /** Calls it again and again without arguments, until the first result is nil: what a Lua iterator is. */
  [Symbol.iterator](): IterableIterator<unknown>;
}

/** What bounds a run. */
export interface RunLimits {
  /** Units of work; a run that uses them up is ended. */
  fuel?: number;
  /** Milliseconds, waiting included. */
  deadlineMs?: number;
  /** Ends the run when it is aborted. */
  signal?: AbortSignal;
  /** Told now and then how far the run is, and once when it has ended. It is called in the middle of the run, and may not use the state. */
  onProgress?: (progress: RunProgress) => void;
}

/** How far a run is. */
export interface RunProgress {
  /** Units of work done so far. */
  fuel: number;
  /** Bytes that the state uses. */
  memoryBytes: number;
  /** Milliseconds since the run began. */
  ms: number;
}

/** Milliseconds between two calls of `onProgress`. */
const PROGRESS = 50;

/** What bounds the run that is under way. */
class Bounds {
  fuel: number;
  readonly deadline: number;
  readonly signal: AbortSignal | undefined;
  private readonly onProgress: RunLimits["onProgress"];
  private readonly initialFuel: number;
  private readonly started: number = 0;
  private told = 0;

  constructor(limits: RunLimits) {
    // Fuel is counted only if there is a limit.
    this.fuel = this.initialFuel = limits.fuel ?? (limits.onProgress === undefined ? -1 : Number.MAX_SAFE_INTEGER);
    this.onProgress = limits.onProgress;
    if (this.onProgress !== undefined) this.started = this.told = performance.now();
    this.deadline = limits.deadlineMs === undefined ? Infinity : performance.now() + limits.deadlineMs;
    this.signal = limits.signal;
  }

  get isTold(): boolean {
    return this.onProgress !== undefined;
  }

  /** Tells how far the run is, unless that was told a moment ago. */
  tell(fuelLeft: number, memoryBytes: number, isEnd: boolean): void {
    if (this.onProgress === undefined) return;
    const now = performance.now();
    if (!isEnd && now - this.told < PROGRESS) return;
    this.told = now;
    try {
      this.onProgress({ fuel: this.initialFuel - fuelLeft, memoryBytes, ms: now - this.started });
    } catch (error) {
      reportError(error);
    }
  }
}

/** The results of a run, or the promise of them. */
type Outcome = unknown[] | Promise<unknown[]>;

export interface MachineOptions {
  memoryBytes: number;
  outputBytes: number;
  libraries: readonly string[];
  /** Whether `debug` has all of its functions, and not only those that show a program to itself. */
  wholeDebug: boolean;
  bigints: boolean;
  markFloats: boolean;
  stringsAsBytes: boolean;
  binaryChunks: boolean;
  isDeterministic: boolean;
  limits: RunLimits;
  write(isError: boolean, bytes: Uint8Array): void;
  read(): Uint8Array;
}

interface Held {
  machine: Machine;
  id: number;
  tag: number;
}

/** What stands for a value of Lua's, of whatever machine. */
const held = new WeakMap<object, Held>();
/** The error values of Lua's that errors came from, if they are not plain. */
const errorValues = new WeakMap<LuaError, LuaHandle>();

const registry = new FinalizationRegistry<{ machine: WeakRef<Machine>; id: number }>(({ machine, id }) => {
  machine.deref()?.collected(id);
});

const functionPrototype = Object.create(Function.prototype) as object;
Object.defineProperties(functionPrototype, {
  async: {
    value: async function (this: object, ...args: unknown[]): Promise<unknown> {
      const it = own(this);
      return (await it.machine.callFunction(it.id, args))[0];
    },
  },
  sync: {
    value: function (this: object, ...args: unknown[]): unknown {
      const it = own(this);
      return it.machine.mustBeDone(it.machine.callFunction(it.id, args))[0];
    },
  },
  all: {
    value: async function (this: object, ...args: unknown[]): Promise<unknown[]> {
      const it = own(this);
      return it.machine.callFunction(it.id, args);
    },
  },
  [Symbol.iterator]: {
    value: function* (this: object): IterableIterator<unknown> {
      const it = own(this);
      for (;;) {
        const results = it.machine.mustBeDone(it.machine.callFunction(it.id, []));
        if (results[0] === undefined) return;
        yield results.length > 1 ? results : results[0];
      }
    },
  },
});

function own(it: object): Held {
  const known = held.get(it);
  if (known === undefined) throw new TypeError("this is not a function of Lua's");
  return known;
}

/** Methods as Lua calls them, with the object as the first argument, by the function in JavaScript. */
const methods = new WeakMap<object, (self: unknown, ...args: unknown[]) => unknown>();

function method(name: string, member: (...args: never[]) => unknown): (self: unknown, ...args: unknown[]) => unknown {
  let wrapped = methods.get(member);
  if (wrapped === undefined) {
    wrapped = (self, ...args) => {
      const isShown = (typeof self === "object" || typeof self === "function") && self !== null && shapeOf(self)?.read.has(name) === true;
      if (!isShown) throw new TypeError(`the method '${name}' has to be called with a colon`);
      return Reflect.apply(member, self, args);
    };
    methods.set(member, wrapped);
  }
  return wrapped;
}

export class Machine implements Border, Face {
  readonly bigints: boolean;
  readonly instance: Instance;
  private readonly id: number;
  private readonly options: MachineOptions;
  private readonly mine: WeakRef<Machine>;
  /** Functions and objects of JavaScript that Lua has, and their numbers. */
  private readonly hosted = new Map<number, object>();
  private readonly numbers = new Map<object, number>();
  private lastNumber = 0;
  /** What stands here for values of Lua's. */
  private readonly holders = new Map<number, WeakRef<object>>();
  private readonly promises = new Map<number, PromiseLike<unknown>>();
  private lastPromise = 0;
  private lastRandom = 0;
  private bounds: Bounds;
  private readonly unlimited: Bounds;
  private depth = 0;
  private closing = false;
  private closed = false;
  /** Runs that wait, to be given up when the machine is closed. */
  private readonly waiting = new Map<number, (error: Error) => void>();

  constructor(instance: Instance, options: MachineOptions) {
    this.instance = instance;
    this.options = options;
    this.bigints = options.bigints;
    this.mine = new WeakRef(this);
    this.unlimited = this.bounds = new Bounds({});
    // As in web/src/bridge.rs.
    let bits = options.wholeDebug ? 1 << 31 : 0;
    for (const name of options.libraries) {
      const bit = instance.libraries.indexOf(name);
      if (bit < 0) throw new TypeError(`there is no library ${JSON.stringify(name)}; there are ${instance.libraries.join(", ")}`);
      bits |= 1 << bit;
    }
    const { glue } = instance;
    try {
      this.id = glue.open(this, Math.min(options.memoryBytes, 0xffff0000), bits);
      if (this.id >= 0) {
        glue.configure(this.id, options.outputBytes, true, options.markFloats, options.stringsAsBytes);
        glue.allowBinaryChunks(this.id, options.binaryChunks);
      }
    } catch (error) {
      throw instance.die(error);
    }
    if (this.id < 0) throw new LuaStateError("memory");
  }

  // ---- runs ---------------------------------------------------------------------------------------------

  private check(): void {
    if (this.closed || this.closing) throw new LuaStateError("closed");
    if (this.instance.isDead) throw this.instance.die(undefined);
  }

  /** Writes a message; a writer that fails leaves none. */
  private message(write: () => void): void {
    this.check();
    const { writer } = this.instance;
    const before = this.lastNumber;
    writer.begin();
    try {
      write();
    } catch (error) {
      // Numbers given out for a message that is never sent would stay for good.
      for (let n = before + 1; n <= this.lastNumber; n++) this.forget(n);
      throw error;
    } finally {
      writer.end();
    }
  }

  /** Runs a chunk. */
  runChunk(source: string | Uint8Array, name: string | Uint8Array, args: readonly unknown[], limits: RunLimits): Outcome {
    const { writer, glue } = this.instance;
    this.message(() => {
      writer.text(source);
      writer.text(name);
      writer.values(this, args);
    });
    return this.enter(limits, (fuel) => glue.runChunk(this.id, args.length, fuel));
  }

  /** Calls a function of Lua's. */
  callFunction(id: number, args: readonly unknown[]): Outcome {
    const { writer, glue } = this.instance;
    this.check();
    writer.begin();
    const before = this.lastNumber;
    try {
      writer.values(this, args);
    } catch (error) {
      for (let n = before + 1; n <= this.lastNumber; n++) this.forget(n);
      throw error;
    } finally {
      writer.end();
    }
    return this.enter(this.options.limits, (fuel) => glue.callFunction(this.id, id, args.length, fuel));
  }

  private enter(limits: RunLimits, start: (fuel: number) => number): Outcome {
    if (this.depth > 0) return this.settle(this.cross(() => start(-1)), this.bounds);
    const bounded = limits.fuel !== undefined || limits.deadlineMs !== undefined || limits.signal !== undefined || limits.onProgress !== undefined;
    const bounds = bounded ? new Bounds(limits) : this.unlimited;
    if (bounds.signal?.aborted === true) throw new LuaLimitError("aborted", bounds.signal.reason);
    return this.settle(this.outermost(bounds, start), bounds);
  }

  /** Crosses the border from outside of all runs. */
  private outermost(bounds: Bounds, start: (fuel: number) => number): number {
    this.bounds = bounds;
    try {
      return this.cross(() => start(bounds.fuel));
    } finally {
      if (bounds.fuel >= 0 && !this.instance.isDead) bounds.fuel = this.instance.glue.fuelLeft(this.id);
      if (bounds.isTold && !this.instance.isDead) bounds.tell(bounds.fuel, this.instance.glue.memoryUsed(this.id), true);
    }
  }

  private cross(start: () => number): number {
    this.depth++;
    let status: number;
    try {
      status = start();
    } catch (error) {
      throw this.instance.die(error);
    } finally {
      this.depth--;
    }
    return status;
  }

  /** What came of a run. */
  private settle(status: number, bounds: Bounds): Outcome {
    const { reader } = this.instance;
    if (status === BUSY) throw new LuaStateError("busy");
    reader.begin();
    if (status === DONE) return reader.values(this, reader.word());
    if (status === FAILED) throw this.readError();
    if (status === WAITING) {
      const run = reader.word();
      const promise = reader.word();
      return this.wait(run, promise, bounds);
    }
    if (status === STOPPED) throw this.readStop(bounds);
    throw this.instance.die(new Error(`unknown status ${status}`));
  }

  private readError(): Error {
    const { reader } = this.instance;
    const kind = KINDS[reader.word()];
    const id = reader.word();
    const message = reader.text();
    const value = reader.value(this);
    const traceback = shown(reader.text());
    const chunk = chunkName(shown(reader.text()));
    const line = reader.word();
    const column = reader.word();
    const error = new LuaError(shown(message), kind, value, {
      traceback: traceback === "" ? undefined : traceback,
      chunk,
      line: line === 0 ? undefined : line,
      column: column === 0 ? undefined : column,
    });
    if (id !== 0) errorValues.set(error, this.handle(tag.TABLE, id) as LuaHandle);
    return error;
  }

  private readStop(bounds: Bounds): Error {
    const { reader } = this.instance;
    const reason = reader.word();
    const status = reader.word() | 0;
    if (reason === EXIT) return new LuaExit(status);
    const limit = LIMITS[reason] ?? "fuel";
    if (limit === "deadline" && bounds.signal?.aborted === true) return new LuaLimitError("aborted", bounds.signal.reason);
    return new LuaLimitError(limit);
  }

  /** Waits for a promise that Lua waits for, and goes on. */
  private async wait(run: number, promise: number, bounds: Bounds): Promise<unknown[]> {
    for (;;) {
      const settled = await this.settled(run, promise, bounds);
      const { glue } = this.instance;
      let { fulfilled } = settled;
      try {
        this.message(() => this.writeAnswer(fulfilled, settled.value));
      } catch (error) {
        if (error instanceof LuaStateError) throw error;
        // The value cannot be given to Lua: that is an error there.
        fulfilled = false;
        this.message(() => this.writeAnswer(false, error));
      }
      const n = fulfilled && settled.value instanceof LuaMulti ? settled.value.values.length : 1;
      const resume = (fuel: number): number => glue.resumeRun(this.id, run, fulfilled, n, fuel);
      const status = this.depth > 0 ? this.cross(() => resume(-1)) : this.outermost(bounds, resume);
      if (status !== WAITING) return this.settle(status, bounds);
      this.instance.reader.begin();
      run = this.instance.reader.word();
      promise = this.instance.reader.word();
    }
  }

  private writeAnswer(fulfilled: boolean, value: unknown): void {
    const { writer } = this.instance;
    if (fulfilled) writer.values(this, value instanceof LuaMulti ? value.values : [value]);
    else writer.values(this, [this.thrown(value)]);
  }

  /** What a promise came to; or an error, if a limit or the end of the machine came first. */
  private settled(run: number, number: number, bounds: Bounds): Promise<{ fulfilled: boolean; value: unknown }> {
    const promise = this.promises.get(number);
    this.promises.delete(number);
    return new Promise((resolve, reject) => {
      let timer: ReturnType<typeof setTimeout> | undefined;
      const finish = (): void => {
        this.waiting.delete(run);
        if (timer !== undefined) clearTimeout(timer);
        bounds.signal?.removeEventListener("abort", abort);
      };
      const fail = (error: Error): void => {
        finish();
        if (!this.closed && !this.instance.isDead) {
          try {
            this.instance.glue.abandon(this.id, run);
          } catch (death) {
            this.instance.die(death);
          }
        }
        reject(error);
      };
      const abort = (): void => fail(new LuaLimitError("aborted", bounds.signal?.reason));
      this.waiting.set(run, fail);
      if (bounds.deadline !== Infinity) {
        timer = setTimeout(() => fail(new LuaLimitError("deadline")), Math.max(0, bounds.deadline - performance.now()));
      }
      bounds.signal?.addEventListener("abort", abort);
      Promise.resolve(promise).then(
        (value) => {
          if (this.waiting.get(run) !== fail) return;
          finish();
          resolve({ fulfilled: true, value });
        },
        (value: unknown) => {
          if (this.waiting.get(run) !== fail) return;
          finish();
          resolve({ fulfilled: false, value });
        },
      );
    });
  }

  /** The results, if the run has ended; if it waits it is given up. */
  mustBeDone(outcome: Outcome): unknown[] {
    if (Array.isArray(outcome)) return outcome;
    outcome.catch(() => undefined);
    for (const [run, fail] of [...this.waiting].slice(-1)) {
      void run;
      fail(new LuaStateError("busy"));
    }
    throw new LuaError("the run has to wait for a promise, and was called where that is not possible", "runtime", undefined);
  }

  // ---- other things that are asked of it ------------------------------------------------------------------

  /** Sends a message and reads the one value that is the answer. */
  ask(write: () => void, act: (id: number) => number): unknown {
    this.message(write);
    const status = this.cross(() => act(this.id));
    return (this.settle(status, this.bounds) as unknown[])[0];
  }

  /** Sends a message that is answered with a number. */
  tell(write: () => void, act: (id: number) => number): number {
    this.message(write);
    return this.cross(() => act(this.id));
  }

  /** Gives the machine external tables with what is in these payloads of segments, the newest first. */
  openTables(payloads: readonly Uint8Array[]): void {
    const { writer, glue } = this.instance;
    this.ask(
      () => {
        writer.word(payloads.length);
        for (const payload of payloads) writer.text(payload);
      },
      (id) => glue.openTables(id, this.options.memoryBytes),
    );
  }

  /** What has changed in the external tables since this was asked last. */
  takeChanges(): Change[] {
    return this.entries((id) => this.instance.glue.takeChanges(id));
  }

  /** Everything in the external tables, saved or not; what has changed stays changed. */
  allEntries(): Change[] {
    return this.entries((id) => this.instance.glue.allEntries(id));
  }

  private entries(act: (id: number) => number): Change[] {
    this.check();
    const { reader } = this.instance;
    const status = this.cross(() => act(this.id));
    if (status !== DONE) this.settle(status, this.bounds);
    reader.begin();
    const changes: Change[] = [];
    for (let n = reader.word(); n > 0; n--) {
      const table = reader.word();
      const key = reader.text() as Uint8Array;
      changes.push({ table, key, value: reader.value(this) as Uint8Array | undefined });
    }
    return changes;
  }

  /** The changes that were taken are stored, or have to be taken again. */
  settleChanges(kept: boolean): void {
    if (this.isUsable) this.cross(() => (this.instance.glue.settleChanges(this.id, kept), 0));
  }

  hasChanges(): boolean {
    this.check();
    return this.instance.glue.hasChanges(this.id);
  }

  get isUsable(): boolean {
    return !this.closed && !this.closing && !this.instance.isDead;
  }

  memoryUsed(): number {
    this.check();
    return this.instance.glue.memoryUsed(this.id);
  }

  collectGarbage(): void {
    this.check();
    this.cross(() => (this.instance.glue.collectGarbage(this.id), 0));
  }

  /** Ends it: at once, or when the run that is under way has ended. */
  close(): void {
    if (this.closed) return;
    if (this.depth > 0) {
      // A function that Lua has called closes the state: it happens when Lua has ended.
      this.closing = true;
      queueMicrotask(() => this.close());
      return;
    }
    this.closing = true;
    for (const fail of [...this.waiting.values()]) fail(new LuaStateError("closed"));
    if (!this.instance.isDead) {
      try {
        this.instance.glue.close(this.id);
      } catch (error) {
        this.instance.die(error);
      }
    }
    this.closed = true;
    this.hosted.clear();
    this.numbers.clear();
    this.holders.clear();
    this.promises.clear();
  }

  // ---- the border -----------------------------------------------------------------------------------------

  identify(value: object): { tag: number; id: number } | undefined {
    const known = held.get(value);
    if (known !== undefined) {
      if (known.machine === this) return known;
      if (known.tag !== tag.FUNCTION) return undefined;
    }
    if (typeof value === "function") return { tag: shapeOf(value) === undefined ? tag.HOST_FUNCTION : tag.HOST_OBJECT, id: this.numberOf(value) };
    if (value instanceof LuaError) {
      const original = errorValues.get(value);
      const it = original === undefined ? undefined : held.get(original);
      if (it?.machine === this) return it;
    }
    if (shapeOf(value) !== undefined) return { tag: tag.HOST_OBJECT, id: this.numberOf(value) };
    if (isIterator(value)) return { tag: tag.HOST_FUNCTION, id: this.numberOf(iterating(value)) };
    return undefined;
  }

  private numberOf(value: object): number {
    let n = this.numbers.get(value);
    if (n === undefined) {
      n = ++this.lastNumber;
      this.numbers.set(value, n);
      this.hosted.set(n, value);
    }
    return n;
  }

  resolve(kind: number, id: number): unknown {
    if (kind === tag.HOST_FUNCTION || kind === tag.HOST_OBJECT) return this.hosted.get(id);
    return this.handle(kind, id);
  }

  /** What stands for the value of Lua's with this number: always the same while anybody has it. */
  private handle(kind: number, id: number): object {
    const known = this.holders.get(id)?.deref();
    if (known !== undefined) return known;
    let made: object;
    if (kind === tag.FUNCTION) {
      const call = (...args: unknown[]): unknown => {
        const outcome = this.callFunction(id, args);
        return Array.isArray(outcome) ? outcome[0] : outcome.then((results) => results[0]);
      };
      made = Object.setPrototypeOf(call, functionPrototype) as object;
    } else {
      made = new LuaHandle(kind === tag.THREAD ? "thread" : kind === tag.USERDATA ? "userdata" : "table");
    }
    held.set(made, { machine: this, id, tag: kind });
    this.holders.set(id, new WeakRef(made));
    registry.register(made, { machine: this.mine, id });
    return made;
  }

  /** What stood for a value of Lua's has been collected here. */
  collected(id: number): void {
    // Another one may stand for it already.
    if (!this.isUsable || this.holders.get(id)?.deref() !== undefined) return;
    this.holders.delete(id);
    try {
      this.instance.glue.release(this.id, id);
    } catch (error) {
      this.instance.die(error);
    }
  }

  // ---- what Lua asks of JavaScript: see `face.rs` ---------------------------------------------------------

  call(functionId: number, n: number): number {
    try {
      const { reader } = this.instance;
      reader.begin();
      const args = reader.values(this, n);
      const callee = this.hosted.get(functionId) as ((...args: unknown[]) => unknown) | undefined;
      if (callee === undefined) throw new TypeError("this function is gone");
      return this.answer(Reflect.apply(callee, undefined, args));
    } catch (error) {
      return this.answerThrown(error);
    }
  }

  act(objectId: number, what: number, n: number): number {
    try {
      const { reader } = this.instance;
      reader.begin();
      const args = reader.values(this, n);
      const object = this.hosted.get(objectId);
      const shape = object === undefined ? undefined : shapeOf(object);
      if (object === undefined || shape === undefined) throw new TypeError("this object is not shown to Lua any more");
      return this.answer(acted(object, shape, what, args));
    } catch (error) {
      return this.answerThrown(error);
    }
  }

  private answer(result: unknown): number {
    if (typeof result === "object" && result !== null && typeof (result as { then?: unknown }).then === "function") {
      const n = (this.lastPromise = (this.lastPromise + 1) % 0x7fffffff);
      const promise = Promise.resolve(result as PromiseLike<unknown>);
      // Lua may not be able to wait for it; then nobody else will complain of it.
      promise.catch(() => undefined);
      this.promises.set(n, promise);
      return n;
    }
    const { writer } = this.instance;
    const before = this.lastNumber;
    writer.begin();
    try {
      if (result instanceof LuaMulti) {
        writer.word(result.values.length);
        writer.values(this, result.values);
      } else {
        writer.word(1);
        writer.values(this, [result]);
      }
    } catch (error) {
      for (let i = before + 1; i <= this.lastNumber; i++) this.forget(i);
      throw error;
    } finally {
      writer.end();
    }
    return RETURNED;
  }

  private answerThrown(error: unknown): number {
    if (this.instance.isDead) return STOP;
    if (error instanceof LuaLimitError || error instanceof LuaExit) return STOP;
    const { writer } = this.instance;
    for (const value of [this.thrown(error), "an error that cannot be given to Lua"]) {
      try {
        writer.begin();
        writer.word(1);
        writer.values(this, [value]);
        return THREW;
      } catch {
        // The second text always can.
      } finally {
        writer.end();
      }
    }
    return STOP;
  }

  /** What Lua gets for something that was thrown in JavaScript. */
  private thrown(error: unknown): unknown {
    if (error instanceof LuaError && error.value !== undefined && !(error.value instanceof Error)) {
      const original = errorValues.get(error);
      if (original !== undefined && held.get(original)?.machine === this) return original;
      return error.value;
    }
    if (error instanceof LuaError && error.value instanceof Error) return error.value;
    return error;
  }

  calculate(work: number, address: number, first: number, second: number, room: number): number {
    // Nothing can interrupt it, so what is long has to fit into the time that is left (Node 20, numbers of some megabytes:
    // 1,200 bytes a ms or more to and from decimals, 2,300 or more otherwise; shorter ones are faster).
    const bytesPerMs = work === tag.READ || work === tag.WRITE ? 1000 : 4000;
    if (room > bytesPerMs && room > bytesPerMs * (this.bounds.deadline - performance.now())) return STOP;
    return calculate(work, this.instance.bytes().subarray(address, address + room), first, second);
  }

  forget(id: number): void {
    const value = this.hosted.get(id);
    if (value === undefined) return;
    this.hosted.delete(id);
    this.numbers.delete(value);
  }

  write(isError: boolean, address: number, n: number): void {
    try {
      this.options.write(isError, this.instance.copy(address, n));
    } catch (error) {
      // A callback's error is the embedder's own; it must not end the module's work halfway.
      reportError(error);
    }
  }

  read(): Uint8Array {
    try {
      return this.options.read();
    } catch (error) {
      reportError(error);
      return new Uint8Array();
    }
  }

  goOn(fuelLeft: number, memoryUsed: number): boolean {
    const { deadline, signal } = this.bounds;
    this.bounds.tell(fuelLeft, memoryUsed, false);
    if (signal?.aborted === true) return false;
    return deadline === Infinity || performance.now() < deadline;
  }

  now(): number {
    return this.options.isDeterministic ? 0 : Date.now();
  }

  ticks(): number {
    return this.options.isDeterministic ? 0 : performance.now();
  }

  random(): number {
    if (this.options.isDeterministic) return (this.lastRandom = (Math.imul(this.lastRandom, 1664525) + 1013904223) >>> 0);
    return crypto.getRandomValues(new Uint32Array(1))[0];
  }

  zone(time: number): number {
    return this.options.isDeterministic ? 0 : -new Date(time).getTimezoneOffset();
  }
}

function reportError(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}

function isIterator(value: object): value is Iterator<unknown> | AsyncIterator<unknown> {
  const it = value as { next?: unknown; [Symbol.iterator]?: unknown; [Symbol.asyncIterator]?: unknown };
  return typeof it.next === "function" && (typeof it[Symbol.iterator] === "function" || typeof it[Symbol.asyncIterator] === "function");
}

const iterators = new WeakMap<object, () => unknown>();

/** An iterator as Lua has it: a function that gives the next value, and nil at the end. */
function iterating(iterator: Iterator<unknown> | AsyncIterator<unknown>): () => unknown {
  let made = iterators.get(iterator);
  if (made === undefined) {
    const value = (step: IteratorResult<unknown>): unknown => (step.done === true ? undefined : step.value);
    made = () => {
      const step = iterator.next();
      return step instanceof Promise ? step.then(value) : value(step as IteratorResult<unknown>);
    };
    iterators.set(iterator, made);
  }
  return made;
}

/** Iterators of objects that Lua goes through with `pairs`, by object: the last one that was begun. */
const walks = new WeakMap<object, { iterator: Iterator<unknown>; n: number }>();

function acted(object: object, shape: Shape, what: number, args: unknown[]): unknown {
  const it = object as Record<string, unknown> & Iterable<unknown>;
  switch (what) {
    case GET: {
      const key = args[0];
      if (typeof key !== "string" || !shape.read.has(key)) return undefined;
      const member = it[key];
      return typeof member === "function" && shapeOf(member) === undefined && !held.has(member) ? method(key, member as (...args: never[]) => unknown) : member;
    }
    case SET: {
      const key = args[0];
      if (typeof key !== "string" || !shape.write.has(key)) throw new TypeError(`the member '${String(key)}' cannot be written`);
      it[key] = args[1];
      return undefined;
    }
    case TEXT:
      return shape.text === undefined ? "JavaScript object" : `${shape.text(object as never)}`;
    case LENGTH: {
      if (!shape.length) throw new TypeError("attempt to get length of a JavaScript object");
      const n = (it as { length?: unknown }).length ?? (it as { size?: unknown }).size;
      return typeof n === "number" ? n : undefined;
    }
    case CALL:
      if (!shape.call || typeof object !== "function") throw new TypeError("attempt to call a JavaScript object");
      return isClass(object) ? Reflect.construct(object as new () => unknown, args) : Reflect.apply(object as () => unknown, undefined, args as []);
    case NEXT: {
      if (!shape.iterate) throw new TypeError("attempt to go through a JavaScript object that is not iterable");
      let walk = walks.get(object);
      if (args[0] === undefined || walk === undefined) {
        walk = { iterator: it[Symbol.iterator](), n: 0 };
        walks.set(object, walk);
      }
      const step = walk.iterator.next();
      if (step.done === true) return undefined;
      walk.n++;
      return new LuaMulti(Array.isArray(step.value) && object instanceof Map ? step.value : [walk.n, step.value]);
    }
    default:
      return undefined;
  }
}

function isClass(f: object): boolean {
  // A class cannot be called; its `prototype` cannot be written either, unlike a function's.
  return Object.getOwnPropertyDescriptor(f, "prototype")?.writable === false;
}

function shown(text: string | Uint8Array): string {
  return typeof text === "string" ? text : new TextDecoder("utf-8", { ignoreBOM: true }).decode(text);
}

/** A chunk's name without its first character, if that says what it is. */
function chunkName(name: string): string | undefined {
  if (name === "") return undefined;
  return name.startsWith("@") || name.startsWith("=") ? name.slice(1) : undefined;
}
