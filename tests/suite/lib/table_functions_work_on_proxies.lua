local store = {3, 1, 2}
local p = setmetatable({}, {__index = store, __newindex = store, __len = function() return #store end})
table.sort(p)
table.insert(p, 4)
table.insert(p, 1, 0)
print(table.concat(p, " "), table.remove(p), table.remove(p, 1), #p, rawlen(p)) --> 0 1 2 3 4	4	0	3	0
