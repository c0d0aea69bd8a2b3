local v = setmetatable({}, {__name = "My.Type"})
print((tostring(v):gsub("0x%x+", "PTR"))) --> My.Type: PTR
print(pcall(function() return v + 1 end)) --> false	name_metafield_names_the_type.lua:3: attempt to perform arithmetic on a My.Type value (upvalue 'v')
print(pcall(string.rep, v)) --> false	bad argument #1 to 'string.rep' (string expected, got My.Type)
print((tostring(setmetatable({}, {__name = 5})):gsub("0x%x+", "PTR"))) --> table: PTR
