local t = {{{1, 2}, {3}}, a = {b = {c = {d = "deep"}}}}
print(t[1][1][2], t[1][2][1], t.a.b.c.d, #t[1]) --> 2	3	deep	2
