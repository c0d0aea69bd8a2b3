local N = ... or 1400
-- A renderer for a small part of Markdown: line splitting, patterns, string assembly.
local sample = [[
# Title of the page

Some *emphasis*, some **strong words** and `code & more` in a line
that goes on, with a [link](https://example.org/?a=1&b=2) at the end.

- first item
- second *item*
- third <item>

## Section

> a quotation
> of two lines

```
local x = 1 < 2
```

1. one
2. two
]]
local entities = {["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;"}
local function inline(s)
  s = s:gsub("[&<>]", entities)
  s = s:gsub("`([^`]+)`", "<code>%1</code>")
  s = s:gsub("%*%*(.-)%*%*", "<strong>%1</strong>")
  s = s:gsub("%*(.-)%*", "<em>%1</em>")
  return (s:gsub("%[(.-)%]%((.-)%)", '<a href="%2">%1</a>'))
end
local function render(text)
  local out, open, fenced = {}, nil, false
  local function block(tag)
    if open == tag then return end
    if open then out[#out + 1] = "</" .. open .. ">" end
    if tag then out[#out + 1] = "<" .. tag .. ">" end
    open = tag
  end
  for line in text:gmatch("([^\n]*)\n") do
    if line:sub(1, 3) == "```" then
      fenced = not fenced
      block(fenced and "pre" or nil)
    elseif fenced then out[#out + 1] = line:gsub("[&<>]", entities)
    elseif line == "" then block(nil)
    else
      local marks, title = line:match("^(#+)%s+(.*)")
      local item = line:match("^%- (.*)")
      local num = line:match("^%d+%. (.*)")
      local quote = line:match("^> (.*)")
      if marks then
        block(nil)
        out[#out + 1] = ("<h%d>%s</h%d>"):format(#marks, inline(title), #marks)
      elseif item then block("ul") out[#out + 1] = "<li>" .. inline(item) .. "</li>"
      elseif num then block("ol") out[#out + 1] = "<li>" .. inline(num) .. "</li>"
      elseif quote then block("blockquote") out[#out + 1] = inline(quote)
      else block("p") out[#out + 1] = inline(line) end
    end
  end
  block(nil)
  return table.concat(out, "\n")
end
local page = sample:rep(8)
local length, html = 0, nil
for _ = 1, N do
  html = render(page)
  length = length + #html
end
assert(html:find("<strong>strong words</strong>", 1, true) and html:find("<h2>Section</h2>", 1, true))
assert(html:find('<a href="https://example.org/?a=1&amp;b=2">link</a>', 1, true))
assert(length == #html * N)
if N == 1400 then assert(length == 5038600) end
return length
