/**
 * The tests that any store can be put to: {@link checkStorage}. It needs nothing of Node or a browser.
 *
 * What a store promises is in `storage.ts`; what no program can test is that a batch that was answered survives a power
 * failure.
 */

import { type Batch, type Guard, sameBytes, type Storage } from "./storage.ts";

/** What came of one check: `error` is missing if it passed. */
export interface StorageCheck {
  name: string;
  error?: Error;
}

/** Opens the store that is checked: each time the same one, which is empty at first. */
export type OpenStorage = () => Promise<Storage>;

/** How long any operation may take. */
const PATIENCE_MS = 15_000;

function bytes(...list: number[]): Uint8Array {
  return Uint8Array.from(list);
}

function batch(set: Record<string, Uint8Array>, remove: readonly string[] = [], guard?: Guard): Batch {
  return { set: new Map(Object.entries(set)), remove, guard };
}

function expect(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Error(what);
}

async function expectContent(storage: Storage, content: Record<string, Uint8Array>, prefix = ""): Promise<void> {
  const found = new Map(await storage.list(prefix));
  const names = Object.keys(content);
  const list = (all: Iterable<string>): string => [...all].sort().join(", ") || "nothing";
  expect(found.size === names.length && names.every((name) => found.has(name)), `list(${JSON.stringify(prefix)}) should have ${list(names)}, and has ${list(found.keys())}`);
  for (const name of names) expect(sameBytes(found.get(name), content[name]), `list(${JSON.stringify(prefix)}) has other bytes than were put for ${name}`);
}

async function expectProblem(operation: Promise<unknown>, problem: string): Promise<void> {
  const outcome = await operation.then(
    () => "it was fulfilled",
    (error: { problem?: unknown }) => (error?.problem === problem ? "" : `it was rejected with ${String(error)}`),
  );
  expect(outcome === "", `the operation should be rejected with the problem '${problem}'; ${outcome}`);
}

/** Each check: what it proves, and how. It begins with an empty store. */
const CHECKS: Record<string, (storage: Storage, open: OpenStorage) => Promise<Storage | void>> = {
  "an empty store has nothing": async (storage) => {
    expect((await storage.get("a")) === undefined, "get of a name that was never put should give undefined");
    await expectContent(storage, {});
  },
  "what was put is got, byte for byte": async (storage) => {
    const all = Uint8Array.from({ length: 256 }, (_, i) => i);
    const large = Uint8Array.from({ length: 3_000_000 }, (_, i) => (i * 31 + (i >> 9)) & 255);
    await storage.put(batch({ none: bytes(), all, large }));
    expect(sameBytes(await storage.get("none"), bytes()), "no bytes are something else than undefined");
    expect(sameBytes(await storage.get("all"), all), "get should give what was put");
    expect(sameBytes(await storage.get("large"), large), "get should give all of 3,000,000 bytes");
  },
  "what was put is there when the store is opened again": async (storage, open) => {
    await storage.put(batch({ kept: bytes(1, 2, 3), "s/1": bytes(4) }));
    await storage.close();
    const again = await open();
    await expectContent(again, { kept: bytes(1, 2, 3), "s/1": bytes(4) });
    return again;
  },
  "list gives the names with a prefix, and no others": async (storage) => {
    await storage.put(batch({ s: bytes(1), "s/1": bytes(2), "s/10": bytes(3), "s/2": bytes(4), t: bytes(5), r: bytes(6) }));
    await expectContent(storage, { "s/1": bytes(2), "s/10": bytes(3), "s/2": bytes(4) }, "s/");
    await expectContent(storage, { "s/1": bytes(2), "s/10": bytes(3) }, "s/1");
    await expectContent(storage, {}, "nothing");
  },
  "a batch replaces and removes": async (storage) => {
    await storage.put(batch({ x: bytes(1), y: bytes(2) }));
    await storage.put(batch({ x: bytes(3) }, ["y", "never"]));
    await expectContent(storage, { x: bytes(3) });
    expect((await storage.get("y")) === undefined, "get of a removed name should give undefined");
  },
  "a batch whose guard does not hold changes nothing": async (storage) => {
    await storage.put(batch({ h: bytes(1) }, [], { name: "h", bytes: undefined }));
    const wrong: Guard[] = [
      { name: "h", bytes: undefined },
      { name: "h", bytes: bytes(2) },
      { name: "h", bytes: bytes(1, 1) },
      { name: "h", bytes: bytes() },
      { name: "no", bytes: bytes() },
    ];
    for (const guard of wrong) await expectProblem(storage.put(batch({ h: bytes(9), z: bytes(9) }, ["h"], guard)), "conflict");
    await expectContent(storage, { h: bytes(1) });
    await storage.put(batch({ h: bytes(2) }, [], { name: "h", bytes: bytes(1) }));
    await storage.put(batch({ i: bytes(3) }, ["h"], { name: "no", bytes: undefined }));
    await expectContent(storage, { i: bytes(3) });
  },
  "what is given and what is got are copies": async (storage) => {
    const value = bytes(1);
    const whole = new Uint8Array([7, 8, 9]);
    const put = storage.put(batch({ v: value, part: whole.subarray(1, 2) }));
    value[0] = 2;
    await put;
    const got = await storage.get("v");
    if (got !== undefined) got[0] = 3;
    const [listed] = await storage.list("v");
    if (listed !== undefined) listed[1][0] = 4;
    await expectContent(storage, { v: bytes(1), part: bytes(8) });
  },
  "operations follow one another in the order of the calls": async (storage) => {
    const puts: Promise<unknown>[] = [];
    for (let i = 0; i < 50; i++) {
      puts.push(storage.put(batch({ [`k${i}`]: bytes(i), last: bytes(i) }, [`k${i - 1}`])));
      puts.push(storage.get("last").then((got) => expect(sameBytes(got, bytes(i)), "get should see the put that was called before it")));
    }
    await Promise.all(puts);
    await expectContent(storage, { k49: bytes(49), last: bytes(49) });
  },
  "of several writers with the same guard one wins": async (storage) => {
    const outcomes = await Promise.all(
      Array.from({ length: 10 }, (_, i) =>
        storage.put(batch({ h: bytes(i), [`w${i}`]: bytes(i) }, [], { name: "h", bytes: undefined })).then(
          () => i,
          () => -1,
        ),
      ),
    );
    const winners = outcomes.filter((i) => i >= 0);
    expect(winners.length === 1, `one of ten should win, and ${winners.length} did`);
    await expectContent(storage, { h: bytes(winners[0]), [`w${winners[0]}`]: bytes(winners[0]) });
  },
  "delete removes everything": async (storage, open) => {
    await storage.put(batch({ a: bytes(1), "s/1": bytes(2) }));
    await storage.delete();
    await expectContent(storage, {});
    await storage.put(batch({ b: bytes(3) }));
    await storage.close();
    const again = await open();
    await expectContent(again, { b: bytes(3) });
    return again;
  },
  "a store can be closed twice": async (storage, open) => {
    await storage.close();
    await storage.close();
    return open();
  },
};

function inTime<T>(promise: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout>;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`it took more than ${PATIENCE_MS} ms`)), PATIENCE_MS);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/**
 * Puts a store to every check, one after the other, and says what came of each. The store is empty again afterwards,
 * and what it had before is lost.
 */
export async function checkStorage(open: OpenStorage): Promise<StorageCheck[]> {
  const outcomes: StorageCheck[] = [];
  for (const [name, check] of Object.entries(CHECKS)) {
    const outcome: StorageCheck = { name };
    let storage: Storage | undefined;
    try {
      await inTime(
        (async () => {
          storage = await open();
          await storage.delete();
          storage = (await check(storage, open)) ?? storage;
          await storage.delete();
        })(),
      );
    } catch (error) {
      outcome.error = error instanceof Error ? error : new Error(String(error));
    }
    await storage?.close().catch(() => undefined);
    outcomes.push(outcome);
  }
  return outcomes;
}
