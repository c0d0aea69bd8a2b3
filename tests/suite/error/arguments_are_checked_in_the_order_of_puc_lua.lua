-- Where several are wrong, the one that is named follows from the order in which they are looked at.
print(pcall(math.fmod)) --> false	bad argument #2 to 'math.fmod' (number expected, got no value)
print(pcall(math.fmod, "a", "b")) --> false	bad argument #2 to 'math.fmod' (number expected, got string)
print(pcall(string.rep, {}, {})) --> false	bad argument #1 to 'string.rep' (string expected, got table)
