local N = ... or 1300000
-- Closures: made, called, sharing upvalues.
local function counter(step)
  local n = 0
  return function() n = n + step return n end, function() return n end
end
local function compose(f, g) return function(x) return f(g(x)) end end
local sum = 0
for i = 1, N do
  local inc, get = counter(i % 7)
  inc() inc()
  sum = sum + get()
end
local f = function(x) return x + 1 end
for _ = 1, 6 do f = compose(f, f) end
local rounds = N // 1000
local x = 0
for _ = 1, rounds do x = f(x) end
assert(x == rounds * 64)
local expect = 0
for i = 1, N do expect = expect + 2 * (i % 7) end
assert(sum == expect)
return sum + x
