print(pcall(os.time, {})) --> false	field 'year' missing in date table
print(pcall(os.time, { year = 2000 })) --> false	field 'month' missing in date table
print(pcall(os.time, { year = 2000, month = 1 })) --> false	field 'day' missing in date table
print(pcall(os.time, { year = 2000, month = "x", day = 1 })) --> false	field 'month' is not an integer
print(pcall(os.time, { year = 2000, month = 1, day = 1.5 })) --> false	field 'day' is not an integer
print(pcall(os.time, { year = 2000, month = 1, day = 1, hour = {} })) --> false	field 'hour' is not an integer
print(pcall(os.time, { year = 2000, month = 1, day = 1, sec = 2^31 })) --> false	field 'sec' is out-of-bound
print(pcall(os.time, { year = 2^60, month = 1, day = 1 })) --> false	field 'year' is out-of-bound
print(pcall(os.time, { year = -(1 << 31), month = 1, day = 1 })) --> false	field 'year' is out-of-bound
print(pcall(os.time, { year = 0, month = 1, day = 2^32 })) --> false	field 'day' is out-of-bound
print(pcall(os.time, 1)) --> false	bad argument #1 to 'os.time' (table expected, got number)
print(pcall(os.time, { year = (1 << 31) + 1899, month = 12, day = 31, hour = 23, min = 59, sec = 60 + 86400 })) --> false	time result cannot be represented in this installation
