/** The side of a worker: it opens the state and does what it is asked. */

import type { ImportOptions, Lua } from "../lua.ts";
import type { Batch, Storage } from "../storage/storage.ts";
import { type Channel, Conversation } from "./messages.ts";

/** What a worker is told when it opens its state: options that can be copied, and the names of those that cannot. */
export interface Opening {
  module: WebAssembly.Module;
  options: ImportOptions;
  file: Uint8Array | undefined;
  /** Names of global functions that the page has. */
  functions: string[];
  /** The store is the page's. */
  isRemote: boolean;
}

/** A store that the page has. */
function remote(conversation: Conversation): Storage {
  const ask = (method: string, ...args: unknown[]): Promise<unknown> => conversation.ask("storage", [method, ...args]);
  return {
    get: (name) => ask("get", name) as Promise<Uint8Array | undefined>,
    put: async (batch: Batch) => void (await ask("put", batch)),
    delete: async () => void (await ask("delete")),
    list: (prefix) => ask("list", prefix) as Promise<[string, Uint8Array][]>,
    close: async () => void (await ask("close")),
  };
}

/** Makes a state as `opener` does. */
type Open = (options?: ImportOptions, file?: Uint8Array) => Promise<Lua>;

/** Answers the page, for as long as the worker lives. */
export function serve(channel: Channel, opener: (module: WebAssembly.Module) => Open): void {
  let lua: Lua | undefined;
  let open: Open | undefined;
  const state = (): Lua => {
    if (lua === undefined) throw new Error("the worker has no state yet");
    return lua;
  };
  const acts: Record<string, (...args: never[]) => unknown> = {
    // The first state of an instance takes longest, since the engine compiles what it runs for the first time.
    prepare: async (module: WebAssembly.Module) => {
      open = opener(module);
      const first = await open();
      await first.run("return 1");
      first.close();
    },
    open: async ({ module, options, file, functions, isRemote }: Opening) => {
      const globals: Record<string, unknown> = { ...options.globals };
      for (const name of functions) globals[name] = (...args: unknown[]) => conversation.ask("function", [name, ...args]);
      const write = (isError: boolean) => ({ bytes: (output: Uint8Array) => channel.post({ output, isError }) });
      open ??= opener(module);
      lua = await open({ ...options, globals, stdout: write(false), stderr: write(true), ...(isRemote ? { store: remote(conversation) } : {}) }, file);
    },
    run: (source: string | Uint8Array, options: object) => state().run(source, options),
    get: (name: string) => state().global.get(name),
    set: (name: string, value: unknown) => state().global.set(name, value),
    save: () => state().save(),
    export: (options: object) => state().export(options),
    close: () => state()[Symbol.asyncDispose](),
  };
  const conversation: Conversation = new Conversation(channel, (what, args) => {
    const act = acts[what];
    if (act === undefined) throw new Error(`a worker cannot do '${what}'`);
    return act(...(args as never[]));
  });
}
