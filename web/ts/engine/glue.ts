/**
 * What the module exports, as wasm-bindgen's glue wraps it (`src/exports.rs` describes each), and the loading of one.
 *
 * The glue that wasm-bindgen writes is a module with one instance; the build wraps it in a function, so that there can be
 * any number (`generated/glue.js`).
 */

import { createGlue } from "../generated/glue.js";

/** The object that stands behind a machine; see `face.rs`. None of its methods may throw. */
export interface Face {
  call(functionId: number, n: number): number;
  act(objectId: number, what: number, n: number): number;
  calculate(work: number, address: number, first: number, second: number, room: number): number;
  forget(id: number): void;
  write(isError: boolean, address: number, n: number): void;
  read(): Uint8Array;
  goOn(fuelLeft: number, memoryUsed: number): boolean;
  now(): number;
  ticks(): number;
  random(): number;
  zone(time: number): number;
}

export interface Glue {
  wire(n: number): number;
  open(face: Face, memoryLimit: number, libraries: number): number;
  libraries(): string;
  close(id: number): boolean;
  configure(id: number, output: number, timed: boolean, markFloats: boolean, asBytes: boolean): void;
  allowBinaryChunks(id: number, allow: boolean): void;
  fuelLeft(id: number): number;
  memoryUsed(id: number): number;
  collectGarbage(id: number): void;
  runChunk(id: number, n: number, fuel: number): number;
  loadChunk(id: number): number;
  callFunction(id: number, functionId: number, n: number, fuel: number): number;
  resumeRun(id: number, run: number, fulfilled: boolean, n: number, fuel: number): number;
  abandon(id: number, run: number): boolean;
  release(id: number, value: number): void;
  getGlobal(id: number): number;
  setGlobal(id: number): number;
  getNative(id: number): number;
  openTables(id: number, memoryLimit: number): number;
  takeChanges(id: number): number;
  allEntries(id: number): number;
  settleChanges(id: number, kept: boolean): void;
  hasChanges(id: number): boolean;
  setVariable(id: number): void;
  putFile(id: number): number;
  removeFile(id: number): number;
  getFile(id: number): number;
  listFiles(id: number): number;
}

/** Makes an instance of the module. */
export function instantiate(module: WebAssembly.Module): { glue: Glue; memory: WebAssembly.Memory } {
  const made = createGlue(module);
  return { glue: made.exports as unknown as Glue, memory: made.memory };
}
