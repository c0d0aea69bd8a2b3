local function f() return 1 + f() end
local ok, e = pcall(f)
print(ok, (e:match("stack overflow"))) --> false	stack overflow
print(pcall(function() return "usable again" end)) --> true	usable again
