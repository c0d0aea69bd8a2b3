local t = {}
t[1.0] = "one"
t[2^53] = "big"
print(t[1], t[2^53 | 0], next({[3.0] = 0})) --> one	big	3	0
t[1] = "uno"
print(t[1.0], #t) --> uno	1
for k in pairs({[-0.0] = 1}) do print(k, math.type(k)) end --> 0	integer
