print(pcall(function(...) return ... + 1 end, {})) --> false	vararg_and_constant_operands_have_no_name.lua:1: attempt to perform arithmetic on a table value
print(pcall(function(...) local a = ... return a.x.y end, {})) --> false	vararg_and_constant_operands_have_no_name.lua:2: attempt to index a nil value (field 'x')
print(pcall(function() return nil .. "x" end)) --> false	vararg_and_constant_operands_have_no_name.lua:3: attempt to concatenate a nil value
print(pcall(function() return #nil end)) --> false	vararg_and_constant_operands_have_no_name.lua:4: attempt to get length of a nil value
print(pcall(function() return -{} end)) --> false	vararg_and_constant_operands_have_no_name.lua:5: attempt to perform arithmetic on a table value
