/** Every entry of the package, found as its users find it: by the package's name. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, readFile, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { before, test } from "node:test";

const PACKAGE = new URL("../../dist/npm", import.meta.url).pathname;
const TSC = new URL("../../node_modules/typescript/bin/tsc", import.meta.url).pathname;
const TYPES = new URL("../../node_modules/@types", import.meta.url).pathname;
let folder;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "cu-user-"));
  await mkdir(join(folder, "node_modules/@compute-unit"), { recursive: true });
  await symlink(PACKAGE, join(folder, "node_modules/@compute-unit/cu"));
  await symlink(TYPES, join(folder, "node_modules/@types"));
});

async function run(file, source, ...args) {
  await writeFile(join(folder, file), source);
  return execFileSync(process.execPath, [...args, join(folder, file)], { encoding: "utf8" });
}

const PROGRAM = "Lua.open().then(async (lua) => { await lua.run('print(20 + 22)'); lua.close(); });";

for (const entry of ["", "/node", "/inline"]) {
  test(`import of @compute-unit/cu${entry}`, async () => {
    assert.equal(await run("import.mjs", `import { Lua } from "@compute-unit/cu${entry}"; ${PROGRAM}`), "42\n");
  });
  test(`require of @compute-unit/cu${entry}`, async () => {
    assert.equal(await run("require.cjs", `const { Lua } = require("@compute-unit/cu${entry}"); ${PROGRAM}`), "42\n");
  });
}

test("the edge entry is given a module", async () => {
  const source = `
    import { readFileSync } from "node:fs";
    import { createRequire } from "node:module";
    import { Lua } from "@compute-unit/cu/edge";
    const path = createRequire(import.meta.url).resolve("@compute-unit/cu/cu-web.wasm");
    const module = new WebAssembly.Module(readFileSync(path));
    Lua.open({ module }).then((lua) => lua.run("print(20 + 22)"));`;
  assert.equal(await run("edge.mjs", source), "42\n");
});

test("classes have their names, though everything is minified", async () => {
  let seen = 0;
  for (const entry of ["node", "browser", "edge", "inline", "worker", "node-worker", "conformance"]) {
    for (const [name, value] of Object.entries(await import(join(PACKAGE, `${entry}.js`)))) {
      if (typeof value !== "function" || !String(value).startsWith("class")) continue;
      assert.equal(value.name, name, entry);
      seen += 1;
    }
  }
  assert.ok(seen > 30, `${seen} classes`);
  const { Lua } = await import(join(PACKAGE, "node.js"));
  const lua = await Lua.open();
  const error = await lua.run("error('no')").catch((error) => error);
  assert.deepEqual([error.constructor.name, error.name], ["LuaError", "LuaError"]);
  lua.close();
});

test("nothing makes code from strings", async () => {
  const source = `import { Lua } from "@compute-unit/cu"; ${PROGRAM}`;
  assert.equal(await run("strict.mjs", source, "--disallow-code-generation-from-strings"), "42\n");
  for (const name of ["node.js", "browser.js", "edge.js"]) {
    const text = await readFile(join(PACKAGE, name), "utf8");
    assert.doesNotMatch(text, /\beval\(|new Function\(/);
  }
});

test("the types are those of both kinds of module", async () => {
  const source = `
    import { expose, Lua, LuaError, type LuaOptions, MemoryStorage } from "@compute-unit/cu";
    export async function main(options: LuaOptions): Promise<number> {
      const lua = await Lua.open({ ...options, store: new MemoryStorage() });
      lua.global.set("x", expose({ a: 1 }, { read: ["a"] }));
      try {
        const all: unknown[] = await lua.run("return 1", { all: true });
        return all.length + (await lua.run<number>("return x.a")) + (await lua.save());
      } catch (error) {
        return error instanceof LuaError ? (error.line ?? 0) : 0;
      }
    }`;
  for (const [file, kind] of [["user.mts", "module"], ["user.cts", "commonjs"]]) {
    await writeFile(join(folder, file), source);
    const options = ["--noEmit", "--strict", "--module", "nodenext", "--target", "es2022", "--lib", "es2023,esnext.disposable,dom", "--types", "node"];
    const told = execFileSync(process.execPath, [TSC, ...options, join(folder, file)], { encoding: "utf8", cwd: folder });
    assert.equal(told, "", kind);
  }
});
