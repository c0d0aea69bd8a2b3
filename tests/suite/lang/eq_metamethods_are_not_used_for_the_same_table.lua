local n = 0
local t = setmetatable({}, {__eq = function() n = n + 1 return false end})
print(t == t, n, t == 1, n) --> true	0	false	0
