local t = {}
print(pcall(function() return t & 1 end)) --> false	bitwise_on_wrong_types_names_them.lua:2: attempt to perform bitwise operation on a table value (upvalue 't')
print(pcall(function() return 1 | t.x end)) --> false	bitwise_on_wrong_types_names_them.lua:3: attempt to perform bitwise operation on a nil value (field 'x')
print(pcall(function() return ~undefinedvar end)) --> false	bitwise_on_wrong_types_names_them.lua:4: attempt to perform bitwise operation on a nil value (global 'undefinedvar')
print(pcall(function() local s = "x" return s << 1 end)) --> false	bitwise_on_wrong_types_names_them.lua:5: attempt to perform bitwise operation on a string value (local 's')
