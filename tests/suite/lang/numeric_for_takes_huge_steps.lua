for i = 1, 10, math.maxinteger do print(i) end --> 1
for i = 10, 1, math.mininteger do print(i) end --> 10
local n = 0
for i = math.mininteger, math.maxinteger, math.maxinteger do n = n + 1 end
print(n) --> 3
