local f = io.tmpfile()
f:write(("0"):rep(199), "7 ", ("1"):rep(201), " 5")
f:seek("set")
print(f:read("n")) --> 7
print(f:read("n"), f:read("n")) --> nil	1
print(f:read("n")) --> 5
