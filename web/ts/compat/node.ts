/** The same for Node and Deno, where states are kept in files if they are kept. */

import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import { FileStorage } from "../storage/file.ts";
import { indexedDbOf } from "../storage/indexeddb.ts";
import type { CompatPlatform } from "./facade.ts";

export const platform: CompatPlatform = {
  async module(path) {
    if (path instanceof WebAssembly.Module) return path;
    if (path instanceof ArrayBuffer || ArrayBuffer.isView(path)) return WebAssembly.compile(path);
    if (/^https?:/.test(String(path))) return WebAssembly.compile(await (await fetch(path as string)).arrayBuffer());
    return WebAssembly.compile(await readFile(path === undefined ? new URL("../cu.wasm", import.meta.url) : path));
  },
  storage(name) {
    if (!name.startsWith("file:")) return indexedDbOf(name);
    return FileStorage.open(name.startsWith("file://") ? fileURLToPath(name) : name.slice(5));
  },
  // There may be an IndexedDB that the program brought along.
  defaultStore: typeof indexedDB === "undefined" ? undefined : "idb://lua-state",
};
