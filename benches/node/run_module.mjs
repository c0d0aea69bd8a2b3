// Times one program in the raw module under Node.
//
//   node run_module.mjs cu.wasm PROGRAM [N] [--warm|--cold]
//
// Cold: compiling the chunk and running it, in a fresh instance. Warm: after a few smaller runs in the same instance.

import { compileModule, compute, instantiate, valueText } from "../../tests/node/module.mjs";
import { commandLine, measure } from "./program.mjs";

const options = commandLine("run_module.mjs cu.wasm PROGRAM [N] [--warm|--cold]", true);
const cu = instantiate(compileModule(options.engine));
measure(options, (chunk) => {
  const { error, value } = compute(cu, Buffer.from(chunk));
  if (error) throw new Error(error.toString("utf8"));
  return valueText(value);
});
