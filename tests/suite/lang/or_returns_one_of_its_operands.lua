print(nil or 1, false or nil, nil or false, 0 or 1, "a" or error("not evaluated")) --> 1	nil	false	0	a
