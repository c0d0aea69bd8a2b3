local N = ... or 400000
-- Building strings: concatenation, table.concat, rep, sub, byte and char.
local parts = {}
for i = 1, N do parts[i] = "item " .. i .. (i % 2 == 0 and ";" or ",") end
local text = table.concat(parts, "\n")
local small = ""
for i = 1, N // 200 do small = small .. string.char(97 + i % 26) end
local sum = 0
for i = 1, #text, 17 do sum = (sum * 33 + text:byte(i)) % 4294967291 end
for i = 1, N do
  local s = text:sub(i, i + 5)
  if s < "m" then sum = sum + #s end
end
local check = sum + #text + #small + #("ab"):rep(N)
if N == 400000 then assert(check == 2289303073) end
return check
