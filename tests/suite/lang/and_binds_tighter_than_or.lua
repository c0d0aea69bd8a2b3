print(1 or nil and nil, nil and 1 or 2, (1 or 2) and 3, false or nil, nil or false) --> 1	2	3	nil	false
