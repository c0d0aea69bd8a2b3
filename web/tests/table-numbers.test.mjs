/** Numbers of external tables are given out once, also when the state is opened again. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { Lua, MemoryStorage } from "./package.mjs";

test("an empty table that was saved is no other table afterwards", async () => {
  const store = new MemoryStorage();
  let lua = await Lua.open({ store });
  await lua.run("_home.list = {}");
  assert.equal(await lua.save(), 1);
  await lua[Symbol.asyncDispose]();

  lua = await Lua.open({ store });
  await lua.run("_home.other = {1, 2, 3}");
  assert.equal(await lua.run("return #_home.list"), 0);
  assert.equal(await lua.run("_home.list[1] = 'x' return #_home.other"), 3);
  assert.equal(await lua.save(), 2);
  await lua[Symbol.asyncDispose]();
});
