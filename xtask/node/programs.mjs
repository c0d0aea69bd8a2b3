// Runs a Lua program with all files around it inside the module, in a fresh instance:
//
//   node programs.mjs MODULE PATH SCRIPT [ARGS]
//
// The files of the working directory, and those below it, are put into the module's file system; PATH is where
// `require` looks. What the program prints goes to standard output, an error to standard error, and the exit code is
// then 1.

import { readFileSync, readdirSync, writeSync } from "node:fs";
import { compileModule, compute, instantiateBare } from "../../tests/node/module.mjs";

const [modulePath, path, script, ...args] = process.argv.slice(2);
const cu = instantiateBare(compileModule(modulePath));

function fail(message) {
  writeSync(2, message + "\n");
  process.exit(1);
}

/** Puts bytes into the buffer. */
function put(bytes) {
  new Uint8Array(cu.memory.buffer, cu.get_buffer_ptr(), bytes.length).set(bytes);
  return bytes.length;
}

/** Puts a file into the module's file system, in as many pieces as it takes. */
function send(file) {
  const text = readFileSync(file);
  const name = Buffer.from(file);
  const piece = cu.get_buffer_size() - name.length;
  for (let at = 0; at === 0 || at < text.length; at += piece) {
    const length = put(Buffer.concat([name, text.subarray(at, at + piece)]));
    if (cu.put_file(name.length, length, at > 0) !== 0) fail(`no room for ${file}`);
  }
}

const quote = (text) => `"${[...Buffer.from(text)].map((byte) => `\\${String(byte).padStart(3, "0")}`).join("")}"`;

cu.set_memory_limit(256 << 20);
cu.set_output_limit(64 << 20);
if (cu.init() !== 0) fail("the module has no memory for a Lua state");
cu.set_time(Date.now());
for (const entry of readdirSync(".", { recursive: true, withFileTypes: true })) {
  if (entry.isFile()) send(`${entry.parentPath ?? entry.path}/${entry.name}`.replace(/^\.\//, ""));
}
const list = args.map(quote).join(", ");
const program = `package.path, package.cpath = ${quote(path)}, "" arg = {[0] = ${quote(script)}, ${list}} return assert(loadfile(${quote(script)}))(${list})`;
try {
  const { error, output } = compute(cu, Buffer.from(program));
  for (let at = 0; at < output.length; ) at += writeSync(1, output, at);
  if (error) fail(error.toString("latin1"));
} catch (error) {
  fail(`the module trapped: ${error.message}`);
}
