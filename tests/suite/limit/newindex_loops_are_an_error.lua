local a, b = {}, {}
setmetatable(a, {__newindex = b})
setmetatable(b, {__newindex = a})
print(pcall(function() a.x = 1 end)) --> false	newindex_loops_are_an_error.lua:4: '__newindex' chain too long; possible loop
