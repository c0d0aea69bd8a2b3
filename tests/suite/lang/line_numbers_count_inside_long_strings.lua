print(pcall(load("local s = [[\n\n]] error('x')", "=c"))) --> false	c:3: x
print(pcall(load("--[[\n\n\n]] error('x')", "=c"))) --> false	c:4: x
