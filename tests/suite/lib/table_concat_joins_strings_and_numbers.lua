print(table.concat({1, 2, "x", 1.5}, ","), table.concat({}, ","), table.concat({1, 2, 3}), table.concat({"a"}, ",")) --> 1,2,x,1.5		123	a
print(table.concat({1, 2, 3, 4}, "-", 2, 3), table.concat({1, 2, 3}, "-", 3), "[" .. table.concat({1}, ",", 2) .. "]") --> 2-3	3	[]
print(table.concat({[5] = "five", [6] = "six"}, " ", 5, 6)) --> five six
