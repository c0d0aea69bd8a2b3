local t = {[1.5] = "a", [-1.5] = "b", [1e300] = "c", [math.huge] = "d"}
print(t[1.5], t[-1.5], t[1e300], t[math.huge], t[1], t[-math.huge]) --> a	b	c	d	nil	nil
