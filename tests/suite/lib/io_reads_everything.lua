local f = io.tmpfile()
print(f:read("a") == "") --> true
f:write("a\0b\r\n", ("x"):rep(100000))
f:seek("set")
local all = f:read("a")
print(#all, all:sub(1, 5) == "a\0b\r\n", f:read("a") == "", f:read("all") == "") --> 100005	true	true	true
