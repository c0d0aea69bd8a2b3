local v = setmetatable({}, {__add = function() return 1, 2, 3 end, __sub = function() end})
print(v + 1, v - 1) --> 1	nil
