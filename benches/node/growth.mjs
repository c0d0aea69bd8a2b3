// How costs grow: each thing is done with n, 10 n and 100 n items.
//
//   node growth.mjs cu.wasm [OTHER.wasm ...] [--rounds N]
//
// Printed is what an item costs (ns), and how much more than at the size before, beside what the algorithm promises: 1 is
// as promised. Each size has an instance of its own, in which everything is done several times; the least counts, so
// neither the first touch of memory nor compiling is in it. Items that no longer fit a cache of the processor cost more
// on any engine: where a size leaves one, compare with the growth of another module or another Lua.

import { call, compileModule, instantiateBare, response } from "../../tests/node/module.mjs";

const linear = (n) => n;
const sorting = (n) => n * Math.log2(n);

/** name -> [the smallest n, what n of them should cost, preparation, what is done]. */
const PROGRAMS = {
  "sort numbers": [3000, sorting, "r = {} local s = 42 for i = 1, N do s = s * 1103515245 + 12345 & 0x7fffffff r[i] = s end", "local t = table.move(r, 1, N, 1, {}) table.sort(t)"],
  "sort with a function": [1000, sorting, "r = {} local s = 42 for i = 1, N do s = s * 1103515245 + 12345 & 0x7fffffff r[i] = s end", "local t = table.move(r, 1, N, 1, {}) table.sort(t, function(a, b) return a > b end)"],
  "fill an array": [3000, linear, "", "local t = {} for i = 1, N do t[i] = i end"],
  "table.insert": [3000, linear, "", "local t, insert = {}, table.insert for i = 1, N do insert(t, i) end"],
  "fill a table with floats as keys": [1000, linear, "", "local t = {} for i = 1, N do t[i + 0.5] = i end"],
  "fill a table with strings as keys": [1000, linear, "k = {} for i = 1, N do k[i] = 'key' .. i end", "local t, k = {}, k for i = 1, N do t[k[i]] = i end"],
  "join pieces": [3000, linear, "k = {} for i = 1, N do k[i] = 'piece' .. i % 10 end", "local s = table.concat(k, ',')"],
  "build a string of numbers": [1000, linear, "", "local t = {} for i = 1, N do t[i] = i .. '' end local s = table.concat(t)"],
  "append to a string": [300, (n) => n * n, "", "local s = '' for i = 1, N do s = s .. '0123456789abcdef' end"],
  "string.rep": [10_000, linear, "", "local s = ('0123456789abcdef'):rep(N)"],
  "recursion": [1000, linear, "function f(n) if n == 0 then return 0 end return 1 + f(n - 1) end", "f(N)"],
};

/** Runs a chunk; throws what it throws. */
function run(cu, source) {
  const told = call(cu, Buffer.from(source));
  if (told < 0) throw new Error(response(cu, told).toString());
}

/** The least time of doing it in a new instance of `module`, in nanoseconds. */
function measure(module, n, preparation, act, rounds) {
  const cu = instantiateBare(module);
  if (cu.init() !== 0) throw new Error("init failed");
  cu.set_memory_limit?.(2 ** 31);
  const define = (name, body) => run(cu, `function ${name}() ${body} end`.replaceAll(/\bN\b/g, n));
  define("prepare", preparation);
  define("act", act);
  run(cu, "prepare()");
  let least = Infinity;
  for (let i = 0; i < rounds; i++) {
    run(cu, "collectgarbage()");
    const started = performance.now();
    run(cu, "act()");
    least = Math.min(least, performance.now() - started);
  }
  return least * 1e6;
}

const paths = process.argv.slice(2);
const at = paths.indexOf("--rounds");
const rounds = at < 0 ? 5 : Number(paths.splice(at, 2)[1]);
if (paths.length === 0) throw new Error("usage: node growth.mjs cu.wasm [OTHER.wasm ...] [--rounds N]");
const modules = paths.map((path) => [path, compileModule(path)]);
for (const [name, [smallest, cost, preparation, act]] of Object.entries(PROGRAMS)) {
  for (const [path, module] of modules) {
    // As many items at every size, so that small ones are measured as well; the first time V8 compiles.
    const of = (n) => measure(module, n, preparation, act, rounds * Math.min(100, 100 * smallest / n)) / cost(n);
    of(smallest);
    const items = [1, 10, 100].map((factor) => of(factor * smallest));
    const growth = items.slice(1).map((item, i) => (item / items[i]).toFixed(2));
    const shown = items.map((item) => item.toFixed(2).padStart(7)).join(" ");
    console.log(`${name.padEnd(34)} ${shown} ns   ${growth.join(" ")}   n = ${smallest}${modules.length > 1 ? `   ${path}` : ""}`);
  }
}
