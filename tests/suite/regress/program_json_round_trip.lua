local encode
local escapes = {['"'] = '\\"', ["\\"] = "\\\\", ["\n"] = "\\n", ["\t"] = "\\t", ["\r"] = "\\r"}
local function quote(s)
  return '"' .. s:gsub('[%c"\\]', function(c) return escapes[c] or ("\\u%04x"):format(c:byte()) end) .. '"'
end
function encode(v)
  local t = type(v)
  if t == "table" then
    local out = {}
    if #v > 0 or next(v) == nil then
      for i, x in ipairs(v) do out[i] = encode(x) end
      return "[" .. table.concat(out, ",") .. "]"
    end
    local keys = {}
    for k in pairs(v) do keys[#keys + 1] = k end
    table.sort(keys)
    for i, k in ipairs(keys) do out[i] = quote(k) .. ":" .. encode(v[k]) end
    return "{" .. table.concat(out, ",") .. "}"
  elseif t == "string" then return quote(v)
  elseif t == "number" or t == "boolean" then return tostring(v)
  elseif t == "nil" then return "null"
  else error("cannot encode a " .. t) end
end

local function decode(s)
  local pos = 1
  local value
  local function fail(what) error(("%s expected at %d"):format(what, pos), 0) end
  local function space() pos = s:find("%S", pos) or #s + 1 end
  local function string_()
    local out = {}
    pos = pos + 1
    while true do
      local stop = s:find('["\\]', pos) or fail("closing quote")
      out[#out + 1] = s:sub(pos, stop - 1)
      if s:byte(stop) == 34 then pos = stop + 1 return table.concat(out) end
      local c = s:sub(stop + 1, stop + 1)
      if c == "u" then
        out[#out + 1] = utf8.char(tonumber(s:sub(stop + 2, stop + 5), 16))
        pos = stop + 6
      else
        out[#out + 1] = ({n = "\n", t = "\t", r = "\r"})[c] or c
        pos = stop + 2
      end
    end
  end
  local function items(close, each)
    pos = pos + 1
    space()
    if s:sub(pos, pos) == close then pos = pos + 1 return end
    repeat
      each()
      space()
      local c = s:sub(pos, pos)
      pos = pos + 1
      if c ~= "," and c ~= close then pos = pos - 1 fail("',' or '" .. close .. "'") end
    until c == close
  end
  function value()
    space()
    local c = s:sub(pos, pos)
    if c == "{" then
      local t = {}
      items("}", function()
        space()
        if s:sub(pos, pos) ~= '"' then fail("key") end
        local k = string_()
        space()
        if s:sub(pos, pos) ~= ":" then fail("':'") end
        pos = pos + 1
        t[k] = value()
      end)
      return t
    elseif c == "[" then
      local t = {}
      items("]", function() t[#t + 1] = value() end)
      return t
    elseif c == '"' then return string_()
    end
    local word = s:match("^%a+", pos)
    if word then
      pos = pos + #word
      if word == "true" then return true elseif word == "false" then return false elseif word == "null" then return nil end
      fail("literal")
    end
    local num = s:match("^-?%d+%.?%d*[eE]?[+-]?%d*", pos)
    if not num then fail("value") end
    pos = pos + #num
    return tonumber(num)
  end
  local v = value()
  space()
  if pos <= #s then fail("end") end
  return v
end

local doc = {name = "Lua \"5.4\"", list = {1, 2.5, -3, {}}, nested = {deep = {deeper = {true, false}}}, text = "tab\tline\nend\1"}
local text = encode(doc)
print(text) --> {"list":[1,2.5,-3,[]],"name":"Lua \"5.4\"","nested":{"deep":{"deeper":[true,false]}},"text":"tab\tline\nend\u0001"}
print(encode(decode(text)) == text) --> true
print(encode(decode(' [ 1 , {"a" : [ ] } , "\\u00e9\\n" , 1e2 ] '))) --> [1,{"a":[]},"é\n",100.0]
print(pcall(decode, "[1, 2")) --> false	',' or ']' expected at 6
print(pcall(decode, '{"a" 1}')) --> false	':' expected at 6
print(pcall(decode, "nope")) --> false	literal expected at 5
print(select(2, pcall(encode, {print})):match("cannot encode a %w+")) --> cannot encode a function
