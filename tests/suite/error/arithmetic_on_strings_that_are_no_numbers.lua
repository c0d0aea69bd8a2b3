local s = "abc"
print(pcall(function() return s + 1 end)) --> false	arithmetic_on_strings_that_are_no_numbers.lua:2: attempt to add a 'string' with a 'number'
print(pcall(function() return s * "2" end)) --> false	arithmetic_on_strings_that_are_no_numbers.lua:3: attempt to mul a 'string' with a 'string'
print(pcall(function() return -s end)) --> false	arithmetic_on_strings_that_are_no_numbers.lua:4: attempt to unm a 'string' with a 'string'
print(pcall(function() return "1" + nil end)) --> false	arithmetic_on_strings_that_are_no_numbers.lua:5: attempt to add a 'string' with a 'nil'
