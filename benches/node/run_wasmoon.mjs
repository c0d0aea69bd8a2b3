// Times one program in wasmoon (PUC Lua compiled to WASM), the peer of the raw module.
//
//   BENCH_NPM=folder node run_wasmoon.mjs PROGRAM [N] [--warm|--cold]
//
// wasmoon 1.16.0 is looked up in `$BENCH_NPM/node_modules`, without BENCH_NPM beside the working directory.

import { createRequire } from "node:module";
import { resolve } from "node:path";
import { commandLine, measure } from "./program.mjs";

const require = createRequire(resolve(process.env.BENCH_NPM ?? ".", "package.json"));
const { LuaFactory } = require("wasmoon");

const options = commandLine("run_wasmoon.mjs PROGRAM [N] [--warm|--cold]", false);
const lua = await new LuaFactory().createEngine();
measure(options, (chunk) => String(lua.doStringSync(chunk)));
