local t, n = {}, nil
print(pcall(function() return "a" .. t end)) --> false	concatenation_of_wrong_types_names_them.lua:2: attempt to concatenate a table value (upvalue 't')
print(pcall(function() return n .. "a" end)) --> false	concatenation_of_wrong_types_names_them.lua:3: attempt to concatenate a nil value (upvalue 'n')
print(pcall(function() return "a" .. t.x .. "b" end)) --> false	concatenation_of_wrong_types_names_them.lua:4: attempt to concatenate a nil value (field 'x')
print(pcall(function() return undefinedvar .. "x" end)) --> false	concatenation_of_wrong_types_names_them.lua:5: attempt to concatenate a nil value (global 'undefinedvar')
print(pcall(function() return 1 .. true end)) --> false	concatenation_of_wrong_types_names_them.lua:6: attempt to concatenate a boolean value
print(pcall(function() return "a" .. {} .. "b" end)) --> false	concatenation_of_wrong_types_names_them.lua:7: attempt to concatenate a table value
