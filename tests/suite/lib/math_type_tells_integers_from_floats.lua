print(math.type(1), math.type(1.0), math.type("1"), math.type(nil), math.type(2^31 | 0), math.type({})) --> integer	float	nil	nil	integer	nil
