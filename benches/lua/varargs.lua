local N = ... or 280000
-- Variable arguments: passing on, select, packing, unpacking.
local function sum(...)
  local s = 0
  for i = 1, select("#", ...) do s = s + (select(i, ...)) end
  return s
end
local function pass(...) return ... end
local function tail(_, ...) return ... end
local function collect(...) local t = {...} return #t, t[#t] end
local total = 0
for i = 1, N do
  total = total + sum(i, 1, 2, 3)
  total = total + select("#", pass(tail(i, i, i)))
  local n, last = collect(pass(1, 2, 3, i))
  total = total + n + last
  total = total + sum(table.unpack({i, -i, 5}))
end
local expect = 0
for i = 1, N do expect = expect + (i + 6) + 2 + (4 + i) + 5 end
assert(total == expect)
return total
