local a = {v = "deep"}
local b = setmetatable({}, {__index = a})
local c = setmetatable({}, {__index = b})
local d = setmetatable({}, {__index = c})
print(d.v, d.w) --> deep	nil
setmetatable(a, {__index = function(_, k) return "fn " .. k end})
print(d.w) --> fn w
