local t = {n = 1}
t[2] = 2 t[1] = 1 t[4] = 4 t[3] = 3
print(#t) --> 4
for i = 5, 20 do t[i] = i end
for i = 20, 11, -1 do t[i] = nil end
print(#t) --> 10
