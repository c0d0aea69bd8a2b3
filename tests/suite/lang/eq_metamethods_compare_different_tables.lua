local mt = {__eq = function(a, b) return a.id == b.id end}
local function v(id) return setmetatable({id = id}, mt) end
print(v(1) == v(1), v(1) == v(2), v(1) ~= v(1), rawequal(v(1), v(1))) --> true	false	false	false
