local log = {}
local mt = {__gc = true}
setmetatable({}, mt)
mt.__gc = function() log[1] = "late" end
collectgarbage() collectgarbage()
print(log[1]) --> late
