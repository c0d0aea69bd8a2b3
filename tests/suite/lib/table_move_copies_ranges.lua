print(table.concat(table.move({1, 2, 3}, 1, 3, 2), " ")) --> 1 1 2 3
print(table.concat(table.move({1, 2, 3, 4}, 2, 4, 1), " ")) --> 2 3 4 4
print(table.concat(table.move({1, 2}, 1, 2, 3, {9, 9}), " ")) --> 9 9 1 2
local t = {}
print(table.move({1, 2, 3}, 1, 0, 1, t) == t, #t) --> true	0
print(pcall(table.move, {}, 1, math.maxinteger, 2)) --> false	bad argument #4 to 'table.move' (destination wrap around)
print(pcall(table.move, {}, -1, math.maxinteger, 1)) --> false	bad argument #3 to 'table.move' (too many elements to move)
