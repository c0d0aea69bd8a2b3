print(6 / 2, 7 / 2, 1 / 0, -1 / 0, 0 / 1, math.type(4 / 2)) --> 3.0	3.5	inf	-inf	0.0	float
