local t = {}
for i = 10, 1, -1 do t[i] = i end
t.a, t.b = 1, 2
local ints, strs = 0, 0
for k in pairs(t) do if math.type(k) == "integer" then ints = ints + 1 else strs = strs + 1 end end
print(ints, strs) --> 10	2
