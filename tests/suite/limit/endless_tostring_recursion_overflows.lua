local t = setmetatable({}, {__tostring = function(self) return tostring(self) end})
local ok, e = pcall(tostring, t)
print(ok, e:find("stack overflow", 1, true) ~= nil) --> false	true
