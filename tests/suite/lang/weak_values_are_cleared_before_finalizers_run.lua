local values = setmetatable({}, {__mode = "v"})
local seen
local o = setmetatable({}, {__gc = function() seen = values[1] end})
values[1] = o
o = nil
collectgarbage() collectgarbage()
print(seen, values[1]) --> nil	nil
