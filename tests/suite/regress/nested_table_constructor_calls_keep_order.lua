local n = 0
local function c() n = n + 1 return n end
local t = {c(), {c(), c()}, c(), x = {c()}}
print(t[1], t[2][1], t[2][2], t[3], t.x[1]) --> 1	2	3	4	5
