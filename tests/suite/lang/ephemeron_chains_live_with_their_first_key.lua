local t = setmetatable({}, {__mode = "k"})
local first = {}
local k = first
for i = 1, 100 do local nk = {} t[k] = nk k = nk end
k = nil
collectgarbage()
local n = 0
for _ in pairs(t) do n = n + 1 end
print(n) --> 100
first = nil
collectgarbage()
print(next(t)) --> nil
