--? skip wasm: there are no processes
print(io.popen("echo a; echo b"):read("a", "l"))
for line in io.popen("printf 'x\\ny\\n'"):lines() do print(line) end
local name = os.tmpname()
local f = io.popen("cat > " .. name, "w")
print(io.type(f), f:write("to a process"):close())
print(io.open(name):read("a"))
print(io.popen("cat", "w"):seek())
print(io.popen("echo a"):write("x"))
os.remove(name)
--> a
--> b
--> 	nil
--> x
--> y
--> file	true	exit	0
--> to a process
--> nil	Illegal seek	29
--> nil	Bad file descriptor	9
