local t = setmetatable({}, {__mode = "kv"})
local a, b = {}, {}
t[a], t[{}], t[b] = {}, a, b
collectgarbage()
local n = 0
for k, v in pairs(t) do n = n + 1 end
print(n, t[a], t[b] == b) --> 1	nil	true
