--? oracle python: the reference has no such module
local big = require "bigint"
print(bigint, type(package.preload.bigint), package.loaded.bigint == big)
--> nil	function	true
local names = {}
for name in pairs(big) do names[#names + 1] = name end
table.sort(names)
print(table.concat(names, " "))
--> add div mod mul new sub
-- What came later can be reached as well, but is not listed.
print(type(big.pow), type(big.tostring), big.nothing)
--> function	function	nil
local x = big.new("123456789012345678901234567890")
print(type(x), getmetatable(x).__name, x)
--> userdata	Cu.BigInt	123456789012345678901234567890
print(x .. "!", "<" .. x, x .. 1, 1.5 .. big.new(-2), x .. big.new(7))
--> 123456789012345678901234567890!	<123456789012345678901234567890	1234567890123456789012345678901	1.5-2	1234567890123456789012345678907
print(pcall(function() x.field = 1 end))
--> false	bigint_is_a_module_of_userdata.lua:18: attempt to index a Cu.BigInt value (upvalue 'x')
print(pcall(function() return #x end))
--> false	bigint_is_a_module_of_userdata.lua:20: attempt to get length of a Cu.BigInt value (upvalue 'x')
-- Programs can add methods.
local methods = getmetatable(x)
function methods.double(n) return n + n end
print(x:double(), big.double(big.new(4)))
--> 246913578024691357802469135780	8
-- Values are never changed, and survive collections.
local kept = {}
for i = 1, 200 do kept[i] = big.new(i) ^ 50 end
collectgarbage()
for i = 1, 200 do assert(kept[i] == big.new(i) ^ 50) end
print(x)
--> 123456789012345678901234567890
