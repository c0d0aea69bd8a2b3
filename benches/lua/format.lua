local N = ... or 220000
-- string.format and tostring with the usual conversions.
local format = string.format
local length, sum = 0, 0
for i = 1, N do
  local s = format("%d %5.2f %s %x", i, i / 7, "name", i)
  local t = format("%-8s|%08d|%g", "k" .. i % 10, i, i * 0.25)
  length = length + #s + #t + #tostring(i * 0.5)
  sum = sum + s:byte(-1) + t:byte(3)
end
local check = length * 10 + sum
if N == 220000 then assert(check == 146113970) end
return check
