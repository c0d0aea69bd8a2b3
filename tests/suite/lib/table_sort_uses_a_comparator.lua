local t = {5, 2, 8, 1, 9}
table.sort(t, function(a, b) return a > b end)
print(table.concat(t, " ")) --> 9 8 5 2 1
local words = {"ccc", "a", "bb"}
table.sort(words, function(a, b) return #a < #b end)
print(table.concat(words, " ")) --> a bb ccc
