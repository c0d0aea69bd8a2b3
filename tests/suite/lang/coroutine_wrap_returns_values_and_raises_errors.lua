local f = coroutine.wrap(function(a) local b = coroutine.yield(a) return b, "last" end)
print(f(1)) --> 1
print(f(2)) --> 2	last
print(pcall(f)) --> false	cannot resume dead coroutine
local g = coroutine.wrap(function() error("inside") end)
print(pcall(g)) --> false	coroutine_wrap_returns_values_and_raises_errors.lua:5: inside
local h = coroutine.wrap(function() error({}) end)
print(type(select(2, pcall(h)))) --> table
