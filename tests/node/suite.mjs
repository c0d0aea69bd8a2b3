// Runs suite files in the raw module, each in a fresh instance, and prints what each did as one JSON array.
//
//   node suite.mjs cu.wasm [FILE...]      (without files: their paths on standard input, one per line)
//
// Each element: {"output": text, "error": text or null, "ms": number}. Texts hold bytes as code points below 256.

import { readFileSync } from "node:fs";
import { compileModule, compute, instantiate } from "./module.mjs";

const [modulePath, ...named] = process.argv.slice(2);
if (!modulePath) {
  console.error("usage: node suite.mjs cu.wasm [FILE...]");
  process.exit(2);
}
const files = named.length > 0 ? named : readFileSync(0, "utf8").split("\n").filter(Boolean);
const module = compileModule(modulePath);
const results = files.map((file) => {
  const started = performance.now();
  let result;
  try {
    const { error, output } = compute(instantiate(module), readFileSync(file));
    result = { output: output.toString("latin1"), error: error?.toString("latin1") ?? null };
  } catch (e) {
    // A trap or a failed instantiation is an outcome like any other, and always the wrong one.
    result = { output: "", error: `<${e instanceof Error ? e.message : e}>` };
  }
  return { ...result, ms: Math.round(performance.now() - started) };
});
process.stdout.write(JSON.stringify(results));
