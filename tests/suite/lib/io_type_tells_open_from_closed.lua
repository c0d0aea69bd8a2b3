local f = io.tmpfile()
print(io.type(f), io.type(io.stdout), io.type(1), io.type({})) --> file	file	nil	nil
f:close()
print(io.type(f), tostring(f)) --> closed file	file (closed)
print(pcall(io.type)) --> false	bad argument #1 to 'io.type' (value expected)
