local log = {}
local t = setmetatable({old = 1}, {__newindex = function(t, k, v) rawset(t, k, v * 2) log[#log + 1] = k end})
t.old = 5
t.new = 5
t.new = 6
print(t.old, t.new, #log) --> 5	6	1
