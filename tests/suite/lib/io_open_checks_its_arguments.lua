print(pcall(io.open)) --> false	bad argument #1 to 'io.open' (string expected, got no value)
print(pcall(io.open, {})) --> false	bad argument #1 to 'io.open' (string expected, got table)
print(pcall(io.open, "x", {})) --> false	bad argument #2 to 'io.open' (string expected, got table)
