local closer = setmetatable({}, {__close = function() print("closed") end})
for i in function(_, c) return c + 1 end, nil, 0, closer do goto out end
::out:: --> closed
print("out") --> out
