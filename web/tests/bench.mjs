/**
 * Crossings per second, beside wasmoon's in the same run: `node web/tests/bench.mjs [ROUNDS]`.
 *
 * Each round runs both engines in turn; the best round of each counts, in processor time, and the ratio is what matters.
 */

import { LuaFactory } from "wasmoon";

import { Lua } from "./package.mjs";

const rounds = Number(process.argv[2] ?? 5);

const object = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`field${i}`, i]));
const OBJECT = "local t = {} for i = 0, 99 do t['field' .. i] = i end return function() return t end";

const cu = await Lua.open();
const factory = await new LuaFactory().createEngine();
factory.global.set("callback", (a, b) => a + b);
cu.global.set("callback", (a, b) => a + b);

const LOOP = "return function(n) local f, s = callback, 0 for i = 1, n do s = f(s, i) end return s end";
const load = async (source) => ({ cu: await cu.run(source), wasmoon: await factory.doString(source) });

const add = await load("return function(a, b) return a + b end");
const loop = await load(LOOP);
// Lua looks at every field: an engine may hand over an object without its fields.
const give = await load(
  "local names = {} for i = 0, 99 do names[i] = 'field' .. i end " +
    "return function(t) local s = 0 for i = 0, 99 do s = s + t[names[i]] end return s end",
);
const take = await load(OBJECT);

/** Name, how many crossings at a time, and what does them with one engine's function. */
const cases = [
  ["JS calls Lua, two numbers", 50_000, add, (f, n) => { for (let i = 0; i < n; i++) f(i, 1.5); }],
  ["Lua calls JS, two numbers", 50_000, loop, (f, n) => { f(n); }],
  ["object of 100 fields to Lua", 500, give, (f, n) => { for (let i = 0; i < n; i++) f(object); }],
  ["table of 100 fields to JS", 500, take, (f, n) => { for (let i = 0; i < n; i++) f(); }],
];

for (const [name, n, functions, act] of cases) {
  const best = { cu: Infinity, wasmoon: Infinity };
  for (let round = 0; round < rounds; round++) {
    for (const engine of ["cu", "wasmoon"]) {
      act(functions[engine], n);
      const start = process.cpuUsage();
      act(functions[engine], n);
      const { user, system } = process.cpuUsage(start);
      best[engine] = Math.min(best[engine], (user + system) / 1000 / n);
    }
  }
  const rate = (ms) => `${(1 / ms).toFixed(0)} k/s`;
  console.log(`${name}: cu ${rate(best.cu)}, wasmoon ${rate(best.wasmoon)}, ratio ${(best.wasmoon / best.cu).toFixed(2)}`);
}
cu.close();
process.exit(0);
