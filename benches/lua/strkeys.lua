local N = ... or 3000000
-- Tables as records and dictionaries with string keys.
local words = {}
for i = 1, 500 do words[i] = "word" .. i end
local counts = {}
local rec = {red = 0, green = 0, blue = 0}
for i = 1, N do
  local w = words[(i * 7919) % 500 + 1]
  counts[w] = (counts[w] or 0) + 1
  rec.red = rec.red + 1
  rec.green = rec.green + rec.red % 3
  rec.blue = rec.blue + 1
end
local sum, kinds = 0, 0
for w, n in pairs(counts) do sum, kinds = sum + n * tonumber(w:sub(5)), kinds + 1 end
local check = sum + rec.green + rec.blue + kinds
if N == 3000000 then assert(check == 757500500) end
return check
