print(table.unpack({1, 2, 3})) --> 1	2	3
print(table.unpack({1, 2, 3}, 2)) --> 2	3
print(table.unpack({1, 2, 3}, 2, 3)) --> 2	3
print(table.unpack({}, 1, 3)) --> nil	nil	nil
print(select("#", table.unpack({}, 1, 0)), select("#", table.unpack({}, 5, 3))) --> 0	0
print(table.unpack({[-1] = "a", [0] = "b"}, -1, 0)) --> a	b
print(table.unpack({[math.maxinteger] = "max"}, math.maxinteger, math.maxinteger)) --> max
print(table.unpack("abc", 1, 2)) --> nil	nil
