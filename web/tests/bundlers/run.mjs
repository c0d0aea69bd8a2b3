/**
 * The package in every bundler there is a promise for: `cargo xtask package`.
 *
 * `npm pack` makes what would be published; it is unpacked where a project would have it. A program of three lines is
 * bundled without a word of configuration about the package, and runs in Chromium under a strict content security
 * policy, or in Node. Then the types are checked as editors of all kinds find them.
 *
 * The last line is `N passed, N failed`.
 */

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import nodeResolve from "@rollup/plugin-node-resolve";
import { rollup } from "rollup";
import * as vite from "vite";
import webpack from "webpack";

import { launch, serve } from "../kit/chromium.mjs";
import { PACKAGE } from "../kit/user.mjs";

const run = promisify(execFile);
const HERE = new URL(".", import.meta.url).pathname;
const CSP = { "content-security-policy": "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'" };
const page = (script) => `<!doctype html><title>?</title><script type="module" src="${script}"></script>`;
const PROGRAM = (entry) => `import { Lua } from "@compute-unit/cu${entry}";
const lua = await Lua.open();
(globalThis.document ?? globalThis).title = String(await lua.run("return 20 + 22"));
globalThis.process?.stdout.write(globalThis.title);
`;

let passed = 0;
let failed = 0;
async function check(name, act) {
  const start = performance.now();
  try {
    const told = await act();
    passed++;
    console.log(`ok ${name}${told === undefined ? "" : `: ${told}`} (${Math.round(performance.now() - start)} ms)`);
  } catch (error) {
    failed++;
    // A bundle in a message would be a megabyte.
    console.log(`not ok ${name}\n${String(error.stack ?? error).slice(0, 3000)}`);
  }
}

const folder = await mkdtemp(join(tmpdir(), "cu-bundlers-"));
const { stdout } = await run("npm", ["pack", "--silent", "--pack-destination", folder], { cwd: PACKAGE });
const tarball = join(folder, stdout.trim().split("\n").at(-1));
const installed = join(folder, "node_modules/@compute-unit/cu");
await mkdir(installed, { recursive: true });
await run("tar", ["-xzf", tarball, "--strip-components=1", "-C", installed]);
await writeFile(join(folder, "package.json"), '{ "type": "module" }');
for (const [name, entry] of [["app", ""], ["inline", "/inline"], ["file", "/browser"]]) await writeFile(join(folder, `${name}.js`), PROGRAM(entry));
const COMPAT = `import lua from "@compute-unit/cu/compat/lua-api";
await lua.loadLuaWasm();
lua.init();
(globalThis.document ?? globalThis).title = String(await lua.compute("return 20 + 22"));
globalThis.process?.stdout.write(globalThis.title);
`;
await writeFile(join(folder, "compat.js"), COMPAT);
await writeFile(join(folder, "index.html"), page("/app.js"));
await writeFile(join(folder, "compat.html"), page("/compat.js"));

const browser = await launch();

/** Loads what a bundler has made: the title is the result; which form of the module was loaded is told. */
async function inBrowser(roots, texts, headers = CSP) {
  const server = await serve(roots, texts, headers);
  try {
    return await visited(server.address);
  } finally {
    server.close();
  }
}

async function visited(address) {
  const page = await browser.newPage();
  const errors = [];
  let form = "a script";
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("response", (response) => {
    if (response.url().includes(".wasm") && response.ok() && (response.headers()["content-type"] ?? "").includes("wasm")) form = "a file";
  });
  try {
    await page.goto(address);
    await page.waitForFunction(() => document.title === "42", null, { timeout: 30_000 }).catch((error) => {
      throw new Error([...errors, error].join("\n"));
    });
    return `the module was ${form}`;
  } finally {
    await page.close();
  }
}

const out = (name) => join(folder, "out", name);

await check("what is packed", async () => {
  const files = await readdir(installed);
  for (const name of ["README.md", "LICENSE", "cu.wasm", "cu-web.wasm", "auto.js", "node.cjs", "types"]) assert.ok(files.includes(name), name);
  return `${((await readFile(tarball)).length / 1024).toFixed(0)} KB`;
});

await check("a plain script, no bundler", () => inBrowser({ "/": folder }, { "/": page("/start.js"), "/start.js": PROGRAM("").replace("@compute-unit/cu", "/node_modules/@compute-unit/cu/browser.js") }));

for (const entry of ["app", "inline", "compat"]) {
  await check(`webpack, ${entry}`, async () => {
    const config = { mode: "production", context: folder, entry: `./${entry}.js`, output: { path: out(`webpack-${entry}`), filename: "main.js" } };
    const stats = await promisify(webpack)(config);
    assert.ok(!stats.hasErrors(), stats.toString("errors-only"));
    return inBrowser({ "/": out(`webpack-${entry}`) }, { "/": page("/main.js") });
  });

  await check(`rollup, ${entry}`, async () => {
    const bundle = await rollup({ input: join(folder, `${entry}.js`), plugins: [nodeResolve({ browser: true })] });
    await bundle.write({ dir: out(`rollup-${entry}`), format: "es", entryFileNames: "main.js" });
    return inBrowser({ "/": out(`rollup-${entry}`) }, { "/": page("/main.js") });
  });

  await check(`esbuild, ${entry}`, async () => {
    const { build } = await import("esbuild");
    await build({ entryPoints: [join(folder, `${entry}.js`)], bundle: true, format: "esm", outfile: join(out(`esbuild-${entry}`), "main.js"), logLevel: "silent" });
    return inBrowser({ "/": out(`esbuild-${entry}`) }, { "/": page("/main.js") });
  });
}

await check("vite build", async () => {
  await vite.build({ root: folder, configFile: false, logLevel: "error", build: { outDir: out("vite"), target: "esnext" } });
  return inBrowser({ "/": out("vite") }, { "/": await readFile(join(out("vite"), "index.html"), "utf8") });
});

await check("vite's development server", async () => {
  const server = await vite.createServer({ root: folder, configFile: false, logLevel: "error", cacheDir: join(folder, ".vite"), server: { port: 0, host: "127.0.0.1" } });
  try {
    await server.listen();
    const [address] = server.resolvedUrls.local;
    await visited(`${address}compat.html`);
    return await visited(address);
  } finally {
    await server.close();
  }
});

const WORKER = PROGRAM("/worker").replaceAll("Lua }", "LuaWorker }").replace("Lua.open", "LuaWorker.open");
await writeFile(join(folder, "worker.js"), WORKER);
await check("webpack, a state in a worker", async () => {
  const config = { mode: "production", context: folder, entry: "./worker.js", output: { path: out("webpack-worker"), filename: "main.js" } };
  const stats = await promisify(webpack)(config);
  assert.ok(!stats.hasErrors(), stats.toString("errors-only"));
  return inBrowser({ "/": out("webpack-worker") }, { "/": page("/main.js") });
});

await check("vite build, a state in a worker", async () => {
  await writeFile(join(folder, "worker.html"), page("/worker.js"));
  await vite.build({ root: folder, configFile: false, logLevel: "error", build: { outDir: out("vite-worker"), target: "esnext", rollupOptions: { input: join(folder, "worker.html") } } });
  return inBrowser({ "/": out("vite-worker") }, { "/": await readFile(join(out("vite-worker"), "worker.html"), "utf8") });
});

await check("rollup for Node", async () => {
  const bundle = await rollup({ input: join(folder, "app.js"), external: [/^node:/], plugins: [nodeResolve({ exportConditions: ["node"], preferBuiltins: true })] });
  await bundle.write({ dir: out("rollup-node"), format: "es", entryFileNames: "main.mjs" });
  assert.equal((await run(process.execPath, [join(out("rollup-node"), "main.mjs")])).stdout, "42");
});

await check("webpack for Node", async () => {
  const config = { mode: "production", context: folder, target: "node20", entry: "./app.js", experiments: { outputModule: true }, output: { path: out("webpack-node"), filename: "main.mjs", library: { type: "module" } } };
  const stats = await promisify(webpack)(config);
  assert.ok(!stats.hasErrors(), stats.toString("errors-only"));
  assert.equal((await run(process.execPath, [join(out("webpack-node"), "main.mjs")])).stdout, "42");
});

await check("are the types wrong", async () => {
  const attw = join(HERE, "node_modules/@arethetypeswrong/cli/dist/index.js");
  // What is no script, or is none to be imported, has no types.
  const args = [attw, tarball, "--format", "ascii", "--profile", "node16", "--exclude-entrypoints", "cu-web.wasm", "cu.wasm", "raw", "worker-thread", "package.json"];
  await run(process.execPath, args).catch((error) => {
    throw new Error(error.stdout + error.stderr);
  });
});

await browser.close();
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
