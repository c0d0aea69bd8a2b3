local N = ... or 34
-- Recursive Fibonacci: calls, integer arithmetic, one comparison.
local function fib(n) if n < 2 then return n end return fib(n - 1) + fib(n - 2) end
local r = fib(N)
local a, b = 0, 1
for _ = 1, N do a, b = b, a + b end
assert(r == a)
return r
