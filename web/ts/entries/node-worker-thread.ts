/** What runs in the workers of `node-worker.ts`. */

import { parentPort } from "node:worker_threads";

import { opener } from "../lua.ts";
import { fileOf } from "../storage/file.ts";
import { serve } from "../worker/thread.ts";

const port = parentPort;
if (port === null) throw new Error("this file is for workers: start it with LuaWorker");

serve(
  {
    post: (message) => port.postMessage(message),
    listen: (receive) => void port.on("message", receive),
  },
  (module) => opener({ module: () => module, stdout: () => undefined, stderr: () => undefined, storage: fileOf }),
);
