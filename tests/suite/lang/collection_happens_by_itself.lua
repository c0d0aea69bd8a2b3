local t = setmetatable({}, {__mode = "v"})
t[1] = {}
local n = 0
while t[1] and n < 10000000 do n = n + 1 local _ = {n} end
print(t[1]) --> nil
