local function f() error("x") end
local ok, e = xpcall(f, function(m) return f() end)
print(ok, type(e)) --> false	string
