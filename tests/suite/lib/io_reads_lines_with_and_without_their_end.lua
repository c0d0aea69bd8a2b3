local f = io.tmpfile()
f:write("one\n\ntwo\nlast")
f:seek("set")
print(f:read()) --> one
print(f:read("l")) -->
print(f:read("L") == "two\n") --> true
print(f:read("L")) --> last
print(f:read("L"), f:read("l"), f:read()) --> nil	nil	nil
