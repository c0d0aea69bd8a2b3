print(pcall(load("local t = {} t[nil] = 1", "=c"))) --> false	c:1: table index is nil
print(pcall(load("local t = {} t[0/0] = 1", "=c"))) --> false	c:1: table index is NaN
print(pcall(load("return {[nil] = 1}", "=c"))) --> false	c:1: table index is nil
print(pcall(rawset, {}, nil, 1)) --> false	table index is nil
print(pcall(rawset, {}, 0/0, 1)) --> false	table index is NaN
