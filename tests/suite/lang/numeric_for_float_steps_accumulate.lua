local n, last = 0
for x = 0, 1, 0.1 do n, last = n + 1, x end
print(n, last) --> 11	1.0
n = 0
for x = 1, 0, -0.25 do n = n + 1 end
print(n) --> 5
