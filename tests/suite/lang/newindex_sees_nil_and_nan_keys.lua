local t = setmetatable({}, {__newindex = function(_, k, v) print("set", v) end})
t[nil] = 1 --> set	1
t[0/0] = 2 --> set	2
