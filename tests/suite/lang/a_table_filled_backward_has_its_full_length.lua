local t = {}
for i = 50, 1, -1 do t[i] = i end
print(#t) --> 50
