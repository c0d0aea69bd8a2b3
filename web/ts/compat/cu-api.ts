/**
 * The face of the original that speaks in byte counts: `compute` tells how long the response is that lies in the module's
 * buffer, and `readResult` reads it.
 *
 * A program has run when `compute` returns its promise: callers may go on with `getOutput` at once.
 */

import { type CompatPlatform, Facade, type LoadOptions, checkedCode } from "./facade.ts";
import { IoWrapper } from "./io-wrapper.ts";
import { LuaError, LuaLimitError } from "../errors.ts";

/** What a response says. */
export interface ReadResult {
  /** What the program printed. */
  output: string;
  /** Its last result: tables as arrays and objects, functions as the text `<function>`. */
  result: unknown;
  /** The same. */
  value: unknown;
}

/** Makes the functions for an environment. */
export function makeCuApi(platform: CompatPlatform) {
  const facade = new Facade(platform);

  const load = (options?: LoadOptions): Promise<true> => facade.load(options);

  /** Runs a program: the length of the response, or, below 0, of the message and one more. */
  const compute = async (code: string): Promise<number> => facade.unit.compute(checkedCode(code));

  const readResult = (address: number, length: number): ReadResult => {
    const nothing = { output: "", result: null, value: null };
    if (facade.range(address, length) === undefined) return nothing;
    const { output, value } = facade.unit.read(address, length, "<function>");
    return { output, result: value, value };
  };

  class OfThis extends IoWrapper {
    constructor() {
      super(facade);
    }
  }

  return {
    load,
    /** The name that `load` had before version 2.1 of the original. */
    loadLuaWasm: load,
    init: () => facade.init(),
    compute,
    readResult,
    getBufferPtr: () => facade.getBufferPtr(),
    getBufferSize: () => facade.getBufferSize(),
    readBuffer: (address: number, length: number) => facade.readBuffer(address, length),
    writeBuffer: (address: number, text: string) => facade.writeBuffer(address, text),
    getMemoryStats: () => facade.getMemoryStats(),
    runGc: () => facade.runGc(),
    saveState: (name?: string) => facade.saveState(name),
    loadState: (name?: string) => facade.loadState(name),
    clearPersistedState: (name?: string) => facade.clearPersistedState(name),
    /** What was taken over of the original's own database; nothing if it was not read. */
    getMigrationReport: () => facade.migration,
    getTableInfo: () => facade.getTableInfo(),
    getHomeTableId: () => facade.getHomeTableId(),
    getMemoryTableId: () => facade.getHomeTableId(),
    getIoTableId: () => facade.getIoTableId(),
    setMemoryAliasEnabled: (enabled: boolean) => facade.setMemoryAliasEnabled(enabled),
    setInput: (data: unknown) => facade.setInput(data),
    getOutput: () => facade.getOutput(),
    setMetadata: (meta: unknown) => facade.setMetadata(meta),
    setInputField: (key: string, value: unknown) => facade.setInputField(key, value),
    getOutputField: (key: string) => facade.getOutputField(key),
    clearIo: () => facade.clearIo(),
    /** Programs as functions from input to output. */
    IoWrapper: OfThis as new () => IoWrapper,
    LuaError,
    LuaLimitError,
  };
}
