local v = setmetatable({}, {__tostring = function() return "I am v" end})
print(v, tostring(v)) --> I am v	I am v
