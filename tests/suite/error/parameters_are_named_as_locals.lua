print(pcall(function(p) return p.x end)) --> false	parameters_are_named_as_locals.lua:1: attempt to index a nil value (local 'p')
print(pcall(function(p, q) return p + q end, 1)) --> false	parameters_are_named_as_locals.lua:2: attempt to perform arithmetic on a nil value (local 'q')
local o = {}
function o:m() return self.x.y end
print(pcall(o.m, o)) --> false	parameters_are_named_as_locals.lua:4: attempt to index a nil value (field 'x')
print(pcall(o.m)) --> false	parameters_are_named_as_locals.lua:4: attempt to index a nil value (local 'self')
