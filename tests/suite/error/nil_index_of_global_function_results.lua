print(pcall(function() return tostring(1).x.y end)) --> false	nil_index_of_global_function_results.lua:1: attempt to index a nil value (field 'x')
print(pcall(function() return string.nofunction("x") end)) --> false	nil_index_of_global_function_results.lua:2: attempt to call a nil value (field 'nofunction')
print(pcall(function() return math.huge.x.y end)) --> false	nil_index_of_global_function_results.lua:3: attempt to index a number value (field 'huge')
