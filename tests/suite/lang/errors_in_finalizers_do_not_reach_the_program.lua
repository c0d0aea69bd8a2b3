setmetatable({}, {__gc = function() error("ignored") end})
collectgarbage() collectgarbage()
print("still running") --> still running
