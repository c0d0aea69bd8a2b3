/**
 * What only chance finds: browsers and processes killed while they save, tabs closed while they save.
 *
 * `node web/tests/store-campaigns.mjs [KILLS]` runs them at full length (`cargo xtask endure --store`), and the tests run
 * them shortened. With 0 kills it is the tabs alone.
 */

import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { launch, serve } from "./kit/chromium.mjs";
import { launchKillable } from "./kit/killable.mjs";
import { PACKAGE } from "./kit/user.mjs";
import { Lua } from "./package.mjs";

/** Serves the package, and a page with a strict policy. */
export function servePackage() {
  const policy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'";
  return serve({ "/": PACKAGE }, { "/": "<!doctype html><title>cu</title>" }, { "content-security-policy": policy });
}

/** A state of 5 MB in which every text has its checksum beside it; it is written anew by each save. */
const WRITE = `
  local n = ...
  local function sum(s) local h = 0 for i = 1, #s, 97 do h = (h * 31 + s:byte(i)) % 1000000007 end return h end
  for i = 1, 50 do
    local text = string.rep(string.char(33 + (i * 7 + n) % 90), 100000) .. n
    _home["text" .. i] = text
    _home["sum" .. i] = sum(text)
  end
  _home.n = n`;

/** The number of the save that the state is of, after every checksum was compared. */
const READ = `
  local function sum(s) local h = 0 for i = 1, #s, 97 do h = (h * 31 + s:byte(i)) % 1000000007 end return h end
  local n = _home.n
  if n == nil then return 0 end
  for i = 1, 50 do
    local text = _home["text" .. i]
    assert(sum(text) == _home["sum" .. i], "the checksum of text " .. i .. " is wrong")
    assert(text:sub(100001) == tostring(n), "text " .. i .. " is of another save")
  end
  return n`;

/** Kills a browser `kills` times while a page saves, and looks at what is there afterwards. */
export async function killBrowser(address, kills, report = () => undefined) {
  const folder = await mkdtemp(join(tmpdir(), "cu-killed-"));
  const problems = [];
  let acknowledged = 0;
  let saves = 0;
  for (let round = 0; round < kills; round++) {
    const browser = await launchKillable(folder);
    const page = browser.context.pages()[0] ?? (await browser.context.newPage());
    let begun;
    const beginning = new Promise((resolve) => (begun = resolve));
    page.on("console", (message) => {
      const [what, number] = message.text().split(" ");
      if (what === "saving") begun();
      if (what === "saved") {
        acknowledged = Number(number);
        saves++;
      }
    });
    await page.goto(address);
    const found = await page
      .evaluate(
        async ([write, read]) => {
          const { Lua } = await import("/browser.js");
          // The lock of the page that was killed may be let go a little later.
          const lua = await Lua.open({ store: "idb://killed", storeOptions: { access: "wait" } });
          const found = await lua.run(read);
          void (async () => {
            for (let n = found + 1; ; n++) {
              await lua.run(write, { args: [n] });
              console.log(`saving ${n}`);
              await lua.save();
              console.log(`saved ${n}`);
            }
          })();
          return found;
        },
        [WRITE, READ],
      )
      .catch((error) => `${error}`);
    if (!(found >= acknowledged)) problems.push(`round ${round}: found ${found} after ${acknowledged} was acknowledged`);
    if (typeof found === "number") {
      await beginning;
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 400));
    }
    await browser.kill();
    report(round + 1, saves);
    if (typeof found !== "number") break;
  }
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  return { kills, saves, problems };
}

/** Kills a Node process `kills` times while it saves to a file. */
export async function killProcess(kills, report = () => undefined) {
  const folder = await mkdtemp(join(tmpdir(), "cu-killed-"));
  const store = `file:${join(folder, "state")}`;
  const problems = [];
  let acknowledged = 0;
  let saves = 0;
  for (let round = 0; round < kills; round++) {
    const child = spawn(process.execPath, [fileURLToPath(import.meta.url), "save", store], { stdio: ["ignore", "pipe", "inherit"] });
    let text = "";
    await new Promise((resolve) => {
      child.stdout.on("data", (data) => {
        if (text === "") setTimeout(() => child.kill("SIGKILL"), Math.random() * 800);
        text += data;
      });
      child.on("close", resolve);
    });
    const numbers = text.split("\n").slice(0, -1).filter((line) => line !== "begun");
    saves += numbers.length;
    acknowledged = Math.max(acknowledged, ...numbers.map(Number));
    try {
      const lua = await Lua.open({ store });
      const found = await lua.run(READ);
      await lua[Symbol.asyncDispose]();
      if (!(found >= acknowledged)) problems.push(`round ${round}: found ${found} after ${acknowledged} was acknowledged`);
    } catch (error) {
      problems.push(`round ${round}: ${error}`);
    }
    report(round + 1, saves);
  }
  await rm(folder, { recursive: true, force: true });
  return { kills, saves, problems };
}

/** The process that is killed. */
async function saveForever(store) {
  const lua = await Lua.open({ store });
  let n = await lua.run(READ);
  process.stdout.write("begun\n");
  for (;;) {
    await lua.run(WRITE, { args: [++n] });
    await lua.save();
    process.stdout.write(`${n}\n`);
  }
}

/**
 * Several tabs save to one store in turn. Each is closed after some of its saves, at a random moment of the one that
 * follows, and begun again: about `tabs * saves / 4` are.
 */
export async function manyTabs(browser, address, { tabs, saves }, report = () => undefined) {
  const context = await browser.newContext();
  const problems = [];
  /** What was acknowledged, in that order. */
  const acknowledged = [];
  /** Tabs that were closed while they worked, and saves that were stored while nobody heard of it. */
  let [closed, unheard] = [0, 0];
  const one = async (tab) => {
    let next = 1;
    while (next <= saves) {
      const page = await context.newPage();
      let left = Math.floor(Math.random() * 9);
      let timer;
      const closeSoon = () => {
        // A save takes some of these milliseconds, and waiting for the others' most of them.
        timer ??= setTimeout(() => void page.close().catch(() => undefined), Math.random() * 300);
      };
      await page.exposeFunction("acknowledge", (i, isNew) => {
        // One that was stored before nobody heard of it has its place from then.
        if (isNew) acknowledged.push(`${tab}:${i}`);
        else unheard++;
        next = i + 1;
        if (--left <= 0) closeSoon();
      });
      await page.goto(address);
      if (left === 0) closeSoon();
      const work = page.evaluate(
        async ([tab, next, saves]) => {
          const { Lua } = await import("/browser.js");
          for (let i = next; i <= saves; i++) {
            const lua = await Lua.open({ store: "idb://tabs", storeOptions: { access: "wait", waitMs: 120_000 } });
            // A tab that was closed may have saved without being heard.
            const isNew = await lua.run(
              `local tab, i = ...
               _home.log = _home.log or {}
               if _home[tab] == i then return false end
               _home.log[#_home.log + 1] = tab .. ":" .. i
               _home[tab] = i
               return true`,
              { args: [`tab${tab}`, i] },
            );
            await lua.save();
            await window.acknowledge(i, isNew);
            await lua[Symbol.asyncDispose]();
          }
        },
        [tab, next, saves],
      );
      await work.catch((error) => {
        closed++;
        if (!/closed|crashed|destroyed/i.test(`${error}`)) problems.push(`tab ${tab}: ${error}`);
      });
      clearTimeout(timer);
      await page.close().catch(() => undefined);
      report(acknowledged.length);
    }
  };
  await Promise.all(Array.from({ length: tabs }, (_, tab) => one(tab)));
  const page = await context.newPage();
  await page.goto(address);
  const log = await page.evaluate(async () => {
    const { Lua } = await import("/browser.js");
    const lua = await Lua.open({ store: "idb://tabs", storeOptions: { access: "wait" } });
    return lua.run("local t = {} for i, v in ipairs(_home.log) do t[i] = v end return t");
  });
  const found = log.map((entry) => entry.slice(3));
  const expected = Array.from({ length: tabs }, (_, tab) => Array.from({ length: saves }, (_, i) => `${tab}:${i + 1}`)).flat();
  if (found.length !== expected.length) problems.push(`there are ${found.length} saves instead of ${expected.length}`);
  for (const entry of expected) if (!found.includes(entry)) problems.push(`${entry} is missing`);
  // Each was acknowledged before the lock was given up: so the order is that of the acknowledgements, where there is one.
  const heard = new Set(acknowledged);
  const order = found.filter((entry) => heard.has(entry));
  for (const [i, entry] of acknowledged.entries()) {
    if (order[i] !== entry) {
      problems.push(`${entry} was acknowledged as number ${i + 1}, and is not there`);
      break;
    }
  }
  await context.close();
  return { saves: found.length, closed, unheard, problems };
}

async function main() {
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1));
  const kills = Number(process.argv[2] ?? 200);
  let failed = 0;
  const finish = (what, { problems, ...counts }) => {
    failed += problems.length;
    console.log(`${what}: ${JSON.stringify(counts)}, ${problems.length} problems`);
    for (const problem of problems) console.log(`  ${problem}`);
  };
  const progress = (n) => n % 20 === 0 && console.log(`  ${n}`);
  if (kills > 0) finish("processes killed while they save 5 MB to a file", await killProcess(kills, progress));
  const server = await servePackage();
  if (kills > 0) finish("browsers killed while they save 5 MB", await killBrowser(server.address, kills, progress));
  const browser = await launch();
  finish("8 tabs, 100 saves each, closed at random", await manyTabs(browser, server.address, { tabs: 8, saves: 100 }));
  await browser.close();
  server.close();
  process.exit(failed === 0 ? 0 : 1);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.argv[2] === "save") await saveForever(process.argv[3]);
  else await main();
}
