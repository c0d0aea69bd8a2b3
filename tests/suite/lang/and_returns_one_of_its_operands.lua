print(nil and 1, false and 1, 0 and "zero", "" and "empty", 1 and nil, 1 and false) --> nil	false	zero	empty	nil	false
