-- Shapes of recursion, each to any depth. The host puts `local SHAPE, N = "name", depth` before this text and runs it;
-- without a name it gets the list of them. The answer is `done` or the error's message, and never anything else:
-- what must not happen is a trap, a crash, or a state that is of no use afterwards.

local shapes, order = {}, {}
local function shape(name, run)
  shapes[name] = run
  order[#order + 1] = name
end

-- ---- text that nests ------------------------------------------------------------------------------------------------

-- Loads `before` N times, `core`, `after` N times, and calls what comes of it.
local function nested(head, before, core, after, tail)
  return function(n)
    local text = head .. before:rep(n) .. core .. after:rep(n) .. (tail or "")
    local f, e = load(text, "=nested", "t", {})
    if not f then return error(e, 0) end
    return pcall(f)
  end
end

shape("parentheses", nested("return ", "(", "1", ")"))
shape("tables", nested("return ", "{", "", "}"))
shape("table fields", nested("return ", "{x=", "1", "}"))
shape("table keys", nested("return ", "{[", "1", "]=1}"))
shape("negations", nested("return ", "- ", "1", ""))
shape("nots", nested("return ", "not ", "1", ""))
shape("lengths", nested("return ", "#", "'x'", ""))
shape("powers", nested("return ", "1^", "1", ""))
shape("concatenations", nested("return ", "'x'..", "'x'", ""))
shape("sums", nested("return ", "1+", "1", ""))
shape("sums to the right", nested("return ", "1+(", "1", ")"))
shape("products of sums", nested("return ", "x+1*(", "1", ")"))
shape("ands", nested("return ", "x and ", "1", ""))
shape("ors and ands", nested("return ", "x or y and (", "1", ")"))
shape("comparisons", nested("return ", "1<", "1", ""))
shape("comparisons to the right", nested("return ", "1==(", "1", ")"))
shape("calls", nested("return ", "f(", "", ")"))
shape("calls with tables", nested("return ", "f{", "", "}"))
shape("indices", nested("return ", "a[", "1", "]"))
shape("chains of fields", nested("return x", ".x", "", ""))
shape("chains of calls", nested("return x", "()", "", ""))
shape("chains of methods", nested("return x", ":x()", "", ""))
shape("chains of strings", nested("return x", "'s'", "", ""))
shape("functions", nested("", "return function() ", "", " end"))
shape("local functions", nested("", "local function f() ", "", " end"))
shape("upvalues through functions", nested("local v = 1 ", "return function() ", "return v", " end"))
shape("blocks", nested("", "do ", "", " end"))
shape("blocks with locals", nested("", "do local a <const>, b = 1 ", "", " end"))
shape("loops", nested("", "while x do ", "", " end"))
shape("repeat loops", nested("", "repeat ", "", " until true"))
shape("numeric loops", nested("", "for i=1,1 do ", "", " end"))
shape("generic loops", nested("", "for i in f do ", "", " end"))
shape("ifs", nested("", "if x then ", "", " end"))
shape("elses", nested("", "if x then else ", "", " end"))
shape("else-ifs", nested("if x then ", "elseif x then ", "", "", " end"))
shape("else-ifs with work", nested("if x then ", "elseif x == 'y' then x = 1 ", "", "", " end"))
shape("labels", nested("", "::l:: do ", "", " goto l end"))
shape("gotos to one label", nested("do ", "goto l; ", "", "", " ::l:: end"))
shape("assignments", nested("local x; x", ",x", "", "", "=1"))
shape("locals to be closed", nested("", "do local x <close> = nil ", "", " end"))
shape("long brackets", nested("return [", "=", "[]", "=", "]"))
shape("semicolons", nested("", ";", "", ""))
shape("comments", nested("", "--[[x]]", "", ""))
shape("breaks", nested("", "while true do ", "break", " break end"))
shape("returned lists", nested("return 1", ",1", "", ""))
shape("arguments", nested("return x(1", ",1", "", "", ")"))
shape("parameters", nested("local function f(a", ",a", "", "", ") end"))
shape("lists of constants", function(n)
  local parts = {}
  for i = 1, math.min(n, 300000) do parts[i] = i .. ".5" end
  return assert(load("return {" .. table.concat(parts, ",") .. "}"))()
end)
shape("unfinished parentheses", nested("return ", "(", "", ""))
shape("unfinished tables", nested("return ", "{", "", ""))
shape("unfinished functions", nested("", "return function() ", "", ""))
shape("unfinished blocks", nested("", "do ", "", ""))
shape("unfinished calls", nested("return ", "f(", "", ""))
shape("unfinished else-ifs", nested("if x then ", "elseif x then ", "", ""))

-- ---- calls that nest ------------------------------------------------------------------------------------------------

-- Calls `make(down)` N deep, where `down` goes one level on.
local function recursive(make)
  return function(n)
    local level = 0
    local go
    go = make(function(...)
      level = level + 1
      if level < n then return go(...) end
      return 1
    end)
    return go()
  end
end

local function with(event, method)
  return setmetatable({}, {[event] = method})
end

shape("Lua calls", recursive(function(down) return function(...) return (down(...)) end end))
shape("tail calls", recursive(function(down) return function(...) return down(...) end end))
for _, event in ipairs {"add", "concat", "unm", "len", "eq", "lt", "le", "index", "newindex", "call", "idiv", "bnot", "shl"} do
  local use = assert(load("local a, b = ... " .. ({
    unm = "return -a", len = "return #a", bnot = "return ~a", eq = "return a == b", lt = "return a < b",
    le = "return a <= b", index = "return a.x", newindex = "a.x = 1", call = "return (a())", concat = "return a .. b",
    add = "return a + b", idiv = "return a // b", shl = "return a << b"})[event]))
  shape("__" .. event .. " methods", recursive(function(down)
    local meta = {}
    local a, b = setmetatable({}, meta), setmetatable({}, meta)
    meta["__" .. event] = function() return down() end
    return function() return (use(a, b)) end
  end))
end
shape("tostring", recursive(function(down)
  local t = with("__tostring", function() down() return "t" end)
  return function() return tostring(t) end
end))
shape("print", recursive(function(down)
  local t = with("__tostring", function() down() return "t" end)
  return function() return print(t) end
end))
shape("string.format", recursive(function(down)
  local t = with("__tostring", function() down() return "t" end)
  return function() return ("%s"):format(t) end
end))
shape("error objects", recursive(function(down)
  return function() error(with("__tostring", function() return "e" end), down() and 0) end
end))
shape("pairs", recursive(function(down)
  local t = with("__pairs", function() down() return next, {}, nil end)
  return function() for _ in pairs(t) do end end
end))
shape("ipairs", recursive(function(down)
  local t = with("__index", function() down() return nil end)
  return function() for _ in ipairs(t) do end end
end))
shape("iterators", recursive(function(down)
  return function() for _ in function() down() end do end end
end))
shape("pcall", recursive(function(down) return function() return (pcall(down)) end end))
shape("pcall of pcall", recursive(function(down) return function() return pcall(pcall, down) end end))
shape("xpcall", recursive(function(down) return function() return (xpcall(down, function(e) return e end)) end end))
shape("message handlers", recursive(function(down)
  return function() return (xpcall(error, function() return down() end)) end
end))
shape("handlers that fail", recursive(function(down)
  return function() return (xpcall(error, function() down() error("again") end)) end
end))
shape("errors and handlers", function(n)
  local i = 0
  local function handler() i = i + 1 if i < n then local x = nil + 1 end return i end
  return xpcall(error, handler)
end)
shape("string.gsub", recursive(function(down) return function() return (("x"):gsub(".", down)) end end))
shape("string.gsub with tables", recursive(function(down)
  local t = with("__index", function() down() end)
  return function() return (("x"):gsub(".", t)) end
end))
shape("string.gmatch", recursive(function(down)
  return function() for _ in ("x"):gmatch(".") do down() end end
end))
shape("table.sort", recursive(function(down)
  return function() table.sort({2, 1}, function(a, b) down() return a < b end) end
end))
shape("table.concat", recursive(function(down)
  local t = setmetatable({}, {__len = function() return 1 end, __index = function() down() return "" end})
  return function() return table.concat(t) end
end))
shape("table.unpack", recursive(function(down)
  local t = with("__index", function() down() end)
  return function() return table.unpack(t, 1, 1) end
end))
shape("table.insert", recursive(function(down)
  local t = with("__newindex", function() down() end)
  return function() return table.insert(t, 1) end
end))
shape("table.move", recursive(function(down)
  local t = with("__index", function() down() end)
  return function() return table.move(t, 1, 1, 2, {}) end
end))
shape("load", recursive(function(down)
  return function() return load(function() down() end) end
end))
shape("load of load", function(n)
  local i = 0
  code = "local f = ... return f()"
  local function go() i = i + 1 if i < n then return (load(code)(go)) end return 1 end
  return go()
end)
shape("require", function(n)
  if not package then return end
  local level = 0
  for i = 1, math.min(n, 100000) do
    package.preload["deep" .. i] = function()
      level = i
      if i < n then require("deep" .. i + 1) end
      return i
    end
  end
  local ok, e = pcall(require, "deep1")
  for i = 1, math.min(n, 100000) do package.preload["deep" .. i] = nil package.loaded["deep" .. i] = nil end
  if not ok then error(e, 0) end
end)
shape("coroutine.wrap", recursive(function(down) return function() return (coroutine.wrap(down)()) end end))
shape("coroutine.resume", recursive(function(down)
  return function() return select(2, coroutine.resume(coroutine.create(down))) end
end))
shape("coroutine.close", recursive(function(down)
  return function()
    local co = coroutine.create(function()
      local x <close> = with("__close", function() down() end)
      coroutine.yield()
    end)
    coroutine.resume(co)
    return coroutine.close(co)
  end
end))
shape("__close methods", recursive(function(down)
  return function() local x <close> = with("__close", function() down() end) end
end))
shape("__close methods after errors", recursive(function(down)
  return function() local x <close> = with("__close", function() down() end) error("x") end
end))
shape("__gc methods", recursive(function(down)
  return function() setmetatable({}, {__gc = function() down() end}) collectgarbage() end
end))
shape("hooks", recursive(function(down)
  if not debug or not debug.sethook then return function() end end
  return function()
    debug.sethook(function() debug.sethook() down() end, "l")
    local x = 1
    debug.sethook()
    return x
  end
end))
-- A library function that calls back, called by every other thing that calls: `tostring`, whose method goes one level on.
local function each(calls)
  local names = {}
  for name in next, calls do names[#names + 1] = name end
  table.sort(names)
  local i = 0
  return function()
    i = i + 1
    return names[i], calls[names[i]]
  end
end
for name, call in each {
  pcall = function(t) return (pcall(tostring, t)) end,
  xpcall = function(t) return (xpcall(tostring, function() end, t)) end,
  ["a coroutine"] = function(t) return coroutine.wrap(tostring)(t) end,
  ["a tail call"] = function(t) return tostring(t) end,
  ["a generic loop"] = function(t) for _ in tostring, t do break end end,
  ["a message handler"] = function(t) return (xpcall(error, tostring, t)) end,
  ["table.sort"] = function(t) return table.sort({t, t}, tostring) end,
  ["pcall of pcall"] = function(t) return pcall(pcall, tostring, t) end,
  ["string.gsub"] = function(t)
    return (("x"):gsub(".", function() return pcall(tostring, t) and nil end))
  end,
} do
  shape("tostring by " .. name, recursive(function(down)
    local t = with("__tostring", function() down() return "t" end)
    return function() return call(t) end
  end))
end
for _, event in ipairs {"index", "unm", "len", "concat", "add", "lt", "call", "close", "pairs", "gc"} do
  local use = assert(load("local a = ... " .. ({
    index = "return a.x", unm = "return -a", len = "return #a", concat = "return a .. a", add = "return a + a",
    lt = "return a < a", call = "return a()", close = "local b <close> = a", pairs = "for _ in pairs(a) do break end",
    gc = "a = nil collectgarbage()"})[event]))
  shape("tostring as __" .. event, recursive(function(down)
    local meta = {__tostring = function() down() return "t" end}
    meta["__" .. event] = tostring
    if event == "gc" then return function() setmetatable({}, meta) return use() end end
    local t = setmetatable({}, meta)
    return function() return use(t) end
  end))
end
for name, call in each {
  ["table.concat"] = function(t) return table.concat(t, "", 1, 1) end,
  ["table.unpack"] = function(t) return table.unpack(t, 1, 1) end,
  ["ipairs"] = function(t) for _ in ipairs(t) do break end end,
  ["table.move"] = function(t) return table.move(t, 1, 1, 2) end,
} do
  shape(name .. " with tostring as __index", recursive(function(down)
    local t = setmetatable({}, {__tostring = function() down() return "t" end, __index = tostring})
    return function() return call(t) end
  end))
end
shape("table.sort with __lt", recursive(function(down)
  local meta = {__lt = function() down() return false end}
  return function() return table.sort({setmetatable({}, meta), setmetatable({}, meta)}) end
end))
shape("table.sort of what has __index", recursive(function(down)
  local t = setmetatable({}, {__len = function() return 2 end, __index = function() down() return 1 end})
  return function() return table.sort(t) end
end))
shape("table.remove", recursive(function(down)
  local t = setmetatable({}, {__len = function() return 2 end, __index = function() down() return 1 end})
  return function() return table.remove(t) end
end))
shape("__len methods in the library", recursive(function(down)
  local t = with("__len", function() down() return 0 end)
  return function() return table.concat(t) end
end))
shape("string arithmetic", recursive(function(down)
  local t = with("__add", function() down() return 0 end)
  return function() return "1" + t end
end))

-- A text that nests, or a pattern that goes deep, loaded or matched where calls nest already.
for name, work in each {
  ["parentheses"] = function() return load("return " .. ("("):rep(250) .. "1" .. (")"):rep(250)) end,
  ["calls"] = function() return load("return " .. ("f("):rep(150) .. (")"):rep(150)) end,
  ["functions"] = function()
    local text = ("local function f() "):rep(90) .. ("end "):rep(90)
    local f = load(text)
    return f and load(string.dump(f), "f", "b")
  end,
  ["patterns"] = function() return pcall(string.match, ("a"):rep(300), ("a?"):rep(300) .. "b") end,
  ["repetitions"] = function() return pcall(string.match, "", ("a*"):rep(250) .. "b") end,
  ["captures"] = function() return pcall(string.match, ("a"):rep(300), ("(a)"):rep(32) .. ("a?"):rep(150)) end,
} do
  shape(name .. " below tostring", recursive(function(down)
    local t = with("__tostring", function() down() return "t" end)
    return function()
      work()
      return tostring(t)
    end
  end))
end
shape("dofile", recursive(function(down)
  return function() return assert(load("return (...)()"))(down) end
end))

-- ---- data that nests ------------------------------------------------------------------------------------------------

-- A chain of N objects: `link(previous)` makes one.
local function chain(n, first, link)
  local last = first
  for _ = 1, n do last = link(last) end
  return last
end

shape("linked tables", function(n)
  local last = chain(n, {}, function(previous) return {previous} end)
  collectgarbage()
  last = nil
  collectgarbage()
end)
shape("linked closures", function(n)
  local last = chain(n, function() end, function(previous) return function() return previous end end)
  collectgarbage()
  last = nil
  collectgarbage()
end)
shape("linked coroutines", function(n)
  local last = chain(math.min(n, 1000000), false, function(previous)
    local co = coroutine.wrap(function(...) coroutine.yield() return ... end)
    co(previous)
    return co
  end)
  collectgarbage()
  last = nil
  collectgarbage()
end)
shape("linked weak tables", function(n)
  local mode = {__mode = "k"}
  local all = {}
  local weak = setmetatable({}, mode)
  local key = all
  for _ = 1, math.min(n, 1000000) do local following = {} weak[key] = following key = following end
  collectgarbage()
  all = nil
  collectgarbage()
end)
shape("linked objects with finalizers", function(n)
  local last = chain(math.min(n, 1000000), {}, function(previous)
    return setmetatable({previous}, {__gc = function() end})
  end)
  collectgarbage()
  last = nil
  collectgarbage()
  collectgarbage()
end)
shape("__index tables", function(n)
  local last = chain(math.min(n, 1000000), {}, function(previous) return setmetatable({}, {__index = previous}) end)
  return last.x
end)
shape("__newindex tables", function(n)
  local last = chain(math.min(n, 1000000), {}, function(previous) return setmetatable({}, {__newindex = previous}) end)
  last.x = 1
end)
shape("__call chains", function(n)
  local last = chain(math.min(n, 1000000), function() return 1 end, function(previous)
    return setmetatable({}, {__call = previous})
  end)
  return last()
end)
shape("metatables of metatables", function(n)
  local last = chain(math.min(n, 1000000), {}, function(previous) return setmetatable({}, previous) end)
  return tostring(last), #last
end)
shape("wrapped errors", function(n)
  local function throw(i) local ok, e = pcall(error, {cause = i}) if i < n then error({e}, 0) end end
  throw(1)
  local e
  for _ = 1, math.min(n, 1000000) do e = {select(2, pcall(error, {e}))} end
end)
shape("captures", function(n) return ("a"):rep(n):match(("(a)"):rep(math.min(n, 33))) end)
shape("optional items", function(n) return ("a"):rep(n):match(("a?"):rep(n)) end)
shape("repeated items", function(n) return ("a"):rep(n):match(("a-"):rep(math.min(n, 100)) .. "b") end)
shape("single items", function(n) return #("a"):rep(n):match(("a"):rep(n)) end)
shape("greedy items", function(n) return ("a"):rep(n):match("^(a*)b") end)
shape("balanced", function(n) return #(("("):rep(n) .. (")"):rep(n)):match("%b()") end)
shape("many balanced", function(n) return ("()"):rep(n):match(("%b()"):rep(n)) end)
shape("frontiers", function(n) return ("a "):rep(n):match(("%f[%a]a "):rep(n)) end)
shape("back-references", function(n) return ("a"):rep(n):match("(a*)%1b") end)
shape("string.rep", function(n) return #("x"):rep(n):rep(2) end)
shape("concatenation of many", function(n)
  local k = math.min(n, 200)
  return #assert(load("local x = ('y'):rep(" .. n .. ") return x" .. (" .. x"):rep(k - 1)))()
end)
shape("arguments of a call", function(n) return select("#", table.unpack({}, 1, n)) end)
shape("string.byte", function(n) return select("#", ("x"):rep(n):byte(1, -1)) end)
shape("string.char", function(n) return #string.char(("x"):rep(n):byte(1, -1)) end)
shape("varargs", function(n)
  local function f(...) return select("#", ...) end
  return f(table.unpack({}, 1, n))
end)
shape("tables of results", function(n) return #{table.unpack({}, 1, n)}, #table.pack(table.unpack({}, 1, n)) end)
shape("string.format of many", function(n)
  return #(("%d"):rep(n)):format(table.unpack({1}, 1, math.min(n, 200)))
end)
shape("string.pack", function(n) return #string.pack(("b"):rep(math.min(n, 1000)), table.unpack({}, 1, 1)) end)
shape("string.pack of spaces", function(n) return #string.pack((" "):rep(n)) end)
shape("string.dump of nested functions", function(n)
  local k = math.min(n, 190)
  local f = assert(load(("return function() "):rep(k) .. ("end "):rep(k)))
  for _ = 1, math.min(n, 1000) do f = load(string.dump(f), "f", "b") or f end
end)
shape("many coroutines", function(n)
  local all = {}
  for i = 1, math.min(n, 100000) do
    all[i] = coroutine.create(function() coroutine.yield(i) end)
    coroutine.resume(all[i])
  end
end)
shape("many to close", function(n)
  local x = assert(load("local f = ... " .. ("local a <close> = f "):rep(math.min(n, 150)) .. " return 1"))
  return x(with("__close", function() end))
end)
shape("external tables", function(n)
  if not _home then return end
  local last = chain(n, {}, function(previous) return {previous} end)
  _home.deep = last
  _home.deep = nil
end)
shape("external tables in external tables", function(n)
  if not _home then return end
  _home.deep = {}
  local at = _home.deep
  for _ = 1, math.min(n, 10000) do at.deep = {} at = at.deep end
  local up = _home
  while up.deep do up = up.deep end
  _home.deep = nil
end)
shape("stored functions", function(n)
  if not _home then return end
  _home.deep = chain(n, function() end, function(previous) return function() return previous end end)
  _home.deep = nil
end)
shape("returned tables", function(n)
  return chain(n, {}, function(previous) return {previous} end)
end)
shape("big integers", function(n)
  local big = require "bigint"
  local x = big.new(3)
  for _ = 1, math.min(n, 30) do x = x * x end
  return #tostring(x)
end)
shape("date formats", function(n) return os and #os.date(("%Y"):rep(n)) end)
shape("utf8", function(n) return utf8.len(("\u{7FFFFFFF}"):rep(n), 1, -1, true) end)
shape("error levels", function(n) error("x", n) end)
shape("tracebacks", function(n)
  if not debug then return end
  local function f(i) if i < n then return (f(i + 1)) end return #debug.traceback() end
  return f(1)
end)
shape("names of variables", nested("", "a", " = 1", ""))
shape("numerals", nested("return ", "1", "", ""))
shape("hexadecimal numerals", nested("return 0x", "f", "p1", ""))
shape("exponents", nested("return 1e", "1", "", ""))
shape("escapes", nested("return '", "\\z ", "", "", "'"))
shape("unicode escapes", nested("return '\\u{", "0", "41}", "", "'"))

if not SHAPE then return table.concat(order, "\n") end
local run = shapes[SHAPE]
if not run then error("no shape " .. SHAPE) end
local ok, e = pcall(run, N)
collectgarbage()
if ok then return "done" end
return "error: " .. tostring(e):sub(1, 200)
