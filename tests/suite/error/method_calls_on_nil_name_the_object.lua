local up
print(pcall(function() undefinedvar:m() end)) --> false	method_calls_on_nil_name_the_object.lua:2: attempt to index a nil value (global 'undefinedvar')
print(pcall(function() up:m() end)) --> false	method_calls_on_nil_name_the_object.lua:3: attempt to index a nil value (upvalue 'up')
print(pcall(function() local t = {} t.obj:m() end)) --> false	method_calls_on_nil_name_the_object.lua:4: attempt to index a nil value (field 'obj')
