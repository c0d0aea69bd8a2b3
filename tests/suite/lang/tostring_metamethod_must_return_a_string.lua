local v = setmetatable({}, {__tostring = function() return {} end})
print(pcall(tostring, v)) --> false	'__tostring' must return a string
local n = setmetatable({}, {__tostring = function() return 42 end})
print(tostring(n)) --> 42
