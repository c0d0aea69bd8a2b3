local floor, mtype, fmt, rep, sort, concat = math.floor, math.type, string.format, string.rep, table.sort, table.concat
local type, tostring, pcall, pairs, select, rawget, write = type, tostring, pcall, pairs, select, rawget, io.write
local show
local function shown(t, depth)
  if depth > 3 then return "{..}" end
  local keys, n = {}, 0
  for k, v in next, t do
    n = n + 1
    keys[n] = "[" .. show(k, depth + 1) .. "]=" .. show(v, depth + 1)
  end
  sort(keys)
  return "{" .. concat(keys, ",") .. "}"
end
function show(v, depth)
  local kind = mtype(v)
  if kind == "integer" then return fmt("%d", v)
  elseif kind == "float" then
    if v ~= v then return "nan" end
    return fmt("%a", v) .. "~" .. fmt("%.14g", v)
  elseif type(v) == "string" then return (fmt("%q", v):gsub("\n", "n"):gsub("\r", "r"))
  elseif type(v) == "table" then return shown(v, depth)
  elseif v == nil or type(v) == "boolean" then return tostring(v)
  else return type(v) end
end
io.stdout:setvbuf 'line'
local function line(n, ok, ...)
  local parts = {}
  for i = 1, select("#", ...) do
    local text = show((select(i, ...)), 0)
    parts[i] = text:gsub("0x%x%x%x%x%x%x+", "ADDRESS")
  end
  write(fmt("%d %s %s\n", n, ok and "ok" or "error", concat(parts, " ")))
end
local function case(n, f) line(n, pcall(f)) end
