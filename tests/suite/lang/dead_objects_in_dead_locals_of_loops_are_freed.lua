local t = setmetatable({}, {__mode = "k"})
for i = 1, 100 do t[{i}] = i end
collectgarbage()
local n = 0
for _ in pairs(t) do n = n + 1 end
print(n < 3) --> true
