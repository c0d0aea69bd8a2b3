/** Every block of code in the documentation does what it says: `docs.mjs` lists the kinds of blocks. */

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { access, mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";

import { compileModule, compute, instantiate } from "../../tests/node/module.mjs";
import { blocks, expectations, pages, ROOT } from "./docs.mjs";
import { launch, serve } from "./kit/chromium.mjs";
import { MODULES, PACKAGE, userFolder } from "./kit/user.mjs";

const run = promisify(execFile);

let browser;
let server;

before(async () => {
  browser = await launch();
  // What a bundler would do with the package's name.
  const imports = { "@compute-unit/cu": "/browser.js" };
  const { exports } = JSON.parse(await readFile(join(PACKAGE, "package.json"), "utf8"));
  for (const [entry, to] of Object.entries(exports)) if (entry !== ".") imports[`@compute-unit/cu${entry.slice(1)}`] ??= (to.default ?? to.import?.default ?? to).slice(1);
  server = await serve({ "/": PACKAGE }, { "/": `<!doctype html><script type="importmap">${JSON.stringify({ imports })}</script>` });
});

after(async () => {
  await browser?.close();
  server?.close();
});

test("blocks are found, and what they are expected to print", () => {
  const page = "# x\n```js\nconsole.log(1); // 1\n```\ny\n```js continue\nawait lua.run('print(2)'); // 2\n```\n```js file=a/b.js\nx\n```\n";
  const [first, second, third] = blocks("p.md", page);
  assert.deepEqual([first.place, first.expected, second.expected, second.before], ["p.md:2", ["1"], ["2"], ["1"]]);
  assert.ok(second.text.startsWith("console.log(1)"));
  assert.deepEqual([third.kind, third.file], ["file", "a/b.js"]);
  assert.deepEqual(expectations("print(1) --> 1\nx = 2 -- no\nprint(3)\n// print\n"), ["1"]);
  assert.throws(() => blocks("p.md", "```python\n```\n"), /p\.md:1: there is no way/);
  assert.throws(() => blocks("p.md", "```js\n"), /not closed/);
});

test("links between pages lead somewhere", async () => {
  for (const { name, text } of await pages()) {
    for (const [, target] of text.matchAll(/\]\(([^)]+)\)/g)) {
      if (/^[a-z]+:/.test(target)) continue;
      const [file, anchor] = target.split("#");
      const path = file === "" ? join(ROOT, name) : join(ROOT, dirname(name), file);
      await access(path).catch(() => assert.fail(`${name}: ${target}`));
      if (anchor === undefined) continue;
      const headings = [...(await readFile(path, "utf8")).matchAll(/^#+ (.*)$/gm)].map(([, heading]) => heading.toLowerCase().replace(/[^\w\s-]/g, "").replaceAll(" ", "-"));
      assert.ok(headings.includes(anchor), `${name}: ${target}`);
    }
  }
});

test("the table of values is the same wherever it stands", async () => {
  const table = async (name) => /^\| Lua \| JavaScript[^]*?\n\n/m.exec(await readFile(join(ROOT, name), "utf8"))?.[0];
  assert.equal(await table("web/README.md"), await table("docs/values.md"));
});

for (const page of await pages()) {
  let folder;
  let context;
  const place = async () => (folder ??= await userFolder("@types"));
  for (const [i, block] of page.blocks.entries()) {
    if (block.kind === "sh" || block.kind === "text") continue;
    test(`${block.place}: ${block.file ?? block.kind}`, async () => {
      if (block.kind === "file") {
        const path = join(await place(), block.file);
        await mkdir(dirname(path), { recursive: true });
        await writeFile(path, block.text);
      } else if (block.kind === "js" || block.kind === "cjs") {
        compare(block, await inNode(await place(), `block${i}.${block.kind === "js" ? "mjs" : "cjs"}`, block.text));
      } else if (block.kind === "ts") {
        assert.deepEqual(await typesOf(block), []);
      } else if (block.kind === "lua") {
        compare(block, inLua(block.text));
      } else {
        context ??= await browser.newContext();
        compare(block, await inPage(context, block));
      }
    });
  }
  test(`${page.name}: nothing is left`, async () => context?.close());
}

function compare(block, { printed, error }) {
  if (block.throws === undefined) assert.equal(error, undefined, block.place);
  else assert.ok(error?.includes(block.throws), `${block.place}: expected an error with '${block.throws}', not ${error}`);
  const expected = [...block.before, ...block.expected];
  if (block.expected.length > 0) assert.deepEqual(printed, expected, block.place);
}

const lines = (text) => (text === "" ? [] : text.replace(/\n$/, "").split("\n"));

async function inNode(folder, file, text) {
  await writeFile(join(folder, file), text);
  try {
    const { stdout } = await run(process.execPath, [file], { cwd: folder, timeout: 60_000 });
    return { printed: lines(stdout) };
  } catch (error) {
    return { printed: lines(error.stdout ?? ""), error: error.stderr || String(error) };
  }
}

let module;

function inLua(text) {
  module ??= compileModule(join(PACKAGE, "cu.wasm"));
  const { output, error } = compute(instantiate(module), Buffer.from(text));
  return { printed: lines(output.toString()), error: error?.toString() };
}

let compiled;

/** What the compiler says of a block. All of them are compiled at once, as it takes long to begin. */
async function typesOf(block) {
  compiled ??= (async () => {
    const folder = await userFolder("@types");
    const all = (await pages()).flatMap(({ blocks }) => blocks.filter(({ kind }) => kind === "ts"));
    for (const { place, text } of all) await writeFile(join(folder, fileOf(place)), text);
    const options = ["--noEmit", "--strict", "--module", "nodenext", "--target", "es2022", "--lib", "es2023,esnext.disposable,dom", "--types", "node"];
    const files = all.map(({ place }) => fileOf(place));
    const told = await run(process.execPath, [join(MODULES, "typescript/bin/tsc"), ...options, ...files], { cwd: folder }).catch((error) => error);
    return lines(told.stdout);
  })();
  // An error somewhere else would be everybody's.
  return (await compiled).filter((line) => line.startsWith(fileOf(block.place)) || !/^\S+\.mts\(/.test(line));
}

const fileOf = (place) => `${place.replace(/\W/g, "_")}.mts`;

async function inPage(context, block) {
  const page = await context.newPage();
  const printed = [];
  let error;
  await page.exposeBinding("printed", (_, line) => void printed.push(line));
  await page.addInitScript(() => {
    console.log = (...values) => void window.printed(values.map(String).join(" "));
  });
  page.on("pageerror", (e) => (error = String(e)));
  try {
    if (block.language === "html") {
      const html = await serve({ "/": PACKAGE }, { "/": block.text });
      await page.goto(html.address, { waitUntil: "networkidle" });
      for (let left = 100; printed.length < block.expected.length && left > 0; left--) await page.waitForTimeout(20);
      html.close();
    } else {
      await page.goto(server.address);
      error = await page.evaluate(async (text) => {
        const url = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
        return import(url).then(() => undefined, (e) => String(e));
      }, block.text);
    }
  } finally {
    await page.close();
  }
  return { printed, error };
}
