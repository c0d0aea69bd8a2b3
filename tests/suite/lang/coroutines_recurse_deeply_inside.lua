local function depth(n) if n == 0 then coroutine.yield("bottom") return 0 end return 1 + depth(n - 1) end
local co = coroutine.wrap(function() return depth(10000) end)
print(co()) --> bottom
print(co()) --> 10000
