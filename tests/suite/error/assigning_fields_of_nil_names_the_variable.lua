local up
print(pcall(function() undefinedvar.x = 1 end)) --> false	assigning_fields_of_nil_names_the_variable.lua:2: attempt to index a nil value (global 'undefinedvar')
print(pcall(function() up.x = 1 end)) --> false	assigning_fields_of_nil_names_the_variable.lua:3: attempt to index a nil value (upvalue 'up')
print(pcall(function() up[1] = 1 end)) --> false	assigning_fields_of_nil_names_the_variable.lua:4: attempt to index a nil value (upvalue 'up')
print(pcall(function() local t = {} t.a.b = 1 end)) --> false	assigning_fields_of_nil_names_the_variable.lua:5: attempt to index a nil value (field 'a')
print(pcall(function() local t = {} t.a.b.c = 1 end)) --> false	assigning_fields_of_nil_names_the_variable.lua:6: attempt to index a nil value (field 'a')
print(pcall(function() local s = "str" s.x = 1 end)) --> false	assigning_fields_of_nil_names_the_variable.lua:7: attempt to index a string value (local 's')
