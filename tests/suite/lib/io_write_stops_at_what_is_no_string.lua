local f = io.tmpfile()
print(pcall(f.write, f, "ab", {}, "c")) --> false	bad argument #3 to '?' (string expected, got table)
print(pcall(f.write, f, "d", nil)) --> false	bad argument #3 to '?' (string expected, got nil)
f:seek("set")
print(f:read("a")) --> abd
print(pcall(io.write, true)) --> false	bad argument #1 to 'io.write' (string expected, got boolean)
print(pcall(io.stdout.write, "x")) --> false	bad argument #1 to '?' (FILE* expected, got string)
