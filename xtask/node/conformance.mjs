// Runs one file of the official suite inside the module, in a fresh instance:
//
//   node conformance.mjs MODULE FOLDER NAME SETTINGS
//
// SETTINGS is a chunk that sets the suite's variables. The file runs on the main thread under its name. The suite's
// files are put into the module's file system. What the file prints goes to standard output, an error to standard error, and the exit code is then 1.

import { readFileSync, readdirSync, writeSync } from "node:fs";
import { join } from "node:path";
import { compileModule, compute, instantiate } from "../../tests/node/module.mjs";

const [modulePath, folder, name, settings] = process.argv.slice(2);
const cu = instantiate(compileModule(modulePath));

function fail(message) {
  writeSync(2, message.toString("latin1") + "\n");
  process.exit(1);
}

/** Runs a chunk; its output is printed. */
function run(source) {
  let result;
  try {
    result = compute(cu, Buffer.from(source, "latin1"));
  } catch (error) {
    fail(`the module trapped: ${error.message}`);
  }
  if (result.error) fail(result.error);
  for (let at = 0; at < result.output.length; ) at += writeSync(1, result.output, at);
}

/** Puts text into the buffer. */
function put(text) {
  new Uint8Array(cu.memory.buffer, cu.get_buffer_ptr(), text.length).set(text);
  return text.length;
}

/** What the module's host tells: the time, and the one variable that the suite asks for. */
cu.set_time(Date.now());
cu.set_variable(4, put(Buffer.from("PATH/bin")));

/** Puts a file of the suite into the module's file system. */
function send(file) {
  const text = readFileSync(join(folder, file));
  const name = Buffer.from(file);
  const piece = cu.get_buffer_size() - name.length;
  for (let at = 0; at === 0 || at < text.length; at += piece) {
    const length = put(Buffer.concat([name, text.subarray(at, at + piece)]));
    if (cu.put_file(name.length, length, at > 0) !== 0) fail(Buffer.from(`no room for ${file}`));
  }
}

const helpers = ["bwcoercion.lua", "tracegc.lua"];
const isWhole = name === "all";
const files = isWhole ? readdirSync(folder).filter((file) => file.endsWith(".lua")) : [`${name}.lua`, ...helpers];
files.forEach(send);
run(`arg = {[0] = "${name}.lua"} ${settings}`);
run(
  name === "big"
    ? `local f = coroutine.wrap(assert(loadfile "big.lua")) assert(f() == "b") assert(f() == "a")`
    : `return assert(loadfile "${name}.lua")()`,
);
