local body = ("x = x + 1 "):rep(20000)
local f = load("local x = 0 for i = 1, 3 do if i ~= 2 then " .. body .. " end end return x")
print(f()) --> 40000
