local n = 0
for i = math.mininteger, 0, 1 << 62 do n = n + 1 end
print(n) --> 3
for i = 3, math.mininteger, math.mininteger do n = n + 1 end
print(n) --> 5
