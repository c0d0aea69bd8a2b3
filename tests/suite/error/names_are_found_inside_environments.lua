print(pcall(load("local _ENV = {} return x.y", "=c"))) --> false	c:1: attempt to index a nil value (global 'x')
print(pcall(load("local _ENV = {} x()", "=c"))) --> false	c:1: attempt to call a nil value (global 'x')
print(pcall(load("local t = {} local _ENV = t return x + 1", "=c"))) --> false	c:1: attempt to perform arithmetic on a nil value (global 'x')
