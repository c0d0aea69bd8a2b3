local t = setmetatable({}, {__index = function() return 1, 2 end})
print(t.x) --> 1
print((t.x)) --> 1
