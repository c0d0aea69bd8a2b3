local N = ... or 1500000
-- Generators chained together: resume and yield, and some short-lived coroutines.
local yield, wrap = coroutine.yield, coroutine.wrap
local function numbers(n) return wrap(function() for i = 1, n do yield(i) end end) end
local function filter(gen, k) return wrap(function() for v in gen do if v % k ~= 0 then yield(v) end end end) end
local sum = 0
for v in filter(filter(numbers(N), 2), 3) do sum = sum + v end
local expect = 0
for i = 1, N do if i % 2 ~= 0 and i % 3 ~= 0 then expect = expect + i end end
assert(sum == expect)
local made = 0
for i = 1, N // 10 do
  local co = coroutine.create(function(a) local b = yield(a + 1) return a + b end)
  local _, x = coroutine.resume(co, i)
  local _, y = coroutine.resume(co, x)
  made = made + y
end
local m = N // 10
assert(made == m * (m + 1) + m)
return sum + made
