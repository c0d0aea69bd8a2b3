local called = false
local e = setmetatable({}, {__tostring = function() called = true return "s" end})
local ok, v = pcall(error, e)
print(ok, rawequal(v, e), called) --> false	true	false
