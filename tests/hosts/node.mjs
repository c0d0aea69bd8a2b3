// A test host (README.md beside this file): the raw module under Node.
//
//   node node.mjs MODULE
//
// It keeps no deadlines: the module asks nobody for the time, and no other thread reaches its memory. The package does.

import { readSync, writeSync } from "node:fs";
import { call, compileModule, compute, instantiateBare, valueText } from "../node/module.mjs";

const module = compileModule(process.argv[2]);
let cu;

/** A new state; `memory` bytes at most, or what the module has. */
function open(memory) {
  cu = instantiateBare(module);
  if (memory >= 0) cu.set_memory_limit(memory);
  const status = cu.init();
  if (status !== 0) throw new Error(`init gave ${status}`);
}

function used() {
  cu.get_memory_stats(cu.get_buffer_ptr());
  return new DataView(cu.memory.buffer).getUint32(cu.get_buffer_ptr() + 4, true);
}

function run(source, fuel) {
  cu.set_fuel(BigInt(fuel));
  const started = performance.now();
  let kind = "ok";
  let text;
  if (source.length === 0) return { kind, fuel: -1, memory: used(), micros: 0, text: Buffer.alloc(0) };
  try {
    const { error, output, value } = compute(cu, source);
    kind = error ? "error" : "ok";
    text = error ?? Buffer.concat([output, Buffer.from(shown(value))]);
  } catch (error) {
    return { kind: "trap", fuel: -1, memory: 0, micros: 0, text: Buffer.from(String(error)) };
  }
  const micros = Math.round((performance.now() - started) * 1000);
  const left = cu.fuel_left();
  return { kind, fuel: left < 0n ? -1 : fuel - Number(left), memory: used(), micros, text };
}

/** Only what all hosts write alike. */
function shown(value) {
  return [3, 5, 6].includes(value[0]) ? "" : valueText(value);
}

const input = { bytes: Buffer.alloc(0) };

function more() {
  const chunk = Buffer.alloc(1 << 20);
  let n = 0;
  for (;;) {
    try {
      n = readSync(0, chunk);
      break;
    } catch (error) {
      if (error.code === "EOF") break;
      if (error.code !== "EAGAIN") throw error;
    }
  }
  if (n === 0) process.exit(0);
  input.bytes = Buffer.concat([input.bytes, chunk.subarray(0, n)]);
}

function take(length) {
  while (input.bytes.length < length) more();
  const taken = input.bytes.subarray(0, length);
  input.bytes = input.bytes.subarray(length);
  return taken;
}

function takeLine() {
  let end;
  while ((end = input.bytes.indexOf(10)) < 0) more();
  return take(end + 1).toString().trim();
}

for (;;) {
  const [fresh, fuel, memory, , length] = takeLine().split(" ").map(Number);
  const source = take(length);
  if (fresh || !cu) open(memory);
  const { kind, fuel: spent, memory: bytes, micros, text } = run(source, fuel);
  const answer = Buffer.concat([Buffer.from(`${kind} ${spent} ${bytes} ${micros} ${text.length}\n`), text]);
  for (let at = 0; at < answer.length; ) at += writeSync(1, answer, at);
}
