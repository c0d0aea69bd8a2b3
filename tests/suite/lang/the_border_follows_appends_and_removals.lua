local t = {}
for i = 1, 100 do t[i] = i end
print(#t) --> 100
for i = 100, 51, -1 do t[i] = nil end
print(#t) --> 50
t[51] = 1
print(#t) --> 51
t[#t] = nil
t[#t + 1] = "x"
print(#t, t[51]) --> 51	x
