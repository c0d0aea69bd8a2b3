local t = {}
setmetatable(t, {__index = function(t, k) return t[k] end})
local ok, e = pcall(function() return t.x end)
print(ok, e:find("stack overflow", 1, true) ~= nil) --> false	true
