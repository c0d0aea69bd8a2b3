print(pcall(load("error('x')", "error('x')"))) --> false	[string "error('x')"]:1: x
print(pcall(load("error('x')", "first line\nsecond line"))) --> false	[string "first line..."]:1: x
print(pcall(load("error('x')", ("long"):rep(50)))) --> false	[string "longlonglonglonglonglonglonglonglonglonglongl..."]:1: x
print(pcall(load("error('x')", "@" .. ("path/"):rep(30) .. "file.lua"))) --> false	...th/path/path/path/path/path/path/path/path/path/file.lua:1: x
print(pcall(load("error('x')", "=" .. ("name"):rep(30)))) --> false	namenamenamenamenamenamenamenamenamenamenamenamenamenamenam:1: x
print(pcall(load("error('x')", "="))) --> false	:1: x
print(pcall(load("error('x')", "@"))) --> false	:1: x
print(pcall(load("error('x')", ""))) --> false	[string ""]:1: x
