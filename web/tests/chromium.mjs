/** A server of the package and pages of a real Chromium, for the tests in browsers. */

import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join } from "node:path";

import { chromium } from "playwright-core";

const PACKAGE = new URL("../../dist/npm/", import.meta.url).pathname;
const TESTS = new URL(".", import.meta.url).pathname;
const TYPES = { ".html": "text/html", ".js": "text/javascript", ".mjs": "text/javascript", ".wasm": "application/wasm" };
const POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'";

const EXECUTABLE = process.env.CU_CHROMIUM ?? "/usr/bin/chromium";
const ARGUMENTS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

/** Serves the package, the tests under `/tests/`, and an empty page with a strict policy at `/`. */
export async function serve() {
  const server = createServer(async (request, response) => {
    const path = new URL(request.url, "http://x").pathname;
    const headers = { "content-security-policy": POLICY };
    if (path === "/") {
      response.writeHead(200, { "content-type": "text/html", ...headers });
      response.end("<!doctype html><title>cu</title>");
      return;
    }
    try {
      const content = await readFile(path.startsWith("/tests/") ? join(TESTS, path.slice(7)) : join(PACKAGE, path));
      response.writeHead(200, { "content-type": TYPES[extname(path)] ?? "text/plain", ...headers });
      response.end(content);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { address: `http://127.0.0.1:${server.address().port}/`, close: () => server.close() };
}

/** A browser, whose pages have profiles that nobody keeps. */
export function launch() {
  return chromium.launch({ executablePath: EXECUTABLE, args: ARGUMENTS });
}

/** A browser with a profile in a folder, as a process that can be killed. */
export async function launchKillable(folder) {
  const args = [...ARGUMENTS, "--remote-debugging-port=0", `--user-data-dir=${folder}`, "about:blank"];
  // A group of its own, so that all its processes can be killed at once.
  const child = spawn(EXECUTABLE, args, { detached: true, stdio: ["ignore", "ignore", "pipe"] });
  const ended = new Promise((resolve) => child.on("exit", resolve));
  const socket = await new Promise((resolve, reject) => {
    let text = "";
    child.stderr.on("data", (data) => {
      text += data;
      const match = /DevTools listening on (ws:\S+)/.exec(text);
      if (match !== null) resolve(match[1]);
    });
    ended.then(() => reject(new Error(`Chromium did not start: ${text}`)));
  });
  const browser = await chromium.connectOverCDP(socket);
  return {
    context: browser.contexts()[0],
    /** Kills all processes of the browser at once. */
    async kill() {
      process.kill(-child.pid, "SIGKILL");
      await ended;
    },
    /** Ends it as a user would. */
    async close() {
      const session = await browser.newBrowserCDPSession();
      await session.send("Browser.close").catch(() => undefined);
      const timer = setTimeout(() => process.kill(-child.pid, "SIGKILL"), 10_000);
      await ended;
      clearTimeout(timer);
    },
  };
}
