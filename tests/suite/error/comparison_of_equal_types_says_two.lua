print(pcall(function() return {} < {} end)) --> false	comparison_of_equal_types_says_two.lua:1: attempt to compare two table values
print(pcall(function() return true > false end)) --> false	comparison_of_equal_types_says_two.lua:2: attempt to compare two boolean values
print(pcall(function() return nil <= nil end)) --> false	comparison_of_equal_types_says_two.lua:3: attempt to compare two nil values
print(pcall(function() return print < print end)) --> false	comparison_of_equal_types_says_two.lua:4: attempt to compare two function values
