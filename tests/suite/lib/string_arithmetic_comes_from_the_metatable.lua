local mt = getmetatable("")
print(type(mt.__add), type(mt.__unm), mt.__concat, type(mt.__index)) --> function	function	nil	table
print("10" + "5", pcall(function() return "x" + 1 end)) --> 15	false	string_arithmetic_comes_from_the_metatable.lua:3: attempt to add a 'string' with a 'number'
