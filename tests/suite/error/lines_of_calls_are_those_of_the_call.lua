print(pcall(load("local function f() error('x', 2) end\n\nf()\n", "=c"))) --> false	c:3: x
print(pcall(load("\n\nerror(\n'msg'\n)", "=c"))) --> false	c:3: msg
