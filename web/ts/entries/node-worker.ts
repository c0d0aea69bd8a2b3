/** The entry for states in workers of Node. */

import { readFile } from "node:fs/promises";
import { Worker } from "node:worker_threads";

import { LuaWorker as Helper, type LuaWorkerOptions, type Thread, type Workers } from "../worker/worker.ts";

export type { LuaWorkerOptions, LuaWorkerRun } from "../worker/worker.ts";
export { LuaError, LuaExit, LuaLimitError, LuaStateError, LuaValueError } from "../errors.ts";
export { LuaStorageError } from "../storage/storage.ts";

let module: Promise<WebAssembly.Module> | undefined;

const workers: Workers = {
  module() {
    module ??= readFile(new URL("./cu-web.wasm", import.meta.url)).then((bytes) => WebAssembly.compile(bytes));
    return module;
  },
  start(given): Thread {
    const worker = (given as Worker | undefined) ?? new Worker(new URL("./node-worker-thread.js", import.meta.url));
    let failure: unknown;
    let failed = (error: unknown): void => void (failure = error);
    worker.on("error", (error) => failed(error));
    worker.on("exit", () => failed(new Error("the worker has ended")));
    // A process ends although it has a worker, but not while that is to answer.
    worker.unref();
    return {
      post: (message) => worker.postMessage(message),
      listen(receive, fail) {
        worker.on("message", receive);
        // Listening has taken it back.
        worker.unref();
        failed = fail;
        if (failure !== undefined) fail(failure);
      },
      hold: (isWaiting) => (isWaiting ? worker.ref() : worker.unref()),
      async end() {
        // The process is to see the end.
        worker.ref();
        await worker.terminate();
      },
    };
  },
  hold: async () => undefined,
  stdout: (text) => void process.stdout.write(text),
  stderr: (text) => void process.stderr.write(text),
};

/** A Lua state in a worker. */
export class LuaWorker extends Helper {
  static override readonly name: string = "LuaWorker";
  /** Makes a state in a worker. */
  static open(options?: LuaWorkerOptions): Promise<Helper> {
    return Helper.begin(workers, options);
  }

  /** Makes a state of a file that `export` wrote. */
  static import(file: Uint8Array, options?: LuaWorkerOptions & { replace?: boolean }): Promise<Helper> {
    return Helper.begin(workers, options, file);
  }
}
