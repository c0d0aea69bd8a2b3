local a = {}
print(pcall(function() local loc = {} return loc + 1 end)) --> false	arithmetic_on_a_local_names_it.lua:2: attempt to perform arithmetic on a table value (local 'loc')
print(pcall(function() local loc return 1 - loc end)) --> false	arithmetic_on_a_local_names_it.lua:3: attempt to perform arithmetic on a nil value (local 'loc')
print(pcall(function() local loc = true return -loc end)) --> false	arithmetic_on_a_local_names_it.lua:4: attempt to perform arithmetic on a boolean value (local 'loc')
