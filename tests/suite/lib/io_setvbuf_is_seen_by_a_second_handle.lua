local name = os.tmpname()
local f, other = io.open(name, "w"), io.open(name)
print(f:setvbuf("full", 2000), f:write("x") == f, other:read("a") == "") --> true	true	true
print(f:flush(), other:read("a")) --> true	x
print(f:setvbuf("no"), f:write("y") == f, other:read("a")) --> true	true	y
print(f:setvbuf("line"), f:write("z") == f, other:read("a") == "") --> true	true	true
print(f:write("!\n") == f, other:read("a") == "z!\n") --> true	true
print(f:write("end") == f, f:close(), other:read("a")) --> true	true	end
other:close()
os.remove(name)
