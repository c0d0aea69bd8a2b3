local t = setmetatable({}, {__add = 1, __index = 2, __newindex = true, __call = 5, __concat = "x"})
print(pcall(function() return t + 1 end)) --> false	metamethods_must_be_callable.lua:2: attempt to call a number value (metamethod 'add')
print(pcall(function() return t.x end)) --> false	metamethods_must_be_callable.lua:3: attempt to index a number value
print(pcall(function() t.x = 1 end)) --> false	metamethods_must_be_callable.lua:4: attempt to index a boolean value
print(pcall(function() return t() end)) --> false	metamethods_must_be_callable.lua:5: attempt to call a number value (upvalue 't')
print(pcall(function() return t .. "s" end)) --> false	metamethods_must_be_callable.lua:6: attempt to call a string value (metamethod 'concat')
