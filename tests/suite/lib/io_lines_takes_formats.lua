local name = os.tmpname()
io.open(name, "w"):write("0123456789\n"):close()
for a, b in io.lines(name, 1, 1) do print(a ~= "\n" and a or "end", b) end
for a, b, c in io.lines(name, 1, 2, "a") do print(a, b, (c:gsub("\n", "$"))) end
io.open(name, "w"):write("00\n10\n20\n30\n40\n"):close()
for a, b in io.lines(name, "n", "n") do print(a, b) end
for line in io.lines(name, "L") do io.write(line) end
os.remove(name)
--> 0	1
--> 2	3
--> 4	5
--> 6	7
--> 8	9
--> end	nil
--> 0	12	3456789$
--> 0	10
--> 20	30
--> 40	nil
--> 00
--> 10
--> 20
--> 30
--> 40
