// Puts the recorded behaviour of the original module to one of ours: node golden.mjs MODULE [GOLDEN.json].
//
// A case without `bug` has to give the same bytes, and leave the same store; one with `bug` has to give what it says is
// right: want_hex, want_error, or what NOTES makes of its want_note. Store entries are compared as sets, up to a
// renaming of tables above 2, for a Lua table has no order. EXCEPTIONS lists the cases that are different on purpose,
// each with its reason; one that has become the same fails.
//
// The last line of the output says how many cases passed and failed.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { call, compileModule, instantiateBare, response } from "./module.mjs";

const [modulePath, goldenPath = new URL("../golden/module/compute.json", import.meta.url)] = process.argv.slice(2);
const NOW = 1700000000000;

/** What `pairs(math)` finds, in order. */
const MATH =
  "abs acos asin atan atan2 ceil cos cosh deg exp floor fmod frexp huge ldexp log log10 max maxinteger min mininteger modf pi " +
  "pow rad random randomseed sin sinh sqrt tan tanh tointeger type ult";

/** The response to a chunk that prints nothing and returns a string, in hex. */
const returns = (text) => {
  const head = Buffer.from([0, 0, 0, 0, 4, 0, 0, 0, 0]);
  head.writeUInt32LE(text.length, 5);
  return Buffer.concat([head, Buffer.from(text)]).toString("hex");
};

/** Unmarked cases that differ (DESIGN.md, "Where is it not the original?"): name -> [reason, the response in hex]. */
const EXCEPTIONS = {
  "load/17": ["math.pow is there, as in stock builds of Lua", "0000000006"],
  "load/31": ["so are math.cosh and others", returns(MATH)],
  "lib/17": ["io.write is output as print is", "01000000780101"],
  "lib/18": ["io.write is output as print is", "09000000746f207374646f7574020100000000000000"],
  "ext/19": ["an entry may have a boolean as key, and no assignment is dropped silently", "00000000020100000000000000"],
  "ext/20": ["an entry may have the empty string as key", "00000000020100000000000000"],
  "tags/09": ["an empty string is a string, as the file says of result/33", returns("")],
};

const isError = (r) => r.told < 0;
const isNil = (r) => !isError(r) && r.value[0] === 0;
const isTable = (r) => !isError(r) && r.value[0] === 5 && r.value.length === 5;
const isFunction = (r) => !isError(r) && r.value.equals(Buffer.from([6]));
const text = (r) => (r.value?.[0] === 4 ? r.value.subarray(5).toString("latin1") : undefined);
const prints = (pattern) => (r) => pattern.test(r.output?.toString("latin1"));
const entries = (r) => r.tables.get(r.value.readUInt32LE(1));
const integer = (r, n) => r.value?.[0] === 2 && r.value.readBigInt64LE(1) === BigInt(n);
const errorOf = (pattern) => (r) => isError(r) && pattern.test(r.error);

/** What a want_note asks for, by the name of the case: a predicate over what happened. */
const NOTES = {
  "result/41": (r) => isTable(r) && !entries(r)?.size,
  "result/42": (r) => isTable(r) && entries(r).size === 3 && entries(r).get("2")?.[1] === 2,
  "result/43": isFunction,
  "result/44": isFunction,
  "result/45": (r) => /^thread: 0x[0-9a-f]+$/.test(text(r)),
  "result/46": (r) => /^file \(0x[0-9a-f]+\)$/.test(text(r)),
  "result/47": isTable,
  "print/22": prints(/^table: 0x[0-9a-f]+\n$/),
  "print/23": prints(/^(function|builtin): (builtin: )?0x[0-9a-f]+\n$/),
  "print/25": prints(/^Kind: 0x[0-9a-f]+\n$/),
  "string/57": isFunction,
  "error/04": errorOf(/^\(error object is a nil value\)$/),
  "error/05": errorOf(/^\(error object is a nil value\)$/),
  "error/07": errorOf(/^\(error object is a table value\)$/),
  "error/08": errorOf(/^E!$/),
  "error/78": errorOf(/stack overflow/),
  "load/22": (r) => text(r)?.startsWith("module 'nosuchmodule' not found:"),
  // There are files in memory, so there are names for them, too.
  "lib/16": (r) => isError(r) || isNil(r) || text(r)?.startsWith("/tmp/") || text(r)?.startsWith("tmp/"),
  "lib/25": (r) => r.value?.[0] === 1,
  "ext/46": () => true,
  "ext/59": (r) => isTable(r) && Buffer.from(entries(r).get("me")).readUInt32LE(1) === r.value.readUInt32LE(1),
  "ext/60": errorOf(/coroutine/),
  "ext/61": errorOf(/coroutine/),
  "ext/62": errorOf(/userdata|file/i),
  "ext/63": (r) => isTable(r) || isError(r),
  "ext/64": (r) => isTable(r) && entries(r).has("1.5"),
  "ext/66": (r) => integer(r, 1) || integer(r, 9),
  "ext/68": (r) => text(r) === "x".repeat(16380) || isError(r),
  "ext/70": (r) => integer(r, 1) || isError(r),
  "ext/72": (r) => text(r) === "table" || isError(r),
  "ext/75": isError,
  "ext/83": (r) => integer(r, 1) || integer(r, 2),
  "ext/92": errorOf(/from f$/),
  "ext/96": (r) => isTable(r) && entries(r).size === 2,
  "bigint/10": isError,
  "bigint/11": (r) => isError(r) || text(r) === "1000000000000000019884624838656",
  "bigint/38": () => true,
  "limits/05": recorded,
  "limits/06": recorded,
  "limits/13": (r) => /stack overflow/.test(text(r)),
  "limits/18": errorOf(/^\[string "return 1"\]:1: /),
};

/** Whether the response is the recorded one. */
function recorded(r, golden) {
  if (golden.error) return false;
  if (golden.response_hex !== undefined) return r.bytes.toString("hex") === golden.response_hex;
  return isDigest(r, golden.response_len, golden.response_sha256);
}

function isDigest(r, length, sha256) {
  return r.bytes.length === length && createHash("sha256").update(r.bytes).digest("hex") === sha256;
}

/** Runs the chunks of a case in a fresh instance: what the last one did. */
function run(module, golden) {
  const tables = new Map();
  const cu = instantiateBare(module, { tables, functions: { js_time_now: () => NOW } });
  if (cu.init() !== 0) throw new Error("init failed");
  for (const [id, before] of Object.entries(golden.store_before ?? {})) {
    tables.set(Number(id), new Map(Object.entries(before).map(([key, hex]) => [bytewise(key), Buffer.from(hex, "hex")])));
  }
  for (const chunk of golden.setup ?? []) call(cu, Buffer.from(chunk));
  const told = call(cu, Buffer.from(golden.code));
  const bytes = response(cu, told);
  if (told < 0) return { told, bytes, tables, error: bytes.toString() };
  if (told === 0) return { told, bytes, tables, output: bytes, value: bytes };
  const n = bytes.readUInt32LE(0);
  return { told, bytes, tables, output: bytes.subarray(4, 4 + n), value: bytes.subarray(4 + n) };
}

/** A key of the golden file as our host has it: bytes as code points below 256. */
const bytewise = (key) => Buffer.from(key).toString("latin1");

/** A store as one text that is the same for stores that differ in the numbers of tables above 2 only. */
function canonical(store) {
  const colours = new Map();
  const colour = (id) => colours.get(id) ?? (id <= 2 ? `#${id}` : "#");
  const value = (bytes) => {
    if (bytes === "05*" || bytes[0] === 5) return "05*";
    const buffer = Buffer.from(bytes);
    return bytes[0] === 7 && bytes.length === 5 ? `07${colour(buffer.readUInt32LE(1))}` : buffer.toString("hex");
  };
  const filled = [...store].filter(([, table]) => table.size > 0);
  // Colours get finer until they tell apart what can be told apart.
  for (let round = 0; round <= filled.length; round++) {
    const finer = filled.map(([id, table]) => {
      const lines = [...table].map(([key, bytes]) => `${JSON.stringify(key)}=${value(bytes)}`).sort();
      const digest = createHash("sha256").update(lines.join("\n")).digest("hex").slice(0, 16);
      return [id, `${id <= 2 ? id : ""}#${digest}`];
    });
    for (const [id, name] of finer) colours.set(id, name);
  }
  return filled.map(([id]) => colour(id)).sort().join(" ");
}

function recordedStore(after) {
  const table = (entries) =>
    new Map(Object.entries(entries).map(([key, hex]) => [bytewise(key), hex === "05*" ? hex : Buffer.from(hex, "hex")]));
  return new Map(Object.entries(after).map(([id, entries]) => [Number(id), table(entries)]));
}

/** What is wrong with what happened; undefined when it is right. */
function judge(r, golden) {
  const shown = () => (isError(r) ? `error ${JSON.stringify(r.error)}` : r.bytes.toString("hex").slice(0, 200));
  if (golden.name in EXCEPTIONS) {
    const [, hex] = EXCEPTIONS[golden.name];
    return r.bytes.toString("hex") === hex ? undefined : `${shown()} instead of ${hex}`;
  }
  if (golden.bug) {
    if (golden.want_error !== undefined) {
      return isError(r) && r.error === golden.want_error ? undefined : `${shown()} instead of error ${JSON.stringify(golden.want_error)}`;
    }
    if (golden.want_hex !== undefined) {
      return r.bytes.toString("hex") === golden.want_hex ? undefined : `${shown()} instead of ${golden.want_hex}`;
    }
    if (golden.want_sha256 !== undefined) {
      return isDigest(r, golden.want_len, golden.want_sha256) ? undefined : `${r.bytes.length} other bytes`;
    }
    const wanted = NOTES[golden.name];
    if (!wanted) return `no predicate for: ${golden.want_note}`;
    return wanted(r, golden) ? undefined : `${shown()}, but wanted: ${golden.want_note}`;
  }
  const isNaN = golden.nan && r.value?.[0] === 3 && Number.isNaN(r.value.readDoubleLE(1));
  if (!isNaN && !recorded(r, golden)) return `${shown()} instead of ${golden.response_hex}`;
  if (golden.store_after && canonical(r.tables) !== canonical(recordedStore(golden.store_after))) {
    const entries = [...r.tables].map(([id, t]) => [id, Object.fromEntries([...t].map(([k, v]) => [k, Buffer.from(v).toString("hex")]))]);
    const plain = JSON.stringify(Object.fromEntries(entries));
    return `another store: ${plain} instead of ${JSON.stringify(golden.store_after)}`;
  }
  return undefined;
}

const module = compileModule(modulePath);
const { cases } = JSON.parse(readFileSync(goldenPath, "utf8"));
let failed = 0;
for (const golden of cases) {
  let wrong;
  try {
    wrong = judge(run(module, golden), golden);
  } catch (error) {
    wrong = `<${error.stack}>`;
  }
  if (wrong !== undefined) {
    failed += 1;
    console.error(`${golden.name}: ${golden.code.slice(0, 120)}\n    ${wrong}`);
  }
}
console.log(`${cases.length - failed} passed, ${failed} failed`);
