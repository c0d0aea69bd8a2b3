/** The entry for Node and Deno: the module is a file beside this one. */

import { readFile } from "node:fs/promises";

import { type ImportOptions, Lua as State, type LuaOptions, opener } from "../lua.ts";

import { fileOf, FileStorage } from "../storage/file.ts";

export * from "../index.ts";
export { FileStorage };

async function bytes(): Promise<BufferSource> {
  try {
    return await readFile(new URL("./cu-web.wasm", import.meta.url));
  } catch {
    // A bundler has left the file behind.
    return (await import("./cu-web-inline.js")).default;
  }
}

const open = opener({
  module: async () => WebAssembly.compile(await bytes()),
  stdout: (text) => void process.stdout.write(text),
  stderr: (text) => void process.stderr.write(text),
  storage: fileOf,
});

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
