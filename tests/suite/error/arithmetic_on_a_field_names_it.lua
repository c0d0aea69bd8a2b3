local t = {sub = {}}
print(pcall(function() return t.x + 1 end)) --> false	arithmetic_on_a_field_names_it.lua:2: attempt to perform arithmetic on a nil value (field 'x')
print(pcall(function() return t.sub.y % 2 end)) --> false	arithmetic_on_a_field_names_it.lua:3: attempt to perform arithmetic on a nil value (field 'y')
print(pcall(function() return t["a b"] + 1 end)) --> false	arithmetic_on_a_field_names_it.lua:4: attempt to perform arithmetic on a nil value (field 'a b')
