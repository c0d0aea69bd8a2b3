print(pcall(function() return "abc" + 1 end)) --> false	arithmetic_on_a_constant_string_names_it.lua:1: attempt to add a 'string' with a 'number'
print(pcall(function() return 1 + "abc" end)) --> false	arithmetic_on_a_constant_string_names_it.lua:2: attempt to add a 'number' with a 'string'
print(pcall(function() return {} + "abc" end)) --> false	arithmetic_on_a_constant_string_names_it.lua:3: attempt to add a 'table' with a 'string'
print(pcall(function() return "12" + {} end)) --> false	arithmetic_on_a_constant_string_names_it.lua:4: attempt to add a 'string' with a 'table'
