local t = setmetatable({}, {__mode = "v"})
local keep = {}
t[1], t[2], t.x, t.y = keep, {}, {}, "string"
t.n = 5
collectgarbage()
print(t[1] == keep, t[2], t.x, t.y, t.n) --> true	nil	nil	string	5
