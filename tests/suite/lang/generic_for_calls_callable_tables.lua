local t = setmetatable({}, {__call = function(self, s, c) if c < 3 then return c + 1 end end})
for i in t, nil, 0 do print(i) end
--> 1
--> 2
--> 3
