// What each construct and library function takes by itself, against wasmoon (PUC Lua compiled to WASM).
//
//   BENCH_NPM=folder node constructs.mjs cu.wasm [OTHER.wasm ...] [--rounds N] [--only WORD]
//
// A program that is slow for no visible reason is so because of one of these. Printed is the least time of a step in
// each engine (ns) and how many times as fast as wasmoon the modules are, the slowest first; the engines take turns. All
// run the same loop, so its own cost (5 to 10 ns) is in every figure. wasmoon is looked up as in run_wasmoon.mjs.

import { createRequire } from "node:module";
import { resolve } from "node:path";
import { call, compileModule, instantiateBare, response } from "../../tests/node/module.mjs";

/** name -> [steps, preparation, a step, which adds to `n`]. */
const CONSTRUCTS = {
  "# of a string": [200000, 'local s="hello"', "n=n+#s"],
  "# of an object": [200000, "local t=setmetatable({1,2,3},{})", "n=n+#t"],
  "new fields of an object": [60000, "local mt={}", "local o=setmetatable({},mt) o.a=i o.b=i n=n+o.a"],
  "an absent field of an object": [200000, "local C={} C.__index=C local o=setmetatable({},C)", "if not o.cache then n=n+1 end"],
  "an absent field": [200000, "local o={}", "if not o.cache then n=n+1 end"],
  "booleans as keys": [200000, "local t={[true]=1,[false]=2}", "n=n+t[i%2==0]"],
  "assert": [200000, "", "n=n+assert(i)"],
  "assert of two results": [100000, "local function f() return 1,2 end", "n=n+assert(f())"],
  "rawequal": [200000, "local a={}", "if rawequal(a,a) then n=n+1 end"],
  "bits of a float": [200000, "", "n=n+(i*1.0 & 255)"],
  "% of negative integers": [200000, "", "n=n+(-i)%7+i%-7"],
  "% of floats": [200000, "", "n=n+(i+0.5)%3.25"],
  "// of floats": [200000, "", "n=n+(i+0.5)//2.0"],
  "unary minus": [200000, "", "n=n-(-i)+(-0.5)"],
  ".. of a float": [40000, "", 'n=n+#(i/4 .. "")'],
  "set and clear an element": [200000, "local t={}", "t[i%10+1]=i t[i%10+1]=nil n=n+1"],
  "set and clear a field": [200000, "local t={}", "t.x=i t.x=nil n=n+1"],
  "read upvalues": [200000, "local a,b=1,2 local function f() return a+b end", "n=n+f()"],
  "nested closures": [60000, "local a=0 local function f() local function g() a=a+1 return a end return g() end", "n=n+f()"],
  "math.floor": [200000, "", "n=n+math.floor(i/3)"],
  "math.floor and max as locals": [200000, "local fl,mx=math.floor,math.max", "n=n+fl(i/3)+mx(i,5)"],
  "math.sqrt": [200000, "", "n=n+math.sqrt(i)"],
  "tostring of an integer": [80000, "", "n=n+#tostring(i%100)"],
  "tonumber of a string": [150000, 'local s="123"', "n=n+tonumber(s)"],
  "tonumber of an integer": [150000, "", "n=n+tonumber(i)"],
  "type": [200000, "", 'if type(i)=="number" then n=n+1 end'],
  "pairs over three fields": [60000, "local t={a=1,b=2,c=3}", "for k,v in pairs(t) do n=n+v end"],
  "ipairs over three elements": [60000, "local t={1,2,3}", "for k,v in ipairs(t) do n=n+v end"],
  "next of an empty table": [200000, "local t={}", "if next(t)==nil then n=n+1 end"],
  "== of strings": [200000, 'local a,b="abc","abd"', 'if a==b or a~="abc" then n=n+1 end'],
  ".. and ==": [100000, 'local a="ab"', 'if a.."c"=="abc" then n=n+1 end'],
  "string.sub": [100000, 'local s="hello world"', 'if s:sub(1,5)=="hello" then n=n+1 end'],
  "string.find, plain": [100000, 'local s="hello world"', 'if s:find("hello",1,true)==1 then n=n+1 end'],
  "string.find, anchored": [100000, 'local s="hello world"', 'if s:find("^hello") then n=n+1 end'],
  "string.match and arithmetic on strings": [50000, 'local s="12:34"', 'local a,b=s:match("(%d+):(%d+)") n=n+a+b'],
  "string.match with spaces": [50000, 'local s="key = value"', 'local k,v=s:match("^(%w+)%s*=%s*(%w+)$") n=n+#k'],
  "string.gsub without a match": [60000, 'local s="hello world"', 'n=n+#(s:gsub("x","y"))'],
  "string.gsub with a string": [60000, 'local s="hello world"', 'n=n+#(s:gsub("o","0"))'],
  "string.gsub with a table": [20000, 'local s="a<b>&c"', 'n=n+#(s:gsub("[<>&]",{["<"]="&lt;",[">"]="&gt;",["&"]="&amp;"}))'],
  "string.rep": [80000, "", 'n=n+#(("-"):rep(10))'],
  "string.upper": [100000, 'local s="hello"', "n=n+#s:upper()"],
  "string.byte of three": [100000, 'local s="hello"', "local a,b,c=s:byte(1,3) n=n+a+b+c"],
  "string.char of three": [80000, "", "n=n+#string.char(72,101,108)"],
  "string.format %s": [60000, "", 'n=n+#string.format("%s=%s","key",i)'],
  "string.format %d": [80000, "", 'n=n+#string.format("%d",i)'],
  "string.format %02d": [60000, "", 'n=n+#string.format("%02d:%02d",i%60,i%24)'],
  "string.format %.2f": [50000, "", 'n=n+#string.format("%.2f",i/7)'],
  "table.insert and remove": [60000, "local t={1,2,3,4,5,6,7,8}", "table.insert(t,4,i) table.remove(t,4) n=n+#t"],
  "table.concat of three": [80000, 'local t={"a","b","c"}', 'n=n+#table.concat(t,",")'],
  "table.unpack of three": [120000, "local t={1,2,3}", "local a,b,c=table.unpack(t) n=n+a+b+c"],
  "table.pack": [80000, "", "local t=table.pack(i,2,3) n=n+t.n"],
  "select": [120000, "local function f(...) return (select(2,...)) end", "n=n+f(1,i,3)"],
  "select('#')": [120000, 'local function f(...) return select("#",...) end', "n=n+f(1,i,3)"],
  "pass varargs on": [120000, "local function g(a,b,c) return a+b+c end local function f(...) return g(...) end", "n=n+f(1,i,3)"],
  "a default argument": [200000, "local function f(a,b) b=b or 10 return a+b end", "n=n+f(i)"],
  "a chain of methods": [80000, "local o={v=0} function o:a() self.v=self.v+1 return self end", "o:a():a():a() n=o.v"],
  "pcall": [100000, "local function f(x) return x end", "local ok,v=pcall(f,i) n=n+v"],
  "pcall of a method": [100000, "local o={f=function(s,x) return x end}", "local ok,v=pcall(o.f,o,i) n=n+v"],
  "coroutine.wrap": [30000, "local co=coroutine.wrap(function() local i=0 while true do i=i+1 coroutine.yield(i) end end)", "n=n+co()"],
  "coroutine.resume and status": [20000, "local co=coroutine.create(function() while true do coroutine.yield() end end)", 'coroutine.resume(co) if coroutine.status(co)=="suspended" then n=n+1 end'],
  "make a closure": [200000, "", "local f=function() return i end n=n+1"],
  "make an empty table": [200000, "", "local t={} n=n+1"],
  "make a table of three elements": [150000, "", "local t={1,2,3} n=n+t[2]"],
  "make a table of two fields": [150000, "", "local t={a=1,b=2} n=n+t.a"],
  "three fields one by one": [80000, "", "local t={} t.a=1 t.b=2 t.c=3 n=n+t.a"],
  "three elements one by one": [80000, "", "local t={} t[1]=1 t[2]=2 t[3]=3 n=n+t[1]"],
  "make an object and call it": [80000, "local C={} C.__index=C function C.f(s) return s.x end", "local o=setmetatable({x=i},C) n=n+o:f()"],
  "goto": [200000, "", "if i%2==0 then goto c end n=n+1 ::c::"],
  "a nested loop": [40000, "", "for j=1,10 do n=n+j end"],
  "while and break": [60000, "", "local j=0 while true do j=j+1 if j>5 then break end end n=n+j"],
  ".. of a name and a number": [100000, "", 'local s="x"..i n=n+#s'],
  ".. of four strings": [100000, 'local a,b="foo","bar"', 'local s=a..","..b..";" n=n+#s'],
  "math.ult": [200000, "", "if math.ult(i,100) then n=n+1 end"],
  "math.random": [100000, "", "n=n+(math.random(1,100)>0 and 1 or 0)"],
  "t[#t + 1]": [100000, "local t={}", "t[#t+1]=i if #t>50 then t={} end n=n+1"],
  "call a global function": [200000, "function gf(x) return x+1 end", "n=n+gf(i)"],
  "math.abs": [200000, "", "n=n+math.abs(-i)"],
  "load": [3000, "", 'local f=load("return "..i) n=n+f()'],
  "require": [60000, "package.preload.zz=function() return {v=1} end", 'n=n+require("zz").v'],
  "utf8.char": [60000, "", "n=n+#utf8.char(8364)"],
  "utf8.len": [60000, 'local s="h\\u{e4}llo"', "n=n+utf8.len(s)"],
  "utf8.codes": [10000, 'local s="h\\u{e4}llo w\\u{f6}rld"', "for p,c in utf8.codes(s) do n=n+c end"],
  "string.pack": [50000, "", 'n=n+#string.pack("<i4",i)'],
  "string.unpack": [80000, 'local s=string.pack("<i4",77)', 'n=n+string.unpack("<i4",s)'],
  "== of objects": [100000, "local C = {} C.__index = C local a, b = setmetatable({}, C), setmetatable({}, C)", "if a == b then n = n + 1 end"],
  "== of functions": [100000, "local a, b = function() end, function() return 1 end", "if a == b then n = n + 1 end"],
  "== of long strings": [50000, "local a, b = ('x'):rep(200) .. 'a', ('x'):rep(200) .. 'b'", "if a == b then n = n + 1 end"],
  "< of strings": [100000, "local a, b = 'string1', 'string2'", "if a < b then n = n + 1 end"],
  "< of an integer and a float": [100000, "", "if i < 1.5e5 then n = n + 1 end"],
  "arithmetic of integers and floats": [100000, "n = 0.5", "n = n + i * 2 - i / 2"],
  "arithmetic on strings": [50000, "", "n = n + '10' * 2"],
  "floats as indices": [100000, "local t = {1, 2, 3}", "n = n + t[2.0]"],
  "a field by way of __index": [100000, "local B = {v = 3} B.__index = B local o = setmetatable({}, B)", "n = n + o.v"],
  "__index as a function": [50000, "local t = setmetatable({}, {__index = function(t, k) return k end})", "n = n + t[i]"],
  "__newindex as a function": [50000, "local t = setmetatable({}, {__newindex = function(t, k, v) end})", "t[i] = i n = n + 1"],
  "__call": [50000, "local f = setmetatable({}, {__call = function(self, a) return a end})", "n = n + f(i)"],
  "__add": [50000, "local V = {} V.__add = function(a, b) return a end local a = setmetatable({}, V)", "local b = a + a n = n + 1"],
  "__close": [30000, "local V = {__close = function() end} local a = setmetatable({}, V)", "local b <close> = a n = n + 1"],
  "tables as keys": [100000, "local a, b = {}, {} local t = {[a] = 1, [b] = 2}", "n = n + t[b]"],
  "floats as keys": [100000, "local t = {[0.5] = 1, [1.5] = 2}", "n = n + t[1.5]"],
  "integer powers": [100000, "", "n = n + 3 ^ (i % 20)"],
  "square roots by ^": [100000, "", "n = n + i ^ 0.5"],
  "other powers": [50000, "", "n = n + i ^ 1.7"],
  "sine and exponential": [30000, "", "n = n + math.sin(i) + math.exp(-i)"],
  "table.move into a new table": [2000, "local t = {} for i = 1, 50 do t[i] = i end", "n = n + #table.move(t, 1, 50, 1, {})"],
  "table.unpack of fifty": [5000, "local t = {} for i = 1, 50 do t[i] = i end", "n = n + select('#', table.unpack(t))"],
  "gmatch, letter by letter": [500, "local s = ('abcdefgh'):rep(5)", "for c in s:gmatch('.') do n = n + 1 end"],
  "gmatch with captures": [1000, "local s = ('key=value; '):rep(5)", "for k, v in s:gmatch('(%w+)=(%w+)') do n = n + 1 end"],
  "gsub with a function": [1000, "local s = 'the quick brown fox'", "n = n + #s:gsub('%a+', function(w) return w end)"],
  "gsub of many with a string": [500, "local s = ('a,b;c.d '):rep(10)", "n = n + #s:gsub('[,;.]', '-')"],
  "table.sort with a function": [200, "local r = {} for i = 1, 50 do r[i] = i * 7919 % 101 end", "local t = table.move(r, 1, 50, 1, {}) table.sort(t, function(a, b) return a < b end) n = n + t[1]"],
  "table.sort of strings": [200, "local r = {} for i = 1, 50 do r[i] = 'k' .. i * 7919 % 101 end", "local t = table.move(r, 1, 50, 1, {}) table.sort(t) n = n + #t[1]"],
  "recursion": [3000, "local function f(k) if k == 0 then return 0 end return 1 + f(k - 1) end", "n = n + f(50)"],
  "tail calls": [3000, "local function f(k) if k == 0 then return 0 end return f(k - 1) end", "n = n + f(50)"],
  "error and pcall": [5000, "", "if not pcall(error, 'x') then n = n + 1 end"],
};

/** How long and how often each is measured. */
const WARM_MS = 60;

const paths = process.argv.slice(2);
const option = (name, usual) => {
  const at = paths.indexOf(name);
  return at < 0 ? usual : paths.splice(at, 2)[1];
};
const rounds = 5 * Number(option("--rounds", 3));
const only = option("--only", "");
if (paths.length === 0) throw new Error("usage: node constructs.mjs cu.wasm [OTHER.wasm ...] [--rounds N] [--only WORD]");

const require = createRequire(resolve(process.env.BENCH_NPM ?? ".", "package.json"));
const { LuaFactory } = require("wasmoon");
const wasmoon = await new LuaFactory().createEngine();

/** A function that runs a chunk in a new instance of the module; it throws what the chunk throws. */
function instance(path) {
  const cu = instantiateBare(compileModule(path));
  if (cu.init() !== 0) throw new Error("init failed");
  cu.set_memory_limit?.(2 ** 30);
  return (chunk) => {
    const told = call(cu, chunk);
    if (told < 0) throw new Error(response(cu, told).toString());
  };
}

/** The least times of a step, in nanoseconds, of engines that take turns. */
function race(engines, chunk, steps) {
  const least = engines.map(() => Infinity);
  const text = Buffer.from(chunk);
  const run = (i) => (i === 0 ? engines[0](chunk) : engines[i](text));
  for (const i of engines.keys()) {
    const started = performance.now();
    while (performance.now() - started < WARM_MS) run(i);
  }
  for (let round = 0; round < rounds; round++) {
    for (const i of engines.keys()) {
      const started = performance.now();
      run(i);
      least[i] = Math.min(least[i], (performance.now() - started) / steps * 1e6);
    }
  }
  return least;
}

const rows = [];
for (const [name, [steps, preparation, step]] of Object.entries(CONSTRUCTS)) {
  if (!name.includes(only)) continue;
  const chunk = `local n = 0 ${preparation} for i = 1, ${steps} do ${step} end return n`;
  const engines = [(text) => wasmoon.doStringSync(text), ...paths.map(instance)];
  rows.push([name, ...race(engines, chunk, steps)]);
}
rows.sort((a, b) => a[1] / a[2] - b[1] / b[2]);
const ratio = (peer, ours) => `${ours.toFixed(1).padStart(9)} ${(peer / ours).toFixed(2).padStart(6)}`;
console.log(`${"".padEnd(40)}  wasmoon  ${paths.join("  ")}`);
for (const [name, peer, ...ours] of rows) {
  console.log(`${name.padEnd(40)}${peer.toFixed(1).padStart(9)}${ours.map((own) => ratio(peer, own)).join("")}`);
}
for (const [i, path] of paths.entries()) {
  const logs = rows.map((row) => Math.log(row[1] / row[2 + i]));
  const mean = Math.exp(logs.reduce((sum, log) => sum + log, 0) / logs.length);
  console.log(`${path}: ${mean.toFixed(2)} times as fast, geometric mean of ${rows.length}`);
}
