local log = {}
local mt = {__gc = true}
local object = setmetatable({}, mt)
mt.__gc = function() log[1] = "late" end
object = nil
collectgarbage() collectgarbage()
print(log[1]) --> late
