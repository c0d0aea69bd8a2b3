print(pcall(load("local s = 'a\\\nb\\z \n\n' error('x')", "=c"))) --> false	c:4: x
