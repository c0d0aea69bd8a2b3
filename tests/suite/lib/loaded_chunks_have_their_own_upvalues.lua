local f = load("local n = 0 return function() n = n + 1 return n end")
local a, b = f(), f()
print(a(), a(), b()) --> 1	2	1
