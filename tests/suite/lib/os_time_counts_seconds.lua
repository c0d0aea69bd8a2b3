local t1 = os.time { year = 2000, month = 10, day = 1, hour = 23, min = 12 }
local t2 = os.time { year = 2000, month = 10, day = 1, hour = 23, min = 10, sec = 19 }
print(os.difftime(t1, t2), t1 - t2, math.type(t1)) --> 101.0	101	integer
print(math.type(os.time()), os.time() >= 0, math.type(os.clock()), os.clock() >= 0) --> integer	true	float	true
print(os.difftime(1, 3), pcall(os.difftime, 1)) --> -2.0	false	bad argument #2 to 'os.difftime' (number expected, got no value)
print(pcall(os.difftime, 1.5, 1)) --> false	bad argument #1 to 'os.difftime' (number has no integer representation)
