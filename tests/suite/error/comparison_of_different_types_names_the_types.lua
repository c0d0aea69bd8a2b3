print(pcall(function() return 1 < "2" end)) --> false	comparison_of_different_types_names_the_types.lua:1: attempt to compare number with string
print(pcall(function() return {} < 1 end)) --> false	comparison_of_different_types_names_the_types.lua:2: attempt to compare table with number
print(pcall(function() return nil > 1 end)) --> false	comparison_of_different_types_names_the_types.lua:3: attempt to compare number with nil
print(pcall(function() return "a" >= 1 end)) --> false	comparison_of_different_types_names_the_types.lua:4: attempt to compare number with string
print(pcall(function() return print <= 1 end)) --> false	comparison_of_different_types_names_the_types.lua:5: attempt to compare function with number
