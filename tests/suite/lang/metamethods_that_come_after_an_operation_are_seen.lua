local mt = {}
local a, b = setmetatable({1, 2, 3}, mt), setmetatable({}, mt)
local function ask() return a == b, a ~= b, #a end
print(ask()) --> false	true	3
mt.__eq = function() return true end
mt.__len = function() return 7 end
print(ask()) --> true	false	7
mt.__eq, mt.__len = nil, nil
print(ask()) --> false	true	3
rawset(mt, "__eq", function() return 1 end)
print(ask()) --> true	false	3
print(a == setmetatable({}, {__eq = function() return false end}), {} == b) --> true	true
