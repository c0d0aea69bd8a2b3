print(pcall(load("return '3' & 1", "=c"))) --> false	c:1: attempt to perform bitwise operation on a string value (constant '3')
print(pcall(load("local s = '1' return 2 << s", "=c"))) --> false	c:1: attempt to perform bitwise operation on a string value (local 's')
print(pcall(load("local s = 'x' return ~s", "=c"))) --> false	c:1: attempt to perform bitwise operation on a string value (local 's')
