/** The face of the package: {@link Lua}, a state. Entries (`entries/`) say where the module comes from. */

import { Instance } from "./engine/instance.ts";
import { type LuaFunction, Machine, type RunLimits } from "./engine/machine.ts";
import { LuaStateError } from "./errors.ts";
import { type ExportOptions, readArchive, writeArchive } from "./storage/archive.ts";
import { Persistence } from "./storage/persist.ts";
import { importedKey } from "./storage/records.ts";
import { MemoryStorage } from "./storage/memory.ts";
import { LuaStorageError, type Storage } from "./storage/storage.ts";

/** What bounds a state and its runs. */
export interface LuaLimits {
  /** Most bytes that the state may use: its values and its files. The default is 256 MiB. */
  memoryBytes?: number;
  /** Steps of work for each run: calls, turns of loops, small pieces of what library functions do. The default is no limit. */
  fuel?: number;
  /** Milliseconds for each run, waiting for promises included. The default is no limit. */
  deadlineMs?: number;
  /** Most bytes that a run may write to `stdout` and `stderr`. The default is no limit. */
  outputBytes?: number;
}

/** Where output goes: a function that gets text (or bytes, if `bytes` is true), or nowhere. */
export type LuaOutput = ((text: string) => void) | { bytes: (chunk: Uint8Array) => void } | null;

/** Where input comes from: all of it, or a function that gives the next piece, and `null` at the end. */
export type LuaInput = string | Uint8Array | (() => string | Uint8Array | null | undefined);

/** How to make a state. */
export interface LuaOptions {
  limits?: LuaLimits;
  /**
   * What the other options are unless they are given. `"sandbox"`, the default: of `debug`
   * `getinfo` and `traceback` alone, whatever `libs` says, and no binary chunks. `"full"`: all of both. `"deterministic"`: a sandbox without clock and chance, in which a program does the same every time.
   */
  profile?: "sandbox" | "full" | "deterministic";
  /** The libraries that programs have. The default is all. */
  libs?: readonly string[];
  /** Whether `load` and its like take binary chunks, as `string.dump` writes them. The default is source text alone. */
  binaryChunks?: boolean;
  /** Modules for `require`, by name: Lua sources. */
  modules?: Readonly<Record<string, string | Uint8Array>>;
  /** Files that programs can read, by name. */
  files?: Readonly<Record<string, string | Uint8Array>>;
  /** Environment variables, for `os.getenv`. */
  env?: Readonly<Record<string, string>>;
  stdout?: LuaOutput;
  stderr?: LuaOutput;
  stdin?: LuaInput;
  /** Values of global variables to begin with. */
  globals?: Readonly<Record<string, unknown>>;
  /** `"bigint"`: integers are BigInts and numbers floats, both ways. The default is `"number"`. */
  ints?: "number" | "bigint";
  /** `"marked"`: floats with integral values arrive as `LuaFloat`. The default is `"number"`. */
  floats?: "number" | "marked";
  /** `"bytes"`: strings arrive as `Uint8Array`. The default is `"text"`, and bytes only where it is no UTF-8. */
  strings?: "text" | "bytes";
  /**
   * Where the tables `_home` and `_io`, and all that they lead to, are kept: `"idb://NAME"` in browsers, `"file:PATH"` in
   * Node, or any {@link Storage}. `save` writes them.
   */
  store?: string | Storage;
  /** How they are kept. */
  storeOptions?: StoreOptions;
  /** `"own"`: the state has an instance of the module for itself. The default is to share one. */
  instance?: "shared" | "own";
}

/** How the tables of a state are kept. */
export interface StoreOptions {
  /** `"relaxed"` is quicker and may lose the last saves when the power fails. The default is `"strict"`. */
  durability?: "strict" | "relaxed";
  /**
   * What to do when somebody else may write: `"write"` (the default) is an error of the kind `locked`, `"wait"` waits,
   * and `"read"` gives a state with what is saved now, which cannot be saved itself.
   */
  access?: "write" | "wait" | "read";
  /** The most milliseconds that `"wait"` waits. The default is 60,000. */
  waitMs?: number;
  /** Makes what is stored smaller. */
  compress?: boolean;
  /** Encrypts what is stored, with AES-GCM: a key of 16 or 32 bytes, or a `CryptoKey`. */
  key?: CryptoKey | Uint8Array;
  /** If the last generation is damaged and the one before is not, takes that. The default is an error. */
  recover?: boolean;
  /** @internal A lock with this mark was left behind by a worker that was ended. */
  owner?: string;
}

/** What there is beside the options when a state is made of a file. */
export interface ImportOptions extends LuaOptions {
  /** What the store has is replaced. The default is an error of the kind `occupied`. */
  replace?: boolean;
}

/** How to run a chunk. */
export interface RunOptions extends RunLimits {
  /** The chunk's name in messages; the default is its text. */
  name?: string;
  /** What the chunk gets as `...`. */
  args?: readonly unknown[];
  /** All results instead of the last. */
  all?: boolean;
}

/** Where the module comes from, and what an environment does by itself. */
export interface Platform {
  module(): WebAssembly.Module | Promise<WebAssembly.Module>;
  stdout(text: string): void;
  stderr(text: string): void;
  /** Opens the store of a name, if it knows this kind. */
  storage(name: string, options: StoreOptions): Promise<Storage> | undefined;
}

/** The default limit of memory. */
const MEMORY_BYTES = 256 * 1024 * 1024;
const PROFILES = ["sandbox", "full", "deterministic"];
const DEFAULT_LIBRARIES = ["coroutine", "math", "string", "table", "utf8", "io", "os", "package", "debug"];
/** Where modules of the option `modules` lie. */
const MODULES = "modules/";

/** A Lua state: its own globals, its own memory limit, its own files. */
export class Lua {
  static readonly name: string = "Lua";
  /** The global variables. */
  readonly global: LuaGlobals;
  /** The files that programs see. */
  readonly files: LuaFiles;
  private readonly machine: Machine;
  private readonly limits: RunLimits;
  private readonly native = new Map<string, LuaFunction>();
  private persistence: Persistence | undefined;
  /** Saves follow one another. */
  private saving: Promise<unknown> = Promise.resolve();

  /** @internal */
  constructor(platform: Platform, instance: Instance, options: LuaOptions) {
    const { limits = {}, profile = "sandbox" } = options;
    if (!PROFILES.includes(profile)) throw new TypeError(`there is no profile ${JSON.stringify(profile)}; there are ${PROFILES.join(", ")}`);
    const isFull = profile === "full";
    this.limits = { fuel: positive(limits.fuel, "fuel"), deadlineMs: positive(limits.deadlineMs, "deadlineMs") };
    const writers = [output(options.stdout, (text) => platform.stdout(text)), output(options.stderr, (text) => platform.stderr(text))];
    const input = options.stdin;
    let inputIsOver = false;
    this.machine = new Machine(instance, {
      memoryBytes: positive(limits.memoryBytes, "memoryBytes") ?? MEMORY_BYTES,
      outputBytes: positive(limits.outputBytes, "outputBytes") ?? -1,
      libraries: options.libs ?? DEFAULT_LIBRARIES,
      wholeDebug: isFull,
      isDeterministic: profile === "deterministic",
      bigints: options.ints === "bigint",
      markFloats: options.floats === "marked",
      stringsAsBytes: options.strings === "bytes",
      binaryChunks: options.binaryChunks ?? isFull,
      limits: this.limits,
      write: (isError, bytes) => writers[isError ? 1 : 0](bytes),
      read: () => {
        if (input === undefined || inputIsOver) return new Uint8Array();
        const piece = typeof input === "function" ? input() : input;
        inputIsOver = typeof input !== "function" || piece === null || piece === undefined;
        return bytesOf(piece ?? "");
      },
    });
    this.global = new LuaGlobals(this.machine);
    this.files = new LuaFiles(this.machine);
    try {
      this.prepare(options);
    } catch (error) {
      this.machine.close();
      throw error;
    }
  }

  private prepare(options: LuaOptions): void {
    const { machine } = this;
    const { writer, glue } = machine.instance;
    for (const [name, value] of Object.entries(options.env ?? {})) {
      machine.tell(
        () => (writer.text(name), writer.text(value)),
        (id) => (glue.setVariable(id), 0),
      );
    }
    for (const [name, content] of Object.entries(options.files ?? {})) this.files.write(name, content);
    const modules = Object.entries(options.modules ?? {});
    for (const [name, source] of modules) this.files.write(`${MODULES}${name.replaceAll(".", "/")}.lua`, source);
    if (modules.length > 0) {
      const path = machine.runChunk(`package.path = "${MODULES}?.lua;" .. package.path`, "=(modules)", [], {});
      machine.mustBeDone(path);
    }
    for (const [name, value] of Object.entries(options.globals ?? {})) this.global.set(name, value);
  }

  /** Runs a chunk of Lua: a promise of its last result, or of all of them. */
  async run(source: string | Uint8Array, options: RunOptions & { all: true }): Promise<unknown[]>;
  async run<T = unknown>(source: string | Uint8Array, options?: RunOptions): Promise<T>;
  async run(source: string | Uint8Array, options: RunOptions = {}): Promise<unknown> {
    const results = await this.begin(source, options);
    return options.all === true ? results : results.at(-1);
  }

  /** Runs a chunk that waits for nothing: its last result, or all of them. */
  runSync(source: string | Uint8Array, options: RunOptions & { all: true }): unknown[];
  runSync<T = unknown>(source: string | Uint8Array, options?: RunOptions): T;
  runSync(source: string | Uint8Array, options: RunOptions = {}): unknown {
    const results = this.machine.mustBeDone(this.begin(source, options));
    return options.all === true ? results : results.at(-1);
  }

  private begin(source: string | Uint8Array, options: RunOptions): unknown[] | Promise<unknown[]> {
    const limits: RunLimits = {
      fuel: positive(options.fuel, "fuel") ?? this.limits.fuel,
      deadlineMs: positive(options.deadlineMs, "deadlineMs") ?? this.limits.deadlineMs,
      signal: options.signal,
      onProgress: options.onProgress,
    };
    return this.machine.runChunk(source, chunkName(source, options.name), options.args ?? [], limits);
  }

  /** Compiles a chunk to a function that runs it. */
  load(source: string | Uint8Array, name?: string): LuaFunction {
    const { writer, glue } = this.machine.instance;
    return this.machine.ask(
      () => (writer.text(source), writer.text(chunkName(source, name))),
      (id) => glue.loadChunk(id),
    ) as LuaFunction;
  }

  /** A function of Lua's library by its full name (`"table.concat"`), whatever programs have done to the globals. */
  library(name: string): LuaFunction {
    let known = this.native.get(name);
    if (known === undefined) {
      const { writer, glue } = this.machine.instance;
      const found = this.machine.ask(
        () => writer.text(name),
        (id) => glue.getNative(id),
      );
      if (found === undefined) throw new TypeError(`there is no library function ${JSON.stringify(name)}`);
      known = found as LuaFunction;
      this.native.set(name, known);
    }
    return known;
  }

  /** @internal */
  keep(persistence: Persistence, payloads: readonly Uint8Array[]): void {
    this.machine.openTables(payloads);
    this.persistence = persistence;
  }

  private get kept(): Persistence {
    if (this.persistence === undefined) throw new LuaStorageError("unavailable", "the state was opened without a store");
    return this.persistence;
  }

  /**
   * Stores what has changed in `_home` and the tables that it leads to. When the promise is fulfilled, with the number
   * of the generation, it is stored; when it is rejected, the generation before still is, and nothing in memory is lost.
   */
  save(): Promise<number> {
    const saved = this.saving.then(() => this.saveNow());
    this.saving = saved.catch(() => undefined);
    return saved;
  }

  private async saveNow(): Promise<number> {
    const persistence = this.kept;
    const changes = this.machine.takeChanges();
    if (changes.length === 0 && persistence.generation > 0) return persistence.generation;
    try {
      const generation = await persistence.save(changes, () => this.machine.allEntries());
      this.machine.settleChanges(true);
      return generation;
    } catch (error) {
      this.machine.settleChanges(false);
      throw error;
    }
  }

  /**
   * Everything in `_home` and the tables that it leads to, saved or not, as one file for `Lua.import`. It asks nothing
   * of the store.
   */
  async export(options: ExportOptions = {}): Promise<Uint8Array> {
    const { generation } = this.kept;
    return writeArchive(this.machine.allEntries(), generation, options);
  }

  /** The number of the last save; 0 if there is none. */
  get generation(): number {
    return this.kept.generation;
  }

  /** Whether something has changed that is not saved. Functions that change their own variables are seen by `save` only. */
  get hasChanges(): boolean {
    return this.machine.hasChanges();
  }

  /** Bytes that the state uses, files included. */
  get memoryUsed(): number {
    return this.machine.memoryUsed();
  }

  /** Collects all garbage. */
  collectGarbage(): void {
    this.machine.collectGarbage();
  }

  /** Whether it cannot be used any more: it is closed, or its instance has died. */
  get isClosed(): boolean {
    return !this.machine.isUsable;
  }

  /** Ends the state: finalizers run, and what it took is free again. Runs that wait are rejected. */
  close(): void {
    this.machine.close();
    void this.saving.then(() => this.persistence?.close()).catch(() => undefined);
  }

  /** As {@link close}, after the saves under way; fulfilled when the store is free for others. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.saving;
    this.machine.close();
    await this.persistence?.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/** The global variables of a state, read and written without metamethods. */
export class LuaGlobals {
  static readonly name: string = "LuaGlobals";
  private readonly machine: Machine;
  /** @internal */
  constructor(machine: Machine) {
    this.machine = machine;
  }

  /** The value of a variable. */
  get<T = unknown>(name: string): T {
    const { writer, glue } = this.machine.instance;
    return this.machine.ask(
      () => writer.values(this.machine, [name]),
      (id) => glue.getGlobal(id),
    ) as T;
  }

  /** Gives a variable a value; `undefined` removes it. */
  set(name: string, value: unknown): void {
    const { writer, glue } = this.machine.instance;
    this.machine.ask(
      () => writer.values(this.machine, [name, value]),
      (id) => glue.setGlobal(id),
    );
  }
}

/** The files of a state: in memory, and counted against its limit. */
export class LuaFiles {
  static readonly name: string = "LuaFiles";
  private readonly machine: Machine;
  /** @internal */
  constructor(machine: Machine) {
    this.machine = machine;
  }

  /** Makes a file or replaces it; the directories in its name are made, too. */
  write(name: string, content: string | Uint8Array): void {
    const { writer, glue } = this.machine.instance;
    const code = this.machine.tell(
      () => (writer.text(name), writer.text(content)),
      (id) => glue.putFile(id),
    );
    if (code !== 0) throw fileError(code, name);
  }

  /** What a file contains; `undefined` if there is none. */
  read(name: string): Uint8Array | undefined {
    const content = this.ask(name);
    return content === undefined ? undefined : bytesOf(content as string | Uint8Array);
  }

  /** What a file contains as text; `undefined` if there is none. */
  readText(name: string): string | undefined {
    const content = this.read(name);
    return content === undefined ? undefined : new TextDecoder("utf-8", { ignoreBOM: true }).decode(content);
  }

  private ask(name: string): unknown {
    const { writer, glue } = this.machine.instance;
    return this.machine.ask(
      () => writer.text(name),
      (id) => glue.getFile(id),
    );
  }

  /** Removes a file. */
  remove(name: string): void {
    const { writer, glue } = this.machine.instance;
    const code = this.machine.tell(
      () => writer.text(name),
      (id) => glue.removeFile(id),
    );
    if (code !== 0) throw fileError(code, name);
  }

  /** The names of all files. */
  list(): string[] {
    const { glue } = this.machine.instance;
    const names = this.machine.ask(
      () => undefined,
      (id) => glue.listFiles(id),
    );
    return Array.isArray(names) ? names.map((name) => (typeof name === "string" ? name : new TextDecoder().decode(name as Uint8Array))) : [];
  }
}

/** Error numbers of files, as C has them, and what they mean. */
const FILE_PROBLEMS: Readonly<Record<number, string>> = {
  2: "no such file",
  16: "the state is running",
  20: "not a directory",
  21: "is a directory",
  22: "not a valid name",
  28: "no space left",
  39: "directory not empty",
};

function fileError(code: number, name: string): Error {
  return new Error(`${name}: ${FILE_PROBLEMS[code] ?? `error ${code}`}`);
}

function bytesOf(content: string | Uint8Array): Uint8Array {
  return typeof content === "string" ? new TextEncoder().encode(content) : content;
}

function positive(value: number | undefined, name: string): number | undefined {
  if (value === undefined || value === Infinity) return undefined;
  if (typeof value !== "number" || !(value >= 0)) throw new RangeError(`the limit ${name} has to be a number from 0 up`);
  return value;
}

function chunkName(source: string | Uint8Array, name: string | undefined): string | Uint8Array {
  if (name === undefined) return source;
  return name.startsWith("@") || name.startsWith("=") ? name : `@${name}`;
}

function output(option: LuaOutput | undefined, standard: (text: string) => void): (bytes: Uint8Array) => void {
  if (option === null) return () => undefined;
  if (typeof option === "object") return (bytes) => option.bytes(bytes);
  // Pieces may end in the middle of a character.
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  const write = option ?? standard;
  return (bytes) => {
    const text = decoder.decode(bytes, { stream: true });
    if (text !== "") write(text);
  };
}

/** Makes `Lua.open` for a platform; with a file, it is `Lua.import`. */
export function opener(platform: Platform): (options?: ImportOptions, file?: Uint8Array) => Promise<Lua> {
  let module: Promise<WebAssembly.Module> | undefined;
  let shared: Instance | undefined;
  const instance = async (isOwn: boolean): Promise<Instance> => {
    // A module that could not be loaded is asked for again.
    module ??= Promise.resolve(platform.module()).catch((error: unknown) => {
      module = undefined;
      throw error;
    });
    const compiled = await module;
    if (isOwn) return new Instance(compiled);
    if (shared === undefined || shared.isDead) shared = new Instance(compiled);
    return shared;
  };
  return (options = {}, file) => {
    const begin = async (): Promise<Lua> => new Lua(platform, await instance(options.instance === "own"), options);
    return options.store === undefined && file === undefined ? begin() : openKept(platform, begin, options, file);
  };
}

/** Makes a state with what is in its store. The store is asked first: the state is made while its answer is under way. */
async function openKept(platform: Platform, begin: () => Promise<Lua>, options: ImportOptions, file: Uint8Array | undefined): Promise<Lua> {
  const { store = new MemoryStorage(), storeOptions = {} } = options;
  // What is stored may be twice as long as what is up to date, and some.
  const limit = 2 * (positive(options.limits?.memoryBytes, "memoryBytes") ?? MEMORY_BYTES) + 1_000_000;
  const key = await importedKey(storeOptions.key);
  // A file that cannot be read touches no store.
  const imported = file === undefined ? undefined : await readArchive(file, key, limit);
  const opening = typeof store === "string" ? platform.storage(store, storeOptions) : Promise.resolve(store);
  if (opening === undefined) throw new LuaStorageError("unavailable", String(store));
  const loading = opening.then(async (storage) => {
    const { compress, recover, access } = storeOptions;
    const persistence = new Persistence(storage, { compress, key, recover, readOnly: access === "read", limit });
    try {
      const payloads = await persistence.loadPayloads(false);
      if (imported !== undefined && persistence.generation > 0 && options.replace !== true) throw new LuaStorageError("occupied");
      return { persistence, payloads };
    } catch (error) {
      await persistence.close().catch(() => undefined);
      throw error;
    }
  });
  const [loaded, made] = await Promise.allSettled([loading, begin()]);
  const lua = made.status === "fulfilled" ? made.value : undefined;
  try {
    if (loaded.status === "rejected") throw loaded.reason;
    if (lua === undefined) throw (made as PromiseRejectedResult).reason;
    const { persistence, payloads } = loaded.value;
    if (imported === undefined) await keep(lua, persistence, payloads);
    else {
      lua.keep(persistence, [imported.payload]);
      await persistence.replace(imported.entries);
    }
    return lua;
  } catch (error) {
    lua?.close();
    if (loaded.status === "fulfilled") await loaded.value.persistence.close().catch(() => undefined);
    throw error;
  }
}

async function keep(lua: Lua, persistence: Persistence, payloads: readonly Uint8Array[]): Promise<void> {
  try {
    lua.keep(persistence, payloads);
  } catch {
    // If that is because of what is in them, loading says so, or gives the generation before.
    lua.keep(persistence, await persistence.loadPayloads(true));
  }
}

export { LuaStateError };
