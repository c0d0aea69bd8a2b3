/** The worker: the Lua state, and the answers to the page's questions (`protocol.ts`). */

import { Lua, type Lua as State, LuaError, LuaExit, type LuaFunction, LuaLimitError, LuaStorageError, MemoryStorage } from "../ts/entries/browser.ts";
import inspect from "./inspect.lua";
import { type Ask, type Asked, type Described, type Ended, type Entry, type FromWorker, type Home, PIECE, type Problem, type Question } from "./protocol.ts";

const STORE = "idb://cu-playground";
/** Looking into tables takes all of `debug`. */
const PROFILE = { profile: "full", binaryChunks: false } as const;
const LIMITS = { memoryBytes: 256 << 20, outputBytes: 4 << 20 };
/** Milliseconds between two pieces of output, or two looks at `_home`. */
const PACE = 30;
/** What looking into a table may take. */
const LOOK = { fuel: 20_000_000 };

function post(message: FromWorker): void {
  self.postMessage(message);
}

/** Output on its way to the page: gathered, so that a program that prints much does not drown it. */
class Output {
  private text = "";
  private isError = false;
  private sent = 0;
  private isDue = false;

  write(text: string, isError: boolean): void {
    if (isError !== this.isError) this.flush();
    this.isError = isError;
    this.text += text;
    if (this.text.length > 1 << 14 || performance.now() - this.sent > PACE) this.flush();
    else if (!this.isDue) {
      this.isDue = true;
      setTimeout(() => {
        this.isDue = false;
        this.flush();
      }, PACE);
    }
  }

  flush(): void {
    if (this.text !== "") post({ tell: "output", text: this.text, isError: this.isError });
    this.text = "";
    this.sent = performance.now();
  }
}

/** A state with what the page wants to know of it. */
class Session {
  readonly lua: State;
  private readonly isTemporary: boolean;
  private readonly newPane: LuaFunction;
  private readonly keep: LuaFunction;
  private readonly describe: LuaFunction;
  private readonly entriesOf: LuaFunction;
  private toldHome = 0;

  private constructor(lua: State, isTemporary: boolean) {
    this.lua = lua;
    this.isTemporary = isTemporary;
    const name = { name: "=(playground)", all: true } as const;
    const panes = lua.runSync(
      `local new, home, pack, unpack = ..., _home, table.pack, table.unpack
       local kept, panes = {n = 0}, {}
       local function pane(name) local d, e = new() panes[name] = {describe = d, entries = e} end
       local function keep(main_chunk) kept = {n = 0} kept = pack(main_chunk()) end
       local function describe(name)
         pane(name)
         local described, values = {}, name == "home" and {n = 1, home} or kept
         for i = 1, values.n do described[i] = panes[name].describe(values[i]) end
         return described
       end
       local function entries(name, ...) return panes[name].entries(...) end
       return pane, keep, describe, entries`,
      { ...name, args: [lua.runSync(inspect, { name: "=(playground)" })] },
    ) as LuaFunction[];
    [this.newPane, this.keep, this.describe, this.entriesOf] = panes;
    this.newPane("result");
  }

  /** Opens what is stored, or puts what a file has into the store. */
  static async open(output: Output, patience: number, file?: Uint8Array): Promise<Session> {
    const start = performance.now();
    let session: Session | undefined;
    const options = {
      ...PROFILE,
      limits: LIMITS,
      stdout: (text: string) => output.write(text, false),
      stderr: (text: string) => output.write(text, true),
      // A program that sleeps lets the page see what it has done.
      globals: { sleep: (seconds: unknown) => (output.flush(), session?.showHome(), new Promise<void>((resolve) => setTimeout(resolve, 1000 * Number(seconds ?? 0)))) },
    };
    const state = (store: string | MemoryStorage): Promise<State> =>
      file === undefined ? Lua.open({ ...options, store }) : Lua.import(file, { ...options, store, replace: true });
    while (session === undefined) {
      try {
        session = new Session(await state(STORE), false);
      } catch (error) {
        // The worker before this one may not have let go of the store yet.
        const isTaken = error instanceof LuaStorageError && error.problem === "locked";
        if (isTaken && performance.now() - start < patience) await new Promise((resolve) => setTimeout(resolve, 50));
        else if (error instanceof LuaStorageError && (isTaken || error.problem === "unavailable")) session = new Session(await state(new MemoryStorage()), true);
        else throw error;
      }
    }
    return session;
  }

  /** Runs a program and keeps its results in Lua, to be looked into. */
  async run(source: string): Promise<Ended> {
    try {
      const program = this.lua.load(source, "main.lua");
      await this.lua.run("local keep, program = ... return keep(program)", {
        name: "=(playground)",
        args: [this.keep, program],
        onProgress: (progress) => {
          output.flush();
          post({ tell: "progress", progress });
        },
      });
      return { results: await this.look<Described[]>(this.describe, "result") };
    } catch (error) {
      return { results: [], problem: problemOf(error) };
    }
  }

  check(source: string): Problem | undefined {
    try {
      this.lua.load(source, "main.lua");
      return undefined;
    } catch (error) {
      return problemOf(error);
    }
  }

  /** Asks Lua about values, within bounds: a table may be of any size. */
  private async look<T>(f: LuaFunction, ...args: unknown[]): Promise<T> {
    const answer = await this.lua.run("local function go(f, ...) return f(...) end return go(...)", { ...LOOK, name: "=(playground)", args: [f, ...args] });
    return (Array.isArray(answer) ? answer : []) as T;
  }

  entries(pane: string, table: number, from: number): Promise<Entry[]> {
    return this.look<Entry[]>(this.entriesOf, pane, table, from, PIECE);
  }

  async home(): Promise<Home> {
    const [home] = await this.look<Described[]>(this.describe, "home");
    return {
      entries: await this.entries("home", home?.id ?? 1, 1),
      count: home?.count ?? 0,
      generation: this.lua.generation,
      hasChanges: this.lua.hasChanges,
      isTemporary: this.isTemporary,
    };
  }

  private showHome(): void {
    if (performance.now() - this.toldHome < PACE) return;
    this.toldHome = performance.now();
    void this.home().then(
      (home) => post({ tell: "home", home }),
      () => undefined,
    );
  }
}

function problemOf(error: unknown): Problem {
  if (error instanceof LuaError) {
    // The frames of the playground itself are of no interest.
    const { message, line, column } = error;
    const calls = error.traceback?.slice(error.traceback.indexOf("stack traceback:")).split("\n");
    const lines = calls?.filter((line) => !/\(playground\)|\[C\]: in \?|\(\.\.\.tail calls\.\.\.\)/.test(line)).map((line) => line.replace(/in (?:local|upvalue) 'main_chunk'$/, "in main chunk"));
    return { message, column, line: error.chunk === "main.lua" || error.kind === "syntax" ? line : lineIn(message), traceback: lines?.join("\n") };
  }
  if (error instanceof LuaExit) return { message: `the program ended with status ${error.status}`, isEnd: true };
  if (error instanceof LuaLimitError) return { message: error.message, isEnd: true };
  return { message: error instanceof Error ? error.message : String(error) };
}

function lineIn(message: string): number | undefined {
  const match = /^main\.lua:(\d+):/.exec(message);
  return match === null ? undefined : Number(match[1]);
}

const output = new Output();
let session: Session | undefined;

async function closed(): Promise<void> {
  const before = session;
  session = undefined;
  await before?.lua[Symbol.asyncDispose]();
}

async function reopened(patience: number): Promise<Session> {
  await closed();
  return (session = await Session.open(output, patience));
}

/** Replaces everything by what a file has; a file that is none changes nothing. */
async function imported(file: Uint8Array): Promise<Session> {
  // A state of its own finds out, before anything is given up, and says what is wrong.
  (await Lua.import(file, { store: new MemoryStorage(), limits: LIMITS, ...PROFILE })).close();
  await closed();
  try {
    return (session = await Session.open(output, 5000, file));
  } catch (error) {
    await reopened(5000);
    throw error;
  }
}

/** What answers each question. */
const ANSWERS: { [A in Ask]: (question: Asked[A]["question"]) => Asked[A]["answer"] | Promise<Asked[A]["answer"]> } = {
  open: async ({ patience }) => (await reopened(patience)).home(),
  async run({ source }) {
    const ended = await state().run(source);
    output.flush();
    post({ tell: "home", home: await state().home() });
    return ended;
  },
  check: ({ source }) => state().check(source),
  entries: ({ pane, table, from }) => state().entries(pane, table, from),
  async save() {
    await state().lua.save();
    return state().home();
  },
  reload: async () => (await reopened(5000)).home(),
  export: () => state().lua.export({ compress: true }),
  import: async ({ file }) => (await imported(file)).home(),
};

function state(): Session {
  if (session === undefined) throw new Error("there is no state");
  return session;
}

self.onmessage = async ({ data }: MessageEvent<Question>) => {
  const { id, ask, ...question } = data;
  try {
    const answer = await (ANSWERS[ask] as (question: object) => unknown)(question);
    post({ id, answer });
  } catch (error) {
    post({ id, problem: problemOf(error) });
  }
};
