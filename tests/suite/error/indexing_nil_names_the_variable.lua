local loc, up
print(pcall(function() return undefinedvar.x end)) --> false	indexing_nil_names_the_variable.lua:2: attempt to index a nil value (global 'undefinedvar')
print(pcall(function() local loc return loc.x end)) --> false	indexing_nil_names_the_variable.lua:3: attempt to index a nil value (local 'loc')
print(pcall(function() return up.x end)) --> false	indexing_nil_names_the_variable.lua:4: attempt to index a nil value (upvalue 'up')
print(pcall(function() local t = {} return t.a.b end)) --> false	indexing_nil_names_the_variable.lua:5: attempt to index a nil value (field 'a')
print(pcall(function() local t = {} return t.a[1] end)) --> false	indexing_nil_names_the_variable.lua:6: attempt to index a nil value (field 'a')
print(pcall(function() local t = {} return t[1].x end)) --> false	indexing_nil_names_the_variable.lua:7: attempt to index a nil value (field 'integer index')
print(pcall(function() return undefinedvar[1] end)) --> false	indexing_nil_names_the_variable.lua:8: attempt to index a nil value (global 'undefinedvar')
