local t = {x = "end"}
for i = 1, 90 do t = setmetatable({}, {__index = t}) end
print(t.x, t.y) --> end	nil
