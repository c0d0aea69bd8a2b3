local n = 0
for i = math.maxinteger - 2, math.maxinteger do n = n + 1 end
print(n) --> 3
n = 0
for i = math.maxinteger - 1, math.huge do n = n + 1 end
print(n) --> 2
for i = math.maxinteger, math.maxinteger do print(i) end --> 9223372036854775807
