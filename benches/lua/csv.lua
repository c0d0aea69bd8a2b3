local N = ... or 120
-- Records read with patterns: CSV with quotes, a configuration file, query strings; grouped and written again.
local function split(line)
  local fields, at, n = {}, 1, 0
  while at <= #line + 1 do
    n = n + 1
    if line:sub(at, at) == '"' then
      local parts, from = {}, at + 1
      while true do
        local text, after = line:match('^([^"]*)"()', from)
        parts[#parts + 1] = text
        if line:sub(after, after) ~= '"' then
          at = after + 1
          break
        end
        parts[#parts + 1], from = '"', after + 1
      end
      fields[n] = table.concat(parts)
    else
      local text, after = line:match("^([^,]*)()", at)
      fields[n], at = text, after + 1
    end
  end
  return fields
end
local function quoted(field)
  if field:find('[",]') then return '"' .. field:gsub('"', '""') .. '"' end
  return field
end
local function records(text)
  local names, list
  for line in text:gmatch("([^\r\n]+)\r?\n") do
    local fields = split(line)
    if not names then
      names, list = fields, {}
    else
      local record = {}
      for i, name in ipairs(names) do record[name] = tonumber(fields[i]) or fields[i] end
      list[#list + 1] = record
    end
  end
  return list, names
end
local function written(list, names)
  local lines = {table.concat(names, ",")}
  for _, record in ipairs(list) do
    local fields = {}
    for i, name in ipairs(names) do fields[i] = quoted(tostring(record[name])) end
    lines[#lines + 1] = table.concat(fields, ",")
  end
  return table.concat(lines, "\n") .. "\n"
end
local function settings(text)
  local all, section = {}, nil
  for line in text:gmatch("[^\n]+") do
    local name = line:match("^%[([^%]]+)%]$")
    local key, value = line:match("^%s*([%w_.-]+)%s*=%s*(.-)%s*$")
    if name then
      section = {}
      all[name] = section
    elseif key and not line:find("^%s*[#;]") then
      section[key] = value == "true" or (value ~= "false" and (tonumber(value) or value))
    end
  end
  return all
end
local function query(text)
  local values = {}
  for key, value in text:gmatch("([^&=?]+)=([^&=?]*)") do
    values[key] = value:gsub("+", " "):gsub("%%(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end)
  end
  return values
end

local cities = {"Berlin", "Paris", 'St. "John\'s"', "Washington, D.C."}
local lines = {"id,name,city,amount"}
for i = 1, 200 do
  lines[#lines + 1] = ("%d,name %d,%s,%.2f"):format(i, i, quoted(cities[i % 4 + 1]), i * 1.25)
end
local text = table.concat(lines, "\r\n") .. "\n"
local config = "[server]\nhost = example.org\n port=8080\n# no = comment\nsecure = true\n[client]\nretries = 3\nname = a b c\n"
local total = 0
for i = 1, N do
  local list, names = records(text)
  assert(#list == 200 and #names == 4 and list[2].city == 'St. "John\'s"' and list[3].city == "Washington, D.C.")
  local sums = {}
  for _, record in ipairs(list) do sums[record.city] = (sums[record.city] or 0) + record.amount end
  assert(sums.Paris == 6187.5)
  local again = written(list, names)
  assert(#records(again) == 200)
  total = total + #again
  for k = 1, 20 do
    local all = settings(config)
    assert(all.server.port == 8080 and all.server.secure == true and all.client.name == "a b c" and not all.server.no)
    local values = query("?name=J%C3%BCrgen+Smith&page=" .. k .. "&empty=&q=a%26b")
    assert(values.name == "J\xc3\xbcrgen Smith" and values.page == tostring(k) and values.q == "a&b" and values.empty == "")
    total = total + #values.name + k
  end
end
return total
