local a, b = 1, 2
local function f() return a, b end
local function g() return b end
print(debug.getupvalue(f, 1)) --> a	1
print(debug.getupvalue(f, 2)) --> b	2
print(select("#", debug.getupvalue(f, 3)), select("#", debug.getupvalue(print, 1))) --> 0	0
print(debug.setupvalue(f, 2, "two"), g()) --> b	two
print(select("#", debug.setupvalue(f, 3, 0))) --> 0
print(debug.upvalueid(f, 2) == debug.upvalueid(g, 1), debug.upvalueid(f, 1) == debug.upvalueid(g, 1)) --> true	false
print(debug.upvalueid(f, 9), type(debug.upvalueid(f, 1))) --> nil	userdata
debug.upvaluejoin(g, 1, f, 1)
a = "joined"
print(g()) --> joined
print(pcall(debug.upvaluejoin, f, 3, g, 1)) --> false	bad argument #2 to 'debug.upvaluejoin' (invalid upvalue index)
print(pcall(debug.upvaluejoin, f, 1, print, 1)) --> false	bad argument #4 to 'debug.upvaluejoin' (invalid upvalue index)
local iterator = string.gmatch("a", "a")
print(debug.getupvalue(iterator, 1) == "", debug.upvalueid(iterator, 1) ~= nil) --> true	true
print(pcall(debug.upvaluejoin, iterator, 1, f, 1)) --> false	bad argument #1 to 'debug.upvaluejoin' (Lua function expected)
