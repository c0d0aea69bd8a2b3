local function f() end
print(pcall(function() f()() end)) --> false	calls_of_call_results_have_no_name.lua:2: attempt to call a nil value
print(pcall(function() f().x() end)) --> false	calls_of_call_results_have_no_name.lua:3: attempt to index a nil value
