local up = {}
print(pcall(function() return up * 2 end)) --> false	arithmetic_on_an_upvalue_names_it.lua:2: attempt to perform arithmetic on a table value (upvalue 'up')
print(pcall(function() return 2 ^ up end)) --> false	arithmetic_on_an_upvalue_names_it.lua:3: attempt to perform arithmetic on a table value (upvalue 'up')
