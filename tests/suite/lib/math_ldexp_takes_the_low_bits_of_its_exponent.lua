print(math.ldexp(3, math.maxinteger), math.ldexp(3, 1 << 32), math.ldexp(3, 2)) --> 1.5	3.0	12.0
