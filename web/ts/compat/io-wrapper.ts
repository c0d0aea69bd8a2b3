/** Programs as functions from input to output: what the original meant its `IoWrapper` to be. */

import type { Facade } from "./facade.ts";
import { checkedCode } from "./facade.ts";

/** What a program came to. */
export interface IoResult {
  /** Its last result: tables as arrays and objects, functions as null. */
  returnValue: unknown;
  /** What it gave to `_io.output`; null if nothing. */
  output: unknown;
  /** What it printed. */
  printed: string;
  /** The metadata that it was given. */
  metadata: Record<string, unknown>;
}

export interface IoOptions {
  /** Whether `_io` is emptied first. The default is true. */
  clearBefore?: boolean;
  /** What the program finds in `_io.meta`, with `timestamp` and `requestId` added. */
  metadata?: Record<string, unknown>;
}

/** Calls the global function that the input names. */
const REQUEST = `
  local method, params = _io.input.method, _io.input.params
  local handler = _G[method]
  if type(handler) == "function" then
    _io.output = handler(params)
  else
    _io.output = {error = "Unknown method: " .. tostring(method)}
  end
  return _io.output`;

/** The class, over any state. */
export class IoWrapper {
  static readonly name: string = "IoWrapper";
  private readonly facade: Facade;

  constructor(facade: Facade) {
    this.facade = facade;
  }

  /** Runs a program with this as `_io.input`; rejected if it fails. */
  async computeWithIo(code: string, inputData: unknown = null, options: IoOptions = {}): Promise<IoResult> {
    const { facade } = this;
    const { metadata = {} } = options;
    // Nothing is awaited here, so that wrappers at work at the same time do not get each other's input.
    const { unit } = facade;
    checkedCode(code);
    if (options.clearBefore !== false) facade.clearIo();
    if (inputData !== null && inputData !== undefined) facade.setInput(inputData);
    if (Object.keys(metadata).length > 0) facade.setMetadata({ ...metadata, timestamp: Date.now(), requestId: this.generateRequestId() });
    if (unit.compute(code) < 0) throw unit.failure();
    const { output: printed, value } = unit.response();
    return { returnValue: value, output: facade.getOutput(), printed, metadata };
  }

  /** Runs a program for each batch of items, which it finds as `_io.input.batch`: the outputs. */
  async processStream(code: string, items: Iterable<unknown>, options: { batchSize?: number } = {}): Promise<unknown[]> {
    const { batchSize = 100 } = options;
    if (!Number.isInteger(batchSize) || batchSize < 1) throw new RangeError("batchSize has to be an integer from 1 up");
    const all = Array.isArray(items) ? (items as unknown[]) : [...items];
    const outputs: unknown[] = [];
    for (let at = 0, batchIndex = 0; at < all.length; at += batchSize, batchIndex++) {
      const input = { batch: all.slice(at, at + batchSize), batchIndex, hasMore: at + batchSize < all.length };
      outputs.push((await this.computeWithIo(code, input)).output);
    }
    return outputs;
  }

  /** Calls a global function with `params`; its result is the output. */
  request(method: string, params: unknown = {}): Promise<IoResult> {
    return this.computeWithIo(REQUEST, { method, params });
  }

  generateRequestId(): string {
    return `${Date.now()}-${Math.random().toString(36).slice(2, 11)}`;
  }
}
