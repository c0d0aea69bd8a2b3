for i = 1, 3.9 do print(i) end
--> 1
--> 2
--> 3
for i = -1, -2.1, -1 do print(i) end
--> -1
--> -2
for i = 1, -math.huge do print("never") end
for i = 1, 0.5 do print("never") end
