local t = {}
for i = 1, 200000 do t[i] = i end
print(#t, t[200000]) --> 200000	200000
for i = 1, 200000 do t["k" .. i % 5000] = i end
print(t.k0, t.k4999) --> 200000	199999
