local t = {1, x = "a", 2, [10] = "ten", 3; y = "b", [1 + 1 == 2] = "true"}
print(#t, t[1], t[2], t[3], t.x, t.y, t[10], t[true]) --> 3	1	2	3	a	b	ten	true
