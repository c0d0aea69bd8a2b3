local co = coroutine.create(function() local function f() return 1 + f() end return f() end)
local ok, e = coroutine.resume(co)
print(ok, e:find("stack overflow", 1, true) ~= nil, coroutine.status(co)) --> false	true	dead
