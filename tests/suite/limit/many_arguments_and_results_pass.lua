local t = {}
for i = 1, 5000 do t[i] = i end
print(select("#", table.unpack(t)), (select(5000, table.unpack(t))), math.max(table.unpack(t))) --> 5000	5000	5000
print(#{table.unpack(t)}, #string.char(table.unpack({}, 1, 0))) --> 5000	0
local function count(...) return select("#", ...) end
print(count(table.unpack(t)), count(count(table.unpack(t)), table.unpack(t))) --> 5000	5001
