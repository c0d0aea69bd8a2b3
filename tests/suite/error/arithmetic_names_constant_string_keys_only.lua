local t = {}
local k = "key"
print(pcall(function() return t[1] + 1 end)) --> false	arithmetic_names_constant_string_keys_only.lua:3: attempt to perform arithmetic on a nil value (field 'integer index')
print(pcall(function() local kk = "key" return t[kk] + 1 end)) --> false	arithmetic_names_constant_string_keys_only.lua:4: attempt to perform arithmetic on a nil value (field '?')
print(pcall(function() return t[k] + 1 end)) --> false	arithmetic_names_constant_string_keys_only.lua:5: attempt to perform arithmetic on a nil value (field '?')
