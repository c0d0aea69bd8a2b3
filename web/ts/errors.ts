/**
 * The errors that this package throws, one class for each thing that a caller may want to tell apart.
 *
 * Here as elsewhere a class that callers see says its name, since the package is minified.
 */

/** What kind of error a {@link LuaError} is. */
export type LuaErrorKind = "runtime" | "syntax" | "memory" | "handler";

/** Where an error happened. */
export interface LuaErrorPlace {
  /** The name of the chunk, as it was given to `run`. */
  chunk?: string;
  /** The line, from 1. */
  line?: number;
  /** The column in UTF-16 code units, from 1; known for errors of syntax. */
  column?: number;
  /** The calls that led there, as `debug.traceback` words them. */
  traceback?: string;
}

/** An error of a Lua program, or one of JavaScript's that passed through it: then `cause` is that very object. */
export class LuaError extends Error {
  static override readonly name: string = "LuaError";
  override readonly name: string = "LuaError";
  readonly kind: LuaErrorKind;
  /** The error value, as JavaScript sees it. */
  readonly value: unknown;
  readonly chunk?: string;
  readonly line?: number;
  readonly column?: number;
  readonly traceback?: string;

  constructor(message: string, kind: LuaErrorKind, value: unknown, place: LuaErrorPlace = {}) {
    super(message, value instanceof Error ? { cause: value } : undefined);
    this.kind = kind;
    this.value = value;
    this.chunk = place.chunk;
    this.line = place.line;
    this.column = place.column;
    this.traceback = place.traceback;
  }
}

/** Which limit ended a run. */
export type LuaLimit = "fuel" | "deadline" | "output" | "aborted";

/** A run was ended by a limit. No Lua program can catch this. */
export class LuaLimitError extends Error {
  static override readonly name: string = "LuaLimitError";
  override readonly name = "LuaLimitError";
  readonly limit: LuaLimit;

  constructor(limit: LuaLimit, reason?: unknown) {
    const texts: Record<LuaLimit, string> = {
      fuel: "the run used up its fuel",
      deadline: "the run did not end in time",
      output: "the run wrote more than it may",
      aborted: "the run was aborted",
    };
    super(texts[limit], reason === undefined ? undefined : { cause: reason });
    this.limit = limit;
  }
}

/** The program called `os.exit`. */
export class LuaExit extends Error {
  static override readonly name: string = "LuaExit";
  override readonly name = "LuaExit";
  /** What `os.exit` was given: 0 for success. */
  readonly status: number;

  constructor(status: number) {
    super(`the program ended with status ${status}`);
    this.status = status;
  }
}

/** What makes a state unusable. */
export type LuaStateProblem = "closed" | "busy" | "dead" | "memory";

/** The state cannot be used: it is closed, it is running, its instance died, or there is no memory for it. */
export class LuaStateError extends Error {
  static override readonly name: string = "LuaStateError";
  override readonly name = "LuaStateError";
  readonly problem: LuaStateProblem;

  constructor(problem: LuaStateProblem, cause?: unknown) {
    const texts: Record<LuaStateProblem, string> = {
      closed: "the Lua state is closed",
      busy: "the Lua state is running and cannot be used from here (an output callback, or a getter of a value on its way)",
      dead: "the WebAssembly instance of this Lua state has died; open a new one",
      memory: "there is not enough memory for a Lua state",
    };
    super(texts[problem], cause === undefined ? undefined : { cause });
    this.problem = problem;
  }
}

/** A value that has no counterpart on the other side. */
export class LuaValueError extends TypeError {
  static override readonly name: string = "LuaValueError";
  override readonly name = "LuaValueError";
}
