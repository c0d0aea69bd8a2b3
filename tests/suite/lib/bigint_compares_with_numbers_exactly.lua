--? oracle python: the values are those of Python's integers
local big = require "bigint"
local function row(a, values)
  local t = {}
  for i, b in ipairs(values) do
    t[i] = (a < b and "<" or "") .. (a <= b and "l" or "") .. (a > b and ">" or "") .. (a >= b and "g" or "") .. "-"
    assert((b < a) == (a > b) and (b <= a) == (a >= b))
  end
  print(table.concat(t))
end
local numbers = {5, -5, 5.5, 4.5, -4.5, 0.25, -0.0, 5e-324, 2^64, 2^64 + 2^12, math.mininteger, math.maxinteger, 1e308, math.huge, -math.huge, 0/0}
local bigs = {big.new(-5), big.new(0), big.new(5), big.new('18446744073709551616'), -big.new('18446744073709551616'), big.new(10) ^ 400}
row(bigs[1], bigs)
--> lg-<l-<l-<l->g-<l-
row(bigs[1], numbers)
--> <l-lg-<l-<l-<l-<l-<l-<l-<l-<l->g-<l-<l-<l->g--
row(bigs[2], bigs)
--> >g-lg-<l-<l->g-<l-
row(bigs[2], numbers)
--> <l->g-<l-<l->g-<l-lg-<l-<l-<l->g-<l-<l-<l->g--
row(bigs[3], bigs)
--> >g->g-lg-<l->g-<l-
row(bigs[3], numbers)
--> lg->g-<l->g->g->g->g->g-<l-<l->g-<l-<l-<l->g--
row(bigs[4], bigs)
--> >g->g->g-lg->g-<l-
row(bigs[4], numbers)
--> >g->g->g->g->g->g->g->g-lg-<l->g->g-<l-<l->g--
row(bigs[5], bigs)
--> <l-<l-<l-<l-lg-<l-
row(bigs[5], numbers)
--> <l-<l-<l-<l-<l-<l-<l-<l-<l-<l-<l-<l-<l-<l->g--
row(bigs[6], bigs)
--> >g->g->g->g->g-lg-
row(bigs[6], numbers)
--> >g->g->g->g->g->g->g->g->g->g->g->g->g-<l->g--
print(big.new(2) == big.new('2'), big.new(2) ~= big.new(3), big.new(2) == 2, big.new(2) == io.stdout, rawequal(big.new(2), big.new(2)))
--> true	true	false	false	false
print(big.compare(big.new(3), 3), big.compare(3, big.new(4)), big.new(1):compare(big.new(0)), big.compare(big.new(1), 0/0), big.compare(1, 2.5))
--> 0	-1	1	nil	-1
