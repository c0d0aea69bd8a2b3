local function f() end
print(pcall(function() return f() + 1 end)) --> false	arithmetic_on_call_results_has_no_name.lua:2: attempt to perform arithmetic on a nil value
print(pcall(function() return 1 + (f()) end)) --> false	arithmetic_on_call_results_has_no_name.lua:3: attempt to perform arithmetic on a nil value
