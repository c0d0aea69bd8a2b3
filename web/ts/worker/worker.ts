/**
 * {@link LuaWorker}: a state in a worker, which can be ended whatever it is doing.
 *
 * What it is not: it does not know how workers are made (`entries/worker.ts`, `entries/node-worker.ts`).
 *
 * A worker that is ended leaves no state behind: `abort` begins another one with what was saved last. So that this is
 * quick, another worker stands ready, with an instance of the module, and without a state.
 */

import { LuaLimitError, LuaStateError } from "../errors.ts";
import type { ImportOptions, LuaOptions, RunOptions, StoreOptions } from "../lua.ts";
import type { ExportOptions } from "../storage/archive.ts";
import { type Storage, WATCHDOG_MS, watched } from "../storage/storage.ts";
import { type Channel, Conversation } from "./messages.ts";
import type { Opening } from "./thread.ts";

/** A worker, as the page has it. */
export interface Thread extends Channel {
  /** Ends it, whatever it is doing; fulfilled when it is gone. */
  end(): Promise<void>;
}

/** How workers are made, and what is different from one environment to another. */
export interface Workers {
  module(): Promise<WebAssembly.Module>;
  /** Makes a worker, or takes one that the embedder made. */
  start(thread: unknown): Thread;
  /**
   * Takes the lock of a store for all workers that follow one another, if that can be had here; what gives it back. The
   * lock of a worker that is ended may stay for seconds.
   */
  hold(store: string, options: StoreOptions): Promise<(() => void) | undefined>;
  stdout(text: string): void;
  stderr(text: string): void;
}

/** How to make a state in a worker: what cannot be copied stays where it is. */
export interface LuaWorkerOptions extends Omit<LuaOptions, "stdout" | "stderr" | "stdin" | "globals" | "floats" | "instance"> {
  /** Gets what programs write. */
  stdout?: ((text: string) => void) | null;
  stderr?: ((text: string) => void) | null;
  /** What programs read. */
  stdin?: string | Uint8Array;
  /** Values of global variables to begin with. Functions stay here: Lua waits for what they answer. */
  globals?: Readonly<Record<string, unknown>>;
  /** Whether another worker stands ready for `abort`. The default is `true`. */
  spare?: boolean;
  /** The module, `cu-web.wasm`, where the package cannot find that by itself. */
  module?: WebAssembly.Module;
  /** Makes the worker that runs `@compute-unit/cu/worker-thread`, where the package cannot find that by itself. */
  thread?: () => unknown;
}

/** How to run a chunk in a worker. */
export type LuaWorkerRun = Omit<RunOptions, "signal" | "onProgress">;

/** A worker with a state in it. */
interface Running {
  thread: Thread;
  conversation: Conversation;
}

/** A Lua state in a worker. Its methods are those of `Lua`, each with a promise. */
export class LuaWorker {
  static readonly name: string = "LuaWorker";
  private readonly workers: Workers;
  private readonly options: LuaWorkerOptions;
  private readonly module: WebAssembly.Module;
  private current: Running | undefined;
  private spare: Running | undefined;
  private restarting: Promise<void> | undefined;
  private isClosed = false;
  private release: (() => void) | undefined;
  /** What tells the next worker that a lock was the last one's. */
  private readonly owner = Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => byte.toString(16).padStart(2, "0")).join("");

  protected constructor(workers: Workers, options: LuaWorkerOptions, module: WebAssembly.Module) {
    this.workers = workers;
    this.options = options;
    this.module = module;
  }

  /** @internal */
  static async begin(workers: Workers, options: LuaWorkerOptions = {}, file?: Uint8Array): Promise<LuaWorker> {
    const made = new LuaWorker(workers, options, options.module ?? (await workers.module()));
    try {
      const { store, storeOptions = {} } = options;
      if (typeof store === "string" && storeOptions.access !== "read") made.release = await workers.hold(store, storeOptions);
      await made.start(false, file);
    } catch (error) {
      await made.close();
      throw error;
    }
    made.prepare();
    return made;
  }

  /** A worker without a state. */
  private newThread(): Running {
    const { stdout, stderr } = this.options;
    const thread = this.workers.start(this.options.thread?.());
    const write = [output(stdout, (text) => this.workers.stdout(text)), output(stderr, (text) => this.workers.stderr(text))];
    const conversation = new Conversation(
      thread,
      (what, args) => this.act(what, args),
      (bytes, isError) => write[isError ? 1 : 0](bytes),
    );
    return { thread, conversation };
  }

  /** Has another worker ready. */
  private prepare(): void {
    if (this.options.spare === false || this.isClosed || this.spare !== undefined) return;
    this.spare = this.newThread();
    // What is wrong with it is told by whoever needs it.
    this.spare.conversation.ask("prepare", [this.module]).catch(() => undefined);
  }

  private async start(isAgain: boolean, file?: Uint8Array): Promise<void> {
    const { stdout: _stdout, stderr: _stderr, globals = {}, store, storeOptions, module: _, thread: __, spare: ___, ...others } = this.options;
    this.current = this.spare ?? this.newThread();
    this.spare = undefined;
    const { conversation } = this.current;
    const isFunction = ([, value]: [string, unknown]): boolean => typeof value === "function";
    const copied = Object.fromEntries(Object.entries(globals).filter((entry) => !isFunction(entry)));
    const functions = Object.entries(globals).filter(isFunction).map(([name]) => name);
    const isRemote = typeof store === "object";
    // What the last worker had may be let go a moment after its end.
    const again = isAgain && storeOptions?.access !== "read" ? { access: "wait" as const, waitMs: WATCHDOG_MS } : {};
    const options: ImportOptions = { ...others, globals: copied, storeOptions: { ...storeOptions, ...again, owner: this.owner }, ...(isRemote ? {} : { store }) };
    const opening: Opening = { module: this.module, options, file, functions, isRemote };
    await conversation.ask("open", [opening]);
  }

  /** What the worker asks of the page. */
  private act(what: string, args: unknown[]): unknown {
    const [name, ...others] = args as [string, ...unknown[]];
    if (what === "function") {
      const callee = Object.hasOwn(this.options.globals ?? {}, name) ? this.options.globals?.[name] : undefined;
      if (typeof callee !== "function") throw new TypeError("this function is gone");
      return Reflect.apply(callee, undefined, others);
    }
    const { store } = this.options;
    if (what !== "storage" || typeof store !== "object" || !METHODS.has(name)) throw new Error(`a page cannot do '${what}'`);
    return Reflect.apply(store[name as keyof Storage], store, others);
  }

  private async ask(what: string, args: unknown[]): Promise<unknown> {
    if (this.restarting !== undefined) await this.restarting;
    if (this.isClosed || this.current === undefined) throw new LuaStateError("closed");
    return this.current.conversation.ask(what, args);
  }

  /** Runs a chunk of Lua: a promise of its last result, or of all of them. */
  run(source: string | Uint8Array, options: LuaWorkerRun & { all: true }): Promise<unknown[]>;
  run<T = unknown>(source: string | Uint8Array, options?: LuaWorkerRun): Promise<T>;
  run(source: string | Uint8Array, options: LuaWorkerRun = {}): Promise<unknown> {
    return this.ask("run", [source, options]);
  }

  /** The value of a global variable. */
  get<T = unknown>(name: string): Promise<T> {
    return this.ask("get", [name]) as Promise<T>;
  }

  /** Gives a global variable a value. */
  async set(name: string, value: unknown): Promise<void> {
    await this.ask("set", [name, value]);
  }

  /** Stores what has changed, as `Lua.save` does. */
  save(): Promise<number> {
    return this.ask("save", []) as Promise<number>;
  }

  /** Everything that the state keeps as one file, as `Lua.export` does. */
  export(options: ExportOptions = {}): Promise<Uint8Array> {
    return this.ask("export", [options]) as Promise<Uint8Array>;
  }

  /**
   * Ends what the worker is doing, whatever that is: what was asked of it is rejected at once with a `LuaLimitError` of
   * the kind `aborted`. When the promise is fulfilled the state is what was saved last; without a store, a new one.
   */
  abort(reason?: unknown): Promise<void> {
    if (this.isClosed) return Promise.reject(new LuaStateError("closed"));
    this.restarting ??= this.restart(reason).finally(() => (this.restarting = undefined));
    return this.restarting;
  }

  private async restart(reason: unknown): Promise<void> {
    const old = this.current;
    this.current = undefined;
    old?.conversation.giveUp(new LuaLimitError("aborted", reason));
    await old?.thread.end();
    if (this.isClosed) throw new LuaStateError("closed");
    await this.start(true);
    this.prepare();
  }

  /** Ends the state after what it is doing, or after `waitMs`, if that takes longer. */
  async close(waitMs = WATCHDOG_MS): Promise<void> {
    if (this.isClosed) return;
    this.isClosed = true;
    await this.restarting?.catch(() => undefined);
    const { current, spare } = this;
    this.current = this.spare = undefined;
    if (current !== undefined) await watched(current.conversation.ask("close", []), undefined, waitMs).catch(() => undefined);
    current?.conversation.giveUp(new LuaStateError("closed"));
    spare?.conversation.giveUp(new LuaStateError("closed"));
    await Promise.all([current?.thread.end(), spare?.thread.end()]);
    this.release?.();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

const METHODS: ReadonlySet<string> = new Set(["get", "put", "delete", "list", "close"] satisfies (keyof Storage)[]);

function output(option: ((text: string) => void) | null | undefined, standard: (text: string) => void): (bytes: Uint8Array) => void {
  if (option === null) return () => undefined;
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  const write = option ?? standard;
  return (bytes) => {
    const text = decoder.decode(bytes, { stream: true });
    if (text !== "") write(text);
  };
}
