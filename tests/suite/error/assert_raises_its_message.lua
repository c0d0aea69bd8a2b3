print(pcall(assert, false)) --> false	assertion failed!
print(pcall(assert, nil, "message")) --> false	message
print(pcall(assert, false, 42)) --> false	42
local t = {}
print(select(2, pcall(assert, nil, t)) == t) --> true
print(pcall(assert)) --> false	bad argument #1 to 'assert' (value expected)
