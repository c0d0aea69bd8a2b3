local f, g = io.tmpfile(), io.tmpfile()
f:write("f")
g:write("g")
f:seek("set")
g:seek("set")
print(f:read("a"), g:read("a"), f == g) --> f	g	false
print(f:close(), g:close()) --> true	true
