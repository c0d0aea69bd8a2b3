local names = {}
local function note() local i = debug.getinfo(2, "n") names[#names + 1] = i.namewhat .. " " .. i.name end
local mt = {
  __index = function() note() end, __newindex = function() note() end, __add = function() note() end,
  __concat = function() note() end, __eq = function() note() end, __lt = function() note() end,
  __le = function() note() end, __len = function() note() end, __unm = function() note() end,
  __close = function() note() end,
}
local a, b = setmetatable({}, mt), setmetatable({}, mt)
local x = a.field
a.field = 1
x = a + 1
x = a .. b
x = a == b
x = a < b
x = a <= b
x = #a
x = -a
do local c <close> = a end
print(table.concat(names, ", ")) --> metamethod index, metamethod newindex, metamethod add, metamethod concat, metamethod eq, metamethod lt, metamethod le, metamethod len, metamethod unm, metamethod close
names = {}
setmetatable({}, {__gc = function() note() end})
collectgarbage()
print(names[1]) --> metamethod __gc
