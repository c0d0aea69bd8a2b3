local mt = getmetatable("")
local add, sub = mt.__add, mt.__sub
local function both(x, y) return x + y, x - y end
print(both("10", 2)) --> 12	8
print(both("0x10", "1e1")) --> 26.0	6.0
print(both(" 7 ", 1)) --> 8	6
print(pcall(both, "a", 1)) --> false	arithmetic_on_strings_asks_their_metatable.lua:3: attempt to add a 'string' with a 'number'
print(pcall(both, "1", {})) --> false	arithmetic_on_strings_asks_their_metatable.lua:3: attempt to add a 'string' with a 'table'
mt.__add = sub
print(both("10", 2)) --> 8	8
mt.__add = function(x, y) return x .. "&" .. y end
print(both("10", 2)) --> 10&2	8
mt.__add = nil
print(pcall(both, "10", 2)) --> false	arithmetic_on_strings_asks_their_metatable.lua:3: attempt to perform arithmetic on a string value (local 'x')
mt.__add = add
print(both("10", 2)) --> 12	8
print(pcall(function() return "1" // 0 end)) --> false	attempt to divide by zero
print("7" // 2, "7" % 4, "2" ^ 3, -"3", "7" / 2, "0x7fffffffffffffff" + 1 == math.mininteger) --> 3	3	8.0	-3	3.5	true
local seen = 0
debug.sethook(function() seen = seen + 1 end, "c")
local x = "1" + 1
debug.sethook()
print(x, seen) --> 2	2
