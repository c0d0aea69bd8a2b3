io.write("a", 1, "\n")
print("b")
io.stdout:write("c\n"):write("d\n")
io.output():write("e", "\n")
print("f", io.stdout:flush(), io.flush())
--> a1
--> b
--> c
--> d
--> e
--> f	true	true
