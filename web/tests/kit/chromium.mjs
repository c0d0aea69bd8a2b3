/** A Chromium for tests, and a server for what its pages load. */

import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";

import { chromium } from "playwright-core";

const TYPES = {
  ".css": "text/css",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
  ".woff2": "font/woff2",
};

export const EXECUTABLE = process.env.CU_CHROMIUM ?? "/usr/bin/chromium";
export const ARGUMENTS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

/** Starts a Chromium. */
export function launch() {
  return chromium.launch({ executablePath: EXECUTABLE, args: ARGUMENTS });
}

/**
 * Serves folders and texts: `roots` maps what an address begins with to a folder, `texts` an address to the text that
 * is there (`{ "/": "<!doctype html>" }`). Gives the address and what ends it.
 */
export async function serve(roots, texts = {}, headers = {}) {
  const prefixes = Object.keys(roots).sort((a, b) => b.length - a.length);
  const server = createServer(async (request, response) => {
    const path = decodeURIComponent(new URL(request.url, "http://x").pathname);
    const prefix = prefixes.find((prefix) => path.startsWith(prefix));
    try {
      const text = texts[path];
      const file = text === undefined ? join(roots[prefix], normalize(`/${path.slice(prefix.length)}`)) : undefined;
      const content = text ?? (await readFile(file));
      response.writeHead(200, { "content-type": TYPES[extname(file ?? path)] ?? TYPES[".html"], ...headers });
      response.end(content);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    address: `http://127.0.0.1:${server.address().port}/`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
