for i = "1", "2" do print(i, math.type(i)) end
--> 1.0	float
--> 2.0	float
for i = 1, "2" do print(i, math.type(i)) end
--> 1	integer
--> 2	integer
print(pcall(load("for i = 'x', 2 do end", "=c"))) --> false	c:1: bad 'for' initial value (number expected, got string)
