local name = os.tmpname()
io.open(name, "w"):write("one\ntwo\n\nthree"):close()
for line in io.lines(name) do print("[" .. line .. "]") end
local next_line = io.lines(name)
print(next_line(), next_line(), next_line(), next_line())
print(next_line())
print(pcall(next_line))
print(pcall(next_line))
print(select("#", io.lines(name)), io.type(select(4, io.lines(name))))
os.remove(name)
--> [one]
--> [two]
--> []
--> [three]
--> one	two		three
-->
--> false	file is already closed
--> false	file is already closed
--> 4	file
