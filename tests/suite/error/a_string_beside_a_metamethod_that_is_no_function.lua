-- The library's function for arithmetic on strings calls the other operand's metamethod, from C: there is no place.
local t = setmetatable({}, {__add = 5})
print(pcall(function() return "10" + t end)) --> false	attempt to call a number value
print((select(2, pcall(function() return t + "10" end)):gsub("^.-:%d+: ", ""))) --> attempt to call a number value (metamethod 'add')
