local function wrap(text, width)
  local lines, line = {}, ""
  for word in text:gmatch("%S+") do
    if #line + #word + 1 > width and line ~= "" then
      lines[#lines + 1] = line
      line = word
    else
      line = line == "" and word or line .. " " .. word
    end
  end
  if line ~= "" then lines[#lines + 1] = line end
  return lines
end
local function justify(line, width)
  local gaps = select(2, line:gsub(" ", " "))
  if gaps == 0 then return line end
  local extra, seen = width - #line, 0
  return (line:gsub(" ", function()
    seen = seen + 1
    local n = extra * seen // gaps - extra * (seen - 1) // gaps
    return (" "):rep(1 + n)
  end))
end
local text = [[The quick brown fox jumps over the lazy dog while seven wizards
mix   liquid jinx, and pack my box with five dozen jugs.]]
local lines = wrap(text, 24)
for i, l in ipairs(lines) do
  local shown = i < #lines and justify(l, 24) or l
  print("|" .. shown .. (" "):rep(24 - #shown) .. "|")
end
--> |The  quick   brown   fox|
--> |jumps over the lazy  dog|
--> |while seven wizards  mix|
--> |liquid jinx, and pack my|
--> |box  with   five   dozen|
--> |jugs.                   |
local counts = {}
for c in text:lower():gmatch("%a") do counts[c] = (counts[c] or 0) + 1 end
local letters = {}
for c in pairs(counts) do letters[#letters + 1] = c end
table.sort(letters, function(a, b) return counts[a] > counts[b] or counts[a] == counts[b] and a < b end)
print(table.concat(letters, "", 1, 8), #letters, counts.i) --> ieodnahs	26	9
