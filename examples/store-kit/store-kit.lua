-- The store conformance kit: does a host's store do what cu's external tables need of it?
--
-- Run this program again and again over one store that was empty at first, in one instance of the module or in a new
-- process each time, until it prints a line that begins with "store-kit:". It returns how many runs are left.
-- README.md says what is checked and what each failure means.

local N_RUNS = 4

local kit = _home["store-kit"]
if not kit then
  _home["store-kit"] = { run = 0, passed = 0, failed = 0 }
  kit = _home["store-kit"]
end
local run = kit.run + 1
if run > N_RUNS then
  print("store-kit: this store has been through the kit; begin with an empty one")
  return 0
end
kit.run = run

local function show(value)
  if type(value) == "string" then
    if #value > 40 then return ("a string of %d bytes"):format(#value) end
    return (("%q"):format(value):gsub("\\\n", "\\n"))
  end
  return tostring(value)
end

-- Equal, of one type, -0.0 and NaN included.
local function same(a, b)
  if math.type(a) == "float" and math.type(b) == "float" then
    return string.pack("d", a) == string.pack("d", b) or (a ~= a and b ~= b)
  end
  return rawequal(a, b) and math.type(a) == math.type(b)
end

local passed, failed = 0, 0
local function check(name, f)
  local ok, problem = pcall(f)
  if ok and problem then ok = false end
  if ok then passed = passed + 1 else failed = failed + 1 end
  print(("%-6s %d %s%s"):format(ok and "ok" or "FAILED", run, name, ok and "" or ": " .. tostring(problem)))
end

-- A check of one table against what should be in it: every value, the number of entries, and the list of keys.
local function differs(t, wanted, n)
  for key, value in pairs(wanted) do
    if not same(t[key], value) then
      return ("%s is %s, not %s"):format(show(key), show(t[key]), show(value))
    end
  end
  -- The length of what begins with 1 is that of a list.
  if wanted[1] == nil and #t ~= n then return ("there are %d entries, not %d"):format(#t, n) end
  local seen, n_seen = {}, 0
  for key, value in pairs(t) do
    if seen[key] then return ("key %s is listed twice"):format(show(key)) end
    seen[key] = true
    n_seen = n_seen + 1
    if wanted[key] == nil then return ("key %s is listed, but was not stored"):format(show(key)) end
    if not same(value, wanted[key]) then return ("key %s is listed with another value"):format(show(key)) end
  end
  if n_seen ~= n then return ("%d keys are listed, not %d"):format(n_seen, n) end
end

local function count(t)
  local n = 0
  for _ in next, t do n = n + 1 end
  return n
end

-- Bytes of every kind, different for each seed.
local function pattern(length, seed)
  local block = {}
  for i = 0, 250 do block[#block + 1] = string.char((i * 7 + seed) % 256) end
  block = table.concat(block)
  return block:rep(length // #block + 1):sub(1, length)
end

-- What is stored, by name of the check. Each is a function, so that a run makes only what it looks at.
local contents = {}

function contents.scalars()
  return {
    yes = true, no = false, zero = 0, one = 1, minus = -1, most = math.maxinteger, least = math.mininteger,
    float = 1.5, whole = 1.0, minus_zero = -0.0, infinite = 1 / 0, minus_infinite = -1 / 0, nan = 0 / 0,
    tiny = 5e-324, third = 1 / 3, empty = "", text = "text",
  }
end

contents["strings of every byte"] = function()
  local t = {}
  for i = 0, 255 do
    t["one" .. i] = string.char(i)
    t["three" .. i] = string.char(i, 0, i)
  end
  return t
end

contents["strings of many lengths"] = function()
  local t = {}
  for length = 0, 300 do t["n" .. length] = pattern(length, length) end
  return t
end

-- Around the sizes of the module's areas, where a host's buffers may end, too.
contents["long values"] = function()
  local t = {}
  for _, length in ipairs { 4095, 4096, 8192, 16378, 16379, 16380, 16384, 32768, 49146, 49147, 49148, 65530, 65531,
    65535, 65536, 65537, 100000, 250000 } do
    t["n" .. length] = pattern(length, length)
  end
  return t
end

contents["a value of a million bytes"] = function()
  return { long = pattern(1000000, 1) }
end

contents["keys of other kinds than text"] = function()
  return {
    [1] = "one", [2] = "two", [-3] = "minus three", [1.5] = "one and a half", [1e300] = "large", [true] = "yes",
    [false] = "no", [math.maxinteger] = "most", [math.mininteger] = "least", ["1"] = "text one", ["1.5"] = "text",
    ["-0"] = "minus zero", ["01"] = "leading zero", ["1e5"] = "exponent", ["true"] = "text yes", [""] = "nothing",
  }
end

contents["keys of bytes that are no text"] = function()
  local t = {}
  for i = 0, 255 do
    t[string.char(i)] = i
    t["x" .. string.char(i) .. "y"] = -i
  end
  return t
end

contents["keys with line ends and blanks"] = function()
  local t = {}
  for i, key in ipairs { "\n", "a\n", "\na", "a\nb", "a\n\nb", "\r", "\r\n", "a\rb", "\t", "a\tb", " ", "a ", " a", "a",
    "b", "a b", "\0", "a\0", "a\0b", "\xc2\xa0", "\xe2\x80\xa8" } do
    t[key] = i
  end
  return t
end

contents["keys that mean something elsewhere"] = function()
  local t = {}
  for i, key in ipairs { "__proto__", "constructor", "toString", "valueOf", "hasOwnProperty", "length", "prototype",
    "'", "\"", "\\", "%", "_", "*", "?", "' or 1=1 --", "key=value", "a:b", "a/b", "../a", ".", "..", "#", ";", ",",
    "null", "nil", "undefined", "NULL", "{}", "[]", "<a>", "&amp;", "$1", "%s", "%00", "\\0", "\\n" } do
    t[key] = i
  end
  return t
end

contents["keys that differ by little"] = function()
  local prefix = ("p"):rep(300)
  local t = {
    key = 1, Key = 2, KEY = 3, ["key "] = 4, [" key"] = 5, ["k\xc3\xa9y"] = 6, ["ke\xcc\x81y"] = 7, ["\xc3\x89"] = 8,
    ["\xc3\xa9"] = 9, ["\xef\xac\x81"] = 10, fi = 11, ["\xc3\x9f"] = 12, ss = 13, ["\xef\xbb\xbfkey"] = 14,
    [prefix] = 15, [prefix .. "1"] = 16, [prefix .. "2"] = 17, ["\xf0\x9f\x98\x80"] = 18, ["\xf0\x9f\x98\x81"] = 19,
  }
  return t
end

contents["long keys"] = function()
  local t = {}
  for _, length in ipairs { 255, 256, 257, 1000, 4096, 16383, 16384, 16385, 40000 } do
    t[("k"):rep(length)] = length
    t[pattern(length, 3)] = -length
  end
  return t
end

contents["many keys"] = function()
  local t = {}
  for i = 1, 5000 do t[("key %d"):format(i)] = i end
  return t
end

-- What later runs do with some of them: the changes, and what is there afterwards.
local changes = {
  ["strings of many lengths"] = function(t, wanted)
    -- Shorter and longer ones in place of what was there.
    for length = 0, 300 do
      t["n" .. length] = pattern(300 - length, 5)
      wanted["n" .. length] = pattern(300 - length, 5)
    end
  end,
  ["long values"] = function(t, wanted)
    for key in next, contents["long values"]() do
      t[key] = "short"
      wanted[key] = "short"
    end
  end,
  ["a value of a million bytes"] = function(t, wanted)
    t.long = nil
    wanted.long = nil
  end,
  ["keys of other kinds than text"] = function(t, wanted)
    for _, key in ipairs { 1, 1.5, true, "" } do
      t[key] = nil
      wanted[key] = nil
    end
    -- What is not there can be removed, too.
    t.absent, t[99], t[false] = nil, nil, "again"
    wanted[false] = "again"
  end,
  ["keys of bytes that are no text"] = function(t, wanted)
    for i = 0, 255, 2 do
      t[string.char(i)] = nil
      wanted[string.char(i)] = nil
    end
  end,
  ["keys with line ends and blanks"] = function(t, wanted)
    for _, key in ipairs { "\n", "a\n", "a ", "\0" } do
      t[key] = nil
      wanted[key] = nil
    end
  end,
  ["many keys"] = function(t, wanted)
    -- While it is being listed: entries may be changed and removed, and each is seen once.
    local n_seen = 0
    for key, i in pairs(t) do
      n_seen = n_seen + 1
      if i % 3 == 0 then t[key] = nil else t[key] = -i end
    end
    assert(n_seen == 5000, ("%d of 5000 keys were seen"):format(n_seen))
    for i = 1, 5000 do
      local key = ("key %d"):format(i)
      if i % 3 == 0 then wanted[key] = nil else wanted[key] = -i end
    end
  end,
}

local names = {}
for name in pairs(contents) do names[#names + 1] = name end
table.sort(names)

for _, name in ipairs(names) do
  if run == 1 then
    check(name .. " can be stored", function()
      local t = ext.table()
      kit[name] = t
      for key, value in next, contents[name]() do t[key] = value end
    end)
  else
    check(name .. " are there", function()
      local wanted = contents[name]()
      if run > 2 and changes[name] then changes[name](contents[name](), wanted) end
      return differs(kit[name], wanted, count(wanted))
    end)
    if run == 2 and changes[name] then
      check(name .. " can be changed", function() changes[name](kit[name], {}) end)
    end
  end
end

local function is_empty(t)
  return #t == 0 and next(t) == nil and t.x == nil and t[1] == nil
end

check("a table that nothing was stored in is empty", function()
  local t = ext.table()
  t.x = nil
  if not is_empty(t) then return "it has entries" end
end)

check("a table of this run is its own", function()
  local a, b = ext.table(), ext.table()
  a.x, b.x, b.y = 1, 2, 3
  if #a ~= 1 or #b ~= 2 then return ("%d and %d entries, not 1 and 2"):format(#a, #b) end
  a.x = nil
  if not is_empty(a) then return "the removed entry is still there" end
  if b.x ~= 2 then return "the entry of another table is gone" end
end)

if run == 1 then
  kit.tables = { a = { x = 1 }, b = { x = 2 } }
  kit.list = { 10, 20, 30 }
  kit.emptied = { x = 1, y = 2 }
  local graph = { name = "graph", shared = {} }
  graph.self, graph.again = graph, graph.shared
  kit.graph = graph
else
  check("tables in tables are each their own", function()
    local a, b = kit.tables.a, kit.tables.b
    if a.x ~= (run == 2 and 1 or 3) or b.x ~= 2 then return ("x is %s and %s"):format(show(a.x), show(b.x)) end
    if #a ~= 1 or #kit.tables ~= 2 then return "their numbers of entries are wrong" end
  end)
  check("a list keeps its order", function()
    local wanted = run == 2 and "10 20 30" or "20 30 40"
    local found = table.concat(kit.list, " ")
    if found ~= wanted then return ("it is %q, not %q"):format(found, wanted) end
  end)
  check("a table that contains itself does so", function()
    local graph = kit.graph
    if graph.self ~= graph or graph.again ~= graph.shared or graph.self.self.name ~= "graph" then
      return "it does not"
    end
  end)
  check("a table whose entries were removed is empty", function()
    if run == 2 then
      if #kit.emptied ~= 2 then return "there are not two entries" end
    elseif run == 3 then
      if not is_empty(kit.emptied) then return "it has entries" end
    elseif kit.emptied.x ~= "new" or #kit.emptied ~= 1 then
      return "it cannot be filled again"
    end
  end)
  if run == 2 then
    kit.tables.a.x = nil
    kit.tables.a.x = 3
    table.remove(kit.list, 1)
    table.insert(kit.list, 40)
    kit.emptied.x, kit.emptied.y = nil, nil
  elseif run == 3 then
    kit.emptied.x = "new"
  end
end

kit.passed = kit.passed + passed
kit.failed = kit.failed + failed
if run < N_RUNS then
  print(("run %d of %d: %d passed, %d failed; run the program again"):format(run, N_RUNS, passed, failed))
else
  print(("store-kit: %d passed, %d failed"):format(kit.passed, kit.failed))
end
return N_RUNS - run
