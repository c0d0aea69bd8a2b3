local mt = {}
local v = setmetatable({}, mt)
print(v.x, #v) --> nil	0
mt.__index = function() return "now" end
mt.__len = function() return 99 end
print(v.x, #v) --> now	99
mt.__index = nil
print(v.x) --> nil
