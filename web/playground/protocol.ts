/**
 * What the page and its worker say to each other.
 *
 * ```text
 *   page   { id, ask: "run", source }                      a question; one `run` at a time
 *   worker { id, answer } or { id, problem }               its answer, always
 *   worker { tell: "output" | "progress" | "home", … }     what happens meanwhile
 * ```
 *
 * A worker that runs a program hears nothing until the program ends or sleeps. So the page stops a program by ending the
 * worker, and starts another one, which opens the store again.
 */

/** A value of Lua's, to be shown. */
export interface Described {
  kind: "nil" | "boolean" | "integer" | "float" | "string" | "table" | "function" | "thread" | "userdata";
  text: string;
  /** For a table: its number, to ask for its entries. */
  id?: number;
  count?: number;
  hasMetatable?: boolean;
}

/** An entry of a table. */
export interface Entry {
  name: string;
  value: Described;
}

/** What is wrong with a program. */
export interface Problem {
  message: string;
  line?: number;
  column?: number;
  traceback?: string;
  /** A limit ended the run, or the program itself did. */
  isEnd?: boolean;
}

/** The table `_home`, and how it is kept. */
export interface Home {
  entries: Entry[];
  count: number;
  generation: number;
  hasChanges: boolean;
  /** It is kept in memory only: another page has the store, or there is none. */
  isTemporary: boolean;
}

export interface Progress {
  fuel: number;
  memoryBytes: number;
  ms: number;
}

/** How a run ended. */
export interface Ended {
  results: Described[];
  problem?: Problem;
}

/** Questions and their answers. */
export interface Asked {
  /** Opens the store; while another page or worker has it, so many milliseconds are waited. */
  open: { question: { patience: number }; answer: Home };
  run: { question: { source: string }; answer: Ended };
  check: { question: { source: string }; answer: Problem | undefined };
  entries: { question: { pane: "result" | "home"; table: number; from: number }; answer: Entry[] };
  save: { question: object; answer: Home };
  reload: { question: object; answer: Home };
  export: { question: object; answer: Uint8Array };
  import: { question: { file: Uint8Array }; answer: Home };
}

export type Ask = keyof Asked;
export type Question = { [A in Ask]: { id: number; ask: A } & Asked[A]["question"] }[Ask];

export type FromWorker =
  | { id: number; answer: unknown }
  | { id: number; problem: Problem }
  | { tell: "output"; text: string; isError: boolean }
  | { tell: "progress"; progress: Progress }
  | { tell: "home"; home: Home };

/** Entries of a table that are asked for at once. */
export const PIECE = 200;
