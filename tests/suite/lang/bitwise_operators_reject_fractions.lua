print(pcall(load("return 1.5 | 1", "=c"))) --> false	c:1: number has no integer representation
print(pcall(load("local a = 2^70 return a & 1", "=c"))) --> false	c:1: number (local 'a') has no integer representation
