local rep, floor = string.rep, math.floor
print(pcall(function() rep() end)) --> false	bad_arguments_through_other_names.lua:2: bad argument #1 to 'rep' (string expected, got no value)
print(pcall(function() local f = floor f({}) end)) --> false	bad_arguments_through_other_names.lua:3: bad argument #1 to 'f' (number expected, got table)
print(pcall(string.rep)) --> false	bad argument #1 to 'string.rep' (string expected, got no value)
print(pcall(math.floor, {})) --> false	bad argument #1 to 'math.floor' (number expected, got table)
local t = {f = string.rep}
print(pcall(function() t.f() end)) --> false	bad_arguments_through_other_names.lua:7: bad argument #1 to 'f' (string expected, got no value)
