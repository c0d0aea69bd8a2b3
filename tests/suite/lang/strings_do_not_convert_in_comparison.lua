print("10" == 10, pcall(load("return '10' < 20", "=c"))) --> false	false	c:1: attempt to compare string with number
