local f = io.tmpfile()
print(f:write("a", 1, " ", 1.5, " ", 2.0, " ", 2^53, " ", 1e100, " ", -0.0, " ", math.mininteger) == f) --> true
f:write(1 / 0, " ", -1 / 0)
f:seek("set")
print(f:read("a")) --> a1 1.5 2 9.007199254741e+15 1e+100 -0 -9223372036854775808inf -inf
print(io.write() == io.stdout, io.write("") == io.output()) --> true	true
