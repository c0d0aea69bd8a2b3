local a, b = 1, {}
print(pcall(function() return a + b end)) --> false	arithmetic_names_the_operand_at_fault.lua:2: attempt to perform arithmetic on a table value (upvalue 'b')
print(pcall(function() return b + a end)) --> false	arithmetic_names_the_operand_at_fault.lua:3: attempt to perform arithmetic on a table value (upvalue 'b')
print(pcall(function() local x, y = "5", {} return x + y end)) --> false	arithmetic_names_the_operand_at_fault.lua:4: attempt to add a 'string' with a 'table'
