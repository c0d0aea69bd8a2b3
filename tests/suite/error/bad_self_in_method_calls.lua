print(pcall(function() ("x").rep() end)) --> false	bad_self_in_method_calls.lua:1: bad argument #1 to 'rep' (string expected, got no value)
local o = {rep = string.rep}
print(pcall(function() o:rep(1) end)) --> false	bad_self_in_method_calls.lua:3: calling 'rep' on bad self (string expected, got table)
print(pcall(function() string:rep(1) end)) --> false	bad_self_in_method_calls.lua:4: calling 'rep' on bad self (string expected, got table)
