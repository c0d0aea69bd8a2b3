local function f(a, b, ...) return a, b, select("#", ...) end
print(f(1)) --> 1	nil	0
print(f(1, 2, 3, 4)) --> 1	2	2
