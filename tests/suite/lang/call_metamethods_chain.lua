local inner = setmetatable({}, {__call = function(self, a, b) return type(self), type(a), b end})
local outer = setmetatable({}, {__call = inner})
print(outer("arg")) --> table	table	arg
