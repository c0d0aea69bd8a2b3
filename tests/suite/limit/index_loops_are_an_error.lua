local a, b = {}, {}
setmetatable(a, {__index = b})
setmetatable(b, {__index = a})
print(pcall(function() return a.x end)) --> false	index_loops_are_an_error.lua:4: '__index' chain too long; possible loop
