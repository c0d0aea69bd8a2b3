local mt = setmetatable({}, {__index = {__add = function() return "inherited" end}})
local v = setmetatable({}, mt)
print(pcall(function() return v + 1 end)) --> false	metamethods_are_looked_up_raw.lua:3: attempt to perform arithmetic on a table value (upvalue 'v')
