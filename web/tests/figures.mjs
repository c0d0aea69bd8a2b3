/**
 * What keeping a state costs in a browser: `node web/tests/figures.mjs [ROUNDS]` (`cargo xtask bench --store`).
 *
 * Each round measures everything once, each in a page of its own; what is printed is the best round and the middle one.
 */

import { launch } from "./kit/chromium.mjs";
import { servePackage } from "./store-campaigns.mjs";
import { STUCK } from "./stuck.mjs";

const rounds = Number(process.argv[2] ?? 15);
const server = await servePackage();
const browser = await launch();
const context = await browser.newContext();

/** How long each thing took, in milliseconds, by round. */
const times = new Map();

function note(name, bar, ms) {
  const known = times.get(name) ?? { bar, all: [] };
  known.all.push(ms);
  times.set(name, known);
}

/** Runs a function in a fresh page. */
async function inPage(act, argument) {
  const page = await context.newPage();
  await page.goto(server.address);
  const result = await page.evaluate(act, argument);
  await page.close();
  return result;
}

const STATES = [
  ["1 MB in 2,000 entries", 2000, 500],
  ["1 MB in 10,000 entries", 10_000, 90],
];

for (const [name, entries, bytes] of STATES) {
  await inPage(
    async ([name, entries, bytes]) => {
      const { Lua } = await import("/browser.js");
      const lua = await Lua.open({ store: `idb://${name}` });
      await lua.run("local entries, bytes = ... for i = 1, entries do _home['key' .. i] = string.rep(string.char(33 + i % 90), bytes) end", { args: [entries, bytes] });
      await lua.save();
      await lua[Symbol.asyncDispose]();
    },
    [name, entries, bytes],
  );
}

for (let round = 0; round < rounds; round++) {
  for (const [name] of STATES) {
    const { open, save, transaction } = await inPage(async (name) => {
      const { Lua } = await import("/browser.js");
      // The module is there before the clock starts.
      (await Lua.open()).close();
      let start = performance.now();
      const lua = await Lua.open({ store: `idb://${name}` });
      const found = await lua.run("return #_home.key7");
      const open = performance.now() - start;
      if (!(found >= 90)) throw new Error(`there is no state: ${found}`);
      const database = await new Promise((resolve, reject) => {
        const request = indexedDB.open("raw", 1);
        request.onupgradeneeded = () => request.result.createObjectStore("entries");
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
      const saves = [];
      const transactions = [];
      for (let i = 0; i < 5; i++) {
        await lua.run("_home.key7 = string.rep(tostring(...), 100)", { args: [Math.floor(Math.random() * 10)] });
        await lua.run("_home.key7 = _home.key7 .. ...", { args: [`${performance.now()}`] });
        start = performance.now();
        await lua.save();
        saves.push(performance.now() - start);
        // The same requests, without anything around them.
        start = performance.now();
        await new Promise((resolve, reject) => {
          const transaction = database.transaction("entries", "readwrite", { durability: "strict" });
          const store = transaction.objectStore("entries");
          store.get("h0").onsuccess = () => {
            store.put(new Uint8Array(300), "h0");
            store.put(new Uint8Array(200), `s${i}`);
          };
          transaction.oncomplete = resolve;
          transaction.onabort = () => reject(transaction.error);
        });
        transactions.push(performance.now() - start);
      }
      await lua[Symbol.asyncDispose]();
      const middle = (all) => all.sort((a, b) => a - b)[2];
      return { open, save: middle(saves), transaction: middle(transactions) };
    }, name);
    note(`open a stored state of ${name}`, 60, open);
    note(`save one changed key of ${name}`, undefined, save);
    note("a transaction of the browser's with the same requests", undefined, transaction);
    note(`save one changed key of ${name}, beyond the transaction`, 15, save - transaction);
  }
  const first = await inPage(async () => {
    const [script, bytes] = await Promise.all([fetch("/browser.js").then((r) => r.text()), fetch("/cu-web.wasm").then((r) => r.arrayBuffer())]);
    if (script.length === 0) throw new Error("there is no script");
    const start = performance.now();
    const [{ Lua, setModule }, module] = await Promise.all([import("/browser.js"), WebAssembly.compile(bytes)]);
    setModule(module);
    const lua = await Lua.open();
    const result = await lua.run("return 6 * 7");
    if (result !== 42) throw new Error(`the result is ${result}`);
    return performance.now() - start;
  });
  note("first result in a fresh page, after the bytes have arrived", 50, first);
}

const aborts = await inPage(
  async ([stuck, rounds]) => {
    const { LuaWorker } = await import("/worker.js");
    const lua = await LuaWorker.open({ store: "idb://1 MB in 2,000 entries", globals: { never: () => new Promise(() => undefined) } });
    const times = [];
    for (let round = 0; round < rounds; round++) {
      for (const program of Object.values(stuck)) {
        const run = lua.run(program).catch(() => performance.now());
        // Nobody gives a program up sooner; meanwhile another worker gets ready.
        await new Promise((resolve) => setTimeout(resolve, 500));
        const start = performance.now();
        const aborted = lua.abort();
        const ended = await run;
        await aborted;
        times.push([ended - start, performance.now() - start]);
      }
    }
    await lua.close();
    return times;
  },
  [STUCK, Math.ceil(rounds / 5)],
);
for (const [ended, back] of aborts) {
  note("abort of a worker: what it did is ended", 100, ended);
  note("abort of a worker: its state of 1 MB is back", 100, back);
}

for (const [name, { bar, all }] of times) {
  all.sort((a, b) => a - b);
  const ms = (n) => `${n.toFixed(1)} ms`;
  console.log(`${name}: best ${ms(all[0])}, middle ${ms(all[all.length >> 1])}, worst ${ms(all.at(-1))}${bar === undefined ? "" : `; at most ${bar} ms wanted`}`);
}
await browser.close();
server.close();
