/** The package as what npm would publish, and in a bundler that every day has time for; `cargo xtask package` has the others. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { build } from "esbuild";
import { publint } from "publint";
import { formatMessage } from "publint/utils";

import { launch, serve } from "./kit/chromium.mjs";
import { PACKAGE, userFolder } from "./kit/user.mjs";

const CSP = { "content-security-policy": "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'" };
const PROGRAM = (entry) => `import { Lua } from "@compute-unit/cu${entry}";
Lua.open().then((lua) => lua.run("return 20 + 22")).then((value) => {
  if (globalThis.document === undefined) console.log(value);
  else document.title = String(value);
});
`;
const page = (script) => `<!doctype html><title>?</title><script type="module" src="${script}"></script>`;

let browser;
let folder;

before(async () => {
  browser = await launch();
  folder = await userFolder();
  for (const entry of ["", "/inline", "/browser"]) await writeFile(join(folder, `app${entry.replace("/", "-")}.js`), PROGRAM(entry));
});

after(() => browser?.close());

async function title(roots, texts) {
  const server = await serve(roots, texts, CSP);
  const tab = await browser.newPage();
  try {
    await tab.goto(server.address);
    await tab.waitForFunction(() => document.title === "42");
  } finally {
    await tab.close();
    server.close();
  }
}

test("publint finds nothing to say", async () => {
  const { messages, pkg } = await publint({ pkgDir: PACKAGE, level: "suggestion", strict: true });
  assert.deepEqual(messages.map((message) => formatMessage(message, pkg)), []);
});

test("every entry is there, with its types", async () => {
  const { exports } = JSON.parse(await readFile(join(PACKAGE, "package.json"), "utf8"));
  const files = [];
  const collect = (it) => (typeof it === "string" ? files.push(it) : Object.values(it).forEach(collect));
  collect(exports);
  for (const file of files) assert.ok((await readFile(join(PACKAGE, file))).length > 0, file);
  for (const name of [".", "./browser", "./node", "./edge", "./inline", "./raw"]) assert.ok(name in exports, name);
});

test("what is packed is what is needed", () => {
  const [{ files }] = JSON.parse(execFileSync("npm", ["pack", "--dry-run", "--json", "--silent"], { cwd: PACKAGE, encoding: "utf8" }));
  const names = files.map(({ path }) => path);
  for (const name of ["package.json", "README.md", "LICENSE", "cu.wasm", "cu-web.wasm"]) assert.ok(names.includes(name), name);
  assert.deepEqual(names.filter((name) => !/\.(js|cjs|d\.ts|wasm|json)$|^README\.md$|^LICENSE$/.test(name)), []);
});

test("a plain script, without a bundler", () => title({ "/": PACKAGE }, { "/": page("/app.js"), "/app.js": PROGRAM("").replace("@compute-unit/cu", "/browser.js") }));

for (const [entry, format] of [["", "esm"], ["", "iife"], ["-inline", "esm"], ["-browser", "esm"]]) {
  test(`esbuild, app${entry}, ${format}`, async () => {
    const outfile = join(folder, `out${entry}-${format}/main.js`);
    await build({ entryPoints: [join(folder, `app${entry}.js`)], bundle: true, format, outfile, logLevel: "silent" });
    // Whoever asks for the file brings it along.
    const texts = entry === "-browser" ? { "/cu-web.wasm": await readFile(join(PACKAGE, "cu-web.wasm")) } : {};
    await title({ "/": join(outfile, "..") }, { "/": page("/main.js"), ...texts });
  });
}

for (const format of ["esm", "cjs"]) {
  test(`esbuild for Node, ${format}`, async () => {
    const outfile = join(folder, `node-${format}/main.${format === "esm" ? "mjs" : "cjs"}`);
    await build({ entryPoints: [join(folder, "app.js")], bundle: true, platform: "node", format, outfile, logLevel: "silent" });
    assert.equal(execFileSync(process.execPath, [outfile], { encoding: "utf8" }), "42\n");
  });
}
