local t = {[math.maxinteger] = "max", [math.mininteger] = "min", [-1] = "neg", [0] = "zero"}
print(t[math.maxinteger], t[math.mininteger], t[-1], t[0], #t) --> max	min	neg	zero	0
