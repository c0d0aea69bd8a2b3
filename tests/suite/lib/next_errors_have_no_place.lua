-- They are raised by the machine while a library function runs, which has no line.
print(pcall(function() return next({}, 1) end)) --> false	invalid key to 'next'
print(pcall(function() rawset({}, nil, 1) end)) --> false	table index is nil
print(pcall(function() table.sort({1, "x"}) end)) --> false	attempt to compare string with number
