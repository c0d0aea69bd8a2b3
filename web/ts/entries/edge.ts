/** The entry for places that may not compile code: it is given the compiled module (`cu-web.wasm`). */

import { type ImportOptions, Lua as State, type LuaOptions, opener } from "../lua.ts";
import { stderr, stdout } from "./console.ts";

export * from "../index.ts";

const openers = new WeakMap<WebAssembly.Module, (options?: ImportOptions, file?: Uint8Array) => Promise<State>>();

function openerOf(module: WebAssembly.Module): (options?: ImportOptions, file?: Uint8Array) => Promise<State> {
  let open = openers.get(module);
  if (open === undefined) {
    open = opener({ module: () => module, stdout, stderr, storage: () => undefined });
    openers.set(module, open);
  }
  return open;
}

/** A Lua state. */
export class Lua extends State {
  static override readonly name: string = "Lua";
  /** Makes a state. */
  static open(options: LuaOptions & { module: WebAssembly.Module }): Promise<State> {
    return openerOf(options.module)(options);
  }

  /** Makes a state of a file that `export` wrote. */
  static import(file: Uint8Array, options: ImportOptions & { module: WebAssembly.Module }): Promise<State> {
    return openerOf(options.module)(options, file);
  }
}
