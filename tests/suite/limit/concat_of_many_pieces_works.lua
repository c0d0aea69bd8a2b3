local t = {}
for i = 1, 50000 do t[i] = i end
print(#table.concat(t), #table.concat(t, ", ")) --> 238894	338892
