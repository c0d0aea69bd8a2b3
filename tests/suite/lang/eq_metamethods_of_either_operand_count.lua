local a = setmetatable({}, {__eq = function() return 1 end})
print(a == {}, {} == a, a ~= {}) --> true	true	false
