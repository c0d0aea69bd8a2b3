local _, e = pcall(error, 42)
print(math.type(e)) --> integer
_, e = pcall(function() error(42) end)
print(e, math.type(e)) --> 42	integer
