local v = setmetatable({}, {__lt = function() return 5, 6 end, __eq = function() return {} end})
print(v < v, v == setmetatable({}, getmetatable(v)), not (v < v)) --> true	true	false
