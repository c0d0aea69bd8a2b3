local N = ... or 12000
-- Templates compiled to Lua and loaded, then filled in: gsub with functions, string buffers, escaping.
local entities = {["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;"}
local function escape(s) return (tostring(s):gsub('[&<>"]', entities)) end

local function compile(text)
  local code = {"local env, escape = ...\nlocal out, n = {}, 0\nlocal function put(s) n = n + 1; out[n] = s end\n"}
  local at = 1
  local function literal(s) if s ~= "" then code[#code + 1] = ("put(%q)\n"):format(s) end end
  while true do
    local from, to, kind, body = text:find("{([%%{])%s*(.-)%s*[%%}]}", at)
    if not from then break end
    literal(text:sub(at, from - 1))
    if kind == "{" then
      local path, filter = body:match("^([%w_.]+)%s*|%s*(%w+)$")
      local value = path or body
      if not value:find("^_") then
        value = value:gsub("^([%w_]+)", function(name) return "(env." .. name .. ")" end)
      else
        value = value:sub(2)
      end
      if filter == "raw" then code[#code + 1] = "put(tostring(" .. value .. "))\n"
      elseif filter == "upper" then code[#code + 1] = "put(escape(" .. value .. "):upper())\n"
      else code[#code + 1] = "put(escape(" .. value .. "))\n" end
    else
      code[#code + 1] = body:gsub("$(%a+)", "env.%1") .. "\n"
    end
    at = to + 1
  end
  literal(text:sub(at))
  code[#code + 1] = "return table.concat(out)\n"
  return assert(load(table.concat(code), "=template"))
end

local page = [[
<html><head><title>{{ title | upper }}</title></head>
<body>
{% for i, item in ipairs($items) do %}
  <li class="{{ _i }}">{{ _item.name }}: {{ _item.price }}
  {% if item.tags then for _, tag in ipairs(item.tags) do %}<b>{{ _tag }}</b>{% end end %}</li>
{% end %}
<p>{{ footer | raw }}</p>
</body></html>
]]
-- A second way without code: placeholders replaced by a function.
local function fill(text, env)
  return (text:gsub("%$(%b{})", function(name) return escape(env[name:sub(2, -2)] or "?") end))
end

local items = {}
for i = 1, 12 do
  items[i] = {name = "item <" .. i .. ">", price = i * 1.25, tags = i % 3 == 0 and {"new & hot", "sale"} or nil}
end
local render, total = compile(page), 0
for i = 1, N do
  if i % 50 == 0 then render = compile(page) end
  local text = render({title = "Page " .. i, items = items, footer = "<i>end</i>"}, escape)
  total = total + #text
  local line = fill("Dear ${name}, you owe ${sum} since ${day}.", {name = "A & B", sum = i})
  total = total + #line
  assert(line == "Dear A &amp; B, you owe " .. i .. " since ?.")
end
local text = render({title = "x<y", items = {items[3]}, footer = "<i>end</i>"}, escape)
assert(text:find("<title>X&LT;Y</title>", 1, true) and text:find("<b>new &amp; hot</b><b>sale</b>", 1, true))
assert(text:find("item &lt;3&gt;: 3.75", 1, true) and text:find("<p><i>end</i></p>", 1, true))
return total
