local function f(s) return (s:gsub(".", f)) end
local ok, e = pcall(f, "x")
print(ok, e:find("stack overflow", 1, true) ~= nil) --> false	true
