local v = setmetatable({}, {__lt = function(a, b) return type(a) .. "<" .. type(b) == "table<number" end})
print(v < 1, 1 < v, v > 1, 1 > v) --> true	false	false	true
