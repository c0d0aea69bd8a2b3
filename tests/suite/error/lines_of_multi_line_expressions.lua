print(pcall(load("local a\nlocal x = 1 +\n  a", "=c"))) --> false	c:2: attempt to perform arithmetic on a nil value (local 'a')
print(pcall(load("local a = {}\nreturn a\n.x\n.y", "=c"))) --> false	c:4: attempt to index a nil value (field 'x')
print(pcall(load("local f\nf(\n1,\n2)", "=c"))) --> false	c:2: attempt to call a nil value (local 'f')
print(pcall(load("local t = {\n a = 1,\n b = nil + 1,\n}", "=c"))) --> false	c:3: attempt to perform arithmetic on a nil value
