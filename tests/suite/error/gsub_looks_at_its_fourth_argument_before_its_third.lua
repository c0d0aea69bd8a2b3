print(pcall(string.gsub, 'x', 'x', nil, 'y')) --> false	bad argument #4 to 'string.gsub' (number expected, got string)
print(pcall(string.gsub, 'x', 'x', nil, 1.5)) --> false	bad argument #4 to 'string.gsub' (number has no integer representation)
print(pcall(string.gsub, 'x', 'x', nil, 1)) --> false	bad argument #3 to 'string.gsub' (string/function/table expected, got nil)
