/** The entry for Node and Deno: the module is a file beside this one. */

import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import { Lua as State, type LuaOptions, opener } from "../lua.ts";

import { FileStorage } from "../storage/file.ts";

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
  storage: (name) => (name.startsWith("file:") ? FileStorage.open(name.startsWith("file://") ? fileURLToPath(name) : name.slice(5)) : undefined),
});

/** A Lua state. */
export class Lua extends State {
  /** Makes a state. */
  static open(options?: LuaOptions): Promise<State> {
    return open(options);
  }
}
