local vals = {1, false, 3}
local i = 0
for a in function() i = i + 1 return vals[i] end do print(a) end
--> 1
--> false
--> 3
