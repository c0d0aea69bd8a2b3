local name = os.tmpname()
local f = io.open(name, "w")
print(f:read()) --> nil	Bad file descriptor	9
print(f:read("n")) --> nil	Bad file descriptor	9
print(f:read(0)) --> nil	Bad file descriptor	9
print(pcall(f:lines())) --> false	Bad file descriptor
f:close()
f = io.open(name)
print(f:write("x")) --> nil	Bad file descriptor	9
f:close()
os.remove(name)
