local function handler(e) error(e) end
local ok, e = xpcall(error, handler, "x")
print(ok, type(e)) --> false	string
print(xpcall(function() local function f() return 1 + f() end return f() end, function(m) return m:find("stack overflow", 1, true) ~= nil end)) --> false	true
