print(pcall(xpcall)) --> false	bad argument #2 to 'xpcall' (function expected, got no value)
print(pcall(xpcall, print)) --> false	bad argument #2 to 'xpcall' (function expected, got no value)
print(pcall(xpcall, error, nil, "x")) --> false	bad argument #2 to 'xpcall' (function expected, got nil)
