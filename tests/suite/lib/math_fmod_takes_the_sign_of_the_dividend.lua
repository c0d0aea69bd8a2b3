print(math.fmod(7, 3), math.fmod(-7, 3), math.fmod(7, -3), math.fmod(-7, -3), math.fmod(7.5, 2), math.fmod(-7.5, 2)) --> 1	-1	1	-1	1.5	-1.5
print(math.type(math.fmod(7, 3)), math.type(math.fmod(7, 3.0)), math.fmod(math.mininteger, -1), math.fmod(5, math.huge), math.fmod(1, 0.0) ~= math.fmod(1, 0.0)) --> integer	float	0	5.0	true
