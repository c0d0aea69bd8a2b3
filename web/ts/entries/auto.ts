/**
 * The entry for those who name none, and use a bundler: as `browser.ts`, and if the bundler has left the file of the
 * module behind, a script that contains it is loaded.
 */

import { setSpare } from "./fetched.ts";

export * from "./browser.ts";

setSpare(async () => WebAssembly.compile((await import("./cu-web-inline.js")).default));
