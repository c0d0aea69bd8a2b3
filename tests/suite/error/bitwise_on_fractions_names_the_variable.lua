local f, g = 1.5, 2.5
print(pcall(function() return f & 1 end)) --> false	bitwise_on_fractions_names_the_variable.lua:2: number (upvalue 'f') has no integer representation
print(pcall(function() return 1 << g end)) --> false	bitwise_on_fractions_names_the_variable.lua:3: number (upvalue 'g') has no integer representation
print(pcall(function() local t = {x = 0.5} return t.x | 1 end)) --> false	bitwise_on_fractions_names_the_variable.lua:4: number (field 'x') has no integer representation
print(pcall(function() return ~f end)) --> false	bitwise_on_fractions_names_the_variable.lua:5: number (upvalue 'f') has no integer representation
print(pcall(function() return 1e100 | 1 end)) --> false	bitwise_on_fractions_names_the_variable.lua:6: number has no integer representation
