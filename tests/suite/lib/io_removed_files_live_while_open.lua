local name = os.tmpname()
io.open(name, "w"):write("still here"):close()
local f = io.open(name)
print(os.remove(name), (io.open(name))) --> true	nil
print(f:read("a")) --> still here
f:close()
