local t = setmetatable({}, {})
getmetatable(t).__concat = function(a, b) return a .. b end
local ok, e = pcall(function() return t .. t end)
print(ok, e:find("stack overflow", 1, true) ~= nil) --> false	true
