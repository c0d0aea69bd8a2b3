local keys = setmetatable({}, {__mode = "k"})
local seen
local o = setmetatable({}, {__gc = function(o) seen = keys[o] end})
keys[o] = "info"
o = nil
collectgarbage() collectgarbage()
print(seen, next(keys)) --> info	nil
