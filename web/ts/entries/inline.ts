/** The entry with everything in one file: the module is a part of it. */

import { type ImportOptions, Lua as State, type LuaOptions, opener } from "../lua.ts";
import bytes from "../generated/cu-web.wasm";
import { stderr, stdout } from "./console.ts";

import { IndexedDbStorage, indexedDbOf } from "../storage/indexeddb.ts";

export * from "../index.ts";
export { IndexedDbStorage };

const open = opener({ module: () => WebAssembly.compile(bytes as BufferSource), stdout, stderr, storage: indexedDbOf });

/** A Lua state. */
export class Lua extends State {
  static override readonly name: string = "Lua";
  /** Makes a state. */
  static open(options?: LuaOptions): Promise<State> {
    return open(options);
  }

  /** Makes a state of a file that `export` wrote, and saves it if there is a store. */
  static import(file: Uint8Array, options: ImportOptions = {}): Promise<State> {
    return open(options, file);
  }
}
