local searchpath = package.searchpath
print(pcall(searchpath)) --> false	bad argument #2 to 'package.searchpath' (string expected, got no value)
print(pcall(searchpath, {}, "?")) --> false	bad argument #1 to 'package.searchpath' (string expected, got table)
print(pcall(searchpath, {}, {}, {})) --> false	bad argument #3 to 'package.searchpath' (string expected, got table)
print(pcall(searchpath, {}, {}, {}, {})) --> false	bad argument #4 to 'package.searchpath' (string expected, got table)
