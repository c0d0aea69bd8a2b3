local t = table.move({1, 2, 3, 4, 5}, 1, 5, 3, {[7] = "seven", [9] = "nine"})
print(t[1], t[2], t[3], t[7], t[8], t[9]) --> nil	nil	1	5	nil	nine
t = table.move({1, nil, 3}, 1, 3, 1, {[2] = "old"})
print(t[1], t[2], t[3]) --> 1	nil	3
t = table.move({1, 2, 3}, 1, 3, 1, {[4] = 4, [5] = 5})
print(#t, t[1], t[3], t[4], t[5]) --> 5	1	3	4	5
print(table.unpack({1, 2, nil, 4}, 1, 4)) --> 1	2	nil	4
print(table.unpack({1, 2, 3}, 2), table.unpack({1, 2}, 0, 3)) --> 2	nil	1	2	nil
print(table.unpack(setmetatable({}, {__index = function(_, i) return i * i end}), 2, 4)) --> 4	9	16
print(select("#", table.unpack({}, 1, 200)), (table.unpack({7, 8}, 2, 2))) --> 200	8
print(pcall(table.unpack, {}, 1, 1e8)) --> false	too many results to unpack
