print(pcall(function() for i = 1, 2 do return i.x.y end end)) --> false	loop_variables_are_named_as_locals.lua:1: attempt to index a number value (local 'i')
print(pcall(function() for k, v in pairs({a = 1}) do return v() end end)) --> false	loop_variables_are_named_as_locals.lua:2: attempt to call a number value (local 'v')
