print(table.unpack(setmetatable({}, {__index = function(_, i) return i * 10 end, __len = function() return 3 end}))) --> 10	20	30
