for i = 1.0, 3 do print(i) end
--> 1.0
--> 2.0
--> 3.0
for i = 1, 2, 0.5 do print(i) end
--> 1.0
--> 1.5
--> 2.0
for i = 1, 3.0 do print(i) end
--> 1
--> 2
--> 3
