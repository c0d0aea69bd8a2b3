local t = {1, 2, 3}
local i = 1
t[i], t[i + 1], i = t[i + 1], t[i], 3
print(t[1], t[2], t[3], i) --> 2	1	3	3
local a = {}
local b = a
a.x, a = 1, {}
print(b.x, a.x) --> 1	nil
