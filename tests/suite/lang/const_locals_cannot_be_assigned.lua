print(load("local x <const> = 1; x = 2", "=c")) --> nil	c:1: attempt to assign to const variable 'x'
print(load("local x <const> = 1; local function f() x = 2 end", "=c")) --> nil	c:1: attempt to assign to const variable 'x'
print(load("local x <close> = nil; x = 2", "=c")) --> nil	c:1: attempt to assign to const variable 'x'
print(load("local a, b <const>, c = 1, 2, 3; a = b; c = a; b = 1", "=c")) --> nil	c:1: attempt to assign to const variable 'b'
