/** Where the faces of the original find things in browsers and their workers: the module is a file of this package. */

import { indexedDbOf } from "../storage/indexeddb.ts";
import type { CompatPlatform } from "./facade.ts";

async function fetched(url: URL | string): Promise<WebAssembly.Module> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url} could not be loaded: ${response.status} ${response.statusText}`);
  return WebAssembly.compile(await response.arrayBuffer());
}

export const platform: CompatPlatform = {
  async module(path) {
    if (path instanceof WebAssembly.Module) return path;
    if (path instanceof ArrayBuffer || ArrayBuffer.isView(path)) return WebAssembly.compile(path);
    return fetched(path ?? new URL("../cu.wasm", import.meta.url));
  },
  storage: indexedDbOf,
  defaultStore: "idb://lua-state",
};
