/** What runs in the workers of `worker.ts`. */

import { opener } from "../lua.ts";
import { indexedDbOf } from "../storage/indexeddb.ts";
import type { Message } from "../worker/messages.ts";
import { serve } from "../worker/thread.ts";

const scope = globalThis as unknown as DedicatedWorker;

interface DedicatedWorker {
  postMessage(message: Message): void;
  onmessage: ((event: { data: Message }) => void) | null;
}

serve(
  {
    post: (message) => scope.postMessage(message),
    listen: (receive) => void (scope.onmessage = ({ data }) => receive(data)),
  },
  (module) => opener({ module: () => module, stdout: () => undefined, stderr: () => undefined, storage: indexedDbOf }),
);
