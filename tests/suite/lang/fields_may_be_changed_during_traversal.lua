local t = {a = 1, b = 2, c = 3, 10, 20}
for k, v in pairs(t) do t[k] = v * 2 end
print(t.a, t.b, t.c, t[1], t[2]) --> 2	4	6	20	40
