print(pcall(os.date, "!%Y", 2^60)) --> false	date result cannot be represented in this installation
print(pcall(os.date, "!*t", math.maxinteger)) --> false	date result cannot be represented in this installation
print(pcall(os.date, "!%c", math.mininteger)) --> false	date result cannot be represented in this installation
print(pcall(os.date, "%c", 1.5)) --> false	bad argument #2 to 'os.date' (number has no integer representation)
print(pcall(os.date, "%c", "x")) --> false	bad argument #2 to 'os.date' (number expected, got string)
print(pcall(os.date, {})) --> false	bad argument #1 to 'os.date' (string expected, got table)
