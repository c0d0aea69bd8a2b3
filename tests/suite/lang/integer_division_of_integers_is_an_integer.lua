print(7 // 2, -7 // 2, 7 // -2, -7 // -2, 6 // 3, -6 // 3, 0 // 5) --> 3	-4	-4	3	2	-2	0
print(math.type(7 // 2), math.type(7 // 2.0)) --> integer	float
