print(pcall(load("return 1 // 0", "=c"))) --> false	c:1: attempt to divide by zero
print(pcall(load("local a, b = 1, 0 return a // b", "=c"))) --> false	c:1: attempt to divide by zero
print(1 // 0.0, 1.0 // 0) --> inf	inf
