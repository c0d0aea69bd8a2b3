local n, s, b = 1, "s", true
print(pcall(function() n() end)) --> false	calls_of_other_types_name_them.lua:2: attempt to call a number value (upvalue 'n')
print(pcall(function() s() end)) --> false	calls_of_other_types_name_them.lua:3: attempt to call a string value (upvalue 's')
print(pcall(function() b() end)) --> false	calls_of_other_types_name_them.lua:4: attempt to call a boolean value (upvalue 'b')
print(pcall(function() (1)() end)) --> false	calls_of_other_types_name_them.lua:5: attempt to call a number value
print(pcall(function() ({})() end)) --> false	calls_of_other_types_name_them.lua:6: attempt to call a table value
print(pcall(function() local t = {} t[1]() end)) --> false	calls_of_other_types_name_them.lua:7: attempt to call a nil value (field 'integer index')
