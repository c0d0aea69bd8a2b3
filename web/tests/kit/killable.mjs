/** A Chromium with a profile that stays, as a process that can be killed. */

import { spawn } from "node:child_process";

import { chromium } from "playwright-core";

import { ARGUMENTS, EXECUTABLE } from "./chromium.mjs";

/** A browser with a profile in a folder, as a process that can be killed. */
export async function launchKillable(folder) {
  const args = [...ARGUMENTS, "--remote-debugging-port=0", `--user-data-dir=${folder}`, "about:blank"];
  // A group of its own, so that all its processes can be killed at once.
  const child = spawn(EXECUTABLE, args, { detached: true, stdio: ["ignore", "ignore", "pipe"] });
  // It does not outlive the tests, however they end.
  const killAll = () => process.kill(-child.pid, "SIGKILL");
  process.once("exit", killAll);
  const ended = new Promise((resolve) => child.on("exit", resolve)).finally(() => process.off("exit", killAll));
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
      killAll();
      await ended;
    },
    /** Ends it as a user would. */
    async close() {
      const session = await browser.newBrowserCDPSession();
      await session.send("Browser.close").catch(() => undefined);
      const timer = setTimeout(killAll, 10_000);
      await ended;
      clearTimeout(timer);
    },
  };
}
