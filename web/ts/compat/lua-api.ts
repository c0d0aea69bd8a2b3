/**
 * The face that the original's README describes: `compute` tells the last value, with tables as arrays and objects, and is
 * rejected with Lua's message.
 *
 * Programs of the README use `unpack`, which Lua 5.4 does not have; `init` makes it and `loadstring`, unless `compat51` is
 * false.
 */

import { LuaError, LuaLimitError } from "../errors.ts";
import { type CompatPlatform, Facade, type LoadOptions, checkedCode } from "./facade.ts";
import { IoWrapper } from "./io-wrapper.ts";

export interface LuaLoadOptions extends LoadOptions {
  /** Whether programs have `unpack` and `loadstring`. The default is true. */
  compat51?: boolean;
  /** Gets what a program has printed, when it has ended. The default is the console. */
  print?: ((text: string) => void) | null;
}

const COMPAT = "unpack = unpack or table.unpack loadstring = loadstring or load";

/** Everything that can be done with a state; the functions need no `this`. */
export interface LuaInstance {
  load(options?: LuaLoadOptions): Promise<true>;
  loadLuaWasm(options?: LuaLoadOptions): Promise<true>;
  /** Makes the Lua state: 0 for success. */
  init(): number;
  /** Runs a program: its last result. It has run when this returns. */
  compute<T = unknown>(code: string): Promise<T>;
  readBuffer(address: number, length: number): string;
  getBufferPtr(): number;
  getBufferSize(): number;
  getMemoryStats(): ReturnType<Facade["getMemoryStats"]>;
  runGc(): void;
  saveState(name?: string): Promise<boolean>;
  loadState(name?: string): Promise<boolean>;
  clearPersistedState(name?: string): Promise<boolean>;
  /** What was taken over of the original's own database; nothing if it was not read. */
  getMigrationReport(): Facade["migration"];
  getTableInfo(): ReturnType<Facade["getTableInfo"]>;
  getHomeTableId(): number | null;
  getMemoryTableId(): number | null;
  getIoTableId(): number | null;
  setMemoryAliasEnabled(enabled: boolean): void;
  setInput(data: unknown): void;
  getOutput<T = unknown>(): T;
  setMetadata(meta: object): void;
  setInputField(key: string, value: unknown): void;
  getOutputField<T = unknown>(key: string): T;
  clearIo(): void;
  /** Programs as functions from input to output. */
  readonly IoWrapper: new () => IoWrapper;
}

function instance(platform: CompatPlatform): { facade: Facade; lua: LuaInstance } {
  const facade = new Facade(platform);
  let options: LuaLoadOptions = {};

  const print = (text: string): void => {
    if (text === "" || options.print === null) return;
    if (options.print !== undefined) options.print(text);
    else console.log(text.endsWith("\n") ? text.slice(0, -1) : text);
  };

  const load = async (given: LuaLoadOptions = {}): Promise<true> => {
    await facade.load(given);
    options = given;
    return true;
  };

  class OfThis extends IoWrapper {
    constructor() {
      super(facade);
    }
  }

  const lua: LuaInstance = {
    load,
    loadLuaWasm: load,
    init() {
      const status = facade.init();
      if (status === 0 && options.compat51 !== false) facade.unit.compute(COMPAT);
      return status;
    },
    async compute<T>(code: string): Promise<T> {
      const { unit } = facade;
      if (unit.compute(checkedCode(code)) < 0) {
        const failure = unit.failure();
        print(unit.printed());
        throw failure;
      }
      const { output, value } = unit.response();
      print(output);
      return value as T;
    },
    readBuffer: (address, length) => facade.readBuffer(address, length),
    getBufferPtr: () => facade.getBufferPtr(),
    getBufferSize: () => facade.getBufferSize(),
    getMemoryStats: () => facade.getMemoryStats(),
    runGc: () => void facade.runGc(),
    saveState: (name) => facade.saveState(name),
    loadState: (name) => facade.loadState(name),
    clearPersistedState: (name) => facade.clearPersistedState(name),
    getMigrationReport: () => facade.migration,
    getTableInfo: () => facade.getTableInfo(),
    getHomeTableId: () => facade.getHomeTableId(),
    getMemoryTableId: () => facade.getHomeTableId(),
    getIoTableId: () => (facade.getHomeTableId() === null ? null : facade.getIoTableId()),
    setMemoryAliasEnabled: (enabled) => facade.setMemoryAliasEnabled(enabled),
    setInput: (data) => facade.setInput(data),
    getOutput: <T>() => facade.getOutput() as T,
    setMetadata: (meta) => facade.setMetadata(meta),
    setInputField: (key, value) => facade.setInputField(key, value),
    getOutputField: <T>(key: string) => facade.getOutputField(key) as T,
    clearIo: () => facade.clearIo(),
    IoWrapper: OfThis,
  };
  return { facade, lua };
}

/** What the module exports: a state, and how to make others. */
export interface LuaApi extends LuaInstance {
  /** A wrapper of a state: of the one that this module has, if no other is given. */
  readonly IoWrapper: new (of?: LuaInstance) => IoWrapper;
  readonly LuaWASM: {
    /** Makes a state of its own: it is loaded, and there is Lua in it. */
    init(options?: LuaLoadOptions): Promise<LuaInstance>;
  };
  readonly LuaError: typeof LuaError;
  readonly LuaLimitError: typeof LuaLimitError;
}

/** Makes the functions for an environment. */
export function makeLuaApi(platform: CompatPlatform): LuaApi {
  const { facade, lua } = instance(platform);

  class OfAny extends IoWrapper {
    constructor(of?: LuaInstance) {
      super(of === undefined ? facade : (facades.get(of) ?? facade));
    }
  }

  const facades = new WeakMap<LuaInstance, Facade>([[lua, facade]]);

  const LuaWASM = {
    async init(options: LuaLoadOptions = {}): Promise<LuaInstance> {
      const made = instance(platform);
      facades.set(made.lua, made.facade);
      await made.lua.load(options);
      if (made.lua.init() !== 0) throw new LuaError("not enough memory for a Lua state", "memory", undefined);
      return made.lua;
    },
  };

  return { ...lua, IoWrapper: OfAny, LuaWASM, LuaError, LuaLimitError };
}
