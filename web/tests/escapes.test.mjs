/**
 * Ways out of sandboxes that are known of JavaScript's, tried on this one: what escapes from other interpreters' bridges
 * used, in Lua. Each payload gets hold of something of JavaScript's and tries to reach more. None may: prototypes are
 * frozen while they run and compared afterwards, and nothing that the host did not grant is ever called or changed.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";

import { expose, Lua, LuaError, multi } from "./package.mjs";

/** What is watched: constructors, their prototypes, and the global object. */
const WATCHED = [Object, Function, Array, Promise, Map, Set, WeakMap, Error, TypeError, String, Number, Boolean, Symbol, BigInt, RegExp, Date, Proxy, Reflect, JSON, Math, Uint8Array, ArrayBuffer, WebAssembly, globalThis, process]
  .flatMap((it) => [it, it.prototype])
  .concat(
    [async function () {}, function* () {}, async function* () {}, [][Symbol.iterator](), new Map()[Symbol.iterator](), Uint8Array].map((it) => Object.getPrototypeOf(it)),
    [Object.getPrototypeOf(Lua.prototype), LuaError.prototype],
  )
  .filter((it) => (typeof it === "object" || typeof it === "function") && it !== null);

/** Every property of everything watched: descriptors, by identity. */
function photograph() {
  return WATCHED.map((it) => {
    const names = Reflect.ownKeys(it);
    return { prototype: Object.getPrototypeOf(it), names, values: names.map((name) => Object.getOwnPropertyDescriptor(it, name)) };
  });
}

function compared(before, after) {
  for (const [i, { prototype, names, values }] of before.entries()) {
    assert.equal(after[i].prototype, prototype);
    assert.deepEqual(after[i].names, names);
    for (const [n, one] of values.entries()) {
      const other = after[i].values[n];
      for (const key of ["value", "get", "set", "writable", "enumerable", "configurable"]) assert.ok(Object.is(one[key], other[key]), `${String(names[n])}.${key} changed`);
    }
  }
}

/** Something was reached that must not be. */
let breaches = [];
const breach = (how) => {
  breaches.push(how);
  return `breach: ${how}`;
};

class Secret {
  token = "s3cret";
  reveal() {
    return breach("reveal");
  }
}

class Account {
  #secret = new Secret();
  owner = "me";
  hidden = this.#secret;
  balance() {
    return 7;
  }
  self() {
    return this;
  }
  get trap() {
    return breach("a getter that was not listed");
  }
  static admin() {
    return breach("a static method that was not listed");
  }
}

/** What each payload finds among its globals. */
function world() {
  expose(Account, { call: true, instances: { read: ["balance", "self", "owner"], write: ["owner"], text: () => "account" } });
  const seen = [];
  return {
    seen,
    globals: {
      // Programs that hold any of these as a value have won.
      account: new Account(),
      Account,
      list: expose([1, 2, 3], { iterate: true, length: true }),
      map: expose(new Map([["a", 1]]), { iterate: true, read: ["get"] }),
      f: (...args) => args[0],
      this_of: function () {
        return this === undefined ? "nothing" : breach("a function has a `this`");
      },
      arguments_of: function () {
        return arguments.length;
      },
      arrow: () => "arrow",
      generator: function* () {
        yield 1;
        yield 2;
      },
      async: async (x) => x,
      fails: () => {
        throw new Error("failed", { cause: new Secret() });
      },
      fails_with: (value) => {
        throw value;
      },
      rejects: async () => {
        throw new TypeError("rejected", { cause: globalThis });
      },
      data: { a: 1, nested: { b: 2 }, list: [1, 2] },
      see: (value) => {
        seen.push(value);
        return value;
      },
      call: (g, ...args) => g(...args),
      pair: () => multi(1, 2),
      spread: (value) => ({ ...value }),
      assign: (value) => Object.assign({}, value),
      stringify: (value) => JSON.stringify(value),
      template: (value) => {
        try {
          return `${value}`;
        } catch (error) {
          return error.name;
        }
      },
      awaits: async (value) => {
        await value;
        return "awaited";
      },
      iterate: (value) => {
        try {
          return [...value].length;
        } catch (error) {
          return error.name;
        }
      },
      keyed: (value) => {
        try {
          return typeof { token: "s3cret" }[value];
        } catch (error) {
          return error.name;
        }
      },
      merge: (value) => {
        // A host that merges what it got, carelessly: what is its own may change, and nothing else.
        const target = {};
        for (const key in value) target[key] = value[key];
        return {}.polluted === undefined ? "kept" : breach("a merge reached Object.prototype");
      },
    },
  };
}

/** Members that lead from any object of JavaScript's to everything. */
const DOORS = ["constructor", "__proto__", "prototype", "call", "apply", "bind", "caller", "callee", "arguments", "__defineGetter__", "__defineSetter__", "__lookupGetter__", "__lookupSetter__", "hasOwnProperty", "isPrototypeOf", "toString", "toLocaleString", "valueOf", "then", "catch", "finally", "next", "return", "throw", "length", "name", "stack", "cause", "message", "Symbol(Symbol.iterator)", "@@iterator", "Symbol.toPrimitive"];
const THINGS = ["account", "Account", "list", "map", "f", "this_of", "arrow", "generator", "async", "fails", "data", "data.nested", "data.list", "account.balance", "account.self", "map.get", "print", "math", "'text'", "(1)", "(true)", "select(2, pcall(fails))", "select(2, pcall(rejects))", "generator()", "coroutine.create(f)"];

/** name, program; each is to end, by an error or by a result in which nothing of JavaScript's is that was not granted. */
const PAYLOADS = [
  // Constructor chains.
  ["the constructor of a function makes functions", "return f.constructor('return process')()"],
  ["the constructor of a constructor", "return account.constructor.constructor('return this')()"],
  ["the constructor of a method", "return account.balance.constructor('return process')()"],
  ["the constructor of a class shown", "return Account.constructor('return process')()"],
  ["the constructor of an error", "local _, e = pcall(fails) return e.constructor.constructor('return process')()"],
  ["the constructor of a rejection", "local _, e = pcall(rejects) return e.constructor.constructor('return process')()"],
  ["the constructor of plain data", "return data.constructor.constructor('return process')()"],
  ["the constructor of a string", "return ('').constructor.constructor('return process')()"],
  ["the constructor of a number", "return (1).constructor.constructor('return process')()"],
  ["the constructor of an array of results", "return data.list.constructor.from({length = 1})"],
  ["the constructor of an iterator", "return generator().constructor"],
  ["the constructor of an async function", "return async.constructor('return process')()"],
  ["the constructor through computed keys", "for _, k in ipairs {'con' .. 'structor', '\\99onstructor', ('rotcurtsnoc'):reverse()} do local v = account[k] if v then return v end end"],
  ["the constructor through rawget", "return rawget(account, 'constructor')"],
  ["the constructor through a metatable's index", "return getmetatable(account).__index(account, 'constructor')"],
  // __proto__ and prototypes.
  ["__proto__ of an object shown is written", "account.__proto__ = {balance = f}"],
  ["__proto__ of data is written and handed over", "data.__proto__ = {polluted = true} see(data) see(spread(data)) see(assign(data))"],
  ["__proto__ as a key in a table that becomes an object", "see {__proto__ = {polluted = true}, a = 1}"],
  ["__proto__ as a key, nested", "see {a = {b = {__proto__ = {polluted = true}}}}"],
  ["__proto__ as a key with other keys in an order", "local t = {} t.__proto__ = {polluted = true} t.z = 1 t.__proto__ = nil t.__proto__ = {polluted = true} see(t)"],
  ["constructor.prototype in a table that is merged", "see {constructor = {prototype = {polluted = true}}}"],
  ["a merge of a table with __proto__", "return merge {__proto__ = {polluted = true}, b = 2}"],
  ["a merge of a table with constructor", "return merge {constructor = {prototype = {polluted = true}}}"],
  ["the prototype of a class is read", "return Account.prototype.reveal"],
  ["the prototype of a class is written", "Account.prototype = {balance = function() return 0 end}"],
  ["a prototype's method is replaced through an instance", "account.balance = function() return 1000000 end"],
  ["a member that was not listed is written", "account.hidden = 1 account.token = 1"],
  ["a table as its own prototype", "local t = {} t.__proto__ = t see(t)"],
  ["getters and setters are defined", "account.__defineGetter__('owner', f) data.__defineGetter__('a', f)"],
  // Getters and members not listed.
  ["a getter that was not listed", "return account.trap"],
  ["private and hidden fields", "return account.hidden, account['#secret'], account.token"],
  ["static members that were not listed", "return Account.admin()"],
  ["every key of an object shown is tried", "local found = {} for a = 97, 122 do for b = 97, 122 do local v = account[string.char(a, b)] if v then found[#found + 1] = v end end end return #found == 0"],
  ["keys that are no strings", "for _, k in ipairs {1, 1.5, true, f, {}, account, coroutine.create(f)} do if account[k] then return account[k] end end"],
  ["a key with NUL and bytes that are no text", "return account['owner\\0'], account['\\xff'], account['constructor\\0']"],
  ["next and pairs over an object shown", "for k, v in pairs(account) do return v end"],
  ["next, raw", "return next(account)"],
  // Symbols and conversions.
  ["a table with toString and valueOf is converted", "return template {toString = function() return 'x' end, valueOf = f}"],
  ["a table with a text for Symbol.toPrimitive", "return template {['Symbol(Symbol.toPrimitive)'] = f, ['@@toPrimitive'] = f}"],
  ["a table with toJSON", "return stringify {toJSON = function() return account end}"],
  ["a key that changes when it is converted again", "local n = 0 return keyed {toString = function() n = n + 1 return n == 1 and 'x' or 'token' end}"],
  ["a table as a tagged class", "return template {['Symbol(Symbol.toStringTag)'] = 'Secret', ['@@hasInstance'] = f}"],
  // Thenables.
  ["a table that says it is a promise", "return awaits {['then'] = function(resolve) resolve(account) see('then was called') end}"],
  ["a table that says it is a promise, returned to a host that waits", "return async {['then'] = function(a, b) see('then was called') end}"],
  ["a promise's own members", "return async(1)['then'], async(1).constructor"],
  ["a callback that gives a table that says it is a promise", "return call(function() return {['then'] = function(r) r(1) see('then was called') end} end)"],
  // Iterators.
  ["a table that says it is an iterator", "return iterate {next = function() return {done = true} end, ['Symbol(Symbol.iterator)'] = f}"],
  ["an iterator's return and throw", "local g = generator() return g['return'], g.throw"],
  ["going through something that was not shown as iterable", "for v in pairs(Account) do return v end"],
  ["length of something that was not shown", "return #account"],
  // `this`, arguments, callers.
  ["the `this` of a host function", "return this_of()"],
  ["the `this` of a host function called as a method", "local t = {g = this_of} return t:g()"],
  ["a method with another `this`", "return account.balance({hidden = 1}), account.balance(list)"],
  ["a method with an object shown by something else as `this`", "return account.self(map)"],
  ["a method without `this`", "local m = account.self return m()"],
  ["a method of a map on an account", "return map.get(account, 'hidden')"],
  ["caller and arguments of a function", "return f.caller, f.arguments, arguments_of.callee, call.caller"],
  ["apply, call and bind of a function", "return f.call(f, account), f.apply(f, {}), f.bind(nil)"],
  ["a class is called without new, and as a function of others", "return call(Account).hidden, Account():self().hidden"],
  // Errors.
  ["the cause of an error", "local _, e = pcall(fails) return e.cause"],
  ["the stack of an error", "local _, e = pcall(fails) return e.stack"],
  ["an error that is written", "local _, e = pcall(fails) e.message = 'x' e.name = 'x'"],
  ["an error's cause through a handler", "return select(2, xpcall(fails, function(e) return e.cause or e.stack end))"],
  ["an error of deep recursion through the host", "local function r(n) return call(r, n + 1) end local _, e = pcall(r, 1) return e.constructor"],
  ["an error of the bridge itself", "local _, e = pcall(function() return #account end) return type(e) ~= 'string' and e.constructor"],
  ["a table is thrown through the host and back", "local t = setmetatable({}, {__index = function(_, k) return account[k] end}) local _, e = pcall(fails_with, t) return e.constructor, e.hidden"],
  ["an object shown is thrown", "local _, e = pcall(fails_with, account) return e.hidden, e.constructor"],
  // Proxies: metatables that answer everything, given to the host.
  ["a table that answers every question", "local p = setmetatable({}, {__index = function(_, k) see(k) return account end, __call = f, __pairs = f, __len = f}) see(p) see(spread(p)) return stringify(p)"],
  ["metatables of what is the host's", "return getmetatable(f), getmetatable(account).__gc, setmetatable(account, {})"],
  ["metatables through debug", "return debug.getmetatable(account).__index"],
  ["the environment of a host function", "return debug.getupvalue(f, 1), debug.setupvalue(f, 1, 1), debug.getregistry()"],
  ["the registry holds the host's values", "for k, v in pairs(debug.getregistry()) do if type(v) == 'userdata' and v ~= account then see(v.constructor) end end"],
  ["user values of a userdata", "return debug.getuservalue(account, 1), debug.setuservalue(account, 1, 1)"],
  ["a finalizer that takes what it gets", "setmetatable({}, {__gc = function(o) see(o.constructor) end}) collectgarbage()"],
  ["a userdata of the library given to the host", "see(io.stdout) see(coroutine.create(f)) return see(io.stdout).constructor"],
  // The module's own names.
  ["globals of JavaScript", "return globalThis, window, process, require and require('process'), import, eval, Function"],
  ["modules of Node", "return pcall(require, 'node:fs'), pcall(require, 'child_process')"],
  ["files of the machine", "return io.open('/etc/passwd'), os.execute('id'), io.popen and pcall(io.popen, 'id')"],
  ["binary chunks", "return load(string.dump(function() return 1 end):gsub('\\x01', '\\x7f'))"],
];

/** Values of JavaScript's that a program may have: those that it was given, and copies of its own. */
function isGranted(value, granted, depth = 0) {
  if (value === null || (typeof value !== "object" && typeof value !== "function")) return true;
  if (granted.has(value)) return true;
  if (typeof value === "function") return "async" in value && Object.getPrototypeOf(value) !== Function.prototype;
  if (value instanceof Uint8Array || value?.constructor?.name === "LuaHandle") return true;
  if (value instanceof Map) return depth > 5 || [...value].flat().every((v) => isGranted(v, granted, depth + 1));
  if (Array.isArray(value)) return depth > 5 || value.every((v) => isGranted(v, granted, depth + 1));
  if (value instanceof Error) return true;
  // Tables are objects without a prototype.
  if (Object.getPrototypeOf(value) !== null) return false;
  return depth > 5 || Reflect.ownKeys(value).every((key) => isGranted(value[key], granted, depth + 1));
}

async function attempt(name, source) {
  breaches = [];
  const { globals, seen } = world();
  const lua = await Lua.open({ globals, profile: "full", binaryChunks: false, limits: { memoryBytes: 16 << 20, deadlineMs: 5000 }, stdout: null, stderr: null });
  const granted = new Set(Object.values(globals));
  let results = [];
  try {
    results = await lua.run(source, { all: true });
  } catch (error) {
    // An error is a good end.
    assert.equal(error instanceof Error, true, name);
  }
  assert.deepEqual(breaches, [], name);
  for (const value of [...results, ...seen]) {
    assert.notEqual(value, "then was called", name);
    assert.ok(isGranted(value, granted), `${name}: ${inspect(value)}`);
    const inside = typeof value === "object" && value !== null && !granted.has(value) && !Array.isArray(value) ? value.polluted : undefined;
    assert.equal(inside, undefined, name);
  }
  assert.equal(await lua.run("return 1"), 1, name);
  assert.equal({}.polluted, undefined, name);
  assert.equal([].polluted, undefined, name);
  lua.close();
}

test(`none of ${PAYLOADS.length} known ways out of sandboxes is one`, async () => {
  assert.ok(PAYLOADS.length >= 60);
  assert.equal(new Set(PAYLOADS.map(([, source]) => source)).size, PAYLOADS.length);
  const before = photograph();
  for (const [name, source] of PAYLOADS) await attempt(name, source);
  compared(before, photograph());
});

test("no door of JavaScript's opens, on anything", async () => {
  const before = photograph();
  const { globals } = world();
  const lua = await Lua.open({ globals });
  for (const thing of THINGS) {
    for (const door of DOORS) {
      const told = await lua.run(`local door, thing = ..., ${thing} local ok, v = pcall(function() return thing[door] end) if not ok or v == nil then return 'shut' end return type(v)`, { args: [door] }).catch(() => "shut");
      const open = new Map(thing.startsWith("select(") ? [["message", "string"], ["name", "string"]] : []);
      assert.equal(told, open.get(door) ?? "shut", `${thing}.${door}`);
    }
  }
  lua.close();
  compared(before, photograph());
});

test("all of it with frozen prototypes, and nothing tries to write there", async () => {
  // In a process of its own: what is frozen stays so.
  const { execFileSync } = await import("node:child_process");
  const source = `
    import { Lua } from ${JSON.stringify(new URL("./package.mjs", import.meta.url).href)};
    for (const c of [Object, Function, Array, Promise, Map, Error, String, Number, Uint8Array]) Object.freeze(c.prototype);
    Object.preventExtensions(globalThis);
    const lua = await Lua.open({ globals: { f: (x) => x, fails: () => { throw new Error("x"); } } });
    const back = await lua.run("local t = f{__proto__ = {a = 1}, constructor = {prototype = {b = 2}}, toString = 'x', [1] = 1} local _, e = pcall(fails) return {t, e.message, __proto__ = f}");
    if ({}.a !== undefined || {}.b !== undefined) throw new Error("polluted");
    console.log(typeof back, await lua.run("return f(42)"));`;
  assert.equal(execFileSync(process.execPath, ["--input-type=module", "-e", source], { encoding: "utf8" }), "object 42\n");
});
