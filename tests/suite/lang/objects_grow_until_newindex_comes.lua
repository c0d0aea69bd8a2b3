-- A metatable without __newindex does not stand in the way of new elements; one that gets it later does.
local seen = {}
local class = {}
class.__index = class
local list = setmetatable({}, class)
for i = 1, 20 do list[i] = i end
print(#list, list[20]) --> 20	20
class.__newindex = function(t, k, v) seen[#seen + 1] = k; rawset(t, k, -v) end
for i = 21, 24 do list[i] = i end
print(#list, list[20], list[21], list[24], #seen) --> 24	20	-21	-24	4
class.__newindex = nil
for i = 25, 40 do list[i] = i end
print(#list, list[25], list[40], #seen) --> 40	25	40	4
class.__newindex = seen
list[41] = "elsewhere"
print(#list, rawget(list, 41), seen[41]) --> 40	nil	elsewhere
local self = {}
setmetatable(self, self)
for i = 1, 10 do self[i] = i end
self.__newindex = function() error("called") end
print((pcall(function() self[11] = 11 end)), #self) --> false	10
