local mt = {__index = function(_, k) return k end, __call = function(n, x) return n * x end}
print(debug.setmetatable(10, mt)) --> 10
print((5).five, (6)(7)) --> five	42
print(debug.getmetatable(1) == mt, debug.getmetatable(nil)) --> true	nil
debug.setmetatable(10, nil)
print(debug.getmetatable(1)) --> nil
local t = setmetatable({}, {__metatable = "locked"})
print(getmetatable(t), type(debug.getmetatable(t))) --> locked	table
print(debug.getmetatable("").__index == string) --> true
print(pcall(debug.setmetatable, 1, 2)) --> false	bad argument #2 to 'debug.setmetatable' (nil or table expected, got number)
print(debug.getuservalue(t), debug.getuservalue(1)) --> nil	nil
print(pcall(debug.setuservalue, t, 1)) --> false	bad argument #1 to 'debug.setuservalue' (userdata expected, got table)
print(type(debug.getregistry()), debug.setcstacklimit(100)) --> table	200
