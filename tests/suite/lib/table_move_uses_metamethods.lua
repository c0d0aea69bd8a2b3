local log = {}
local src = setmetatable({}, {__index = function(_, i) return i * 2 end})
local dst = setmetatable({}, {__newindex = function(t, k, v) log[#log + 1] = k .. "=" .. v end})
table.move(src, 1, 3, 5, dst)
print(table.concat(log, " ")) --> 5=2 6=4 7=6
