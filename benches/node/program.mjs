// What the Node runners share: the command line, the warm-up, the result line.
//
// Knows no engine: a runner hands in a function that runs a chunk and gives its value as text.

import { readFileSync } from "node:fs";

/** How often a warm run is preceded by a smaller one. */
const WARM_ROUNDS = 3;

/** {engine, program, n, warm} from `[ENGINE] PROGRAM [N] [--warm|--cold]`. */
export function commandLine(usage, withEngine) {
  const args = process.argv.slice(2);
  const warm = args.includes("--warm");
  const plain = args.filter((arg) => !arg.startsWith("--"));
  const engine = withEngine ? plain.shift() : undefined;
  const [program, n] = plain;
  if (!program || (withEngine && !engine)) {
    console.error(`usage: node ${usage}`);
    process.exit(2);
  }
  return { engine, program, n: n === undefined ? undefined : Number(n), warm };
}

/** Runs the program and prints {"secs", "result"} as one line of JSON; secs includes compiling the chunk. */
export function measure({ program, n, warm }, run) {
  const source = readFileSync(program, "utf8");
  const standard = Number(/^local N = \.\.\. or (\d+)/.exec(source)?.[1]);
  if (!standard) throw new Error(`${program} does not begin with its N`);
  // A chunk gets no arguments from these hosts, so the program becomes a function that does.
  const chunk = (size) => `local function program(...) ${source}\nend return program(${size})`;
  const size = n ?? standard;
  if (warm) for (let i = 0; i < WARM_ROUNDS; i++) run(chunk(smaller(size)));
  const started = performance.now();
  const result = run(chunk(size));
  const secs = (performance.now() - started) / 1000;
  console.log(JSON.stringify({ secs, result }));
}

/** A size for warming up. Small sizes are exponents or sides, large ones counts. */
function smaller(n) {
  return n <= 100 ? Math.max(1, n - 3) : Math.floor(n / 10);
}
