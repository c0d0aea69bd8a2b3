// Runs a Lua program inside the module: node run.mjs MODULE FILE [ARGS].
//
// The program finds its arguments in the global `arg`, and external tables that last as long as it runs. What it prints
// goes to standard output when it has ended; an error goes to standard error, and the exit code is 1.
import fs from 'node:fs';
import { compileModule, compute, instantiate } from '../../tests/node/module.mjs';

const [modulePath, file, ...args] = process.argv.slice(2);

// Synchronous writes may be partial on pipes.
function write(fd, bytes) {
  for (let at = 0; at < bytes.length; ) {
    try {
      at += fs.writeSync(fd, bytes, at);
    } catch (error) {
      if (error.code === 'EPIPE') process.exit(141);
      if (error.code !== 'EAGAIN') throw error;
    }
  }
}

function fail(message) {
  // Messages of Lua programs are bytes, and stay so.
  write(2, Buffer.concat([Buffer.from(message), Buffer.from('\n')]));
  process.exit(1);
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
const table = args.map(quote).join(', ');
const cu = instantiate(compileModule(modulePath));
cu.set_time(Date.now());

let result;
try {
  compute(cu, Buffer.from(`arg = {[0] = ${quote(file)}, ${table}}`));
  result = compute(cu, source);
} catch (error) {
  fail(`the module trapped: ${error.message}`);
}
write(1, result.output);
if (result.error) fail(result.error);
