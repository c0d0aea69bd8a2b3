local f = io.tmpfile()
f:write("abcdef")
f:seek("set", 1)
print(f:read(2)) --> bc
f:seek("cur", 0)
f:write("X")
f:seek("cur", 0)
print(f:read("a")) --> ef
f:seek("set")
print(f:read("a")) --> abcXef
