/** The entry for Node and Deno: the module is a file beside this one. */

import { readFile } from "node:fs/promises";

import { Lua as State, type LuaOptions, opener } from "../lua.ts";

export * from "../index.ts";

const open = opener({
  module: async () => WebAssembly.compile(await readFile(new URL("./cu-web.wasm", import.meta.url))),
  stdout: (text) => void process.stdout.write(text),
  stderr: (text) => void process.stderr.write(text),
});

/** A Lua state. */
export class Lua extends State {
  /** Makes a state. */
  static open(options?: LuaOptions): Promise<State> {
    return open(options);
  }
}
