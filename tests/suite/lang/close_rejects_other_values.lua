print(pcall(load("local x <close> = 42", "=c"))) --> false	c:1: variable 'x' got a non-closable value
print(pcall(load("local x <close> = {}", "=c"))) --> false	c:1: variable 'x' got a non-closable value
print(pcall(load("local name <close> = 'str'", "=c"))) --> false	c:1: variable 'name' got a non-closable value
