local name = os.tmpname()
io.open(name, "w"):write("one "):close()
local f = io.open(name, "a+")
f:seek("set")
f:write("two")
f:seek("set")
print(f:read("a")) --> one two
f:close()
f = io.open(name, "r+")
f:write("ONE")
f:seek("cur", 1)
print(f:read("a")) --> two
f:close()
print(io.open(name):read("a")) --> ONE two
io.open(name, "w"):close()
print(io.open(name):read("a") == "") --> true
os.remove(name)
