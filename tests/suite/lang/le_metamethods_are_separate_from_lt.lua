local v = setmetatable({}, {__le = function() return nil end, __lt = function() return "true" end})
print(v <= 1, v < 1, v >= 1, v > v) --> false	true	false	true
