local t = setmetatable({}, {__mode = "k"})
local keep = {}
t[keep], t[{}], t["s"] = 1, 2, 3
collectgarbage()
local n = 0
for k, v in pairs(t) do n = n + v end
print(n) --> 4
