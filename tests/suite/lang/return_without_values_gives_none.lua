local function f() return end
local function g() end
print(select("#", f()), select("#", g()), f(), (g())) --> 0	0	nil	nil
