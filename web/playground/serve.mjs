// Serves the playground on this machine alone: node serve.mjs FOLDER [PORT] [--open].
//
// The content security policy is that of index.html; sent as a header it holds for the worker as well.
import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

const TYPES = {
  ".css": "text/css",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
  ".woff2": "font/woff2",
};

/** Serves a folder at a port, or at any that is free: the server and its address. */
export async function serve(folder, port = 0) {
  const page = await readFile(join(folder, "index.html"), "utf8");
  const policy = /http-equiv="Content-Security-Policy" content="([^"]+)"/.exec(page)[1];
  const server = createServer(async (request, response) => {
    const path = new URL(request.url, "http://localhost").pathname;
    const file = normalize(join("/", path === "/" ? "index.html" : path));
    try {
      const content = await readFile(join(folder, file));
      response.writeHead(200, { "content-type": TYPES[extname(file)] ?? "application/octet-stream", "content-security-policy": policy, "cache-control": "no-cache" });
      response.end(content);
    } catch {
      response.writeHead(404).end("There is nothing here.\n");
    }
  });
  const listen = (port) =>
    new Promise((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, "127.0.0.1", resolve);
    });
  // A port in use is no reason to fail: another one is as good.
  await listen(port).catch(() => listen(0));
  return { server, address: `http://localhost:${server.address().port}/` };
}

function open(address) {
  const [command, ...args] = { darwin: ["open"], win32: ["cmd", "/c", "start"] }[process.platform] ?? ["xdg-open"];
  // Where there is no browser the address is on the screen.
  spawn(command, [...args, address], { stdio: "ignore", detached: true }).on("error", () => undefined).unref();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [folder, port = "5454"] = process.argv.slice(2).filter((arg) => arg !== "--open");
  const { address } = await serve(folder, Number(port));
  console.log(`The playground is at ${address} (Ctrl+C ends it)`);
  if (process.argv.includes("--open")) open(address);
}
