-- They are there in usual builds of Lua 5.4, too.
print(math.pow(2, 10), math.pow(2, 0.5)) --> 1024.0	1.4142135623731
print(math.log10(1000), math.log10(0)) --> 3.0	-inf
print(math.cosh(0), math.sinh(0), math.tanh(0)) --> 1.0	0.0	0.0
print(string.format("%.10f %.10f %.10f", math.cosh(1), math.sinh(1), math.tanh(1))) --> 1.5430806348 1.1752011936 0.7615941560
print(math.frexp(10), math.frexp(0)) --> 0.625	0.0	0
print(select("#", math.frexp(3)), select(2, math.frexp(-0.25))) --> 2	-1
print(pcall(math.pow, 2)) --> false	bad argument #2 to 'math.pow' (number expected, got no value)
print(pcall(math.cosh, "x")) --> false	bad argument #1 to 'math.cosh' (number expected, got string)
print(math.atan2(1, 1) == math.pi / 4, math.atan2(-1, 0) == -math.pi / 2) --> true	true
