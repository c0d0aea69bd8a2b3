/** The page: what its buttons and keys do, and what is shown of a run. */

import { Editor } from "./editor.ts";
import { EXAMPLES } from "./examples.ts";
import { OutputPane } from "./output.ts";
import type { Described, Home, Problem, Progress } from "./protocol.ts";
import { Refused, Session, Stopped } from "./session.ts";
import { linkTo, programIn } from "./share.ts";
import { remember, remembered, switchTheme } from "./theme.ts";
import { Tree } from "./tree.ts";

const DRAFT = "cu-draft";
const isMac = /Mac|iP/.test(navigator.platform);

function part<T extends HTMLElement = HTMLElement>(id: string): T {
  return document.getElementById(id) as T;
}

type State = "starting" | "ready" | "running" | "done" | "stopped" | "failed";

const session = new Session({
  output(text, isError) {
    part("output-empty").hidden = true;
    output.write(text, isError);
  },
  progress: showProgress,
  home: (home) => void showHome(home, true),
});
const output = new OutputPane(part("output"), part("output-scroller"), (line) => {
  showTab("code");
  editor.goTo(line);
});
const result = new Tree(part("result"), "Result", (table, from) => session.ask("entries", { pane: "result", table, from }));
const homeTree = new Tree(part("home"), "_home", (table, from) => session.ask("entries", { pane: "home", table, from }));

/** A problem that the last run had: it stays underlined until the program is changed. */
let lastProblem: Problem | undefined;
let state: State = "starting";
let started = 0;
let lastProgress: Progress | undefined;

const editor = new Editor(part("editor"), {
  source: remembered(DRAFT) ?? EXAMPLES[0].source,
  keys: [
    { key: "Mod-Enter", run: () => (void run(), true) },
    { key: "Mod-s", run: () => (void save(), true) },
    { key: "Escape", run: () => state === "running" && (void stop(), true) },
  ],
  async check(source) {
    if (lastProblem !== undefined) return lastProblem;
    // A worker that is busy would answer too late.
    if (state === "running" || state === "starting") return undefined;
    return session.ask("check", { source }).catch(() => undefined);
  },
  changed(source) {
    lastProblem = undefined;
    remember(DRAFT, source);
    if (location.hash !== "") history.replaceState(null, "", location.pathname);
  },
});

// ---- the state of things ----------------------------------------------------------------------------------

const STATUS: Record<State, string> = { starting: "Starting", ready: "Ready", running: "Running", done: "Done", stopped: "Stopped", failed: "Failed" };

function become(next: State, said = STATUS[next]): void {
  state = next;
  document.body.dataset.state = next;
  part("status").textContent = said;
  const button = part("run");
  const isRunning = next === "running";
  const label = button.querySelector(".label");
  const key = button.querySelector("kbd");
  if (label !== null) label.textContent = isRunning ? "Stop" : "Run";
  if (key !== null) key.textContent = isRunning ? "Esc" : isMac ? "⌘ ↵" : "Ctrl ↵";
  for (const id of ["save", "reload", "export", "import"]) part<HTMLButtonElement>(id).disabled = isRunning || next === "starting";
}

function showProgress(progress: Progress): void {
  lastProgress = progress;
  const { fuel, memoryBytes, ms } = progress;
  part("fuel").textContent = shortNumber(fuel);
  part("time").textContent = shortTime(ms);
  part("memory").textContent = shortBytes(memoryBytes);
  part<HTMLMeterElement>("memory-meter").value = memoryBytes;
}

function shortNumber(n: number): string {
  if (n < 10_000) return n.toLocaleString("en");
  const [unit, size] = n < 1e6 ? ["K", 1e3] : n < 1e9 ? ["M", 1e6] : ["G", 1e9];
  return `${(n / size).toPrecision(3)} ${unit}`;
}

function shortTime(ms: number): string {
  return ms < 1000 ? `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms` : `${(ms / 1000).toFixed(2)} s`;
}

function shortBytes(n: number): string {
  return n < 1 << 20 ? `${Math.round(n / 1024)} KB` : `${(n / (1 << 20)).toFixed(n < 100 << 20 ? 1 : 0)} MB`;
}

async function showHome(home: Home, flash: boolean): Promise<void> {
  const state = part("home-state");
  state.textContent = home.isTemporary ? "not kept: open in another tab" : home.hasChanges ? "not saved" : home.generation > 0 ? `saved · ${home.generation}` : "";
  state.className = home.hasChanges ? "unsaved" : "";
  part("home-empty").hidden = home.count > 0;
  await homeTree.show(home.entries, flash, home.count - home.entries.length);
}

async function showResults(results: readonly Described[]): Promise<void> {
  part("result-empty").hidden = results.length > 0;
  await result.show(results.map((value) => ({ value })), false);
}

let toastEnds = 0;
function toast(text: string): void {
  const box = part("toast");
  box.textContent = text;
  box.classList.add("shown");
  clearTimeout(toastEnds);
  toastEnds = setTimeout(() => box.classList.remove("shown"), 2600) as unknown as number;
}

/** On a narrow screen one pane is shown at a time. */
function showTab(name: string): void {
  document.body.dataset.tab = name;
  for (const tab of document.querySelectorAll<HTMLElement>("[role=tab]")) tab.setAttribute("aria-selected", String(tab.dataset.tab === name));
}

// ---- what can be done ---------------------------------------------------------------------------------------

/** Time goes on while a program sleeps or computes without telling. */
function tick(): void {
  if (state !== "running") return;
  part("time").textContent = shortTime(performance.now() - started);
  requestAnimationFrame(tick);
}

async function run(): Promise<void> {
  if (state === "running" || state === "starting") return;
  output.clear();
  part("output-empty").hidden = true;
  lastProblem = lastProgress = undefined;
  editor.mark(undefined);
  void showResults([]);
  become("running");
  if (document.body.dataset.tab === "code") showTab("output");
  started = performance.now();
  requestAnimationFrame(tick);
  try {
    const { results, problem } = await session.ask("run", { source: editor.source });
    // What the worker measured is truer than what is seen from here.
    if (lastProgress !== undefined) showProgress(lastProgress);
    // A run that is said to be done has shown all it wrote.
    output.flush();
    if (problem === undefined) {
      become("done");
      await showResults(results);
      if (document.body.dataset.tab === "output" && results.length > 0 && output.isEmpty) showTab("result");
    } else {
      fail(problem);
    }
  } catch (error) {
    if (error instanceof Stopped) return;
    fail({ message: error instanceof Error ? error.message : String(error) });
  }
  part("output-empty").hidden = !output.isEmpty;
}

function fail(problem: Problem): void {
  become("failed", problem.isEnd === true ? "Ended" : "Failed");
  if (problem.isEnd === true) {
    output.note(problem.message);
    return;
  }
  output.fail(problem.message, problem.traceback);
  if (problem.line !== undefined) {
    lastProblem = problem;
    editor.mark(problem);
  }
}

/** Ends the run with its worker; the next one begins with what was saved. */
async function stop(): Promise<void> {
  if (state !== "running") return;
  session.restart();
  output.note("Stopped. Variables are gone; _home is what was saved.");
  become("starting", "Stopped");
  // The worker that was ended lets go of the store when the browser has cleared it away.
  await opened(5000, () => become("stopped"));
}

async function opened(patience: number, then: () => void): Promise<void> {
  try {
    const home = await session.ask("open", { patience });
    await showHome(home, false);
    then();
  } catch (error) {
    if (error instanceof Stopped) return;
    become("failed", "Could not start");
    output.fail(error instanceof Error ? error.message : String(error), undefined);
  }
}

/** Does something with the store, and says what came of it. */
async function stored(act: () => Promise<Home>, said: (home: Home) => string): Promise<void> {
  if (state === "running" || state === "starting") return;
  try {
    const home = await act();
    await showHome(home, false);
    toast(said(home));
  } catch (error) {
    if (error instanceof Refused) toast(error.message);
  }
}

const save = (): Promise<void> =>
  stored(
    () => session.ask("save", {}),
    (home) => (home.isTemporary ? "Kept until this page is closed" : `Saved, number ${home.generation}`),
  );

async function exported(): Promise<void> {
  try {
    const file = await session.ask("export", {});
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([file as Uint8Array<ArrayBuffer>], { type: "application/octet-stream" }));
    link.download = "playground.cu";
    link.click();
    URL.revokeObjectURL(link.href);
  } catch (error) {
    toast(error instanceof Error ? error.message : String(error));
  }
}

async function share(): Promise<void> {
  const link = await linkTo(editor.source);
  history.replaceState(null, "", link);
  try {
    await navigator.clipboard.writeText(link);
    toast("Link copied");
  } catch {
    toast("The link is in the address bar");
  }
}

function use(source: string): void {
  editor.source = source;
  showTab("code");
  editor.focus();
}

/** Goes from pane to pane. */
function nextPane(step: number): void {
  const panes = ["code", "output", "result", "home"];
  const active = document.activeElement?.closest("section");
  const at = panes.findIndex((name) => active?.classList.contains(name));
  const name = panes[(Math.max(at, 0) + step + panes.length) % panes.length] ?? "code";
  showTab(name);
  if (name === "code") editor.focus();
  else if (name === "output") part("output-scroller").focus();
  else (part(name).querySelector<HTMLElement>("[tabindex='0']") ?? (name === "home" ? part("save") : part("result"))).focus();
}

// ---- buttons and keys ---------------------------------------------------------------------------------------

part("run").onclick = () => void (state === "running" ? stop() : run());
part("share").onclick = () => void share();
part("theme").onclick = switchTheme;
part("save").onclick = () => void save();
part("reload").onclick = () =>
  void stored(
    () => session.ask("reload", {}),
    () => "As it was saved",
  );
part("export").onclick = () => void exported();
part("import").onclick = () => part("file").click();
part("file").onchange = async () => {
  const input = part<HTMLInputElement>("file");
  const file = input.files?.[0];
  input.value = "";
  if (file === undefined) return;
  const bytes = new Uint8Array(await file.arrayBuffer());
  await stored(
    () => session.ask("import", { file: bytes }),
    () => "Imported",
  );
};

document.addEventListener("keydown", (event) => {
  const isMod = isMac ? event.metaKey : event.ctrlKey;
  // The editor has these keys itself.
  if (event.defaultPrevented) return;
  if (isMod && event.key === "Enter") void run();
  else if (isMod && event.key === "s") void save();
  else if (event.key === "Escape" && state === "running") void stop();
  else if (event.key === "F6") nextPane(event.shiftKey ? -1 : 1);
  else return;
  event.preventDefault();
});

for (const tab of document.querySelectorAll<HTMLElement>("[role=tab]")) tab.onclick = () => showTab(tab.dataset.tab ?? "code");

const menu = part("examples");
for (const { title, about, source } of EXAMPLES) {
  const item = document.createElement("button");
  item.setAttribute("role", "menuitem");
  const name = document.createElement("b");
  name.textContent = title;
  const hint = document.createElement("span");
  hint.textContent = about;
  item.append(name, hint);
  item.onclick = () => {
    menu.hidePopover();
    use(source);
  };
  menu.append(item);
}
menu.addEventListener("toggle", () => {
  if (menu.matches(":popover-open")) menu.querySelector("button")?.focus();
});
menu.addEventListener("keydown", (event) => {
  const items = [...menu.querySelectorAll("button")];
  const at = items.indexOf(document.activeElement as HTMLButtonElement);
  const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
  if (step === 0) return;
  event.preventDefault();
  items[(at + step + items.length) % items.length]?.focus();
});

async function fromLink(): Promise<void> {
  const source = await programIn(location.hash);
  if (source !== undefined && source !== editor.source) use(source);
  else if (source === undefined && location.hash !== "") toast("This link holds no program");
}
window.addEventListener("hashchange", () => void fromLink());

showTab("code");
become("starting");
await fromLink();
await opened(500, () => become("ready"));
// On a phone the keyboard would cover half of the page.
if (matchMedia("(pointer: fine)").matches) editor.focus();
