local function nest(n) return coroutine.wrap(function() return nest(n + 1) end)() end
local ok, e = pcall(nest, 1)
print(ok, e:find("C stack overflow", 1, true) ~= nil) --> false	true
