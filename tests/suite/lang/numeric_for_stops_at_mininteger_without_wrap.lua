local n = 0
for i = math.mininteger + 2, math.mininteger, -1 do n = n + 1 end
print(n) --> 3
n = 0
for i = math.mininteger + 1, -math.huge, -1 do n = n + 1 end
print(n) --> 2
