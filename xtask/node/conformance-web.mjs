// Runs one file of the official suite inside the module, in a fresh page of a real Chromium:
//
//   node conformance-web.mjs MODULE FOLDER NAME SETTINGS
//
// What conformance.mjs says of the rest holds here, too. The page fetches the module from a server on this machine; the
// suite's files and chunks are handed to it, and what it printed is handed back.

import { readFileSync, readdirSync, writeSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";

import { chromium } from "playwright-core";

const [modulePath, folder, name, settings] = process.argv.slice(2);

const server = createServer((request, response) => {
  const isModule = request.url === "/cu.wasm";
  response.writeHead(200, { "content-type": isModule ? "application/wasm" : "text/html" });
  response.end(isModule ? readFileSync(modulePath) : "<!doctype html><title>conformance</title>");
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));

const browser = await chromium.launch({
  executablePath: process.env.CU_CHROMIUM ?? "/usr/bin/chromium",
  args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});
const page = await browser.newPage();
await page.goto(`http://127.0.0.1:${server.address().port}/`);

const helpers = ["bwcoercion.lua", "tracegc.lua"];
const names = name === "all" ? readdirSync(folder).filter((file) => file.endsWith(".lua")) : [`${name}.lua`, ...helpers];
const result = await page.evaluate(runInPage, {
  files: names.map((file) => [file, readFileSync(join(folder, file), "latin1")]),
  chunks: [
    `arg = {[0] = "${name}.lua"} ${settings}`,
    name === "big"
      ? `local f = coroutine.wrap(assert(loadfile "big.lua")) assert(f() == "b") assert(f() == "a")`
      : `return assert(loadfile "${name}.lua")()`,
  ],
});
await browser.close();
server.close();

const output = Buffer.from(result.output, "latin1");
for (let at = 0; at < output.length; ) at += writeSync(1, output, at);
if (result.error !== null) {
  writeSync(2, result.error + "\n");
  process.exitCode = 1;
}

/**
 * In the page: puts the files into a new instance and runs the chunks. Text goes both ways with a character for each
 * byte. It is sent as source text, so it uses nothing from outside.
 */
async function runInPage({ files, chunks }) {
  const text = (bytes) => Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  const toBytes = (string) => Uint8Array.from(string, (c) => c.charCodeAt(0));
  const tables = new Map();
  let cu;
  const view = (ptr, len) => new Uint8Array(cu.memory.buffer, ptr >>> 0, len >>> 0);
  const env = {
    js_ext_table_set(id, key, keyLen, value, valueLen) {
      if (!tables.has(id)) tables.set(id, new Map());
      tables.get(id).set(text(view(key, keyLen)), view(value, valueLen).slice());
      return 0;
    },
    js_ext_table_get(id, key, keyLen, at, most) {
      const value = tables.get(id)?.get(text(view(key, keyLen)));
      if (value === undefined || value.length > most >>> 0) return -1;
      view(at, value.length).set(value);
      return value.length;
    },
    js_ext_table_delete: (id, key, keyLen) => (tables.get(id)?.delete(text(view(key, keyLen))) ? 0 : -1),
    js_ext_table_size: (id) => tables.get(id)?.size ?? 0,
    js_ext_table_keys(id, at, most) {
      if (!tables.has(id)) return -1;
      const keys = toBytes([...tables.get(id).keys()].join("\n"));
      if (keys.length > most >>> 0) return -1;
      view(at, keys.length).set(keys);
      return keys.length;
    },
  };
  cu = (await WebAssembly.instantiateStreaming(fetch("/cu.wasm"), { env })).instance.exports;
  if (cu.init() !== 0) return { error: "init failed", output: "" };
  cu.set_memory_limit(256 << 20);
  cu.set_output_limit(64 << 20);
  const put = (string) => {
    view(cu.get_buffer_ptr(), string.length).set(toBytes(string));
    return string.length;
  };
  cu.set_time(Date.now());
  cu.set_variable(4, put("PATH/bin"));
  for (const [file, content] of files) {
    const piece = cu.get_buffer_size() - file.length;
    for (let at = 0; at === 0 || at < content.length; at += piece) {
      const length = put(file + content.slice(at, at + piece));
      if (cu.put_file(file.length, length, at > 0 ? 1 : 0) !== 0) return { error: `no room for ${file}`, output: "" };
    }
  }
  let output = "";
  for (const chunk of chunks) {
    let told;
    try {
      told = cu.compute(cu.get_buffer_ptr(), put(chunk));
    } catch (error) {
      return { error: `the module trapped: ${error.message}`, output };
    }
    const error = told < 0 ? text(view(cu.get_buffer_ptr(), -told - 1)) : null;
    for (let from = 0; from < cu.output_len(); ) {
      const n = cu.read_output(from);
      if (n <= 0) break;
      output += text(view(cu.get_buffer_ptr(), n));
      from += n;
    }
    if (error !== null) return { error, output };
  }
  return { error: null, output };
}
