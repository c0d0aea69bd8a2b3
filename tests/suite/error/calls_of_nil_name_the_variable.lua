local loc, up
print(pcall(function() undefinedfn() end)) --> false	calls_of_nil_name_the_variable.lua:2: attempt to call a nil value (global 'undefinedfn')
print(pcall(function() local loc loc() end)) --> false	calls_of_nil_name_the_variable.lua:3: attempt to call a nil value (local 'loc')
print(pcall(function() up() end)) --> false	calls_of_nil_name_the_variable.lua:4: attempt to call a nil value (upvalue 'up')
print(pcall(function() local t = {} t.field() end)) --> false	calls_of_nil_name_the_variable.lua:5: attempt to call a nil value (field 'field')
print(pcall(function() local t = {a = {}} t.a.b.c() end)) --> false	calls_of_nil_name_the_variable.lua:6: attempt to index a nil value (field 'b')
print(pcall(function() local t = {} t:method() end)) --> false	calls_of_nil_name_the_variable.lua:7: attempt to call a nil value (method 'method')
print(pcall(function() ("x"):nomethod() end)) --> false	calls_of_nil_name_the_variable.lua:8: attempt to call a nil value (method 'nomethod')
