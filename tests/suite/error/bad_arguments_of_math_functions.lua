print(pcall(math.abs)) --> false	bad argument #1 to 'math.abs' (number expected, got no value)
print(pcall(math.max)) --> false	bad argument #1 to 'math.max' (value expected)
print(pcall(math.min, "x")) --> true	x
print(pcall(math.sqrt, {})) --> false	bad argument #1 to 'math.sqrt' (number expected, got table)
print(pcall(math.random, 0, -1)) --> false	bad argument #1 to 'math.random' (interval is empty)
print(pcall(math.random, 1, 2, 3)) --> false	wrong number of arguments
print(pcall(math.fmod, 1, 0)) --> false	bad argument #2 to 'math.fmod' (zero)
print(pcall(math.fmod, 1)) --> false	bad argument #2 to 'math.fmod' (number expected, got no value)
print(pcall(math.ult, 1, 1.5)) --> false	bad argument #2 to 'math.ult' (number has no integer representation)
print(pcall(math.type)) --> false	bad argument #1 to 'math.type' (value expected)
