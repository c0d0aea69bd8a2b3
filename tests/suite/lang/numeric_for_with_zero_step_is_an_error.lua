print(pcall(load("for i = 1, 2, 0 do end", "=c"))) --> false	c:1: 'for' step is zero
print(pcall(load("for i = 1.0, 2, 0 do end", "=c"))) --> false	c:1: 'for' step is zero
print(pcall(load("for i = 1, 2, -0.0 do end", "=c"))) --> false	c:1: 'for' step is zero
