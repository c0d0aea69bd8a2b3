local n = 0
local mt = {}
mt.__gc = function(o) n = n + 1 if n < 3 then setmetatable(o, mt) end end
setmetatable({}, mt)
for _ = 1, 6 do collectgarbage() end
print(n) --> 3
