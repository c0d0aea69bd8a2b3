local function counter(n) return function() n = n - 1 return n end end
local c = counter(3)
print(c(), c(), c()) --> 2	1	0
