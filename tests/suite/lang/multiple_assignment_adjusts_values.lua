local a, b, c = 1
print(a, b, c) --> 1	nil	nil
a, b = 1, 2, 3
print(a, b) --> 1	2
local function two() return 1, 2 end
a, b, c = two()
print(a, b, c) --> 1	2	nil
a, b, c = two(), 10
print(a, b, c) --> 1	10	nil
a, b, c = 0, two()
print(a, b, c) --> 0	1	2
a, b, c = (two())
print(a, b, c) --> 1	nil	nil
