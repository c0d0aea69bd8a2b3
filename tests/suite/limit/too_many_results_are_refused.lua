print(pcall(table.unpack, {}, 1, 1e7)) --> false	too many results to unpack
print(pcall(string.byte, ("x"):rep(10000000), 1, -1)) --> false	stack overflow (string slice too long)
