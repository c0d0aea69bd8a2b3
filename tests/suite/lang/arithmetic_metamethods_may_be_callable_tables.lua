local op = setmetatable({}, {__call = function(_, a, b) return "called with " .. b end})
local v = setmetatable({}, {__add = op})
print(v + 5) --> called with 5
