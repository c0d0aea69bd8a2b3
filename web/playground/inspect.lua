-- How the playground looks into values: nothing here runs a metamethod, and programs cannot change what it uses.
local next, type, tostring, format = next, type, tostring, string.format
local sort, concat = table.sort, table.concat
local gsub, sub, byte, find = string.gsub, string.sub, string.byte, string.find
local length, kind_of_number, utf8_length = rawlen, math.type, utf8.len
local raw_get, metatable, info = rawget, debug.getmetatable, debug.getinfo

-- Most characters of a text, most entries of a table that are counted, most entries in a preview.
local TEXT, COUNT, PREVIEW = 2000, 100000, 4

local ESCAPES = { ["\n"] = "\\n", ["\t"] = "\\t", ["\r"] = "\\r", ["\\"] = "\\\\", ['"'] = '\\"' }

local function quoted(text, most)
  local rest = ""
  if #text > most then
    local cut = most
    while cut > 0 and byte(text, cut + 1) >= 0x80 and byte(text, cut + 1) < 0xC0 do cut = cut - 1 end
    text, rest = sub(text, 1, cut), "…"
  end
  local escape = function(c) return ESCAPES[c] or format("\\x%02X", byte(c)) end
  text = gsub(text, '[%c"\\]', escape)
  if not utf8_length(text) then text = gsub(text, "[\x80-\xFF]", escape) end
  return '"' .. text .. '"' .. rest
end

local function number(n)
  if kind_of_number(n) == "integer" then return format("%d", n) end
  if n ~= n then return "nan" end
  if n == 1 / 0 or n == -1 / 0 then return n > 0 and "inf" or "-inf" end
  local text = format("%.17g", n)
  for digits = 14, 16 do
    local shorter = format("%." .. format("%d", digits) .. "g", n)
    if shorter + 0 == n then text = shorter break end
  end
  if not find(text, "[%.eE]") then text = text .. ".0" end
  return text
end

-- Where tables are numbered, so that the page can ask for their entries: one for each pane.
return function()
  local tables, numbers = {}, {}

  local function short(value, most)
    local kind = type(value)
    if kind == "string" then return quoted(value, most) end
    if kind == "number" then return number(value) end
    if kind == "nil" or kind == "boolean" then return tostring(value) end
    if kind == "function" then
      local about = info(value, "S")
      if about.what == "C" then return "function: built in" end
      return "function: line " .. format("%d", about.linedefined)
    end
    return kind
  end

  local function preview(t)
    local pieces, n = {}, length(t)
    for i = 1, n do
      if #pieces == PREVIEW then break end
      local value = raw_get(t, i)
      pieces[#pieces + 1] = type(value) == "table" and "{…}" or short(value, 24)
    end
    for key, value in next, t do
      if #pieces == PREVIEW then break end
      if not (kind_of_number(key) == "integer" and key >= 1 and key <= n) then
        local name = type(key) == "string" and (find(key, "^[%a_][%w_]*$") and key or "[" .. quoted(key, 24) .. "]")
          or "[" .. short(key, 24) .. "]"
        pieces[#pieces + 1] = name .. " = " .. (type(value) == "table" and "{…}" or short(value, 24))
      end
    end
    local count = 0
    for _ in next, t do
      count = count + 1
      if count == COUNT then break end
    end
    if count > #pieces then pieces[#pieces + 1] = "…" end
    return "{" .. concat(pieces, ", ") .. "}", count
  end

  local function describe(value)
    local kind = type(value)
    if kind ~= "table" then
      return { kind = kind_of_number(value) or kind, text = short(value, TEXT) }
    end
    local n = numbers[value]
    if not n then
      n = #tables + 1
      tables[n], numbers[value] = value, n
    end
    local text, count = preview(value)
    return { kind = "table", text = text, id = n, count = count, hasMetatable = metatable(value) ~= nil }
  end

  local function rank(key)
    local kind = type(key)
    return kind == "number" and 1 or kind == "string" and 2 or 3
  end

  local function before(a, b)
    local x, y = rank(a), rank(b)
    if x ~= y then return x < y end
    if x < 3 then return a < b end
    return tostring(type(a)) < tostring(type(b))
  end

  -- The entries of a table from the one numbered `from`, at most `n`.
  local function entries(id, from, n)
    local t = tables[id]
    local keys, found = {}, {}
    if not t then return found end
    for key in next, t do
      keys[#keys + 1] = key
      if #keys == COUNT then break end
    end
    sort(keys, before)
    for i = from, from + n - 1 do
      local key = keys[i]
      if key == nil then break end
      local name = type(key) == "string" and find(key, "^[%a_][%w_]*$") and key or "[" .. short(key, 60) .. "]"
      found[#found + 1] = { name = name, value = describe(raw_get(t, key)) }
    end
    return found
  end

  return describe, entries
end
