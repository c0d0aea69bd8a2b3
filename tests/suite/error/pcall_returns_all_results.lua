print(pcall(function(...) return ... end, 1, nil, 3)) --> true	1	nil	3
print(pcall(function() end)) --> true
print(pcall(pcall)) --> false	bad argument #1 to 'pcall' (value expected)
