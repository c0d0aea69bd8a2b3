print(select(2, pcall(load("local a, b, c = 1, 1, 1; ((a and b) or c)()", "=x")))) --> x:1: attempt to call a number value
print(select(2, pcall(load("aaa = {}; (aaa or aaa)()", "=x")))) --> x:1: attempt to call a table value
