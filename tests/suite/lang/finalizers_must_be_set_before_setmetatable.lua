local n = 0
local mt = {}
setmetatable({}, mt)
mt.__gc = function() n = n + 1 end
collectgarbage() collectgarbage()
print(n) --> 0
setmetatable({}, mt)
collectgarbage() collectgarbage()
print(n) --> 1
