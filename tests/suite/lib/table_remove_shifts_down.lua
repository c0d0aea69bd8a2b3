local t = {1, 2, 3, 4, 5}
print(table.remove(t), table.remove(t, 1), table.remove(t, 2)) --> 5	1	3
print(table.concat(t, " ")) --> 2 4
print(table.remove(t, 3), table.remove({}), table.remove({}, 0), select("#", table.remove({}))) --> nil	nil	nil	1
print(table.remove({[0] = "zero"}, 0)) --> zero
