/** The entry for places that may not compile code: it is given the compiled module (`cu-web.wasm`). */

import { Lua as State, type LuaOptions, opener } from "../lua.ts";
import { stderr, stdout } from "./console.ts";

export * from "../index.ts";

const openers = new WeakMap<WebAssembly.Module, (options?: LuaOptions) => Promise<State>>();

/** A Lua state. */
export class Lua extends State {
  /** Makes a state. */
  static open(options: LuaOptions & { module: WebAssembly.Module }): Promise<State> {
    const { module } = options;
    let open = openers.get(module);
    if (open === undefined) {
      open = opener({ module: () => module, stdout, stderr, storage: () => undefined });
      openers.set(module, open);
    }
    return open(options);
  }
}
