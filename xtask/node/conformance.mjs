// Runs one file of the official suite inside the module, in a fresh instance:
//
//   node conformance.mjs MODULE FOLDER NAME SETTINGS
//
// SETTINGS is a chunk that sets the suite's variables. The file runs on the main thread under its name. When the
// module has a file system, the suite's files are put there; otherwise the two helper files are found by
// `require`. What the file prints goes to standard output, an error to standard error, and the exit code is then 1.

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

/** A Lua string of any bytes. */
const quote = (bytes) =>
  `"${[...bytes].map((b) => (b >= 32 && b < 127 && b !== 34 && b !== 92 ? String.fromCharCode(b) : `\\${String(b).padStart(3, "0")}`)).join("")}"`;

/** Puts a file's text into the table __files; the buffer takes only so much at a time. */
function send(file) {
  const bytes = readFileSync(join(folder, file));
  const piece = Math.floor((cu.get_buffer_size() - 1000) / 4);
  run(`__pieces = {}`);
  for (let at = 0; at < bytes.length; at += piece) {
    run(`__pieces[#__pieces + 1] = ${quote(bytes.subarray(at, at + piece))}`);
  }
  run(`__files = __files or {} __files[${quote(Buffer.from(file))}] = table.concat(__pieces) __pieces = nil`);
}

/** What the module's host tells: the time, and the one variable that the suite asks for. */
cu.set_time?.(Date.now());
if (cu.set_variable) {
  const text = Buffer.from("PATH/bin");
  new Uint8Array(cu.memory.buffer, cu.get_buffer_ptr(), text.length).set(text);
  cu.set_variable(4, text.length);
}

const helpers = ["bwcoercion.lua", "tracegc.lua"];
const isWhole = name === "all";
const files = isWhole ? readdirSync(folder).filter((file) => file.endsWith(".lua")) : [`${name}.lua`, ...helpers];
files.forEach(send);
run(`
if io and io.open then
  for name, text in pairs(__files) do
    local file = io.open(name, "wb")
    if file then file:write(text) file:close() end
  end
end
if not require then
  package = {loaded = {}, preload = {}, path = "./?.lua", cpath = ""}
  for name, library in pairs(_G) do package.loaded[name] = type(library) == "table" and library or nil end
  local package, files, load, error = package, __files, load, error
  function require(name)
    if package.loaded[name] == nil then
      local loader = package.preload[name] or load(files[name .. ".lua"], "@" .. name .. ".lua")
      local value = loader(name)
      package.loaded[name] = value == nil and true or value
    end
    return package.loaded[name]
  end
end
arg = {[0] = "${name}.lua"}
${settings}
`);
// As for a script, a first line that begins with # is not Lua's business. The text goes as soon as it is compiled: the suite counts memory.
const chunk = `local load, assert, text = load, assert, __files["${name}.lua"]:gsub("^#[^\\n]*", "", 1) __files = nil
local main = assert(load(text, "@${name}.lua")) text = nil `;
run(
  name === "big"
    ? `${chunk} local f = coroutine.wrap(main) assert(f() == "b") assert(f() == "a")`
    : `${chunk} return main()`,
);
