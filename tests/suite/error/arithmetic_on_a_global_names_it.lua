print(pcall(function() return undefinedvar + 1 end)) --> false	arithmetic_on_a_global_names_it.lua:1: attempt to perform arithmetic on a nil value (global 'undefinedvar')
print(pcall(function() return 10 // undefinedvar end)) --> false	arithmetic_on_a_global_names_it.lua:2: attempt to perform arithmetic on a nil value (global 'undefinedvar')
