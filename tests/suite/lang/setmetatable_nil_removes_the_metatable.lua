local t = setmetatable({}, {__index = {x = 1}})
print(t.x) --> 1
print(setmetatable(t, nil) == t, t.x, getmetatable(t)) --> true	nil	nil
