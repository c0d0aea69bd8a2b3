/** The playground in Chromium, as `cargo xtask play` serves it: under its content security policy, and without a word on the console. */

import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { after, before, test } from "node:test";

import { serve } from "../playground/serve.mjs";
import { launch } from "./kit/chromium.mjs";

const FOLDER = new URL("../../dist/playground/", import.meta.url).pathname;
const EXAMPLES = new URL("../playground/examples/", import.meta.url).pathname;
const DESKTOP = { viewport: { width: 1280, height: 800 } };
const PHONE = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true };

let browser;
let server;
let address;

before(async () => {
  ({ server, address } = await serve(FOLDER));
  browser = await launch();
});

after(async () => {
  await browser?.close();
  server.closeAllConnections();
  server.close();
});

/** A page with the playground; what it says on the console is in `page.said`. */
async function open(options = DESKTOP, hash = "", context) {
  const page = await (context ?? (await browser.newContext(options))).newPage();
  page.said = [];
  page.on("console", (message) => page.said.push(message.text()));
  page.on("pageerror", (error) => page.said.push(String(error)));
  await page.goto(address + hash);
  await became(page, "ready");
  return page;
}

async function close(page) {
  assert.deepEqual(page.said, []);
  await page.context().close();
}

const became = (page, ...states) => page.waitForFunction((states) => states.includes(document.body.dataset.state), states, { timeout: 20_000 });

/** Types a program in place of the one that is there. */
async function type(page, source) {
  await page.locator(".cm-content").focus();
  await page.keyboard.press("ControlOrMeta+a");
  await page.keyboard.insertText(source);
}

async function run(page, source, state = "done") {
  await type(page, source);
  await page.click("#run");
  await became(page, state);
}

const text = (page, selector) => page.locator(selector).innerText();

/** The text under each squiggle. */
const squiggles = (page) => page.locator(".cm-lintRange-error").allInnerTexts();

/** Lines that squiggles are in. */
const squiggledLines = (page) =>
  page.evaluate(() => {
    const lines = [...document.querySelector("#editor").shadowRoot.querySelectorAll(".cm-line")];
    return lines.flatMap((line, i) => (line.querySelector(".cm-lintRange-error") === null ? [] : [i + 1]));
  });

test("the server sends the policy, and only what is in its folder", async () => {
  const { headers } = await fetch(address);
  const policy = headers.get("content-security-policy");
  assert.match(policy, /default-src 'none'; script-src 'self' 'wasm-unsafe-eval';/);
  // What browsers do while text is edited gives elements styles; scripts have no such way.
  assert.deepEqual(policy.match(/[\w-]+ [^;]*'unsafe-(inline|eval)'/g), ["style-src-attr 'unsafe-inline'"]);
  assert.equal((await fetch(`${address}..%2f..%2fpackage.json`)).status, 404);
  assert.equal((await fetch(`${address}%2e%2e/%2e%2e/package.json`)).status, 404);
});

test("a program runs: output, result as a tree, fuel, time and memory", async () => {
  const page = await open();
  await run(page, "print('hello', 1) io.stderr:write('oops\\n') return {1, {x = 'y'}, n = 2.0}, nil");
  assert.equal(await text(page, "#output"), "hello\t1\noops\n");
  assert.equal(await text(page, "#output .stderr"), "oops\n");
  assert.deepEqual(await page.locator("#result > li > .row > .value").allInnerTexts(), ["{1, {…}, n = 2.0}", "nil"]);
  await page.click("#result > li:first-child > .row");
  await page.waitForSelector("#result [role=group]");
  assert.deepEqual(await page.locator("#result [role=group] > li").allTextContents(), ["[1] = 1", '[2] = {x = "y"}', "n = 2.0"]);
  assert.match(await text(page, "#fuel"), /^\d+$/);
  assert.match(await text(page, "#time"), /ms$/);
  assert.match(await text(page, "#memory"), /KB$/);
  await close(page);
});

test("a tree is gone through with the keyboard", async () => {
  const page = await open();
  await run(page, "local t = {1, {2, {3}}} t.self = t return t");
  await page.locator("#result > li").focus();
  for (const key of ["ArrowRight", "ArrowRight", "ArrowDown", "ArrowRight"]) {
    await page.keyboard.press(key);
    await page.waitForTimeout(100);
  }
  const focused = () => page.evaluate(() => document.activeElement.querySelector(".row").textContent);
  assert.equal(await focused(), "[2] = {2, {…}}");
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("ArrowLeft");
  assert.match(await focused(), /^\{1, \{…\}, self = \{…\}\}/);
  await close(page);
});

test("a result that is one small table is open, until somebody closes it", async () => {
  const page = await open();
  await run(page, "return {a = {}, b = 2}");
  await page.waitForSelector("#result [role=group]");
  assert.deepEqual(await page.locator("#result [role=group] > li").allTextContents(), ["a = {}", "b = 2"]);
  await page.click("#result > li > .row");
  assert.equal(await page.locator("#result [role=group]").count(), 0);
  await run(page, "return {a = 1, b = 3}");
  await page.waitForFunction(() => document.querySelector("#result").textContent.includes("b = 3"));
  assert.equal(await page.locator("#result [role=group]").count(), 0);
  await close(page);
});

test("what is large is shown in pieces, and what is strange as it is", async () => {
  const page = await open();
  await run(page, "local t = {} for i = 1, 450 do t[i] = i end return t, setmetatable({}, {__index = error, __len = error, __pairs = error, __tostring = error}), '\\xff\\n\"', print, -0.0, 1 / 0, 0.1, 1e100, math.mininteger, coroutine.create(print), io.stdout");
  await page.click("#result > li:first-child > .row");
  await page.waitForSelector("#result .more");
  assert.equal(await page.locator("#result [role=group] > li[role=treeitem]").count(), 200);
  for (const n of [400, 450]) {
    await page.click("#result .more");
    await page.waitForFunction((n) => document.querySelectorAll("#result [role=group] > li[role=treeitem]").length === n, n);
  }
  assert.equal(await page.locator("#result .more").count(), 0);
  const values = await page.locator("#result > li > .row > .value").allInnerTexts();
  assert.deepEqual(values.slice(1), ["{}", '"\\xFF\\n\\""', "function: built in", "-0.0", "inf", "0.1", "1e+100", "-9223372036854775808", "thread", "userdata"]);
  await close(page);
});

test("an endless loop is stopped, at once, and the next program runs", async () => {
  const page = await open();
  await run(page, "_home.kept = 1", "done");
  await page.click("#save");
  await page.waitForFunction(() => document.querySelector("#home-state").textContent.startsWith("saved"));
  await type(page, "_home.kept = 2 print('on') while true do pcall(function() while true do end end) end");
  await page.click("#run");
  await page.waitForFunction(() => document.querySelector("#output").textContent.includes("on"));
  // Meanwhile it is shown what it takes.
  await page.waitForFunction(() => document.querySelector("#fuel").textContent.endsWith("M"));
  const start = Date.now();
  await page.keyboard.press("Escape");
  await became(page, "stopped");
  assert.ok(Date.now() - start < 3000, `${Date.now() - start} ms`);
  await page.waitForSelector("#home li");
  assert.equal(await page.textContent("#home"), "kept = 1");
  await run(page, "return _home.kept");
  assert.equal(await text(page, "#result"), "1");
  await close(page);
});

test("output comes while the program runs, and too much of it harms nobody", async () => {
  const page = await open();
  await type(page, "for i = 1, 3 do print(i) _home.i = i sleep(0.4) end");
  await page.click("#run");
  await page.waitForFunction(() => document.querySelector("#output").textContent === "1\n");
  await page.waitForFunction(() => document.querySelector("#home").textContent.includes("i = 1"));
  assert.equal(await page.evaluate(() => document.body.dataset.state), "running");
  await became(page, "done");
  await run(page, "while true do print(('x'):rep(99)) end", "failed");
  assert.match(await text(page, "#output"), /beginning is not shown/);
  assert.match(await text(page, "#output"), /wrote more than it may/);
  assert.ok((await page.evaluate(() => document.querySelector("#output").textContent.length)) < 500_000);
  await close(page);
});

test("errors are underlined where they are", async () => {
  const page = await open();
  const cases = [
    // The column of an error of syntax, and the token.
    ["local x = 1\nlocal y = = 2", "failed", [2], ["="]],
    ["local é = 1", "failed", [1], ["é"]],
    ["local s = '🐢ż' == = 1", "failed", [1], ["="]],
    ["x = 'never ended", "failed", [1], ["'"]],
    ["x = 'never ended\ny = 1", "failed", [1], ["'never ended"]],
    ["if x then", "failed", [1], ["n"]],
    // The name that the message speaks of.
    ["local t = {}\n\nprint(t.abc, t.ab.c)", "failed", [3], ["ab"]],
    ["local function f(n) return n + nothing end\nf(1)", "failed", [1], ["nothing"]],
    // Otherwise the line.
    ["local a = 1\n  error('no', 1)  \n", "failed", [2], ["error('no', 1)"]],
    ["print(1) error({})", "failed", [1], ["print(1) error({})"]],
  ];
  for (const [source, state, lines, texts] of cases) {
    await run(page, source, state);
    await page.waitForTimeout(50);
    assert.deepEqual([await squiggledLines(page), (await squiggles(page)).join("")], [lines, texts.join("")], source);
  }
  await run(page, "local function f()\n  error('deep')\nend\nf()", "failed");
  assert.match(await text(page, ".failure"), /main\.lua:2: deep\n+stack traceback:[^]*main\.lua:4: in main chunk$/);
  await page.click(".failure .place >> nth=-1");
  assert.equal(await page.evaluate(() => document.querySelector("#editor").shadowRoot.querySelector(".cm-activeLine").textContent), "f()");
  await close(page);
});

test("errors of syntax are underlined while somebody types, and vanish", async () => {
  const page = await open();
  await type(page, "print(1)\nfor i = 1 do end");
  await page.waitForFunction(() => document.querySelector("#editor").shadowRoot.querySelector(".cm-lintRange-error") !== null);
  assert.deepEqual([await squiggledLines(page), await squiggles(page)], [[2], ["do"]]);
  await type(page, "print(1)");
  await page.waitForFunction(() => document.querySelector("#editor").shadowRoot.querySelector(".cm-lintRange-error") === null);
  assert.equal(await page.evaluate(() => document.body.dataset.state), "ready");
  await close(page);
});

test("_home and the program are there after a reload of the page", async () => {
  const page = await open();
  await run(page, "local n = 0 function _home.count() n = n + 1 return n end _home.count() _home.list = {1, {deep = true}}");
  assert.equal(await text(page, "#home-state"), "not saved");
  await page.keyboard.press("ControlOrMeta+s");
  await page.waitForFunction(() => document.querySelector("#home-state").textContent === "saved · 1");
  await page.reload();
  await became(page, "ready");
  assert.deepEqual(await page.locator("#home > li > .row > .name").allInnerTexts(), ["count", "list"]);
  assert.match(await text(page, ".cm-content"), /_home\.count\(\)/);
  await run(page, "_home.lost = 1 return _home.count(), _home.list[2].deep");
  assert.deepEqual(await page.locator("#result .value").allInnerTexts(), ["2", "true"]);
  // What was not saved is gone when it is loaded again.
  await page.click("#reload");
  await page.waitForFunction(() => !document.querySelector("#home").textContent.includes("lost"));
  await close(page);
});

test("everything can be exported to a file and imported elsewhere", async () => {
  const page = await open();
  await run(page, "local n = 41 function _home.next() n = n + 1 return n end _home.list = {1, 'two', {3}} _home.ring = _home");
  const [download] = await Promise.all([page.waitForEvent("download"), page.click("#export")]);
  assert.equal(download.suggestedFilename(), "playground.cu");
  const file = await download.path();
  const other = await open();
  await run(other, "_home.old = true");
  await other.click("#save");
  await other.setInputFiles("#file", file);
  await other.waitForFunction(() => document.querySelector("#home").textContent.includes("next"));
  assert.deepEqual(await other.locator("#home > li > .row > .name").allInnerTexts(), ["list", "next", "ring"]);
  await other.reload();
  await became(other, "ready");
  await run(other, "return _home.next(), _home.list[3][1], _home.ring == _home, _home.old");
  assert.deepEqual(await other.locator("#result .value").allInnerTexts(), ["42", "3", "true", "nil"]);
  // What is no such file changes nothing.
  await other.setInputFiles("#file", { name: "x.cu", mimeType: "application/octet-stream", buffer: Buffer.from("nonsense") });
  await other.waitForFunction(() => document.querySelector("#toast").textContent.includes("no saved state"));
  await run(other, "return _home.list[2]");
  assert.equal(await other.textContent("#result"), '"two"');
  await close(page);
  await close(other);
});

test("another page runs without the store", async () => {
  const page = await open();
  const other = await open(DESKTOP, "", page.context());
  assert.match(await text(other, "#home-state"), /another tab/);
  await run(other, "_home.x = 1 return _home.x");
  assert.equal(await text(other, "#result"), "1");
  assert.deepEqual(other.said, []);
  await close(page);
});

test("a link holds the program, whatever is in it", async () => {
  const page = await open();
  const source = `-- żółw 🐢 <script>alert(1)</script>\nprint("${"abc".repeat(300)}")\n`;
  await type(page, source);
  await page.click("#share");
  await page.waitForFunction(() => location.hash.startsWith("#lua="));
  const { hash } = new URL(page.url());
  assert.ok(hash.length < 200, `${hash.length} characters`);
  const other = await open(DESKTOP, hash);
  assert.equal((await page.evaluate(() => localStorage.getItem("cu-draft"))), source);
  assert.equal(await other.evaluate(() => localStorage.getItem("cu-draft")), source);
  // What is no program is said to be none.
  const third = await open(DESKTOP, "#lua=AAAA");
  assert.match(await text(third, ".cm-content"), /A first look/);
  assert.match(await text(third, "#toast"), /holds no program/);
  for (const p of [page, other, third]) await close(p);
});

test("every example runs", async () => {
  const page = await open();
  const titles = await page.locator("#examples b").allTextContents();
  assert.equal(titles.length, (await readdir(EXAMPLES)).length);
  for (const title of titles) {
    await page.click("#examples-button");
    await page.click(`#examples button:has-text("${title}")`);
    await page.keyboard.press("ControlOrMeta+Enter");
    if (title === "An endless loop") {
      await page.waitForTimeout(300);
      await page.keyboard.press("Escape");
      await became(page, "stopped");
    } else {
      await became(page, title === "A mistake" ? "failed" : "done");
      assert.notEqual(await text(page, "#output"), "", title);
    }
  }
  await close(page);
});

test("a phone shows one pane at a time, and scrolls in none sideways", async () => {
  const page = await open(PHONE);
  const fits = () => page.evaluate(() => document.documentElement.scrollWidth <= innerWidth && [...document.querySelectorAll("header, nav, .tabs, footer, section, .actions, .body")].every((e) => e.clientWidth === 0 || e.getBoundingClientRect().right <= innerWidth));
  assert.ok(await fits());
  await run(page, "print(('long '):rep(100)) _home.text = ('x'):rep(500) return ('y'):rep(500)");
  assert.equal(await page.evaluate(() => document.body.dataset.tab), "output");
  for (const tab of ["code", "output", "result", "home"]) {
    await page.tap(`[role=tab][data-tab=${tab}]`);
    assert.deepEqual(await page.evaluate(() => [...document.querySelectorAll("section")].filter((s) => s.offsetParent !== null).map((s) => s.className)), [tab]);
    assert.ok(await fits(), tab);
  }
  await page.tap("#examples-button");
  assert.ok(await fits());
  // Everything that is tapped is large enough for it.
  const sizes = await page.evaluate(() => [...document.querySelectorAll("header button, .tabs button, .actions button, #examples button")].map((b) => b.getBoundingClientRect().height));
  assert.ok(sizes.every((height) => height === 0 || height >= 36), String(sizes));
  await close(page);
});

test("light and dark: as the system, or as chosen, and remembered", async () => {
  const page = await open({ ...DESKTOP, colorScheme: "dark" });
  const isDark = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor === "rgb(20, 17, 14)");
  assert.equal(await isDark(), true);
  await page.click("#theme");
  assert.equal(await isDark(), false);
  await page.reload();
  await became(page, "ready");
  assert.equal(await isDark(), false);
  await close(page);
});

test("everything can be done from the keyboard", async () => {
  const page = await open();
  const where = () => page.evaluate(() => document.activeElement.closest("section, nav, #examples")?.className || document.activeElement.closest("nav, #examples")?.tagName);
  await run(page, "_home.x = {1} print(1) return {2}");
  await page.locator(".cm-content").focus();
  const seen = [];
  for (let i = 0; i < 5; i++) {
    seen.push(await where());
    await page.keyboard.press("F6");
  }
  assert.deepEqual(seen, ["code", "output", "result", "home", "code"]);
  // Tab indents in the editor; after Escape it leaves it.
  await page.locator(".cm-content").focus();
  await page.keyboard.press("Escape");
  await page.keyboard.press("Tab");
  assert.notEqual(await where(), "code");
  await page.locator("#examples-button").focus();
  await page.keyboard.press("Enter");
  await page.waitForSelector("#examples button:focus");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  assert.match(await text(page, ".cm-content"), /Things that last/);
  await page.keyboard.press("ControlOrMeta+Enter");
  await became(page, "done");
  await close(page);
});

test("text is well to be read, light and dark", async () => {
  const style = await readFile(new URL("../playground/style.css", import.meta.url), "utf8");
  const colours = Object.fromEntries([...style.matchAll(/--([\w-]+): light-dark\(#(\w{6}), #(\w{6})\)/g)].map(([, name, light, dark]) => [name, [light, dark]]));
  const luminance = (hex) => {
    const [r, g, b] = [0, 2, 4].map((i) => Number.parseInt(hex.slice(i, i + 2), 16) / 255).map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (a, b) => {
    const [dark, light] = [luminance(a), luminance(b)].sort((x, y) => x - y);
    return (light + 0.05) / (dark + 0.05);
  };
  for (const name of ["ink", "muted", "accent", "patina", "error", "warn", "code-keyword", "code-string", "code-number", "code-library"]) {
    for (const [i, kind] of ["light", "dark"].entries()) {
      for (const ground of ["paper", "surface"]) {
        const found = contrast(colours[name][i], colours[ground][i]);
        assert.ok(found >= 4.5, `${name} on ${ground}, ${kind}: ${found.toFixed(2)}`);
      }
    }
  }
});
