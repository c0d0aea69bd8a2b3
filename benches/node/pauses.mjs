// How long the collector holds a program up, with 64 MB of small tables alive:
//
//   node pauses.mjs cu.wasm [OTHER.wasm ...] [--rounds N]
//
// The collector works in steps between the instructions of a program. So the program comes in short pieces, calls of one
// function that makes 20 tables in the place of older ones, and a call that takes twice as long as the shortest
// ones has a step in it. Times are those of the clock: on a machine that does something else, the longest of
// them are its own, up to a few milliseconds each.
//
// Printed are percentiles of all calls, and of those alone in which a step fell.

import { call, compileModule, instantiateBare, response, valueText } from "../../tests/node/module.mjs";

const MEMORY_LIMIT = 1 << 28;
const LIVE = 64 * 1024 * 1024;
const CALLS = 40_000;

const PREPARE = `
  live, at = {}, 0
  local before = collectgarbage("count")
  local n = 0
  while (collectgarbage("count") - before) * 1024 < ${LIVE} do
    for i = 1, 1000 do n = n + 1 live[n] = { n, n + 1 } end
  end
  collectgarbage()
  cycles = 0
  setmetatable({}, { __gc = function(o) cycles = cycles + 1 setmetatable({}, getmetatable(o)) end })
  function piece()
    local live, n, i = live, #live, at
    for _ = 1, 20 do
      i = (i + 7919) % n
      live[i + 1] = { i, live[i + 1] and i }
    end
    at = i
  end
  return #live`;

function run(cu, source) {
  const told = call(cu, Buffer.from(source));
  const bytes = response(cu, told);
  if (told < 0) throw new Error(bytes.toString());
  return valueText(bytes.subarray(4 + bytes.readUInt32LE(0)));
}

function prepared(path) {
  const cu = instantiateBare(compileModule(path));
  if (cu.init() !== 0) throw new Error("init failed");
  cu.set_memory_limit(MEMORY_LIMIT);
  run(cu, PREPARE);
  // V8 gets the time to compile what is hot.
  pieces(cu, CALLS / 4);
  return cu;
}

/** What each of `n` calls takes, in microseconds. */
function pieces(cu, n) {
  const source = Buffer.from("piece()");
  const at = cu.get_buffer_ptr();
  const times = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    new Uint8Array(cu.memory.buffer, at, source.length).set(source);
    const started = performance.now();
    cu.compute(at, source.length);
    times[i] = (performance.now() - started) * 1e3;
  }
  return times;
}

const percentile = (sorted, p) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * p))];

const args = process.argv.slice(2);
const rounds = args.includes("--rounds") ? Number(args.splice(args.indexOf("--rounds"), 2)[1]) : 3;
for (const path of args) {
  const cu = prepared(path);
  const first = Number(run(cu, "return cycles"));
  const all = [];
  for (let i = 0; i < rounds; i++) all.push(...pieces(cu, CALLS));
  const cycles = Number(run(cu, "return cycles")) - first;
  all.sort((a, b) => a - b);
  const shortest = percentile(all, 0.05);
  // A step is what takes twice as long as a call without one.
  const steps = all.filter((us) => us > 2 * shortest);
  const show = (name, list) => {
    const [p50, p90, p99, p999] = [0.5, 0.9, 0.99, 0.999].map((p) => percentile(list, p).toFixed(0));
    console.log(`  ${name}: ${list.length}, us p50 ${p50}, p90 ${p90}, p99 ${p99}, p99.9 ${p999}, longest ${list.at(-1).toFixed(0)}`);
  };
  console.log(`${path}: ${run(cu, "return #live")} tables alive, ${run(cu, "return collectgarbage('count') // 1024")} MB, ${cycles} cycles`);
  show("calls", all);
  if (steps.length > 0) show("calls with a step", steps);
}
