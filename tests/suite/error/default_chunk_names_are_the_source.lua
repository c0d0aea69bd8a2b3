print(pcall(load("error('x')"))) --> false	[string "error('x')"]:1: x
print(pcall(load("local a = 1\nerror('x')"))) --> false	[string "local a = 1..."]:2: x
print(pcall(load(coroutine.wrap(function() coroutine.yield("error('x')") end)))) --> false	(load):1: x
