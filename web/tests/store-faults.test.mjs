/** What goes wrong with a browser's database: transactions aborted, no room, connections lost, pages and the browser gone. */

import assert from "node:assert/strict";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { launch } from "./kit/chromium.mjs";
import { launchKillable } from "./kit/killable.mjs";
import { killBrowser, manyTabs, servePackage } from "./store-campaigns.mjs";

let server;
let browser;

before(async () => {
  server = await servePackage();
  browser = await launch();
});

after(async () => {
  await browser?.close();
  server.close();
});

async function open(context) {
  const page = await (context ?? (await browser.newContext())).newPage();
  page.on("pageerror", (error) => console.error(error));
  await page.goto(server.address);
  return page;
}

test("the browser's store passes every check for stores", async () => {
  const page = await open();
  const failed = await page.evaluate(async () => {
    const { IndexedDbStorage } = await import("/browser.js");
    const { checkStorage } = await import("/conformance.js");
    const checks = await checkStorage(() => IndexedDbStorage.open("conformance"));
    return [checks.length, checks.filter(({ error }) => error !== undefined).map(({ name, error }) => `${name}: ${error}`)];
  });
  assert.ok(failed[0] > 9);
  assert.deepEqual(failed[1], []);
  await page.context().close();
});

test("a save that fails at any request is a typed error, and the generation before is whole", async () => {
  const page = await open();
  const told = await page.evaluate(async () => {
    const { Lua } = await import("/browser.js");
    const store = IDBObjectStore.prototype;
    const originals = { get: store.get, put: store.put, delete: store.delete };
    /** Each way to fail: what happens to the request that is chosen. */
    const faults = {
      aborted: (transaction) => transaction.abort(),
      thrown: () => {
        throw new DOMException("made by the test", "DataError");
      },
      quota: () => {
        throw new DOMException("made by the test", "QuotaExceededError");
      },
      // Only the transaction says so, with the reason in its `error`.
      late: (transaction) => {
        Object.defineProperty(transaction, "error", { value: new DOMException("made by the test", "QuotaExceededError") });
        transaction.abort();
      },
    };
    const told = [];
    for (const [kind, fault] of Object.entries(faults)) {
      const name = `idb://faults-${kind}`;
      let lua = await Lua.open({ store: name });
      for (let n = 1; n <= 3; n++) {
        await lua.run("_home.x = ... _home.y = ... _home.z = ...", { args: [n] });
        await lua.save();
      }
      let requests = 0;
      for (let at = 1; ; at++) {
        requests = 0;
        for (const method of Object.keys(originals)) {
          store[method] = function (...args) {
            if (++requests === at) {
              const request = kind === "aborted" || kind === "late" ? originals[method].apply(this, args) : undefined;
              fault(this.transaction);
              return request;
            }
            return originals[method].apply(this, args);
          };
        }
        await lua.run("_home.x = ... _home.y = ... _home.z = ...", { args: [at + 10] });
        const outcome = await Promise.race([
          lua.save().then((generation) => `saved ${generation}`, (e) => `${e.name} ${e.problem}`),
          new Promise((resolve) => setTimeout(resolve, 12_000, "it hangs")),
        ]);
        Object.assign(store, originals);
        if (requests < at) {
          told.push([kind, at, outcome, "all"]);
          break;
        }
        // What another page would find now.
        const reader = await Lua.open({ store: name, storeOptions: { access: "read" } });
        told.push([kind, at, outcome, `${reader.generation} ${await reader.run("return _home.x .. ' ' .. _home.y .. ' ' .. _home.z")}`]);
        reader.close();
      }
      await lua[Symbol.asyncDispose]();
      lua = await Lua.open({ store: name });
      told.push([kind, "end", `${lua.generation}`, String(await lua.run("return _home.x"))]);
      lua.close();
    }
    return told;
  });
  const problems = { aborted: "aborted", thrown: "aborted", quota: "quota", late: "quota" };
  for (const [kind, expected] of Object.entries(problems)) {
    const rows = told.filter(([k]) => k === kind);
    const failed = rows.slice(0, -2);
    // The guard, what is removed (there may be nothing), and what is written.
    assert.ok(failed.length >= 3, JSON.stringify(rows));
    for (const [, at, outcome, found] of failed) {
      assert.equal(outcome, `LuaStorageError ${expected}`, `${kind} at ${at}`);
      assert.equal(found, "3 3 3 3", `${kind} at ${at}`);
    }
    assert.equal(rows.at(-2)[2], "saved 4");
    assert.deepEqual(rows.at(-1).slice(2), ["4", String(failed.length + 11)]);
  }
  await page.context().close();
});

test("a save for which there is no room is a typed error, whatever the room", async () => {
  const points = Number(process.env.CU_QUOTAS ?? 8);
  const need = 1 << 20;
  const outcomes = [];
  for (let i = 0; i < points; i++) {
    // The browser remembers for a while how much room there was: each point has a profile of its own.
    const page = await open();
    const session = await page.context().newCDPSession(page);
    const { origin } = new URL(server.address);
    await session.send("Storage.overrideQuotaForOrigin", { origin, quotaSize: 1 + Math.round((need * 1.1 * i) / (points - 1)) });
    const told = await page.evaluate(async (need) => {
      const { Lua } = await import("/browser.js");
      const lua = await Lua.open({ store: "idb://full" });
      // Bytes that cannot be made smaller by the database.
      const bytes = new Uint8Array(need);
      for (let i = 0; i < bytes.length; i += 65536) crypto.getRandomValues(bytes.subarray(i, i + 65536));
      const told = [];
      for (const [n, text] of [[1, "short"], [2, bytes], [3, "short"]]) {
        await lua.run("local n, text = ... _home.n = n _home.text = text", { args: [n, text] });
        const outcome = await lua.save().then(() => "saved", (e) => ({ name: e.name, problem: e.problem, quota: e.quota }));
        const reader = await Lua.open({ store: "idb://full", storeOptions: { access: "read" } });
        told.push([outcome, await reader.run("return _home.n or 0")]);
        reader.close();
      }
      return told;
    }, need);
    let last = 0;
    for (const [n, [outcome, found]] of told.entries()) {
      if (outcome === "saved") {
        last = n + 1;
      } else {
        assert.equal(outcome.name, "LuaStorageError");
        assert.equal(outcome.problem, "quota");
        assert.ok(outcome.quota.needed > (n === 1 ? need : 0) && outcome.quota.quota >= 0, JSON.stringify(outcome));
      }
      assert.equal(found, last, `save ${n + 1} with ${i} of ${points}`);
    }
    outcomes.push(told.map(([outcome]) => (outcome === "saved" ? "+" : "-")).join(""));
    await page.context().close();
  }
  assert.equal(outcomes[0], "---");
  assert.ok(outcomes.some((outcome) => outcome.startsWith("+-")), outcomes.join(" "));
  assert.equal(outcomes.at(-1), "+++");
});

test("a connection that is lost is opened again, whenever that happens", async () => {
  const page = await open();
  const told = await page.evaluate(async () => {
    const { Lua } = await import("/browser.js");
    const original = IDBDatabase.prototype.transaction;
    let fault = () => undefined;
    IDBDatabase.prototype.transaction = function (...args) {
      const before = fault("before", this);
      if (before !== undefined) throw before;
      const transaction = original.apply(this, args);
      fault("during", this, transaction);
      transaction.addEventListener("complete", () => fault("after", this, transaction));
      return transaction;
    };
    const lose = (connection) => {
      connection.close();
      connection.dispatchEvent(new Event("close"));
    };
    /** What may happen, and when. */
    const faults = {
      closedBefore: (when, connection) => void (when === "before" && lose(connection)),
      thrownBefore: (when) => (when === "before" ? new DOMException("made by the test", "UnknownError") : undefined),
      abortedThenClosed: (when, connection, transaction) => {
        if (when !== "during") return;
        transaction.abort();
        setTimeout(lose, 5, connection);
      },
      closedDuring: (when, connection) => void (when === "during" && queueMicrotask(() => lose(connection))),
      closedAfter: (when, connection) => void (when === "after" && setTimeout(lose, 0, connection)),
      politely: (when, connection) => void (when === "after" && setTimeout(() => connection.dispatchEvent(new Event("versionchange")), 0)),
    };
    const told = {};
    let lua = await Lua.open({ store: "idb://lost" });
    let n = 0;
    for (const [kind, act] of Object.entries(faults)) {
      for (const times of [1, 2]) {
        let left = times;
        fault = (when, connection, transaction) => {
          if (left === 0) return undefined;
          const acts = { before: ["closedBefore", "thrownBefore"], during: ["abortedThenClosed", "closedDuring"], after: ["closedAfter", "politely"] };
          if (acts[when].includes(kind)) left--;
          return act(when, connection, transaction);
        };
        await lua.run("_home.n = ...", { args: [++n] });
        told[`${kind} ${times}`] = await Promise.race([
          lua.save().then(() => "saved", (e) => `${e.name} ${e.problem}`),
          new Promise((resolve) => setTimeout(resolve, 25_000, "it hangs")),
        ]);
        fault = () => undefined;
        // Whatever was answered: nothing in memory is lost, and the next save has it.
        await lua.save();
        const reader = await Lua.open({ store: "idb://lost", storeOptions: { access: "read" } });
        told[`${kind} ${times}`] += ` ${(await reader.run("return _home.n")) === n}`;
        reader.close();
      }
    }
    lua.close();
    return told;
  });
  for (const [what, outcome] of Object.entries(told)) {
    const expected = what.endsWith("1") || /After|politely/.test(what) ? "saved true" : "LuaStorageError lost true";
    assert.equal(outcome, expected, what);
  }
  await page.context().close();
});

test("pages that wait for their turn get it, pages that read need none", async () => {
  const first = await open();
  const second = await open(first.context());
  await first.evaluate(async () => {
    const { Lua } = await import("/browser.js");
    window.lua = await Lua.open({ store: "idb://turns" });
    await window.lua.run("_home.x = 'first'");
    await window.lua.save();
  });
  const outcomes = await second.evaluate(async () => {
    const { Lua, IndexedDbStorage } = await import("/browser.js");
    const told = [];
    const attempt = async (storeOptions) => {
      try {
        const lua = await Lua.open({ store: "idb://turns", storeOptions });
        told.push(await lua.run("local x = _home.x _home.x = 'second' return x"));
        told.push(await lua.save().then(String, (e) => e.problem));
        await lua[Symbol.asyncDispose]();
      } catch (e) {
        told.push(e.problem);
      }
    };
    await attempt({ access: "write" });
    await attempt({ access: "wait", waitMs: 200 });
    await attempt({ access: "read" });
    window.waiting = Lua.open({ store: "idb://turns", storeOptions: { access: "wait" } }).then((lua) => lua.run("return _home.x"));
    // Nothing can be removed while somebody reads.
    const reader = await IndexedDbStorage.open("turns", { access: "read" });
    told.push(await reader.put({ set: new Map(), remove: [] }).catch((e) => e.problem));
    return told;
  });
  assert.deepEqual(outcomes, ["locked", "locked", "first", "readonly", "readonly"]);
  // The first page is gone, not closed.
  await first.evaluate(() => window.lua.run("_home.x = 'never saved'"));
  await first.close();
  assert.equal(await second.evaluate(() => window.waiting), "first");
  await second.context().close();
});

test("a database that does not answer ends no save in silence", async () => {
  const page = await open();
  const told = await page.evaluate(async () => {
    const { Lua } = await import("/browser.js");
    const lua = await Lua.open({ store: "idb://busy" });
    await lua.run("_home.n = 1");
    await lua.save();
    // Somebody else's transaction never ends.
    const database = await new Promise((resolve, reject) => {
      const request = indexedDB.open("cu:busy");
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
    let isBusy = true;
    const store = database.transaction("entries", "readwrite").objectStore("entries");
    const goOn = () => {
      if (isBusy) store.get("h0").onsuccess = goOn;
    };
    goOn();
    await lua.run("_home.n = 2");
    const start = performance.now();
    const told = [await lua.save().catch((e) => e.problem), performance.now() - start];
    isBusy = false;
    await lua.save();
    const reader = await Lua.open({ store: "idb://busy", storeOptions: { access: "read" } });
    told.push(reader.generation, await reader.run("return _home.n"));
    return told;
  });
  assert.equal(told[0], "timeout");
  assert.ok(told[1] > 9_000 && told[1] < 25_000, `${told[1]} ms`);
  assert.deepEqual(told.slice(2), [2, 2]);
  await page.context().close();
});

test("where there are no locks, the generation keeps two writers apart", async () => {
  const page = await open();
  const told = await page.evaluate(async () => {
    Object.defineProperty(navigator, "locks", { value: undefined });
    const { Lua } = await import("/browser.js");
    const [a, b] = [await Lua.open({ store: "idb://lockless" }), await Lua.open({ store: "idb://lockless" })];
    await a.run("_home.x = 'a'");
    await b.run("_home.x = 'b' _home.y = 'b'");
    const told = [await a.save(), await b.save().catch((e) => e.problem), await b.save().catch((e) => e.problem)];
    // What could not be saved is there, and can be taken elsewhere.
    const other = await Lua.import(await b.export());
    told.push(await other.run("return _home.x .. _home.y"));
    const reader = await Lua.open({ store: "idb://lockless" });
    told.push(await reader.run("return _home.x .. tostring(_home.y)"));
    return told;
  });
  assert.deepEqual(told, [1, "conflict", "conflict", "bb", "anil"]);
  await page.context().close();
});

test("a database that the browser has lost is an error until it is recovered from, and no empty state", async () => {
  const folder = await mkdtemp(join(tmpdir(), "cu-lost-"));
  const visit = (options) =>
    inBrowser(folder, async (page) => {
      await page.goto(server.address);
      return page.evaluate(async (storeOptions) => {
        const { Lua } = await import("/browser.js");
        try {
          const lua = await Lua.open({ store: "idb://lost", storeOptions: { access: "wait", ...storeOptions } });
          const found = await lua.run("local n = _home.n _home.n = (n or 0) + 1 return n");
          await lua.save();
          await lua[Symbol.asyncDispose]();
          return found;
        } catch (error) {
          return `${error.name} ${error.problem} ${error.message}`;
        }
      }, options);
    });
  assert.deepEqual([await visit({}), await visit({})], [undefined, 1]);
  // Chromium finds that its files are damaged, and begins anew.
  const databases = join(folder, "Default/IndexedDB");
  for (const name of await readdir(databases)) await writeFile(join(databases, name, "CURRENT"), "damaged");
  const told = /^LuaStorageError damaged what is stored is damaged: the browser has lost what its databases held here \(.+\)$/;
  assert.match(await visit({}), told);
  // The browser has said so once, and would not again.
  assert.match(await visit({}), told);
  assert.equal(await visit({ recover: true }), undefined);
  assert.equal(await visit({}), 1);
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
});

/** Lets `act` have a page of a browser whose profile is in a folder. */
async function inBrowser(folder, act) {
  const browser = await launchKillable(folder);
  try {
    return await act(browser.context.pages()[0] ?? (await browser.context.newPage()));
  } finally {
    await browser.close();
  }
}

test("a browser that is killed while it saves loses nothing that was acknowledged", async () => {
  const outcome = await killBrowser(server.address, Number(process.env.CU_KILLS ?? 10));
  assert.deepEqual(outcome.problems, []);
});

test("tabs that save in turn and are closed at random lose nothing that was acknowledged", async () => {
  const outcome = await manyTabs(browser, server.address, { tabs: 4, saves: 10 });
  assert.deepEqual(outcome.problems, []);
});
