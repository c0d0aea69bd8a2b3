print(math.floor(3.7), math.floor(-3.7), math.ceil(3.2), math.ceil(-3.2), math.floor(5), math.ceil(5)) --> 3	-4	4	-3	5	5
print(math.type(math.floor(3.7)), math.floor(1e100), math.ceil(-1e300), math.floor(math.huge)) --> integer	1e+100	-1e+300	inf
