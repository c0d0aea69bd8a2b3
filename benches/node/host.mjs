// What an embedder pays for the raw module under Node:
//
//   node host.mjs cu.wasm [OTHER.wasm ...] [--rounds N]
//
//   start        read, compile, instantiate, init, first `return 1`, each in a fresh process       ms
//   round trip   a trivial call of compute in a warm instance                                      us
//   tables       an operation on an external table, with a Map on the host's side, inside one compute   ns
//   nested       10,000 entries in tables of ten, stored in _home, and read back in the next compute    ms
//
// Several modules take turns, round by round, so that a slow moment falls on all of them. For each figure the least of
// all rounds is printed, and behind it the median: on a machine that does other things as well, only the least means
// anything.

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { call, compileModule, instantiateBare, response, valueText } from "../../tests/node/module.mjs";

const MEMORY_LIMIT = 1 << 30;

/** The value of a chunk as text; throws what it throws. */
function run(cu, source) {
  const told = call(cu, Buffer.from(source));
  const bytes = response(cu, told);
  if (told < 0) throw new Error(bytes.toString());
  return valueText(bytes.subarray(4 + bytes.readUInt32LE(0)));
}

function ready(module) {
  const cu = instantiateBare(module);
  if (cu.init() !== 0) throw new Error("init failed");
  cu.set_memory_limit?.(MEMORY_LIMIT);
  return cu;
}

/** How long `act` takes, in milliseconds. */
function time(act) {
  const started = performance.now();
  act();
  return performance.now() - started;
}

function start(path) {
  let bytes, module, cu;
  const steps = {
    read: time(() => (bytes = readFileSync(path))),
    compile: time(() => (module = new WebAssembly.Module(bytes))),
    instantiate: time(() => (cu = instantiateBare(module))),
    init: time(() => cu.init()),
    first: time(() => run(cu, "return 1")),
  };
  steps.total = Object.values(steps).reduce((sum, ms) => sum + ms);
  return Object.fromEntries(Object.entries(steps).map(([name, ms]) => [`start, ${name} (ms)`, ms]));
}

function roundTrip(path) {
  const cu = ready(compileModule(path));
  const at = cu.get_buffer_ptr();
  const source = Buffer.from("return 1 + 1");
  const trips = (n) =>
    time(() => {
      for (let i = 0; i < n; i++) {
        new Uint8Array(cu.memory.buffer, at, source.length).set(source);
        if (cu.compute(at, source.length) !== 13) throw new Error("1 + 1 is not 2");
      }
    }) / n;
  for (let i = 0; i < 100; i++) trips(500);
  // Short enough to fit between two interruptions.
  const times = Array.from({ length: 2000 }, () => trips(50));
  return { "round trip (us)": Math.min(...times) * 1e3 };
}

const N = 1000;
/** Programs that do one thing N times: name -> [preparation, program]. */
const TABLES = {
  "write an integer": ["", `local h = _home for i = 1, ${N} do h.k = i end return h.k`],
  "write a string": ["", `local h, s = _home, "hello world" for i = 1, ${N} do h.k = s end return 1`],
  "write to 100 keys": ["ks = {} for i = 1, 100 do ks[i] = 'key' .. i end", `local h, ks = _home, ks for i = 1, ${N} do h[ks[i % 100 + 1]] = i end return 1`],
  "first read": [`for i = 1, ${N} do _home[i] = i end`, `local h, v = _home for i = 1, ${N} do v = h[i] end return v`],
  "first read, missing": ["", `local h, v = _home for i = 1, ${N} do v = h[i] end return v == nil`],
  "repeated read": ["_home.k = 7", `local h, v = _home for i = 1, ${N} do v = h.k end return v`],
  "repeated read of 100 keys": ["ks = {} for i = 1, 100 do ks[i] = 'key' .. i _home[ks[i]] = i end", `local h, ks, v = _home, ks for i = 1, ${N} do v = h[ks[i % 100 + 1]] end return v`],
  "a table of the language": ["", `local h, v = {k = 7} for i = 1, ${N} do v = h.k end return v`],
};

function tables(path) {
  const module = compileModule(path);
  const figures = {};
  for (const [name, [preparation, program]] of Object.entries(TABLES)) {
    const cu = ready(module);
    run(cu, preparation || "return 0");
    const once = () => time(() => run(cu, program)) / N;
    for (let i = 0; i < 300; i++) once();
    figures[`${name} (ns)`] = Math.min(...Array.from({ length: 300 }, once)) * 1e6;
  }
  return figures;
}

function nested(path) {
  const cu = ready(compileModule(path));
  const store = `local t = {} for i = 1, 1000 do local u = {} for j = 1, 10 do u['k' .. j] = i * j end t[i] = u end _home.t = t return 1`;
  const read = `local n = 0 for i, u in ipairs(_home.t) do for k, v in pairs(u) do n = n + v end end return n`;
  const once = () => {
    const both = time(() => run(cu, store)) + time(() => {
      if (run(cu, read) !== "27527500") throw new Error("what came back is not what was stored");
    });
    run(cu, "_home.t = nil if ext.collect then ext.collect() end return 1");
    return both;
  };
  for (let i = 0; i < 8; i++) once();
  return { "nested table of 10,000 entries, there and back (ms)": Math.min(...Array.from({ length: 12 }, once)) };
}

const parts = { start, roundTrip, tables, nested };
if (process.argv[2] === "--part") {
  const [, , , part, path] = process.argv;
  console.log(JSON.stringify(parts[part](path)));
} else {
  const paths = process.argv.slice(2);
  const at = paths.indexOf("--rounds");
  const rounds = at < 0 ? 5 : Number(paths.splice(at, 2)[1]);
  if (paths.length === 0) throw new Error("usage: node host.mjs cu.wasm [OTHER.wasm ...] [--rounds N]");
  const figures = new Map(paths.map((path) => [path, new Map()]));
  for (let round = 0; round < rounds; round++) {
    for (const part of Object.keys(parts)) {
      // Starting is short, and noisy: three times as often.
      for (let i = 0; i < (part === "start" ? 3 : 1); i++) {
        for (const path of paths) {
          const child = spawnSync(process.execPath, [fileURLToPath(import.meta.url), "--part", part, path], { encoding: "utf8" });
          if (child.status !== 0) throw new Error(`${path}: ${child.stderr}`);
          for (const [name, figure] of Object.entries(JSON.parse(child.stdout))) {
            const all = figures.get(path);
            all.set(name, [...(all.get(name) ?? []), figure]);
          }
        }
      }
    }
  }
  for (const [path, all] of figures) {
    console.log(path);
    for (const [name, list] of all) {
      const sorted = list.sort((a, b) => a - b);
      const [least, median] = [sorted[0], sorted[sorted.length >> 1]].map((x) => x.toPrecision(3));
      console.log(`  ${name.padEnd(55)} ${least.padStart(8)}   median ${median.padStart(8)}`);
    }
  }
}
