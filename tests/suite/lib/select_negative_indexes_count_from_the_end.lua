print(select(-1, 1, 2, 3)) --> 3
print(select(-3, 1, 2, 3)) --> 1	2	3
print(pcall(select, -4, 1, 2, 3)) --> false	bad argument #1 to 'select' (index out of range)
print(select("2", "a", "b"), pcall(select, "x")) --> b	false	bad argument #1 to 'select' (number expected, got string)
