local function f() return 1, 1.0, -0.0, 0.0, 0 end
local a, b, c, d, e = f()
print(a, b, c, d, e) --> 1	1.0	-0.0	0.0	0
print(math.type(a), math.type(b), 1 / c, 1 / d, math.type(e)) --> integer	float	-inf	inf	integer
