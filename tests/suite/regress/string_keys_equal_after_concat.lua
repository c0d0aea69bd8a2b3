local t = {}
for i = 1, 10 do t["key" .. i] = i end
local sum = 0
for i = 1, 10 do sum = sum + t["k" .. "ey" .. i] end
print(sum) --> 55
