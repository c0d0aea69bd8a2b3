/** Saves a state again and again, and writes the number that was saved; for the test that kills it. */

import { Lua } from "./package.mjs";

const lua = await Lua.open({ store: `file:${process.argv[2]}` });
await lua.run("_home.n = _home.n or 0 _home.list = _home.list or {}");
for (;;) {
  const n = await lua.run("_home.n = _home.n + 1 for i = 1, 200 do _home.list[i] = _home.n end return _home.n");
  await lua.save();
  process.stdout.write(`${n}\n`);
}
