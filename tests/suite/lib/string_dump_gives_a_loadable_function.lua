local f = load(string.dump(function(a, b) return a + b end))
print(f(1, 2)) --> 3
local x = 5
local g = load(string.dump(function() return x end), "d", "b")
print(g() == _G) --> true
print(pcall(string.dump, math.abs)) --> false	unable to dump given function
