local t = {}
for p in ("abc"):gmatch("()") do t[#t + 1] = p end
print(table.concat(t, " ")) --> 1 2 3 4
for a, b in ("x1y2"):gmatch("()(%d)") do print(a, b) end
--> 2	1
--> 4	2
