local N = ... or 260
-- A lexer for Lua, in Lua: a real grammar of tokens, dispatch on the first byte, patterns anchored at a position.
local keywords = {}
for word in ([[and break do else elseif end false for function goto if in local nil not or repeat return then true
    until while]]):gmatch("%a+") do keywords[word] = true end
local escapes = {n = "\n", t = "\t", ["\\"] = "\\", ['"'] = '"', ["'"] = "'"}

local function lexer(source)
  local at, line = 1, 1
  local find, sub, byte = string.find, string.sub, string.byte
  local function long(from)
    local level, start = source:match("^%[(=*)%[\n?()", from)
    if not level then return nil end
    local stop, after = find(source, "]" .. level .. "]", start, true)
    if not stop then error("unfinished long bracket in line " .. line) end
    local text = sub(source, start, stop - 1)
    for _ in source:sub(from, after):gmatch("\n") do line = line + 1 end
    at = after + 1
    return text
  end
  local function quoted(quote)
    local parts, from = {}, at + 1
    while true do
      local stop = find(source, "[\\\n" .. quote .. "]", from)
      local c = stop and sub(source, stop, stop)
      if not c or c == "\n" then error("unfinished string in line " .. line) end
      parts[#parts + 1] = sub(source, from, stop - 1)
      if c == quote then
        at = stop + 1
        return table.concat(parts)
      end
      local code, after = source:match("^(%d%d?%d?)()", stop + 1)
      if code then
        parts[#parts + 1], from = string.char(tonumber(code)), after
      else
        local letter = sub(source, stop + 1, stop + 1)
        parts[#parts + 1], from = escapes[letter] or error("invalid escape in line " .. line), stop + 2
      end
    end
  end
  return function()
    while true do
      local from, to = find(source, "^[ \t\r]+", at)
      if from then at = to + 1 end
      local c = byte(source, at)
      if not c then return nil end
      if c == 10 then
        at, line = at + 1, line + 1
      elseif c == 45 and byte(source, at + 1) == 45 then
        at = at + 2
        if not (byte(source, at) == 91 and long(at)) then at = find(source, "\n", at, true) or #source + 1 end
      elseif c >= 97 and c <= 122 or c >= 65 and c <= 90 or c == 95 then
        local _, stop = find(source, "^[%w_]+", at)
        local word = sub(source, at, stop)
        at = stop + 1
        if keywords[word] then return word, nil, line end
        return "name", word, line
      elseif c >= 48 and c <= 57 or c == 46 and find(source, "^%.%d", at) then
        local _, stop = find(source, "^0[xX][%x.]+[pP]?[+-]?%d*", at)
        if not stop then _, stop = find(source, "^%d*%.?%d*[eE]?", at) end
        local text = sub(source, at, stop)
        if find(text, "[eE]$") and not find(text, "^0[xX]") then
          _, stop = find(source, "^[+-]?%d+", stop + 1)
          text = sub(source, at, stop)
        end
        at = stop + 1
        return "number", tonumber(text), line
      elseif c == 34 or c == 39 then
        return "string", quoted(sub(source, at, at)), line
      elseif c == 91 and find(source, "^%[=*%[", at) then
        local text = long(at)
        return "string", text, line
      else
        local three = sub(source, at, at + 2)
        local two = sub(three, 1, 2)
        local sign = three == "..." and three
          or (two == ".." or two == "==" or two == "~=" or two == "<=" or two == ">=" or two == "//" or two == "::"
            or two == "<<" or two == ">>") and two
          or sub(three, 1, 1)
        if not find(sign, "^[-+*/%%^#&~|<>=(){}%[%];:,.]") then error("unexpected symbol in line " .. line) end
        at = at + #sign
        return sign, nil, line
      end
    end
  end
end

local sample = [==[
local function sieve(n, ...) -- primes below n
  local is, t = {}, {x = 1.5e3, ['y'] = 0xFF, [[long
string]], "tab\tand \"quotes\" \065"}
  for i = 2, n do is[i] = true end
  --[[ a comment
  of two lines ]]
  for i = 2, math.floor(n ^ 0.5) do
    if is[i] then for j = i * i, n, i do is[j] = false end end
  end
  while t.x >= 1 and not t.y ~= nil do t.x = t.x // 2 .. '' goto done end
  ::done:: return select('#', ...) == 0 and #t or t:m(1 << 3, a & ~b | c, .5, ...)
end
]==]
local source = sample:rep(20)
local total = 0
for _ = 1, N do
  local n, sum, last = 0, 0, 0
  local kinds = {}
  for kind, value, line in lexer(source) do
    n, last = n + 1, line
    kinds[kind] = (kinds[kind] or 0) + 1
    if kind == "number" then sum = sum + value elseif value then sum = sum + #value end
  end
  assert(kinds["function"] == 20 and kinds["goto"] == 20 and kinds["..."] == 60 and kinds.string == 100)
  assert(last == 240)
  total = total + n + sum
end
local ok, message = pcall(function() for _ in lexer("x = 'open\n") do end end)
assert(not ok and message:find("unfinished string in line 1", 1, true))
return total
