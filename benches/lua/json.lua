local N = ... or 150
-- JSON encoded and decoded again: string scanning, table building, recursion.
local escape = {['"'] = '\\"', ["\\"] = "\\\\", ["\n"] = "\\n"}
local unescape = {['"'] = '"', ["\\"] = "\\", n = "\n"}
local function encode(v, out)
  local t = type(v)
  if t == "table" then
    if v[1] ~= nil then
      out[#out + 1] = "["
      for i = 1, #v do
        if i > 1 then out[#out + 1] = "," end
        encode(v[i], out)
      end
      out[#out + 1] = "]"
    else
      local keys = {}
      for k in pairs(v) do keys[#keys + 1] = k end
      table.sort(keys)
      out[#out + 1] = "{"
      for i, k in ipairs(keys) do
        if i > 1 then out[#out + 1] = "," end
        encode(k, out)
        out[#out + 1] = ":"
        encode(v[k], out)
      end
      out[#out + 1] = "}"
    end
  elseif t == "string" then out[#out + 1] = '"' .. v:gsub('["\\\n]', escape) .. '"'
  else out[#out + 1] = tostring(v) end
end
local s, pos
local value
local function text()
  local start = pos + 1
  local stop = s:find('"', start, true)
  while s:byte(stop - 1) == 92 and s:byte(stop - 2) ~= 92 do stop = s:find('"', stop + 1, true) end
  pos = stop + 1
  return (s:sub(start, stop - 1):gsub("\\(.)", unescape))
end
function value()
  local c = s:byte(pos)
  if c == 123 or c == 91 then
    local t, close, i = {}, c + 2, 0
    pos = pos + 1
    while s:byte(pos) ~= close do
      if c == 123 then
        local k = text()
        pos = pos + 1
        t[k] = value()
      else
        i = i + 1
        t[i] = value()
      end
      if s:byte(pos) == 44 then pos = pos + 1 end
    end
    pos = pos + 1
    return t
  elseif c == 34 then return text()
  elseif c == 116 then pos = pos + 4 return true
  elseif c == 102 then pos = pos + 5 return false end
  local n = s:match("^[-%d.e+]+", pos)
  pos = pos + #n
  return tonumber(n)
end
local doc = {}
for i = 1, 100 do
  doc[i] = {id = i, name = "item \"" .. i .. "\"", tags = {"red", "green", i}, price = i * 1.25, ok = i % 2 == 0, sub = {deep = {text = "line\nline"}}}
end
local total = 0
for _ = 1, N do
  local out = {}
  encode(doc, out)
  s, pos = table.concat(out), 1
  doc = value()
  total = total + #s
end
assert(#doc == 100 and doc[50].price == 62.5 and doc[7].name == 'item "7"' and doc[3].sub.deep.text == "line\nline")
return total
