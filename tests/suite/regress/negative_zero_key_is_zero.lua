local t = {}
t[-0.0] = "zero"
print(t[0], t[0.0], next(t)) --> zero	zero	0	zero
