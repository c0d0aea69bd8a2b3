local n, up = 5, nil
print(pcall(function() return #n end)) --> false	length_of_wrong_types_names_them.lua:2: attempt to get length of a number value (upvalue 'n')
print(pcall(function() return #up end)) --> false	length_of_wrong_types_names_them.lua:3: attempt to get length of a nil value (upvalue 'up')
print(pcall(function() return #undefinedvar end)) --> false	length_of_wrong_types_names_them.lua:4: attempt to get length of a nil value (global 'undefinedvar')
print(pcall(function() local t = {} return #t.x end)) --> false	length_of_wrong_types_names_them.lua:5: attempt to get length of a nil value (field 'x')
print(pcall(function() return #print end)) --> false	length_of_wrong_types_names_them.lua:6: attempt to get length of a function value (global 'print')
