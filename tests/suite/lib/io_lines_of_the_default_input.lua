local name = os.tmpname()
io.open(name, "w"):write("x\ny\n"):close()
io.input(name)
for line in io.lines() do print(line) end
print(io.type(io.input()), io.read())
io.input():seek("set")
for line in io.lines(nil, "L") do print(#line) end
print(select("#", io.lines()))
os.remove(name)
--> x
--> y
--> file	nil
--> 2
--> 2
--> 1
