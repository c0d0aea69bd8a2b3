/** The entry for states in workers of a browser. */

import { nameOf, taken } from "../storage/web-lock.ts";
import type { Message } from "../worker/messages.ts";
import { LuaWorker as Helper, type LuaWorkerOptions, type Thread, type Workers } from "../worker/worker.ts";
import { stderr, stdout } from "./console.ts";
import { fetched } from "./fetched.ts";

export type { LuaWorkerOptions, LuaWorkerRun } from "../worker/worker.ts";
export { LuaError, LuaExit, LuaLimitError, LuaStateError, LuaValueError } from "../errors.ts";
export { LuaStorageError } from "../storage/storage.ts";
export { setModule } from "./fetched.ts";

let module: Promise<WebAssembly.Module> | undefined;

const workers: Workers = {
  module() {
    module ??= fetched().catch((error: unknown) => {
      module = undefined;
      throw error;
    });
    return module;
  },
  start(given): Thread {
    const worker = (given as Worker | undefined) ?? new Worker(new URL("./worker-thread.js", import.meta.url), { type: "module" });
    let failure: unknown;
    let failed = (error: unknown): void => void (failure = error);
    worker.onerror = (event) => failed(new Error(event.message ?? "the worker could not be started"));
    return {
      post: (message) => worker.postMessage(message),
      listen(receive, fail) {
        worker.onmessage = (event: MessageEvent<Message>) => receive(event.data);
        failed = fail;
        if (failure !== undefined) fail(failure);
      },
      end: async () => worker.terminate(),
    };
  },
  async hold(store, { access, waitMs = 60_000 }) {
    if (!store.startsWith("idb://")) return undefined;
    return (await taken(nameOf(store.slice(6)), "exclusive", access === "wait" ? waitMs : 0))?.release;
  },
  stdout,
  stderr,
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
