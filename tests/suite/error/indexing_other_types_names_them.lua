local n, b = 5, true
print(pcall(function() return n.x end)) --> false	indexing_other_types_names_them.lua:2: attempt to index a number value (upvalue 'n')
print(pcall(function() return b[1] end)) --> false	indexing_other_types_names_them.lua:3: attempt to index a boolean value (upvalue 'b')
print(pcall(function() return print.x end)) --> false	indexing_other_types_names_them.lua:4: attempt to index a function value (global 'print')
print(pcall(function() return (5).x end)) --> false	indexing_other_types_names_them.lua:5: attempt to index a number value
