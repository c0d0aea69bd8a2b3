print(pcall(string.rep, "x", 1 << 62)) --> false	resulting string too large
print(pcall(string.rep, "abc", math.maxinteger)) --> false	resulting string too large
print(pcall(string.rep, "x", 1 << 40, ("y"):rep(100))) --> false	resulting string too large
print(pcall(string.rep, "", math.maxinteger, "ab")) --> false	resulting string too large
