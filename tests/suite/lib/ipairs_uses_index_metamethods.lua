local t = setmetatable({}, {__index = function(_, i) if i <= 3 then return i * 10 end end})
for i, v in ipairs(t) do print(i, v) end
--> 1	10
--> 2	20
--> 3	30
