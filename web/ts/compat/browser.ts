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
    if (path !== undefined) return fetched(path);
    try {
      // Bundlers know this form, and bring the file along; those that do not bring the script.
      return await fetched(new URL("../cu.wasm", import.meta.url));
    } catch (error) {
      return import("./cu-inline.js").then(
        (spare) => WebAssembly.compile(spare.default),
        () => Promise.reject(error),
      );
    }
  },
  storage: indexedDbOf,
  defaultStore: "idb://lua-state",
};
