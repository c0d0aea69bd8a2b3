print(1e2, math.type(1e2), 100 == 1e2, 1e308 * 10, 5e-324) --> 100.0	float	true	inf	4.9406564584125e-324
