// Runs a Lua program inside the module: node run.mjs MODULE FILE [ARGS].
//
// The program finds its arguments in the global `arg`. What it prints goes to standard output; an
// error goes to standard error, and the exit code is 1. One call of `compute` carries source in and output
// out through a buffer of 64 KB: longer sources are refused, longer output ends in `...`, and output
// that came before an error is lost.
import fs from 'node:fs';

const MEMORY_LIMIT = 256 * 1024 * 1024;

const [modulePath, file, ...args] = process.argv.slice(2);

function fail(message) {
  // Messages of Lua programs are bytes, and stay so.
  fs.writeSync(2, Buffer.concat([Buffer.from(message), Buffer.from('\n')]));
  process.exit(1);
}

const { instance } = await WebAssembly.instantiate(fs.readFileSync(modulePath), {});
const { memory, init, compute, get_buffer_ptr, get_buffer_size, set_memory_limit } = instance.exports;
set_memory_limit(MEMORY_LIMIT);

// Memory may have grown, so every access takes a fresh view.
const buffer = () => new Uint8Array(memory.buffer, get_buffer_ptr(), get_buffer_size());

// Runs `source` (bytes) and returns the captured output.
function run(source) {
  buffer().set(source);
  const n = compute(get_buffer_ptr(), source.length);
  if (n < 0) fail(Buffer.from(buffer().subarray(0, -n - 1)));
  if (n === 0) return Buffer.alloc(0);
  const length = Buffer.from(buffer().subarray(0, 4)).readUInt32LE(0);
  return Buffer.from(buffer().subarray(4, 4 + length));
}

// A Lua string literal of any bytes.
function quote(text) {
  const bytes = [...Buffer.from(text)];
  return `"${bytes.map((byte) => `\\${String(byte).padStart(3, '0')}`).join('')}"`;
}

let source = fs.readFileSync(file);
// As `lua` does: no byte order mark, and a first line with `#` is none of Lua's business.
if (source[0] === 0xef && source[1] === 0xbb && source[2] === 0xbf) source = source.subarray(3);
if (source[0] === 0x23) {
  const newline = source.indexOf(0x0a);
  source = newline < 0 ? source.subarray(source.length) : source.subarray(newline);
}
if (source.length > get_buffer_size()) {
  fail(`${file}: ${source.length} bytes; the module takes sources of up to ${get_buffer_size()} bytes`);
}
const table = args.map(quote).join(', ');

let output;
try {
  if (init() !== 0) fail('the module has no memory for a Lua state');
  run(Buffer.from(`arg = {[0] = ${quote(file)}, ${table}}`));
  output = run(source);
} catch (error) {
  fail(`the module trapped: ${error.message}`);
}
// Synchronous writes may be partial on pipes.
for (let at = 0; at < output.length; ) {
  try {
    at += fs.writeSync(1, output, at);
  } catch (error) {
    if (error.code === 'EPIPE') process.exit(141);
    if (error.code !== 'EAGAIN') throw error;
  }
}
