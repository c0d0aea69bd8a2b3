/** The package in a real Chromium: a page with a strict content security policy, its database, other pages, and reloads. */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { extname, join } from "node:path";

import { chromium } from "playwright-core";

const PACKAGE = new URL("../../dist/npm/", import.meta.url).pathname;
const TESTS = new URL(".", import.meta.url).pathname;
const TYPES = { ".html": "text/html", ".js": "text/javascript", ".mjs": "text/javascript", ".wasm": "application/wasm" };

let server;
let browser;
let address;

before(async () => {
  server = createServer(async (request, response) => {
    const path = new URL(request.url, "http://x").pathname;
    if (path === "/") {
      response.writeHead(200, { "content-type": "text/html", "content-security-policy": "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'" });
      response.end("<!doctype html><title>cu</title>");
      return;
    }
    try {
      const content = await readFile(path.startsWith("/tests/") ? join(TESTS, path.slice(7)) : join(PACKAGE, path));
      response.writeHead(200, { "content-type": TYPES[extname(path)] ?? "text/plain" });
      response.end(content);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  address = `http://127.0.0.1:${server.address().port}/`;
  browser = await chromium.launch({
    executablePath: process.env.CU_CHROMIUM ?? "/usr/bin/chromium",
    args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
});

after(async () => {
  await browser?.close();
  server.close();
});

/** A page of its own profile, or another page of the same. */
async function open(context) {
  const page = await (context ?? (await browser.newContext())).newPage();
  page.on("pageerror", (error) => console.error(error));
  await page.goto(address);
  return page;
}

test("a page is told how well its stores are kept, and asks for more", async () => {
  const page = await open();
  const ask = () =>
    page.evaluate(async () => {
      const { persist, storageStatus } = await import("/browser.js");
      return { before: await storageStatus(), answer: await persist(), after: await storageStatus() };
    });
  const told = await ask();
  assert.equal(told.before.kind, "best-effort");
  assert.ok(told.before.quota > 0 && told.before.usage >= 0);
  // Whether it will is the browser's affair; what it says is to be what is so.
  assert.equal(told.after.kind, told.answer ? "persistent" : "best-effort");
  const answers = await page.evaluate(async () => {
    const { persist, storageStatus } = await import("/browser.js");
    const stub = (storage) => Object.defineProperty(navigator, "storage", { value: storage, configurable: true });
    const answers = [];
    stub({ persist: async () => true, persisted: async () => true, estimate: async () => ({ usage: 1, quota: 2 }) });
    answers.push(await persist(), await storageStatus());
    const refused = async () => {
      throw new TypeError("an opaque origin");
    };
    stub({ persist: refused, persisted: refused, estimate: refused });
    answers.push(await persist(), (await storageStatus()).kind);
    stub(undefined);
    answers.push(await persist(), (await storageStatus()).kind);
    return answers;
  });
  assert.deepEqual(answers, [true, { kind: "persistent", usage: 1, quota: 2 }, false, "unavailable", false, "unavailable"]);
  await page.context().close();
});

test("a page runs Lua under a strict content security policy", async () => {
  const page = await open();
  const result = await page.evaluate(async () => {
    const { Lua } = await import("/browser.js");
    const lua = await Lua.open({ globals: { wait: (x) => new Promise((resolve) => setTimeout(resolve, 1, x)) } });
    return lua.run("return wait(20) + 22");
  });
  assert.equal(result, 42);
  await page.context().close();
});

test("a state is there after the page was reloaded", async () => {
  const page = await open();
  const saved = await page.evaluate(async () => {
    const { Lua } = await import("/browser.js");
    const lua = await Lua.open({ store: "idb://notes" });
    await lua.run("local n = 40 function _home.next() n = n + 1 return n end _home.next() _home.list = {1, 'x'}");
    return lua.save();
  });
  assert.equal(saved, 1);
  await page.reload();
  const found = await page.evaluate(async () => {
    const { Lua } = await import("/browser.js");
    const lua = await Lua.open({ store: "idb://notes" });
    return [lua.generation, await lua.run("return _home.next()"), await lua.run("return _home.list[2]")];
  });
  assert.deepEqual(found, [1, 42, "x"]);
  await page.context().close();
});

test("one page writes at a time", async () => {
  const first = await open();
  const second = await open(first.context());
  const hold = (page) =>
    page.evaluate(async () => {
      const { Lua } = await import("/browser.js");
      try {
        window.lua = await Lua.open({ store: "idb://shared" });
        return "open";
      } catch (error) {
        return `${error.name} ${error.problem}`;
      }
    });
  assert.equal(await hold(first), "open");
  assert.equal(await hold(second), "LuaStorageError locked");
  await first.evaluate(() => window.lua[Symbol.asyncDispose] ? window.lua[Symbol.asyncDispose]() : window.lua.close());
  assert.equal(await hold(second), "open");
  await first.context().close();
});
