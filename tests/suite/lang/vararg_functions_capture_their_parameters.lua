local function f(a, ...) local t = {...} return function() a = a + #t return a end end
local g = f(1, 2, 3)
print(g(), g()) --> 3	5
