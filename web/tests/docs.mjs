/**
 * The blocks of code in the pages of `docs/` and in READMEs, and what they are expected to print.
 *
 * | fence | what happens to it |
 * |---|---|
 * | `js` | runs in Node, as an ES module, in a folder where the package is installed; a page's blocks share the folder |
 * | `cjs` | the same, as CommonJS |
 * | `js continue` | the same, behind the block before it |
 * | `js browser` | runs in a page of Chromium, where the package is known by its name; a page's blocks share the database |
 * | `ts` | is checked by the TypeScript compiler |
 * | `lua` | runs in the module `cu.wasm` |
 * | `html browser` | is loaded as a page of Chromium, beside the files of the package |
 * | `js file=NAME`, `json file=NAME` | is written to the folder as NAME, for the blocks after it and for other tests |
 * | `sh`, `text` | nothing: commands are tested elsewhere |
 *
 * What a block prints is compared with the comments behind `console.log(...)` (`// 42`) and `print(...)` (`--> 42`, or
 * `// 42` if the print is a part of a JavaScript string), in their order. A block without such comments has to end well.
 * A block that is to fail says so in its first line: `// throws: TEXT`.
 */

import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

export const ROOT = new URL("../../", import.meta.url).pathname;
const KINDS = new Set(["js", "js continue", "js browser", "cjs", "ts", "lua", "html browser", "sh", "text"]);

/** Pages outside of `docs/`. */
const READMES = ["README.md", "web/README.md"];

/** All pages with their blocks. */
export async function pages() {
  const names = (await readdir(join(ROOT, "docs"))).filter((name) => name.endsWith(".md")).map((name) => `docs/${name}`);
  return Promise.all(
    [...READMES, ...names.sort()].map(async (name) => {
      const text = await readFile(join(ROOT, name), "utf8");
      return { name, text, blocks: blocks(name, text) };
    }),
  );
}

/** The blocks of a page, those that continue another one joined to it. */
export function blocks(page, text) {
  const found = [];
  let open;
  for (const [i, line] of text.split("\n").entries()) {
    const fence = /^```(.*)$/.exec(line);
    if (fence === null) {
      open?.lines.push(line);
    } else if (open === undefined) {
      open = { line: i + 1, kind: fence[1].trim(), lines: [] };
    } else {
      found.push(block(page, open, found.at(-1)));
      open = undefined;
    }
  }
  if (open !== undefined) throw new Error(`${page}:${open.line}: a block is not closed`);
  return found;
}

function block(page, { line, kind, lines }, before) {
  const place = `${page}:${line}`;
  const [, language, file] = /^(\S+) file=(\S+)$/.exec(kind) ?? [];
  if (file === undefined && !KINDS.has(kind)) throw new Error(`${place}: there is no way to run a block of '${kind}'; web/tests/docs.mjs lists what there is`);
  const own = `${lines.join("\n")}\n`;
  if (kind === "js continue") {
    if (before?.language !== "js") throw new Error(`${place}: there is no block to continue`);
    return { place, kind: "js", language: "js", text: before.text + own, expected: expectations(own), before: expectations(before.text) };
  }
  return { place, kind: file === undefined ? kind : "file", language: language ?? kind.split(" ")[0], file, text: own, expected: expectations(own), before: [], throws: /^\/\/ throws: (.*)$/m.exec(lines[0] ?? "")?.[1] };
}

/** What the comments of a program say that it prints. */
export function expectations(text) {
  const expected = [];
  for (const line of text.split("\n")) {
    const match = /(?:console\.log|print)\(.*?(?:\/\/|-->) (.*)$/.exec(line);
    if (match !== null) expected.push(match[1].trimEnd());
  }
  return expected;
}
