-- More calls than the stack has slots, so a slot that stays behind in each of them would show.
local n = 0
local function f(...)
  n = n + 1
  if n > 1100000 then return select('#', ...), ... end
  return f(n, nil)
end
print(f(1, 2)) --> 2	1100000	nil
n = 0
local function g(a, ...)
  n = n + 1
  if n > 1100000 then return a, ... end
  return g(..., n)
end
print(g(1, 2, 3)) --> 1099999	1100000
