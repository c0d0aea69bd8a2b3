print(pcall(function() assert(false, "plain") end)) --> false	assert_adds_the_position_to_strings.lua:1: plain
print(pcall(function() assert(nil) end)) --> false	assert_adds_the_position_to_strings.lua:2: assertion failed!
