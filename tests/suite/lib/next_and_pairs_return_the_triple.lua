local f, s, c = pairs({})
print(f == next, type(s), c) --> true	table	nil
local f2, s2, c2 = ipairs({})
print(type(f2), type(s2), c2) --> function	table	0
